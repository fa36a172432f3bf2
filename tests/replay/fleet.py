"""A real server and `outpost replay` against it, for the tests of this folder. Standard library only."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("OUTPOST_BIN") or os.environ.get("OUTPOST_BUILT") or os.path.join(ROOT, "build", "outpost")
PATIENCE_S = 120
SHIPPED_BOOK = os.path.join(ROOT, "examples", "orderbook")
SHIPPED_ORDERS = 42


def recorded_book():
    """The folder of recorded orders under OUTPOST_DATA, or None."""
    folder = os.path.join(os.environ.get("OUTPOST_DATA") or "/nowhere", "pizza_orders")
    return folder if os.path.isdir(folder) else None


class Server:
    """`outpost serve` on one data directory and one port, through several lives."""

    def __init__(self, folder):
        self.data = os.path.join(folder, "server")
        self.listen = "127.0.0.1:0"
        self.start()

    def start(self):
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", self.data, "--listen", self.listen], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline().strip()
        assert line.startswith("listening on "), f"the server said: {line!r}"
        self.url = line.removeprefix("listening on ")
        self.listen = self.url.removeprefix("http://")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        assert code == 0, f"the server ended with {code}"

    def token(self):
        return subprocess.run([PROGRAM, "token", "--data", self.data, "--workspace", "bistro", "--user", "anna"], text=True,
                              capture_output=True, check=True).stdout.strip()

    def orders(self):
        """Orders on the server, by id, with their versions."""
        request = urllib.request.Request(self.url + "/sync/changes?collections=orders&limit=10000",
                                         headers={"Authorization": "Bearer " + self.token()})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return {change["id"]: change["version"] for change in json.load(answer)["changes"]}


class Replay:
    """`outpost replay` of a book of orders; the same folder again is the same run."""

    def __init__(self, server, folder, book, orders, devices, *more):
        self.orders = orders
        self.process = subprocess.Popen(
            [PROGRAM, "replay", "--server", server.url, "--data", os.path.join(folder, "devices"), "--orders", book, "--devices",
             str(devices), "--limit", str(orders), "--json", *more],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "OUTPOST_TOKEN": server.token()})

    def device_pids(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
            return [int(pid) for pid in children.read().split()]

    def end(self):
        output, errors = self.process.communicate(timeout=PATIENCE_S)
        sys.stderr.write(errors)
        return self.process.returncode, output, errors

    def check(self):
        """Both sides agree, by the replay's own count: what was played is there, once, and nothing is left over."""
        code, output, errors = self.end()
        assert code == 0, f"the replay ended with {code}: {output}"
        count = json.loads(output.strip().splitlines()[-1])
        print(json.dumps(count))
        assert count["orders"] == self.orders, count
        for name in ("orders", "items", "amount"):
            assert count[name] == count[name + "OnServer"], f"{name} differs: {count}"
        for name in ("duplicates", "waiting", "refused"):
            assert count[name] == 0, f"{name}: {count}"
        return errors


def run_story(stories, arguments, usage):
    """The story named on the command line, in a folder of its own."""
    if len(arguments) != 2 or arguments[1] not in stories:
        sys.exit(usage)
    with tempfile.TemporaryDirectory(prefix="outpost-replay-") as scratch:
        stories[arguments[1]](scratch)
