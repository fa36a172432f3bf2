"""Order books through device processes with a line that comes and goes. Standard library only.

replay_test.py STORY
  order_book       the shipped evening, three devices, as fast as it goes
  recorded_orders  500 orders of the recorded data under OUTPOST_DATA, four devices; skipped without it
"""

import sys

import fleet

SKIPPED = 77


def order_book(folder):
    server = fleet.Server(folder)
    fleet.Replay(server, folder, fleet.SHIPPED_BOOK, fleet.SHIPPED_ORDERS, 3, "--offline", "30").check()
    server.stop()


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
