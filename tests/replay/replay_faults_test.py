"""Replays that are killed, stopped and run again: what was played is on the server once. Standard library only.

replay_faults_test.py STORY
  killed     the server is killed and started again, one device process is killed, the line is cut 40 % of the time
  stopped    the replay is stopped (SIGINT), then killed (SIGKILL); each time the same command goes on
  finished   the same command once more after the end plays nothing again
Plays 400 orders of the recorded data under OUTPOST_DATA, or the shipped order book without it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("OUTPOST_BIN") or os.environ.get("OUTPOST_BUILT") or os.path.join(ROOT, "build", "outpost")
PATIENCE_S = 120
DEVICES = 3


def book():
    """Folder, orders to play, and the tempo at which they last about ten seconds."""
    recorded = os.path.join(os.environ.get("OUTPOST_DATA") or "/nowhere", "pizza_orders")
    if os.path.isdir(recorded):
        return recorded, 400, 50_000
    return os.path.join(ROOT, "examples", "orderbook"), 42, 1_000


def wait_until(what, condition):
    """Waits for something that another process does, and says what when it does not."""
    tick = threading.Event()
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        tick.wait(0.02)


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
        self.process.wait(timeout=30)
        self.process.stdout.close()

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
    def __init__(self, server, folder, *more):
        orders, limit, speed = book()
        self.process = subprocess.Popen(
            [PROGRAM, "replay", "--server", server.url, "--data", os.path.join(folder, "devices"), "--orders", orders, "--devices",
             str(DEVICES), "--limit", str(limit), "--offline", "40", "--speed", str(speed), "--seed", "7", "--json", *more],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "OUTPOST_TOKEN": server.token()})

    def device_pids(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
            return [int(pid) for pid in children.read().split()]

    def end(self):
        output, errors = self.process.communicate(timeout=PATIENCE_S)
        sys.stderr.write(errors)
        return self.process.returncode, output, errors

    def check(self):
        """Both sides agree, by the replay's own count."""
        code, output, errors = self.end()
        assert code == 0, f"the replay ended with {code}: {output}"
        count = json.loads(output.strip().splitlines()[-1])
        print(json.dumps(count))
        assert count["orders"] == book()[1], count
        for name in ("orders", "items", "amount"):
            assert count[name] == count[name + "OnServer"], f"{name} differs: {count}"
        for name in ("duplicates", "waiting", "refused"):
            assert count[name] == 0, f"{name}: {count}"
        return errors


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for_orders(server, replay, count):
    wait_until(f"{count} orders on the server", lambda: replay.process.poll() is not None or len(server.orders()) >= count)
    assert replay.process.poll() is None, "the replay ended before anything could be killed"


def killed(folder):
    server = Server(folder)
    replay = Replay(server, folder)
    wait_for_orders(server, replay, 5)
    os.kill(replay.device_pids()[1], signal.SIGKILL)
    wait_for_orders(server, replay, 10)
    server.kill()
    server.start()
    errors = replay.check()
    assert "killed by signal 9, started again" in errors
    server.stop()


def stopped(folder):
    server = Server(folder)
    replay = Replay(server, folder)
    wait_for_orders(server, replay, 5)
    devices = replay.device_pids()
    replay.process.send_signal(signal.SIGINT)
    assert replay.end()[0] == 1
    assert all(is_gone(pid) for pid in devices), "a device outlived the replay"

    replay = Replay(server, folder)
    wait_for_orders(server, replay, len(server.orders()) + 3)
    devices = replay.device_pids()
    replay.process.kill()
    replay.process.communicate()
    wait_until("the devices of a killed replay to end", lambda: all(is_gone(pid) for pid in devices))

    Replay(server, folder).check()
    assert len(server.orders()) == book()[1]
    server.stop()


def finished(folder):
    server = Server(folder)
    Replay(server, folder).check()
    before = server.orders()
    Replay(server, folder).check()
    assert server.orders() == before, "a finished replay wrote again"
    server.stop()


STORIES = {story.__name__: story for story in (killed, stopped, finished)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in STORIES:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="outpost-replay-") as scratch:
        STORIES[sys.argv[1]](scratch)
