"""Runs clang-tidy over the project's own sources, in parallel, and remembers what was clean.

A file is checked again only when it, a project header it includes (directly or not), its compile command, the
configuration or clang-tidy itself has changed. The memory is a folder of empty files named by that hash.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


class Sources:
    """Contents and project includes of files, each read once."""

    def __init__(self):
        self.digests = {}
        self.includes = {}

    def load(self, path):
        if path in self.digests:
            return
        with open(os.path.join(ROOT, path), "rb") as file:
            content = file.read()
        self.digests[path] = hashlib.sha256(content).hexdigest()
        names = INCLUDE.findall(content.decode("utf-8", "replace"))
        self.includes[path] = sorted(name for name in set(names) if os.path.exists(os.path.join(ROOT, name)))

    def closure(self, path):
        """The file and every project header below it."""
        seen = set()
        waiting = [path]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            self.load(current)
            waiting.extend(self.includes[current])
        return sorted(seen)


def own_entries(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    own = {}
    for entry in entries:
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if not path.startswith(("..", "build" + os.sep)) and path.endswith(".cc"):
            own[path] = entry
    return own


def key_of(path, entry, sources, common):
    digest = hashlib.sha256(common)
    digest.update(entry.get("command", " ".join(entry.get("arguments", []))).encode())
    for part in sources.closure(path):
        digest.update(f"{part} {sources.digests[part]}\n".encode())
    return digest.hexdigest()


def check(tidy, build, path):
    done = subprocess.run([tidy, "-p", build, "--quiet", os.path.join(ROOT, path)], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--tidy", default="clang-tidy")
    parser.add_argument("--memory", default=os.path.join(os.path.expanduser("~"), ".cache", "outpost-tidy"))
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no file after so long")
    parser.add_argument("paths", nargs="*", help="only files that start with one of these")
    options = parser.parse_args()

    version = subprocess.run([options.tidy, "--version"], capture_output=True, check=True).stdout
    with open(os.path.join(ROOT, ".clang-tidy"), "rb") as file:
        common = version + file.read()
    os.makedirs(options.memory, exist_ok=True)
    sources = Sources()
    entries = {path: entry for path, entry in own_entries(options.build).items()
               if not options.paths or path.startswith(tuple(options.paths))}
    if not entries:
        sys.exit("clang-tidy: no sources in the compile commands")
    keys = {path: os.path.join(options.memory, key_of(path, entry, sources, common)) for path, entry in entries.items()}
    waiting = [path for path in sorted(entries) if not os.path.exists(keys[path])]

    failed = 0
    left = 0
    started = time.monotonic()

    def check_in_time(path):
        in_time = time.monotonic() - started < options.seconds
        return check(options.tidy, options.build, path) if in_time else None

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        runs = {pool.submit(check_in_time, path): path for path in waiting}
        for run in concurrent.futures.as_completed(runs):
            if run.result() is None:
                left += 1
                continue
            code, output = run.result()
            if code == 0:
                with open(keys[runs[run]], "w", encoding="utf-8"):
                    pass
            else:
                failed += 1
                print(f"{runs[run]}:\n{output}", flush=True)
    print(f"clang-tidy: {len(entries)} files, {len(waiting) - left} checked in {time.monotonic() - started:.0f} s, "
          f"{failed} failed, {left} left")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
