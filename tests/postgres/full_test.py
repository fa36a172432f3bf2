"""A database without room: its tables lie on a small file system. Writes are RETRY, reads go on, /readyz says 503; with
more room everything that waits is taken, once.

    python3 tests/postgres/full_test.py        (as root, who may mount one; otherwise it says why it is skipped)
"""

import os
import subprocess
import sys

from cluster import Cluster
from outpost_node import Till, expect, follow_feed, ready, servers, wait_until

ROOM_MB, MORE_MB = 12, 64
BATCH = 200
COMMANDS_MAX = 40_000
SKIPPED = 77  # as test runners know it


def mount(path, *options):
    return subprocess.run(["mount", *options, "outpost-test", path], check=False, capture_output=True).returncode == 0


def fill(till, address):
    """Until nothing goes in any more."""
    while len(till.made) < COMMANDS_MAX:
        till.make(BATCH)
        before = len(till.acknowledged)
        till.push(address)
        if len(till.acknowledged) == before:
            return
    expect(False, "the database never filled up")


def run(cluster, room):
    primary = cluster.primary()
    cluster.folder.own(room)
    primary.sql(f"CREATE TABLESPACE small LOCATION '{room}'", database="postgres")
    primary.sql("ALTER DATABASE outpost SET TABLESPACE small", database="postgres")
    with servers(cluster, primary.url(), 1) as (node,):
        till = Till("till-1")
        fill(till, node.address)
        acknowledged = len(till.acknowledged)
        expect(acknowledged > 0, "there was no room for anything")
        expect(ready(node.address) == 503, "a server whose database is full says that it is ready")
        documents = {}
        follow_feed(till.client, node.address, documents)
        expect(len(documents) == acknowledged, f"{len(documents)} orders, {acknowledged} acknowledged")
        expect(mount(room, "-o", f"remount,size={MORE_MB}m"), "the file system did not grow")
        wait_until(lambda: ready(node.address) == 200, "there is room and the server is not ready")
        till.push_all(node.address)
        till.check(node.address)
        print(f"full after {acknowledged} commands; {len(till.made)} in the end, each once")


def main():
    if os.geteuid() != 0:
        print("skipped: only root mounts a small file system")
        return SKIPPED
    with Cluster() as cluster:
        room = os.path.join(cluster.folder.path, "room")
        os.mkdir(room)
        if not mount(room, "-t", "tmpfs", "-o", f"size={ROOM_MB}m"):
            print("skipped: this machine lets nobody mount a file system")
            return SKIPPED
        try:
            run(cluster, room)
        finally:
            cluster.stop_nodes()
            subprocess.run(["umount", room], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
