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
LOCAL = "local_01JD0000000000000000000001"
DECLARED = """[collections.tasks]
scope = "branch"
schema = { title = "text", branch = "text?" }
"""


def environment():
    return {**{k: v for k, v in os.environ.items() if not k.startswith("OUTPOST_")}, "OUTPOST_JWT_SECRET": SECRET,
            "OUTPOST_LOG_LEVEL": "warn"}


def serve_directory(data, config):
    process = subprocess.Popen([program(), "serve", "--listen", "127.0.0.1:0", "--data", data, "--config", config],
                               stdout=subprocess.PIPE, env=environment())
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


class SecondTill:
    """Knows an order by a name of its own making, and follows the tasks of one branch."""

    def __init__(self):
        self.client = Client(token("shop", user="ben"))
        self.n = 0
        self.cursor = None

    def push(self, address, kind, payload):
        self.n += 1
        command = {"id": f"till-2.{self.n}", "n": self.n, "type": kind, "payload": payload}
        status, _, answer = self.client.ask(address, "POST", "/sync/commands",
                                            {"deviceId": "till-2", "incarnation": "first", "commands": [command]})
        expect(status == 200, f"push: {status} {answer[:300]!r}")
        result = json.loads(answer)["results"][0]
        expect(result["status"] == "SUCCEEDED", f"{kind}: {result}")
        return result

    def tasks(self, address):
        query = "?collections=tasks&scope=branch:north" + (f"&cursor={self.cursor}" if self.cursor else "")
        status, _, body = self.client.ask(address, "GET", "/sync/changes" + query)
        expect(status == 200, f"tasks: {status} {body[:200]!r}")
        page = json.loads(body)
        self.cursor = page["cursor"]
        return [(change["id"], change.get("reason")) for change in page["changes"]]

    def before(self, address):
        self.push(address, "ORDER_CREATE_V1", {"id": LOCAL, "items": [item("tea")]})
        self.push(address, "DOCUMENT_CREATE_V1", {"collection": "tasks", "id": "t1", "doc": {"title": "Bread", "branch": "north"}})
        expect(self.tasks(address) == [("t1", None)], "the task is not in its branch")
        self.push(address, "DOCUMENT_PATCH_V1", {"collection": "tasks", "id": "t1", "patch": {"branch": "south"}})

    def after(self, address):
        self.client.connections.clear()
        expect(self.tasks(address) == [("t1", "left")], "what left the branch before the move is not told after it")
        result = self.push(address, "ORDER_MODIFY_V1", {"id": LOCAL, "tableId": "7"})
        expect(result["body"]["tableId"] == "7" and result["body"]["version"] == 2, f"the order it knows: {result}")


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
    config = os.path.join(folder, "outpost.toml")
    with open(config, "w", encoding="utf-8") as out:
        out.write(DECLARED)
    try:
        client, second = Client(token("shop")), SecondTill()
        server, address = serve_directory(data, config)
        try:
            first = push(client, address, commands(1, ORDERS))
            push(Client(token("other")), address, commands(1, 3))
            second.before(address)
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
            expect(all(int(line.split()[-2]) > 0 for line in moved.stdout.decode().splitlines() if "epoch" not in line),
                   "a table without a row: its move is not tried")
            node = OutpostNode(primary.url(), os.path.join(cluster.folder.path, "node.log"), more=["--config", config])
            try:
                goes_on(client, node.address, first, cursor, documents)
                second.after(node.address)
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
    last = max(seq for _, seq, _ in documents.values())
    expect(fresh["results"][0]["seq"] == last + 1, "the sequence does not go on")


if __name__ == "__main__":
    main()
