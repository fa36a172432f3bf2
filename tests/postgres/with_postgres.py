"""Runs a command with a private PostgreSQL: OUTPOST_TEST_POSTGRES is the URL of an empty database in it.

    python3 tests/postgres/with_postgres.py COMMAND…
"""

import os
import signal
import subprocess
import sys

from cluster import Cluster


def main():
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server goes away with us
    with Cluster() as cluster:
        node = cluster.primary()
        environment = {**os.environ, "OUTPOST_TEST_POSTGRES": node.url(), "OUTPOST_TEST_POSTGRES_SOCKET": node.socket_url()}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
