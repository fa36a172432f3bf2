"""A database put back to an older backup with every server stopped: `outpost restore --postgres` gives it another epoch,
so that devices offer again what came after the backup, and nothing counts twice.

    python3 tests/postgres/restore_test.py
"""

import os
import shutil
import subprocess

from cluster import ROLE, Cluster
from outpost_node import Till, expect, program, servers

BEFORE, AFTER = 20, 30


def declare_restored(url):
    done = subprocess.run([program(), "restore", "--postgres", url], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"outpost restore: {done.stderr}")
    return done.stdout


def main():
    with Cluster() as cluster:
        primary = cluster.primary()
        backup = os.path.join(cluster.folder.path, "backup")
        till = Till("till-1")
        with servers(cluster, primary.url(), 1) as (node,):
            till.make(BEFORE)
            till.push_all(node.address)
            primary.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", ROLE, "-D", backup, "-X",
                        "stream", "-c", "fast")
            till.make(AFTER)
            till.push_all(node.address)
        primary.kill()
        shutil.rmtree(primary.data)
        os.rename(backup, primary.data)
        primary.start()
        old = till.epoch
        said = declare_restored(primary.url())
        expect(old not in said, "the epoch is the same")
        with servers(cluster, primary.url(), 1) as (node,):
            expect(till.push(node.address) in (200, 409), "no answer that a device understands")
            till.push_all(node.address)
            expect(till.epoch != old and till.epoch in said, "the device was not told of the new epoch")
            till.check(node.address)
        print(f"{len(till.made)} commands, {AFTER} of them put back and offered again")


if __name__ == "__main__":
    main()
