"""Order books through device processes with a line that comes and goes. Standard library only.

replay_test.py STORY
  order_book       the shipped evening, three devices, as fast as it goes
  recorded_orders  500 orders of the recorded data under OUTPOST_DATA, four devices; skipped without it
"""

import json
import os
import sys

import fleet

SKIPPED = 77


def order_book(folder):
    server = fleet.Server(folder)
    fleet.Replay(server, folder, fleet.SHIPPED_BOOK, fleet.SHIPPED_ORDERS, 3, "--offline", "30").check()
    settled = [settled_in(os.path.join(folder, "devices", f"device-{device}", "outpost.log")) for device in range(3)]
    assert sum(settled) == 3 * fleet.SHIPPED_ORDERS, f"the devices' logs tell of {settled} settled commands"
    server.stop()


def settled_in(path):
    """How many commands the log of a device tells of, each once and with its trace; an order has three."""
    with open(path, encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    assert any(line["event"] == "sent" for line in told), path
    settled = [line for line in told if line["event"] == "settled"]
    assert all(len(line["traceId"]) == 32 for line in settled), path
    assert len({line["command"] for line in settled}) == len(settled), f"{path}: a command was settled twice"
    return len(settled)


def recorded_orders(folder):
    book = fleet.recorded_book()
    if book is None:
        print("no recorded data: OUTPOST_DATA is not set")
        sys.exit(SKIPPED)
    server = fleet.Server(folder)
    fleet.Replay(server, folder, book, 500, 4, "--offline", "30").check()
    server.stop()


STORIES = {story.__name__: story for story in (order_book, recorded_orders)}

if __name__ == "__main__":
    fleet.run_story(STORIES, sys.argv, __doc__)
