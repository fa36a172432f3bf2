"""Two servers, one job asked for on both at the same moment, again and again: it runs once each time, and both tell the
same of it.

    python3 tests/postgres/jobs_test.py [TIMES]
"""

import json
import sys

from cluster import Cluster
from outpost_node import Client, Till, expect, servers, token, wait_until

TIMES = 20
JOB = "purge"


def told(client, address):
    status, _, answer = client.ask(address, "GET", "/admin/jobs")
    expect(status == 200, f"jobs: {status}")
    return next(job for job in json.loads(answer)["items"] if job["name"] == JOB)


def main():
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    with Cluster() as cluster:
        primary = cluster.primary()
        with servers(cluster, primary.url(), 2) as (one, other):
            till = Till("till-1")
            till.make(10)
            till.push_all(one.address)
            client = Client(token("shop", "boss", ["admin"]))
            before = told(client, one.address)["runs"]
            for _ in range(times):
                runs = told(client, one.address)["runs"]
                asked = [client.send(node.address, "POST", f"/admin/jobs/{JOB}/run") for node in (one, other)]
                for connection in asked:
                    expect(client.receive(connection)[0] == 200, "the job was refused")
                wait_until(lambda: told(client, one.address)["runs"] > runs and
                           not any(told(client, node.address)["running"] for node in (one, other)), "the job does not end")
                now = [told(client, node.address) for node in (one, other)]
                expect(now[0] == now[1], f"the servers tell different things: {now}")
            ran = told(client, other.address)["runs"] - before
            # A server asked when the other's run had ended runs it once more: never more than asked, never less.
            expect(times <= ran <= 2 * times, f"{ran} runs of {times} pairs")
            till.check(other.address)
            print(f"asked for {times} times on both servers: {ran} runs, none side by side")


if __name__ == "__main__":
    main()
