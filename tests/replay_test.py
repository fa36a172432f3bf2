"""Fleets of device processes against a real server: every order arrives exactly once. Standard library only.

replay_test.py STORY
  order_book       the shipped evening, three devices, the line cut a third of the time
  killed_server    the same while the server is killed without warning and started again, several times
  recorded_orders  500 orders of a recorded data set under OUTPOST_DATA; skipped without it
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("OUTPOST_BIN") or os.environ.get("OUTPOST_BUILT") or os.path.join(ROOT, "build", "outpost")
BOOK = os.path.join(ROOT, "examples", "orderbook")
SKIPPED = 77
KILLS = 3


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
        self.process.send_signal(signal.SIGKILL)
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


def start_replay(server, folder, orders, devices, *more):
    return subprocess.Popen([PROGRAM, "replay", "--server", server.url, "--data", os.path.join(folder, "devices"), "--orders", orders,
                             "--devices", str(devices), "--offline", "30", "--json", *more],
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "OUTPOST_TOKEN": server.token()})


def check(replay, orders):
    """The replay's own count, read again here: what was played is there, once, and nothing is left over."""
    output, errors = replay.communicate(timeout=240)
    assert replay.returncode == 0, f"replay ended with {replay.returncode}\n{output}\n{errors}"
    count = json.loads(output.strip().splitlines()[-1])
    print(json.dumps(count))
    assert count["orders"] == orders, f"played {count['orders']} orders, not {orders}"
    for name in ("orders", "items", "amount"):
        assert count[name] == count[name + "OnServer"], f"{name}: {count[name]} here, {count[name + 'OnServer']} on the server"
    for name in ("duplicates", "waiting", "refused"):
        assert count[name] == 0, f"{name}: {count[name]}"


def order_book(folder):
    server = Server(folder)
    check(start_replay(server, folder, BOOK, 3), 42)
    server.stop()


def killed_server(folder):
    """Kills follow what the devices do: each waits for the server to have answered somebody since the last one."""
    server = Server(folder)
    replay = start_replay(server, folder, BOOK, 3, "--speed", "1800")
    for _ in range(KILLS):
        wait_for_commits(server, replay)
        server.kill()
        server.start()
    check(replay, 42)
    server.stop()


def wait_for_commits(server, replay):
    """Returns once this life of the server has committed something, or the replay has ended."""
    host, port = server.listen.split(":")
    tick = threading.Event()
    while replay.poll() is None:
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(f"GET /metrics HTTP/1.1\r\nHost: {server.listen}\r\nConnection: close\r\n\r\n".encode())
            text = b"".join(iter(lambda: line.recv(65536), b"")).decode()
        if any(row.startswith("outpost_command_groups_total") and float(row.split()[-1]) >= 2 for row in text.splitlines()):
            return
        tick.wait(0.05)


def recorded_orders(folder):
    data = os.environ.get("OUTPOST_DATA", "")
    orders = os.path.join(data, "pizza_orders")
    if not data or not os.path.isdir(orders):
        print("no recorded data: OUTPOST_DATA is not set")
        sys.exit(SKIPPED)
    server = Server(folder)
    check(start_replay(server, folder, orders, 4, "--limit", "500"), 500)
    server.stop()


STORIES = {story.__name__: story for story in (order_book, killed_server, recorded_orders)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in STORIES:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="outpost-replay-") as scratch:
        STORIES[sys.argv[1]](scratch)
