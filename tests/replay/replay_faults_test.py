"""Replays that are killed, stopped and run again: what was played is on the server once. Standard library only.

replay_faults_test.py STORY
  killed     the server is killed and started again, one device process is killed, the line is cut 40 % of the time
  stopped    the replay is stopped (SIGINT), then killed (SIGKILL); each time the same command goes on
  finished   the same command once more after the end plays nothing again
Plays 400 orders of the recorded data under OUTPOST_DATA, or the shipped order book without it.
"""

import os
import signal
import sys
import threading
import time

import fleet
from fleet import PATIENCE_S, Server


def book():
    """Folder, orders to play, and the tempo at which they last about ten seconds."""
    recorded = fleet.recorded_book()
    return (recorded, 400, 50_000) if recorded else (fleet.SHIPPED_BOOK, fleet.SHIPPED_ORDERS, 1_000)


def start_replay(server, folder):
    orders, limit, speed = book()
    return fleet.Replay(server, folder, orders, limit, 3, "--offline", "40", "--speed", str(speed), "--seed", "7")


def wait_until(what, condition):
    """Waits for something that another process does, and says what when it does not."""
    tick = threading.Event()
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        tick.wait(0.02)


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
    replay = start_replay(server, folder)
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
    replay = start_replay(server, folder)
    wait_for_orders(server, replay, 5)
    devices = replay.device_pids()
    replay.process.send_signal(signal.SIGINT)
    assert replay.end()[0] == 1
    assert all(is_gone(pid) for pid in devices), "a device outlived the replay"

    replay = start_replay(server, folder)
    wait_for_orders(server, replay, len(server.orders()) + 3)
    devices = replay.device_pids()
    replay.process.kill()
    replay.process.communicate()
    wait_until("the devices of a killed replay to end", lambda: all(is_gone(pid) for pid in devices))

    start_replay(server, folder).check()
    assert len(server.orders()) == book()[1]
    server.stop()


def finished(folder):
    server = Server(folder)
    start_replay(server, folder).check()
    before = server.orders()
    start_replay(server, folder).check()
    assert server.orders() == before, "a finished replay wrote again"
    server.stop()


STORIES = {story.__name__: story for story in (killed, stopped, finished)}

if __name__ == "__main__":
    fleet.run_story(STORIES, sys.argv, __doc__)
