"""How a server may reach its database: over TLS, named by a service file, with a password from its file, as a role that
may do nothing but use the one schema it was given.

    python3 tests/postgres/connect_test.py        (without openssl it says that it is skipped)
"""

import os
import shutil
import subprocess
import sys

from cluster import DATABASE, Cluster
from outpost_node import OutpostNode, Till, expect, ready

HOST = "database.test"
PLAIN = "plain"
PASSWORD = "not-for-command-lines"
SKIPPED = 77  # as test runners know it
# Over TLS alone, and not without the password.
ACCESS = f"""
local all super trust
hostssl {DATABASE} {PLAIN} 127.0.0.1/32 scram-sha-256
"""
SERVICES = """[outpost]
host={host}
hostaddr=127.0.0.1
port={port}
dbname={database}
user={user}
sslmode=verify-full
sslrootcert={authority}
"""


def certificate(folder, name):
    """Signed by itself; its path, beside that of its key."""
    made, key = os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", made],
                   check=True, capture_output=True)
    return made, key


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", opener=lambda file, flags: os.open(file, flags, 0o600)) as out:
        out.write(text)
    return path


def guard(primary):
    """TLS, a password, and a role that owns a schema and nothing else."""
    made, key = certificate(primary.folder.path, "database")
    for path, name in ((made, "server.crt"), (key, "server.key")):
        target = os.path.join(primary.data, name)
        shutil.copyfile(path, target)
        os.chmod(target, 0o600)
        primary.folder.own(target)
    primary.sql(f"CREATE ROLE {PLAIN} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION")
    primary.sql(f"CREATE SCHEMA outpost AUTHORIZATION {PLAIN}")
    expect(primary.sql(f"SELECT has_database_privilege('{PLAIN}', '{DATABASE}', 'CREATE')") == "f", "the role may make schemas")
    primary.sql("ALTER SYSTEM SET ssl = on")
    primary.write("pg_hba.conf", ACCESS)
    primary.sql("SELECT pg_reload_conf()")
    return made


def service_file(primary, name, authority, mode="verify-full"):
    text = SERVICES.format(host=HOST, port=primary.port, database=DATABASE, user=PLAIN, authority=authority)
    return write(primary.folder.path, name, text.replace("verify-full", mode))


def why_not(primary, url, settings):
    """What a server says that does not start."""
    try:
        node = OutpostNode(url, os.path.join(primary.folder.path, "refused.log"), settings)
    except RuntimeError as error:
        return str(error)
    node.stop()
    return None


def serves(primary, settings):
    node = OutpostNode("service=outpost", os.path.join(primary.folder.path, "node.log"), settings)
    try:
        till = Till("till-1")
        till.make(20)
        till.push_all(node.address)
        till.check(node.address)
        expect(ready(node.address) == 200, "a server on such a connection is not ready")
        used = primary.sql("SELECT count(*), bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                           f"WHERE usename = '{PLAIN}'")
        expect(used.endswith("|t") and not used.startswith("0|"), f"connections, all over TLS: {used}")
        with open(f"/proc/{node.process.pid}/cmdline", encoding="utf-8") as arguments:
            expect(PASSWORD not in arguments.read(), "the password stands in the process list")
    finally:
        node.stop()
    return used.split("|")[0]


def main():
    if shutil.which("openssl") is None:
        print("skipped: openssl is not installed")
        return SKIPPED
    with Cluster() as cluster:
        primary = cluster.primary()
        authority = guard(primary)
        passwords = write(cluster.folder.path, "passwords", f"{HOST}:{primary.port}:{DATABASE}:{PLAIN}:{PASSWORD}\n")
        known = {"PGSERVICEFILE": service_file(primary, "services", authority), "PGPASSFILE": passwords}
        connections = serves(primary, known)

        stranger, _ = certificate(cluster.folder.path, "stranger")
        said = why_not(primary, "service=outpost", {**known, "PGSERVICEFILE": service_file(primary, "wrong", stranger)})
        expect(said is not None and "certificate" in said, f"a database that cannot prove who it is: {said}")
        said = why_not(primary, "service=outpost",
                       {**known, "PGSERVICEFILE": service_file(primary, "plain", authority, "disable")})
        expect(said is not None and "pg_hba" in said, f"a connection in clear: {said}")
        said = why_not(primary, "service=nowhere", known)
        expect(said is not None and "nowhere" in said, f"a service nobody described: {said}")
        said = why_not(primary, "service=outpost", {"PGSERVICEFILE": known["PGSERVICEFILE"], "PGPASSFILE": os.devnull})
        expect(said is not None and "password" in said, f"no password: {said}")
        print(f"{connections} connections over TLS as a plain role; refused with the reason: another certificate, clear text, "
              "an unknown service, no password")
    return 0


if __name__ == "__main__":
    sys.exit(main())
