"""PgBouncer before the database. In transaction mode the server says why it does not start; in session mode it works.

    python3 tests/postgres/pooler_test.py        (without pgbouncer it says that it is skipped)
"""

import os
import shutil
import socket
import subprocess
import sys

from cluster import DATABASE, ROLE, Cluster, free_port, unprivileged
from outpost_node import OutpostNode, Till, expect, servers, wait_until

START_S = 10
SKIPPED = 77  # as test runners know it
SETTINGS = """[databases]
{database} = host=127.0.0.1 port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = extra_float_digits
pidfile = {folder}/pgbouncer-{mode}.pid
logfile = {folder}/pgbouncer-{mode}.log
"""


class Pooler:
    def __init__(self, cluster, primary, mode):
        self.folder = cluster.folder.path
        self.port = free_port()
        settings = os.path.join(self.folder, f"pgbouncer-{mode}.ini")
        with open(settings, "w", encoding="utf-8") as out:
            # "any": whoever comes is the one user that is named here.
            text = SETTINGS.format(database=DATABASE, port=primary.port, listen=self.port, mode=mode, folder=self.folder)
            out.write(text.replace(f"port={primary.port}\n", f"port={primary.port} user={ROLE}\n"))
        cluster.folder.own(settings)
        user = unprivileged()
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        # Where the user it runs as may reach it, too.
        copy = shutil.copy(program(), self.folder)
        cluster.folder.own(copy)
        self.process = subprocess.Popen([copy, "-q", settings], **as_user)

    def url(self):
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{DATABASE}"

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        wait_until(lambda: self.process.poll() is not None or self.listens(), "pgbouncer does not listen", START_S)
        expect(self.process.poll() is None, "pgbouncer did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(START_S)


def program():
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def why_not(cluster, url):
    """What the server says when it does not start."""
    try:
        node = OutpostNode(url, os.path.join(cluster.folder.path, "pooled.log"))
    except RuntimeError as error:
        return str(error)
    node.stop()
    return None


def main():
    if program() is None:
        print("skipped: pgbouncer is not installed")
        return SKIPPED
    with Cluster() as cluster:
        primary = cluster.primary()
        for attempt in range(3):  # on an empty database, then on one that has the tables
            with Pooler(cluster, primary, "transaction") as pooler:
                said = why_not(cluster, pooler.url())
            expect(said is not None, "the server started behind a pooler in transaction mode")
            expect("pooler in transaction mode" in said, f"not what is wrong: {said}")
            if attempt == 0:
                with servers(cluster, primary.url(), 1):
                    pass
        with Pooler(cluster, primary, "session") as pooler, servers(cluster, pooler.url(), 2) as (one, other):
            till = Till("till-1")
            till.make(50)
            till.push_all(one.address)
            till.check(other.address)
        print("transaction mode: refused, saying why; session mode: works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
