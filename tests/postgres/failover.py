"""What survives when things are lost: a primary with a synchronous standby, three servers, devices that write all the
time, and in random order the SIGKILL of a server, of the primary (the standby is promoted, a new one is made), and the
end of single connections. Afterwards every acknowledged command counts exactly once, sequences have no gaps, and all
devices show the same.

    python3 tests/postgres/failover.py [--rounds 30] [--devices 64] [--seed 1]
"""

import argparse
import http.client
import json
import random
import sys
import threading
import time

from cluster import Cluster
from outpost_node import Client, expect, follow_feed, servers, token

SERVERS = 3
WORKSPACES = 8
BATCH = 5
RECOVERY_S = 60  # after the last fault: everything that waits is acknowledged within
PAUSE_S = 0.05   # between two pushes of a device


class Device:
    """Sends what it has until a verified answer says what became of it, to whichever server takes it."""

    def __init__(self, number, nodes, seed, timeout_s=15):
        self.number = number
        self.name = f"till-{number}"
        self.workspace = f"shop{number % WORKSPACES}"
        self.nodes = nodes
        self.random = random.Random(seed * 1000 + number)
        self.client = Client(token(self.workspace, user=f"user{number}"), timeout_s)
        self.n = 0
        self.queue = []
        self.acknowledged = {}  # id -> sequence
        self.documents, self.cursor = {}, None
        self.epoch = None
        self.problem = None
        self.stop = threading.Event()
        self.drained = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def command(self):
        self.n += 1
        identity = f"{self.name}.{self.n}"
        if self.n % 2 == 0:
            kind, payload = "INVENTORY_ADJUST_V1", {"sku": f"sku-{self.number}", "delta": 1, "reason": "counted"}
        else:
            item = {"sku": "tea", "name": "Tea", "quantity": 1, "unitPrice": 250}
            kind, payload = "ORDER_CREATE_V1", {"id": identity, "items": [item]}
        return {"id": identity, "n": self.n, "type": kind, "payload": payload}

    def run(self):
        while self.problem is None:
            if not self.queue:
                if self.stop.is_set():
                    self.drained.set()
                    return
                self.queue = [self.command() for _ in range(self.random.randint(1, BATCH))]
            self.push()
            time.sleep(PAUSE_S)

    def push(self):
        address = self.random.choice(self.nodes).address
        body = {"deviceId": self.name, "incarnation": "first", "commands": self.queue}
        try:
            status, _, answer = self.client.ask(address, "POST", "/sync/commands", body)
        except (OSError, http.client.HTTPException):
            return  # nobody knows what became of it: sent again
        if status in (429, 500, 502, 503, 504):
            return
        if status != 200:
            self.problem = f"{self.name}: {status} {answer[:300]!r}"
            return
        response = json.loads(answer)
        if self.epoch not in (None, response["epoch"]):
            self.problem = f"{self.name}: the epoch changed, so something acknowledged was taken to be lost"
        self.epoch = response["epoch"]
        for result in response["results"]:
            if result["status"] == "SUCCEEDED":
                known = self.acknowledged.setdefault(result["id"], result["seq"])
                if known != result["seq"]:
                    self.problem = f"{result['id']} was answered with sequence {known}, then {result['seq']}"
            elif result["status"] not in ("RETRY", "BLOCKED"):
                self.problem = f"{result['id']}: {result['status']} {result}"
        self.queue = [command for command in self.queue if command["id"] not in self.acknowledged]

    def pull(self, address):
        self.cursor = follow_feed(self.client, address, self.documents, self.cursor)


class Faults:
    def __init__(self, cluster, primary, standby, nodes, chance):
        self.cluster, self.primary, self.standby, self.nodes = cluster, primary, standby, nodes
        self.random = chance
        self.counts = {}

    def strike(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        getattr(self, kind)()

    def server_killed(self):
        node = self.random.choice(self.nodes)
        node.kill()
        time.sleep(self.random.uniform(0.1, 1))
        node.start_until_it_does(RECOVERY_S)

    def primary_killed(self):
        self.primary.kill()
        time.sleep(self.random.uniform(0, 0.5))
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        time.sleep(self.random.uniform(0, 0.5))
        self.standby.become_standby_of(self.primary)

    def connections_cut(self):
        count = self.random.randint(1, 4)
        self.primary.sql("SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity "
                         "WHERE usename = 'outpost' AND backend_type = 'client backend' "
                         f"ORDER BY random() LIMIT {count}) victims", database="postgres")


KINDS = ["server_killed", "primary_killed", "connections_cut"]


def plan(rounds, chance):
    """Each kind about as often as the others, in random order."""
    kinds = [KINDS[i % len(KINDS)] for i in range(rounds)]
    chance.shuffle(kinds)
    return kinds


def check(devices, nodes):
    for device in devices:
        expect(device.problem is None, str(device.problem))
        expect(len(device.acknowledged) == device.n, f"{device.name}: {device.n - len(device.acknowledged)} commands wait")
    for workspace in range(WORKSPACES):
        name = f"shop{workspace}"
        members = [device for device in devices if device.workspace == name]
        if not members:
            continue
        for index, device in enumerate(members):
            device.pull(nodes[index % len(nodes)].address)
        first = members[0].documents
        for device in members[1:]:
            expect(device.documents == first, f"{device.name} and {members[0].name} show different documents")
        sent = {identity: seq for device in members for identity, seq in device.acknowledged.items()}
        expect(sorted(sent.values()) == list(range(1, len(sent) + 1)),
               f"{name}: the sequences of {len(sent)} commands are not 1 to {len(sent)}")
        orders = {key[1]: value for key, value in first.items() if key[0] == "orders"}
        for device in members:
            made = {f"{device.name}.{n}" for n in range(1, device.n + 1, 2)}
            expect(made <= orders.keys(), f"{device.name}: acknowledged orders are gone: {sorted(made - orders.keys())[:3]}")
            expect(all(orders[order][0] == 1 and orders[order][1] == sent[order] for order in made),
                   f"{device.name}: an order was made twice or elsewhere")
            counted = device.n // 2
            stock = first.get(("stock", f"sku-{device.number}"))
            on_hand = json.loads(stock[2])["onHand"] if stock else 0
            expect(on_hand == counted, f"{device.name}: {counted} adjustments of one, {on_hand} on hand")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--devices", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    began = time.monotonic()
    with Cluster() as cluster:
        primary = cluster.primary("a")
        standby = cluster.standby_of(primary, "b")
        url = (f"postgresql://outpost@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/outpost")
        settings = {"OUTPOST_POSTGRES_DURABILITY": "replicated"}
        with servers(cluster, url, SERVERS, settings) as nodes:
            devices = [Device(i, nodes, asked.seed) for i in range(asked.devices)]
            for device in devices:
                device.thread.start()
            faults = Faults(cluster, primary, standby, nodes, chance)
            for number, kind in enumerate(plan(asked.rounds, chance), start=1):
                time.sleep(chance.uniform(0.5, 2))
                faults.strike(kind)
                acknowledged = sum(len(device.acknowledged) for device in devices)
                print(f"round {number}: {kind}, {acknowledged} commands acknowledged", flush=True)
                for device in devices:
                    expect(device.problem is None, str(device.problem))
            for device in devices:
                device.stop.set()
            healed = time.monotonic()
            for device in devices:
                device.drained.wait(max(0.1, RECOVERY_S - (time.monotonic() - healed)))
            recovery = time.monotonic() - healed
            check(devices, nodes)
            total = sum(device.n for device in devices)
            print(f"{total} commands of {asked.devices} devices, each exactly once; {faults.counts}; "
                  f"drained {recovery:.1f} s after the last fault; {time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
