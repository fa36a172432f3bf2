"""A replica that lags: nobody is shown its old documents, a server is not ready on it, and when it takes the primary's
place after all, what it lacks is offered again by the devices.

    python3 tests/postgres/replica_test.py
"""

import os

from cluster import Cluster
from outpost_node import OutpostNode, Till, expect, ready, servers, wait_until

BEFORE, AFTER = 20, 30


def alone(cluster, url):
    try:
        node = OutpostNode(url, os.path.join(cluster.folder.path, "alone.log"))
    except RuntimeError:
        return False
    node.stop()
    return True


def main():
    with Cluster() as cluster:
        primary = cluster.primary("a")
        standby = cluster.standby_of(primary, "b")
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = ''", database="postgres")
        primary.sql("SELECT pg_reload_conf()", database="postgres")
        url = f"postgresql://outpost@127.0.0.1:{standby.port},127.0.0.1:{primary.port}/outpost"
        with servers(cluster, url, 2) as (one, other):
            till = Till("till-1")
            till.make(BEFORE)
            till.push_all(one.address)
            standby.sql("SELECT pg_wal_replay_pause()", database="postgres")
            till.make(1)
            till.push_all(other.address)
            till.check(one.address)  # the replica stands first in the URL and does not have it
            expect(not alone(cluster, standby.url()), "a server started on a replica")
            expect(ready(one.address) == 200, "a server with its primary is not ready")

            standby.kill()
            till.make(AFTER)
            till.push_all(one.address)
            first_epoch = till.epoch
            primary.kill()
            wait_until(lambda: ready(one.address) == 503, "a server without a database says that it is ready")
            till.make(1)
            expect(till.push(one.address) in (200, 503, None), "no answer that a device understands")
            expect(len(till.acknowledged) == len(till.made) - 1, "acknowledged without a database")
            standby.start()
            standby.write("postgresql.auto.conf", "synchronous_standby_names = ''\n", "a")
            standby.promote()
            standby.sql("SELECT pg_reload_conf()", database="postgres")
            for node in (one, other):
                wait_until(lambda: ready(node.address) == 200, "a server is not ready on the new primary")
            till.push_all(one.address)
            expect(till.epoch != first_epoch, "what was acknowledged is gone and nobody was told")
            till.push_all(other.address)
            till.check(other.address)
            print(f"{len(till.made)} commands, {AFTER + 1} of them lost with the primary and offered again; "
                  f"{till.epochs} new epoch")


if __name__ == "__main__":
    main()
