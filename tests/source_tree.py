"""The project's own sources, for the tests that read them as text. Standard library only."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SKIPPED = {"build", "node_modules", "dist"}


def files(root=ROOT, suffixes=(".h", ".cc")):
    """Paths relative to root, sorted, of the sources that end in one of the suffixes."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(tuple(suffixes)):
                found.append(os.path.relpath(os.path.join(folder, name), root))
    return found


def read(path, root=ROOT):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """The text with comments blanked and line numbers kept; string literals stay."""
    out = []
    position = 0
    while position < len(text):
        char = text[position]
        if text.startswith("//", position):
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif text.startswith("/*", position):
            end = text.find("*/", position + 2)
            end = len(text) if end < 0 else end + 2
            out.append("\n" * text.count("\n", position, end))
            position = end
        elif text.startswith('R"', position) and (position == 0 or not (text[position - 1].isalnum() or text[position - 1] == "_")):
            opening = text.find("(", position)
            delimiter = ")" + text[position + 2:opening] + '"'
            end = text.find(delimiter, opening)
            end = len(text) if end < 0 else end + len(delimiter)
            out.append(text[position:end])
            position = end
        elif char == '"' or (char == "'" and not text[position - 1:position].isalnum()):  # not 1'000
            end = position + 1
            while end < len(text) and text[end] not in char + "\n":
                end += 2 if text[end] == "\\" else 1
            out.append(text[position:end + 1])
            position = end + 1
        else:
            out.append(char)
            position += 1
    return "".join(out)


def report(name, problems):
    """Prints the problems and returns the exit code."""
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problems" if problems else f"{name}: clean")
    return 1 if problems else 0
