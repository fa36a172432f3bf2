"""Who may include whom. Keeps the map of ARCHITECTURE.md: arrows point up the list only, and what runs on a device
or decides on the server asks no clock, no thread, no socket and no random device (laws 8 and 9 rest on it).

Runs its own self-test first: a rule that cannot fail proves nothing.
"""

import os
import re
import sys
import tempfile

import source_tree

DEVICE = ["base", "protocol", "sqlite", "rules", "engine/model", "engine/store", "engine/sync", "engine/device"]

# Folder -> the other folders it may include. A folder may always include itself. Later in the list = higher in the house.
MAY_USE = {
    "base": [],
    "protocol": ["base"],
    "sqlite": ["base"],
    "rules": ["base", "protocol"],
    "engine/model": ["base", "protocol", "rules"],
    "engine/store": ["base", "protocol", "sqlite", "rules", "engine/model"],
    "engine/sync": ["base", "protocol", "rules", "engine/model"],
    "engine/device": DEVICE[:-1],
    "wasm": DEVICE,
    "http": ["base", "protocol"],
    "server/core": ["base", "protocol", "rules"],
    "server/sqlite": ["base", "protocol", "sqlite", "rules", "server/core"],
    "server/postgres": ["base", "protocol", "rules", "server/core"],
    "server/routes": ["base", "protocol", "rules", "http", "server/core"],
    "transport": DEVICE,
    "sim": DEVICE + ["server/core", "server/sqlite"],
    "scenarios": DEVICE + ["server/core", "server/sqlite", "sim"],
}
EVERYTHING = list(MAY_USE) + ["scenarios", "cli"]
MAY_USE["cli"] = list(MAY_USE)
MAY_USE["tests"] = EVERYTHING
MAY_USE["fuzz"] = EVERYTHING
MAY_USE["bench"] = EVERYTHING

# What a test beside the code may use on top: a real store under the routes.
TESTS_MAY_USE = {"server/routes": ["server/sqlite"]}

# Time, randomness, threads and sockets come in as inputs here.
PURE = DEVICE + ["server/core"]
IMPURE_HEADERS = re.compile(
    r"<(thread|mutex|shared_mutex|condition_variable|future|stop_token|semaphore|latch|barrier|ctime|time\.h|"
    r"pthread\.h|netdb\.h|poll\.h|sys/(socket|epoll|select|time|un)\.h|netinet/.*|arpa/.*|"
    r"boost/(asio|beast|thread).*|curl/.*)>")
IMPURE_CALLS = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|random_device|gettimeofday|clock_gettime|localtime|"
    r"getrandom|getentropy|srand|sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>:])(?:std::)?(?:time|rand)\s*\(\s*(?:\)|NULL|nullptr|0|&)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def leaf_of(path):
    """The folder of the map that a file or an include belongs to, or None."""
    parts = path.replace(os.sep, "/").split("/")
    for depth in (2, 1):
        leaf = "/".join(parts[:depth])
        if len(parts) > depth and leaf in MAY_USE:
            return leaf
    return None


def check_include(path, line, leaf, quote, target):
    where = f"{path}:{line}"
    if quote == "<":
        if leaf in PURE and IMPURE_HEADERS.fullmatch(f"<{target}>"):
            yield f"{where}: {leaf} includes <{target}>: time, threads and sockets are inputs here (law 9)"
        elif leaf_of(target):
            yield f'{where}: write "{target}" in quotes: it is the project\'s own'
        return
    owner = leaf_of(target)
    allowed = MAY_USE[leaf] + (TESTS_MAY_USE.get(leaf, []) if path.endswith("_test.cc") else [])
    if owner is None:
        yield f'{where}: "{target}" is in no folder of the map: include from the root, other libraries in <>'
    elif owner != leaf and owner not in allowed:
        yield f'{where}: {leaf} must not include "{target}" of {owner}; it may use {", ".join(allowed) or "nothing"}'


def problems_in(path, text):
    leaf = leaf_of(path)
    if leaf is None:
        yield f"{path}: in no folder of the map (ARCHITECTURE.md)"
        return
    for number, line in enumerate(source_tree.without_comments(text).splitlines(), start=1):
        include = INCLUDE.match(line)
        if include:
            yield from check_include(path, number, leaf, *include.groups())
        elif leaf in PURE:
            call = IMPURE_CALLS.search(line)
            if call:
                yield f"{path}:{number}: {leaf} uses {call.group(0).strip()}: it has to come in as an input (law 9)"


def check_tree(root):
    found = []
    for path in source_tree.files(root):
        found.extend(problems_in(path, source_tree.read(path, root)))
    return found


PLANTED = [  # file, text, part of the message expected; None: clean
    ("engine/sync/a.cc", '#include "engine/store/device_store.h"\n', "engine/sync must not include"),
    ("engine/store/a.cc", '#include "engine/sync/sync_machine.h"\n', "engine/store must not include"),
    ("engine/device/a.cc", '#include "server/core/store.h"\n', "engine/device must not include"),
    ("engine/model/a.cc", '#include "http/server.h"\n', "engine/model must not include"),
    ("sim/a.cc", '#include "http/server.h"\n', "sim must not include"),
    ("sim/a.cc", '#include "server/routes/routes.h"\n', "sim must not include"),
    ("sim/a.cc", '#include "transport/client.h"\n', "sim must not include"),
    ("server/core/a.cc", '#include "server/sqlite/sqlite_store.h"\n', "server/core must not include"),
    ("server/routes/a.cc", '#include "server/sqlite/sqlite_store.h"\n', "server/routes must not include"),
    ("base/a.h", '  #  include "protocol/json.h"\n', "base must not include"),
    ("rules/a.cc", "#include <thread>\n", "<thread>"),
    ("engine/store/a.cc", "#include <sys/socket.h>\n", "<sys/socket.h>"),
    ("engine/sync/a.cc", "auto t = std::chrono::steady_clock::now();\n", "steady_clock"),
    ("engine/device/a.cc", "auto t = time(nullptr);\n", "time(nullptr"),
    ("rules/a.cc", "std::random_device seed;\n", "random_device"),
    ("server/core/a.cc", "#include <mutex>\n", "<mutex>"),
    ("rules/a.cc", '#include "rule.h"\n', "no folder of the map"),
    ("rules/a.cc", "#include <rules/rule.h>\n", "in quotes"),
    ("helpers/a.cc", "int x;\n", "in no folder of the map"),
    ("rules/b.cc", '// #include "http/server.h"\n/* steady_clock */ #include "base/time.h"\n', None),
    ("engine/device/b.cc", '#include "engine/store/device_store.h"\n#include <map>\nint t = now.time(0);\n', None),
    ("server/routes/b_test.cc", '#include "server/sqlite/sqlite_store.h"\n', None),
    ("cli/b.cc", '#include "server/routes/routes.h"\n#include <thread>\n', None),
]


def self_test():
    failures = []
    for path, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)))
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
            found = check_tree(root)
        caught = any(expected in problem for problem in found) if expected else not found
        if not caught:
            failures.append(f"self-test: {path} with {text!r}: expected {expected or 'nothing'}, found {found}")
    return failures


if __name__ == "__main__":
    problems = self_test() or check_tree(source_tree.ROOT)
    if not source_tree.files():
        problems.append("no sources found")
    sys.exit(source_tree.report("include rules", problems))
