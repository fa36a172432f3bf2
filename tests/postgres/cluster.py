"""A private PostgreSQL for tests: its own folder, a unix socket in it and a free loopback port, fsync on, gone at the
end. Optionally a synchronous standby that can be promoted. Touches no cluster of the machine.

The server refuses to run as root; started by root it runs as `postgres` or `nobody`.
"""

import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 60
ROLE = "outpost"
DATABASE = "outpost"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{sockets}'
port = {port}
fsync = on
max_connections = 100
shared_buffers = 128MB
max_wal_size = 1GB
checkpoint_timeout = 15min
wal_level = replica
max_wal_senders = 8
wal_sender_timeout = 3s
wal_receiver_timeout = 3s
wal_retrieve_retry_interval = 200ms
hot_standby = on
autovacuum_naptime = 5s
log_min_messages = warning
logging_collector = off
"""
# Everybody who may enter the folder may use the socket; the network only as the plain role or for replication.
ACCESS = """
local all all trust
host {database} {role} 127.0.0.1/32 trust
host replication {role} 127.0.0.1/32 trust
"""


def binaries():
    """The folder of initdb and postgres, or None."""
    found = shutil.which("initdb")
    if found:
        return os.path.dirname(os.path.realpath(found))
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    return next((folder for folder in folders if os.path.exists(os.path.join(folder, "initdb"))), None)


def unprivileged():
    """The user whom the server runs as when root starts it; None: the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def free_port():
    """Below the ephemeral ports, so that no outgoing connection takes it meanwhile."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


class Folder:
    """A folder of the server's user, removed at the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="outpost-pg-")
        self.own(self.path)

    def own(self, path):
        user = unprivileged()
        if user:
            os.chown(path, user.pw_uid, user.pw_gid)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Node:
    """One PostgreSQL server."""

    def __init__(self, folder, name, namespace=None):
        self.namespace = namespace  # of the network, made by the caller; all of its addresses are then served
        self.bin = binaries()
        if self.bin is None:
            raise RuntimeError("PostgreSQL is not installed: ./dev setup test")
        self.name = name
        self.folder = folder
        self.data = os.path.join(folder.path, name)
        self.port = free_port()
        self.process = None
        self.log = open(os.path.join(folder.path, name + ".log"), "ab")

    def run(self, program, *arguments, **more):
        user = unprivileged()
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        command = [os.path.join(self.bin, program), *arguments]
        done = subprocess.run(command, cwd=self.folder.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=self.environment(), **as_user, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    @staticmethod
    def environment():
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C.UTF-8", "HOME": "/"}

    def write(self, file, text, mode="w"):
        path = os.path.join(self.data, file)
        with open(path, mode) as out:
            out.write(text)
        self.folder.own(path)

    def create(self):
        self.run("initdb", "-D", self.data, "-U", "super", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.configure()
        self.start()
        self.sql(f"CREATE ROLE {ROLE} LOGIN REPLICATION", database="postgres")
        self.sql(f"GRANT pg_monitor TO {ROLE}", database="postgres")
        self.sql(f"CREATE DATABASE {DATABASE} OWNER {ROLE}", database="postgres")

    def configure(self):
        self.write("postgresql.auto.conf", SETTINGS.format(sockets=self.folder.path, port=self.port), "a")
        access = ACCESS.format(database=DATABASE, role=ROLE)
        if self.namespace:
            self.write("postgresql.auto.conf", "listen_addresses = '*'\n", "a")
            access += f"host {DATABASE} {ROLE} samenet trust\n"
        self.write("pg_hba.conf", access)

    def start(self):
        user = unprivileged()
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        command = [os.path.join(self.bin, "postgres"), "-D", self.data]
        if self.namespace:  # only root enters one
            command = ["ip", "netns", "exec", self.namespace, "setpriv", f"--reuid={user.pw_uid}",
                       f"--regid={user.pw_gid}", "--clear-groups", *command]
            as_user = {}
        self.process = subprocess.Popen(command, cwd=self.folder.path,
                                        stdout=self.log, stderr=self.log, env=self.environment(),
                                        start_new_session=True, **as_user)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.sql("SELECT 1", database="postgres")
                return
            except RuntimeError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {self.tail()}")

    def tail(self):
        with open(self.log.name, "rb") as log:
            return log.read()[-3000:].decode(errors="replace")

    def sql(self, text, database=DATABASE, role="super"):
        """Over the socket; what psql prints, unaligned."""
        return self.run("psql", "-h", self.folder.path, "-p", str(self.port), "-U", role, "-d", database, "-X", "-A", "-t",
                        "-v", "ON_ERROR_STOP=1", "-c", text, timeout=PATIENCE_S).strip()

    def url(self):
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{DATABASE}"

    def socket_url(self):
        return f"host={self.folder.path} port={self.port} user={ROLE} dbname={DATABASE}"

    def become_standby_of(self, primary):
        """A synchronous standby, made anew whatever this one held before."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", ROLE, "-D", self.data, "-X", "stream",
                 "-c", "fast")
        self.configure()
        self.follow(primary)
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", database="postgres")
        primary.sql("SELECT pg_reload_conf()", database="postgres")
        deadline = time.monotonic() + PATIENCE_S
        while primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "postgres") != "1":
            if time.monotonic() > deadline:
                raise RuntimeError(f"the standby does not follow: {self.tail()}")
            time.sleep(0.1)

    def follow(self, primary):
        # Inert until it is promoted; then it, too, waits for a standby before it says that something is committed.
        self.write("postgresql.auto.conf",
                   f"synchronous_standby_names = '*'\nprimary_conninfo = 'host=127.0.0.1 port={primary.port} user={ROLE} application_name={self.name} "
                   f"connect_timeout=2'\n", "a")
        self.write("standby.signal", "")
        self.start()

    def promote(self):
        self.sql("SELECT pg_promote(true, 30)", database="postgres")

    def kill(self):
        """As a machine that goes away: the postmaster and its children, without a word to anybody."""
        if self.process is None or self.process.poll() is not None:
            return
        for pid in [*self.children(), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def children(self):
        """Read before the postmaster dies: afterwards they belong to somebody else."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [int(pid) for pid in children.read().split()]

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


class Cluster:
    """The nodes of one folder; use as a context manager."""

    def __init__(self):
        self.folder = Folder()
        self.nodes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def primary(self, name="primary", namespace=None):
        node = Node(self.folder, name, namespace)
        self.nodes.append(node)
        node.create()
        return node

    def standby_of(self, primary, name):
        node = Node(self.folder, name)
        self.nodes.append(node)
        node.become_standby_of(primary)
        return node

    def stop_nodes(self):
        while self.nodes:
            self.nodes.pop().stop()

    def stop(self):
        self.stop_nodes()
        self.folder.remove()
