"""Two servers on one database, the same key at the same moment: one effect each, equal answers, no gap.

    python3 tests/postgres/same_key_test.py [PAIRS]
"""

import http.client
import json
import sys
import threading
import time

from cluster import Cluster
from outpost_node import Client, expect, expect_each_once, follow_feed, servers, token

WORKERS = 8
WORKSPACES = 4
ORDER = {"tableId": "7", "items": [{"sku": "tea", "name": "Tea", "quantity": 1, "unitPrice": 250}]}


def order_id(worker, pair):
    return f"{worker:02d}-{pair:06d}"


def send_pairs(worker, pairs, nodes, wrong):
    client = Client(token(f"shop{worker % WORKSPACES}"))
    addresses = [node.address for node in nodes]
    for pair in range(pairs):
        key = order_id(worker, pair)
        body = json.dumps({**ORDER, "id": key})
        order = addresses if pair % 2 == 0 else addresses[::-1]
        under_way = [client.send(address, "POST", "/pos/orders", body, {"Idempotency-Key": key}) for address in order]
        answers = []
        for connection in under_way:
            answers.append(client.receive(connection))
        statuses = [answer[0] for answer in answers]
        replayed = sorted(answer[1].get("Idempotency-Replayed", "") for answer in answers)
        if statuses != [201, 201] or answers[0][2] != answers[1][2] or replayed != ["", "true"]:
            wrong.append((key, statuses, replayed, [answer[2][:300] for answer in answers]))
            return


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    each = (pairs + WORKERS - 1) // WORKERS
    with Cluster() as cluster:
        primary = cluster.primary()
        with servers(cluster, primary.url(), 2) as nodes:
            wrong = []
            began = time.monotonic()
            workers = [threading.Thread(target=send_pairs, args=(i, each, nodes, wrong)) for i in range(WORKERS)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            took = time.monotonic() - began
            expect(not wrong, f"a pair was answered differently: {wrong[:1]}")
            count = 0
            for workspace in range(WORKSPACES):
                documents = {}
                follow_feed(Client(token(f"shop{workspace}")), nodes[workspace % 2].address, documents)
                expect_each_once(f"shop{workspace}", documents)
                count += len(documents)
            expect(count == each * WORKERS, f"{count} orders of {each * WORKERS} pairs")
            print(f"{each * WORKERS} pairs, one effect each, equal answers, {took:.1f} s")


if __name__ == "__main__":
    try:
        main()
    except (OSError, http.client.HTTPException) as error:
        expect(False, f"a server did not answer: {error}")
