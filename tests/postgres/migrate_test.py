"""`outpost migrate`: a directory's store moves to PostgreSQL, and a device goes on with its cursor, its keys and its
epoch as if nothing had happened.

    python3 tests/postgres/migrate_test.py
"""

import contextlib
import json
import os
import re
import select
import shutil
import sqlite3
import subprocess
import tempfile

from cluster import Cluster
from outpost_node import SECRET, Client, OutpostNode, expect, follow_feed, program, token

ORDERS = 300


def environment():
    return {**{k: v for k, v in os.environ.items() if not k.startswith("OUTPOST_")}, "OUTPOST_JWT_SECRET": SECRET,
            "OUTPOST_LOG_LEVEL": "warn"}


def serve_directory(data):
    process = subprocess.Popen([program(), "serve", "--listen", "127.0.0.1:0", "--data", data], stdout=subprocess.PIPE,
                               env=environment())
    ready, _, _ = select.select([process.stdout], [], [], 30)
    match = re.match(r"listening on http://(\S+)", process.stdout.readline().decode() if ready else "")
    expect(match, "the server of the directory did not start")
    return process, match.group(1)


def item(sku):
    return {"sku": sku, "name": sku, "quantity": 1, "unitPrice": 250, "station": "grill"}


def commands(first, count):
    made = []
    for n in range(first, first + count):
        made.append({"id": f"till-1.{n}", "n": 3 * n - 2, "type": "ORDER_CREATE_V1",
                     "payload": {"id": f"order-{n}", "items": [item("tea")]}})
        made.append({"id": f"till-1.{n}.send", "n": 3 * n - 1, "type": "ORDER_SEND_TO_KITCHEN_V1",
                     "payload": {"id": f"order-{n}"}})
        made.append({"id": f"till-1.{n}.bad", "n": 3 * n, "type": "ORDER_MODIFY_V1",
                     "payload": {"id": f"order-{n}", "tableId": "9"}})  # refused: it was sent to the kitchen
    return made


def push(client, address, made, epoch=None):
    body = {"deviceId": "till-1", "incarnation": "first", "commands": made, **({"epoch": epoch} if epoch else {})}
    status, _, answer = client.ask(address, "POST", "/sync/commands", body)
    expect(status == 200, f"push: {status} {answer[:300]!r}")
    return json.loads(answer)


def outcome(result):
    return result["id"], result["status"], result.get("seq"), json.dumps(result.get("body"), sort_keys=True)


def migrate(data, url):
    return subprocess.run([program(), "migrate", "--from", data, "--to", url], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment(), check=False)


def expect_older_refused(data):
    """Tables of an older release are brought up to date by serving them, not on the way."""
    with contextlib.closing(sqlite3.connect(os.path.join(data, "outpost.db"), isolation_level=None)) as store:
        version = store.execute("PRAGMA user_version").fetchone()[0]
        store.execute(f"PRAGMA user_version = {version - 1}")
        refused = migrate(data, "host=127.0.0.1 port=1")
        store.execute(f"PRAGMA user_version = {version}")
    expect(refused.returncode == 1 and b"older release" in refused.stderr, f"an older store: {refused.stderr.decode()}")


def main():
    folder = tempfile.mkdtemp(prefix="outpost-migrate-")
    data = os.path.join(folder, "data")
    try:
        client = Client(token("shop"))
        server, address = serve_directory(data)
        try:
            first = push(client, address, commands(1, ORDERS))
            push(Client(token("other")), address, commands(1, 3))
            documents = {}
            cursor = follow_feed(client, address, documents)
            expect(migrate(data, "host=127.0.0.1 port=1").returncode == 1, "migrated under a running server")
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()
        expect_older_refused(data)
        with Cluster() as cluster:
            primary = cluster.primary()
            moved = migrate(data, primary.url())
            print(moved.stdout.decode(), end="")
            expect(moved.returncode == 0, f"migrate failed: {moved.stderr.decode()}")
            again = migrate(data, primary.url())
            expect(again.returncode == 1 and b"already" in again.stderr, "migrated twice into one database")
            node = OutpostNode(primary.url(), os.path.join(cluster.folder.path, "node.log"))
            try:
                goes_on(client, node.address, first, cursor, documents)
            finally:
                node.stop()
        print("a device went on with its cursor, its keys and its epoch")
    finally:
        shutil.rmtree(folder)


def goes_on(client, address, first, cursor, documents):
    """The old cursor is valid, old commands are replays of the same outcomes, new ones take the next sequence."""
    client.connections.clear()
    status, _, body = client.ask(address, "GET", "/sync/changes?cursor=" + cursor)
    expect(status == 200 and json.loads(body)["changes"] == [], f"the cursor no longer fits: {status} {body[:200]!r}")
    replayed = push(client, address, commands(1, ORDERS), first["epoch"])
    expect(replayed["epoch"] == first["epoch"], "the epoch changed")
    expect([outcome(r) for r in replayed["results"]] == [outcome(r) for r in first["results"]],
           "a replay has another outcome")
    expect(all(r["replayed"] for r in replayed["results"]), "something was executed again")
    everything = {}
    follow_feed(client, address, everything)
    expect(everything == documents, "documents changed on the way")
    fresh = push(client, address, commands(ORDERS + 1, 1), first["epoch"])
    last = max(r["seq"] for r in first["results"] if r.get("seq"))
    expect(fresh["results"][0]["seq"] == last + 1, "the sequence does not go on")


if __name__ == "__main__":
    main()
