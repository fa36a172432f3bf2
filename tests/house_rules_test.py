"""Small habits of the house that no compiler checks. Runs its own self-test first.

Rules: no file over 500 lines; no unfinished marks; a header opens with a comment and holds #pragma once; nothing waits
by sleeping in the engine, the rules, the server or a unit test; every source is named in its folder's CMakeLists.txt;
every shipped text ends with a newline and holds no tab or trailing space; the tests that docs/requirements.md names and the
files that ARCHITECTURE.md names exist; planted bugs and their catalog agree; every command type and problem code has a row
in tests/blackbox/rows.md, and the black-box tests it names exist.
"""

import os
import re
import sys
import tempfile

import source_tree

LINES_MAX = 500
# In two pieces, so that this file keeps the rule it checks.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\s*\(")
AWAKE = ("base/", "protocol/", "sqlite/", "rules/", "engine/", "server/", "sim/")
REQUIREMENTS = os.path.join("docs", "requirements.md")
ARCHITECTURE = "ARCHITECTURE.md"
ROWS = os.path.join("tests", "blackbox", "rows.md")
# Where a command type or a code is given its name on the wire.
WIRE_NAMES = [
    (os.path.join("server", "routes", "command_routes.cc"), re.compile(r'"([A-Z_]+_V[0-9]+)"')),
    (os.path.join("protocol", "problem.cc"), re.compile(r'CodeRow\{[^"]*"([A-Z_]+)"')),
]
MUTANT_CATALOG = os.path.join("tests", "mutants", "catalog.cc")
TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST)\((\w+),\s*(\w+)\)", re.MULTILINE)
TEXTS = (".h", ".cc", ".py", ".md", ".txt", ".cmake", ".json", ".csv", ".sh")


def check_text(path, text):
    if path.endswith((".h", ".cc", ".py")) and text.count("\n") > LINES_MAX:
        yield f"{path}: {text.count(chr(10))} lines, at most {LINES_MAX}: split it where it has two subjects"
    if not text.endswith("\n"):
        yield f"{path}: no newline at the end"
    for number, line in enumerate(text.splitlines(), start=1):
        mark = UNFINISHED.search(line)
        if mark:
            yield f"{path}:{number}: {mark.group(0)}: finish it or say it in docs/"
        if "\t" in line or line != line.rstrip():
            yield f"{path}:{number}: tab or trailing space"


def check_header(path, text):
    if not text.startswith("//"):
        yield f"{path}:1: a header opens with what it is for, the law it keeps and who may call it"
    if "#pragma once" not in text:
        yield f"{path}: no #pragma once"


def check_sleep(path, text):
    if not path.startswith(AWAKE) and not path.endswith("_test.cc"):
        return
    for number, line in enumerate(source_tree.without_comments(text).splitlines(), start=1):
        if SLEEP.search(line):
            yield f"{path}:{number}: sleeps: wait for an event, or take the time as an input"


def check_listed(path, root):
    """A source that no CMakeLists.txt names is never compiled."""
    folder = os.path.dirname(path)
    inside = os.path.basename(path)
    while folder:
        listing = os.path.join(folder, "CMakeLists.txt")
        if os.path.exists(os.path.join(root, listing)):
            if not re.search(r"(?<![\w/.-])" + re.escape(inside) + r"(?![\w.-])", source_tree.read(listing, root)):
                yield f"{path}: not named in {listing}, so never compiled"
            return
        folder, last = os.path.split(folder)
        inside = f"{last}/{inside}"
    yield f"{path}: no CMakeLists.txt above it"


def check_named_tests(root, page, folder):
    """`Suite.Name` or `Suite.*` on a page: a test of that folder."""
    if not os.path.exists(os.path.join(root, page)):
        return
    existing = set()
    for path in source_tree.files(root):
        if not path.startswith(folder):
            continue
        for suite, name in TEST.findall(source_tree.read(path, root)):
            existing |= {f"{suite}.{name}", f"{suite}.*"}
    for named in re.findall(r"`([A-Z]\w+\.(?:[A-Z]\w+|\*))`", source_tree.read(page, root)):
        if named not in existing:
            yield f"{page}: there is no test {named}" + (f" in {folder}" if folder else "")


def check_rows(root):
    """What has a name on the wire has a row that says which black-box test shows it."""
    if not os.path.exists(os.path.join(root, ROWS)):
        return
    rows = [line for line in source_tree.read(ROWS, root).splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row.split("|")[1])}
    for path, pattern in WIRE_NAMES:
        if os.path.exists(os.path.join(root, path)):
            for name in sorted(set(pattern.findall(source_tree.read(path, root))) - named):
                yield f"{ROWS}: no row for {name} of {path}"
    for row in rows:
        if not re.search(r"`\w+\.\w+`|\| (shown by|---|–)", row):
            yield f"{ROWS}: a row without a test: {row}"


def check_named_files(root):
    if not os.path.exists(os.path.join(root, ARCHITECTURE)):
        return
    for named in re.findall(r"\b[a-z]+(?:/[a-z_0-9]+)+\.(?:cc|h|py)\b", source_tree.read(ARCHITECTURE, root)):
        if not os.path.exists(os.path.join(root, named)):
            yield f"{ARCHITECTURE}: there is no {named}"


def check_mutants(root):
    """Every planted bug stands in the catalog, and what stands there is planted."""
    planted, listed = {}, set()
    for path in source_tree.files(root):
        text = source_tree.without_comments(source_tree.read(path, root))
        if path == MUTANT_CATALOG:
            listed = set(re.findall(r'^\s*\{"([a-z-]+)",', text, re.MULTILINE))
        else:
            planted.update((name, path) for name in re.findall(r'OUTPOST_MUTANT\("([a-z-]+)"\)', text))
    for name in sorted(planted.keys() - listed):
        yield f"{planted[name]}: the planted bug {name} does not stand in {MUTANT_CATALOG}"
    for name in sorted(listed - planted.keys()):
        yield f"{MUTANT_CATALOG}: nothing plants {name}"


def check_tree(root):
    found = [*check_named_tests(root, REQUIREMENTS, ""), *check_named_tests(root, ROWS, os.path.dirname(ROWS))]
    found.extend([*check_rows(root), *check_named_files(root), *check_mutants(root)])
    for path in source_tree.files(root, TEXTS):
        text = source_tree.read(path, root)
        found.extend(check_text(path, text))
        if path.endswith(".h"):
            found.extend(check_header(path, text))
        if path.endswith((".h", ".cc")):
            found.extend(check_sleep(path, text))
        if path.endswith(".cc"):
            found.extend(check_listed(path, root))
    return found


GOOD_HEADER = "// What it is for.\n#pragma once\n"
PLANTED = [  # file, text, part of the message expected; None: clean
    ("rules/a.h", GOOD_HEADER, None),
    ("rules/a.h", "#pragma once\n// late\n", "opens with"),
    ("rules/a.h", "// What it is for.\n", "#pragma once"),
    ("rules/a.h", GOOD_HEADER + "int x;\n" * 500, "at most 500"),
    ("rules/a.h", GOOD_HEADER + "// TO" "DO: later\n", "finish it"),
    ("rules/a.h", GOOD_HEADER + "int x; \n", "trailing space"),
    ("rules/a.h", GOOD_HEADER + "int x;", "no newline"),
    ("server/core/a.h", GOOD_HEADER + "void F() { sleep_for(x); }\n", "sleeps"),
    ("cli/a_test.cc", "void F() { sleep(1); }\n", "sleeps"),
    ("server/core/a.h", GOOD_HEADER + "// never sleep_for\n", None),
    ("rules/forgotten.cc", "int x;\n", "never compiled"),
    ("rules/listed.cc", "int x;\n", None),
    ("rules/deep/listed.cc", "int x;\n", None),
    ("docs/requirements.md", "| O1 | x | done | `Outbox.IsThere` |\n", "no test Outbox.IsThere"),
    ("docs/requirements.md", "| O1 | x | none | - |\n", None),
    (ROWS, "| a row | `Rest.IsThere` |\n", "no test Rest.IsThere in tests/blackbox"),
    (ROWS, "| a row | |\n", "a row without a test"),
    (ROWS, "| a row | – |\n", None),
    ("ARCHITECTURE.md", "1 rules/gone.cc\n", "no rules/gone.cc"),
    ("rules/listed.cc", 'bool x = OUTPOST_MUTANT("of-nobody");\n', "does not stand in"),
    ("tests/mutants/catalog.cc", '{"never-planted", "what"},\n', "nothing plants"),
]


def self_test():
    failures = []
    for path, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as root:
            listing = os.path.join(root, os.path.dirname(path).split("/")[0], "CMakeLists.txt")
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            for name, content in ((listing, "add(listed.cc deep/listed.cc core/a.cc a_test.cc)\n"), (os.path.join(root, path), text)):
                with open(name, "w", encoding="utf-8") as file:
                    file.write(content)
            found = check_tree(root)
        caught = any(expected in problem for problem in found) if expected else not found
        if not caught:
            failures.append(f"self-test: {path}: expected {expected or 'nothing'}, found {found}")
    return failures


if __name__ == "__main__":
    problems = self_test() or check_tree(source_tree.ROOT)
    sys.exit(source_tree.report("house rules", problems))
