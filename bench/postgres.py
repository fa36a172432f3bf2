"""The server on PostgreSQL under load, beside fastify + pg (one transaction per request, the usual idempotency table), raw
inserts of the same bytes and pgbench -N, all against one private PostgreSQL in one run.

    bench/postgres.py --outpost build/outpost --load build/bench/bench/server_load
                      --store build/bench/bench/postgres_store [--seconds 8] [--rounds 2]
                      [S1] [S2] [W4] [fresh] [store] [scale] [size] [pgbench]

Ratios within the run decide; absolute figures are this machine's. The bars stand together at the end; exit code 1 when
one is missed. All parts together take about ten minutes, each ends by itself. `scale` prints, beside each rate, the processor
time of a command, that of the database's processes + that of the servers', and the cores they took.
"""

import argparse
import collections
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests", "postgres"))
from cluster import Cluster  # noqa: E402
from outpost_node import SECRET, Client, OutpostNode, token  # noqa: E402

BATCH = 100
CLIENTS = 8  # that send batches
DELIVERIES = 400
SERVERS, WORKSPACES = (1, 2, 3), (1, 2, 8)  # of the table of how far one primary goes
SETTINGS = {"OUTPOST_LOG_LEVEL": "error"}
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARTS = ["W4", "S1", "S2", "fresh", "store", "scale", "size", "pgbench"]


def processor_seconds(pid):
    """Of a process and of its children that have ended; 0 when it is gone itself."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            times = stat.read().rsplit(")", 1)[1].split()[11:15]
    except FileNotFoundError:
        return 0
    return sum(int(time) for time in times) * TICK_S


Rate = collections.namedtuple("Rate", "per_s database_us servers_us")  # processor time of one command


class Bench:
    def __init__(self, options, cluster, primary):
        self.options, self.cluster, self.primary = options, cluster, primary
        self.schemas = 0
        self.bars = []
        self.bytes = None  # of a command's document and outcome

    def row(self, name, text, bar="", held=None):
        verdict = "" if held is None else ("ok" if held else "MISSED")
        line = f"{name:38} {text:52} {bar:22} {verdict}"
        if held is not None:
            self.bars.append((held, line))
        print(line, flush=True)

    def summary(self):
        """0 when every bar was held."""
        if self.bars:
            print("\nbars")
        for _, line in self.bars:
            print(line)
        return 0 if all(held for held, _ in self.bars) else 1

    def fresh_schema(self):
        self.schemas += 1
        return f"bench{self.schemas}"

    @contextlib.contextmanager
    def nodes(self, count=1, schema=None, **settings):
        schema = schema or self.fresh_schema()
        started = []
        try:
            for i in range(count):
                log = os.path.join(self.cluster.folder.path, f"{schema}-{i}.log")
                started.append(OutpostNode(self.primary.url(), log, {**SETTINGS, "OUTPOST_POSTGRES_SCHEMA": schema, **settings}))
            yield started
        finally:
            for node in started:
                node.stop()

    def start_load(self, address, workspace, *arguments):
        return subprocess.Popen([self.options.load, "--port", address.rsplit(":", 1)[1], "orders", "--seconds",
                                 str(self.options.seconds), *map(str, arguments)], stdout=subprocess.PIPE,
                                env={**os.environ, "OUTPOST_TOKEN": token(workspace, "anna")}, text=True)

    @staticmethod
    def result(process):
        out, _ = process.communicate()
        if process.returncode != 0:
            raise SystemExit("the load failed")
        return json.loads(out)

    def load(self, address, workspace, *arguments):
        return self.result(self.start_load(address, workspace, *arguments))

    @contextlib.contextmanager
    def processor_time(self, nodes=()):
        """What the database and the servers take of it meanwhile, in seconds."""
        postmaster = self.primary.process.pid

        def now():
            database = sum(processor_seconds(pid) for pid in [postmaster, *self.primary.children()])
            return database, sum(processor_seconds(node.process.pid) for node in nodes)

        before, used = now(), {}
        yield used
        used["database"], used["servers"] = (after - earlier for after, earlier in zip(now(), before))

    def median(self, measure):
        return statistics.median(measure() for _ in range(self.options.rounds))

    # --- one order a request ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def baseline(self):
        server = subprocess.Popen(["node", os.path.join(HERE, "baseline", "postgres.mjs"), self.primary.url()],
                                  stdout=subprocess.PIPE, text=True, env={**os.environ, "OUTPOST_JWT_SECRET": SECRET})
        try:
            match = re.match(r"listening on http://(\S+)", server.stdout.readline())
            if not match:
                raise SystemExit("the baseline did not start: npm ci in bench/baseline")
            yield match.group(1)
        finally:
            server.terminate()
            server.wait()

    def single(self):
        def ours():
            with self.nodes() as (node,):
                return self.load(node.address, "bench", "--connections", 64)["per_s"]

        def theirs():
            with self.baseline() as address:
                return self.load(address, "bench", "--connections", 64)["per_s"]

        ours, theirs = self.median(ours), self.median(theirs)
        self.row("S1 outpost, one workspace, 64 clients", f"{ours:8.0f} orders/s")
        self.row("S1 fastify + pg", f"{theirs:8.0f} orders/s")
        self.row("S1 ratio", f"{ours / theirs:8.1f}", "at least 10", ours / theirs >= 10)

    # --- batches ----------------------------------------------------------------------------------------------------

    def batched(self, servers, workspaces):
        """The clients' rate, each of them in one workspace at one server, both by turns."""
        places = collections.Counter(((i // workspaces + i % workspaces) % servers, i % workspaces) for i in range(CLIENTS))
        with self.nodes(servers) as nodes, self.processor_time(nodes) as used:
            loads = [self.start_load(nodes[server].address, f"shop{workspace}", "--connections", clients, "--batch", BATCH)
                     for (server, workspace), clients in places.items()]
            per_s = sum(self.result(load)["per_s"] for load in loads)
        return self.with_processor_time(per_s, used)

    def with_processor_time(self, per_s, used):
        commands = max(1, per_s * self.options.seconds)
        return Rate(per_s, used["database"] / commands * 1e6, used["servers"] / commands * 1e6)

    def batches(self):
        def ours_in(workspaces):
            return self.median(lambda: self.batched(1, workspaces).per_s)

        one, ours, raw = ours_in(1), ours_in(CLIENTS), self.median(self.raw_inserts)
        self.row(f"S2 outpost, batches of {BATCH}, one workspace", f"{one:8.0f} commands/s")
        self.row(f"S2 outpost, batches of {BATCH}, {CLIENTS} workspaces", f"{ours:8.0f} commands/s")
        self.row("S2 raw set-based inserts, the same bytes", f"{raw:8.0f} commands/s")
        held = ours >= 30000 or ours >= 0.6 * raw
        self.row("S2 to raw inserts", f"{ours / raw:8.2f} (one workspace {one / raw:.2f})", "30000/s or 0.6 of raw", held)

    def raw_inserts(self):
        """What a command leaves behind, as rows of the same size and keys, by two clients that do nothing else."""
        schema = f"raw{self.schemas}"
        self.schemas += 1
        document, outcome = self.bytes_of_a_command()
        self.primary.sql(f"""CREATE SCHEMA {schema};
            CREATE TABLE {schema}.document(workspace bigint, id text COLLATE "C", seq bigint, body text, PRIMARY KEY(workspace, id));
            CREATE INDEX ON {schema}.document(workspace, seq);
            CREATE TABLE {schema}.outcome(workspace bigint, id text COLLATE "C", fingerprint bytea, body text,
                                          PRIMARY KEY(workspace, id));
            CREATE SEQUENCE {schema}.numbers""", role="outpost")
        script = os.path.join(self.cluster.folder.path, "raw.sql")
        with open(script, "w", encoding="utf-8") as out:
            rows = f"generate_series(1, {BATCH})"
            identity = f"lpad((:batch * {BATCH} + n)::text, 26, '0')"
            out.write(f"SELECT nextval('{schema}.numbers') AS batch \\gset\nBEGIN;\n"
                      f"INSERT INTO {schema}.document SELECT 1, {identity}, :batch * {BATCH} + n, repeat('x', {document}) "
                      f"FROM {rows} n;\n"
                      f"INSERT INTO {schema}.outcome SELECT 1, {identity}, decode(repeat('00', 32), 'hex'), "
                      f"repeat('x', {outcome}) FROM {rows} n;\nCOMMIT;\n")
        os.chmod(script, 0o644)
        return self.pgbench("-f", script, "-c", "2", "-j", "1") * BATCH

    def bytes_of_a_command(self):
        if self.bytes is None:
            schema = self.fresh_schema()
            self.store(schema, writers=1)
            average = "(SELECT avg(length(body))::int FROM (SELECT body FROM {}.{} LIMIT 1000) AS sample)".format
            sizes = self.primary.sql(f"SELECT {average(schema, 'document')}, {average(schema, 'outcome')}")
            self.bytes = [int(size) for size in sizes.split("|")]
        return self.bytes

    def pgbench(self, *arguments):
        out = self.primary.run("pgbench", "-n", "-h", self.cluster.folder.path, "-p", str(self.primary.port), "-U", "outpost",
                               "-T", str(int(self.options.seconds)), *arguments, "outpost")
        return float(re.search(r"tps = ([\d.]+) \(without", out).group(1))

    def pgbench_n(self):
        self.primary.run("pgbench", "-i", "-q", "-s", "10", "-h", self.cluster.folder.path, "-p", str(self.primary.port), "-U",
                         "outpost", "outpost")
        for clients in (1, 8, 64):
            self.row(f"pgbench -N, {clients} clients", f"{self.pgbench('-N', '-c', str(clients), '-j', '2'):8.0f} transactions/s")

    # --- from a commit on one server to a stream of another -----------------------------------------------------------

    def delivery(self):
        with self.nodes(2) as (one, other):
            arrived, news = {}, threading.Condition()

            def listen():
                stream = http.client.HTTPConnection(other.address, timeout=60)
                stream.request("GET", "/sync/live", headers={"Authorization": "Bearer " + token("bench", "anna")})
                answer = stream.getresponse()
                with news:
                    arrived["open"] = time.monotonic()
                    news.notify()
                while len(arrived) <= DELIVERIES:
                    line = answer.readline()
                    if line.startswith(b"data:"):
                        now = time.monotonic()
                        with news:
                            for change in json.loads(line[5:])["changes"]:
                                arrived[change["id"]] = now
                            news.notify()

            threading.Thread(target=listen, daemon=True).start()
            with news:
                news.wait_for(lambda: "open" in arrived, 10)
            client, waits = Client(token("bench", "anna")), []
            for n in range(DELIVERIES):
                order = {"id": f"order-{n}", "items": [{"sku": "tea", "name": "Tea", "quantity": 1, "unitPrice": 250}]}
                status, _, _ = client.ask(one.address, "POST", "/pos/orders", order, {"Idempotency-Key": f"key-{n}"})
                committed = time.monotonic()
                assert status == 201
                with news:
                    if not news.wait_for(lambda: f"order-{n}" in arrived, 5):
                        raise SystemExit("a commit was not delivered")
                waits.append(max(0, arrived[f"order-{n}"] - committed) * 1000)
                time.sleep(0.025)  # a message of its own, not one of several
            waits.sort()
            p99 = waits[int(len(waits) * 0.99)]
            self.row("W4 commit on A to stream of B", f"p50 {statistics.median(waits):.1f}  p99 {p99:.1f}  max {waits[-1]:.1f} ms",
                     "p99 under 25 ms", p99 < 25)

    # --- a new database, whose statistics know nothing ------------------------------------------------------------------

    def fresh(self):
        def batches(schema):
            with self.nodes(schema=schema) as (node,):
                return self.load(node.address, "bench", "--connections", 8, "--batch", BATCH)["per_s"]

        new, filled = [], []
        for _ in range(self.options.rounds):
            schema = self.fresh_schema()
            new.append(batches(schema))
            self.primary.sql("ANALYZE")
            filled.append(batches(schema))
        new, filled = statistics.median(new), statistics.median(filled)
        self.row("new database", f"{new:8.0f} commands/s")
        self.row("filled and analysed", f"{filled:8.0f} commands/s")
        self.row("new to filled", f"{new / filled:8.2f}", "at least 0.8", new / filled >= 0.8)

    # --- how far one primary goes ---------------------------------------------------------------------------------------

    def scale(self):
        """The table of docs/scaling.md: one workspace is a very hot one; the raw inserts are what the database could do."""
        self.bytes_of_a_command()
        with self.processor_time() as used:
            per_s = self.raw_inserts()
        self.scale_row("raw set-based inserts, the same bytes", self.with_processor_time(per_s, used))
        for servers in SERVERS:
            for workspaces in WORKSPACES:
                found = [self.batched(servers, workspaces) for _ in range(self.options.rounds)]
                self.scale_row(f"servers {servers}, workspaces {workspaces}", Rate(*(statistics.median(f) for f in zip(*found))))

    def scale_row(self, name, rate):
        database, servers = (rate.per_s * us / 1e6 for us in rate[1:])
        self.row(name, f"{rate.per_s:8.0f} commands/s, {rate.database_us:4.0f} + {rate.servers_us:3.0f} us each, "
                 f"{database:.2f} + {servers:.2f} cores")

    def store(self, schema, **more):
        arguments = [f"--{name}={value}" for name, value in more.items()]
        run = subprocess.run([self.options.store, "--url", self.primary.socket_url(), "--schema", schema, "--seconds",
                              str(self.options.seconds), *arguments], capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    def without_http(self):
        """The command service alone, so that the database is what is measured."""
        raw = self.median(self.raw_inserts)
        self.row("raw set-based inserts, the same bytes", f"{raw:8.0f} commands/s")
        for writers, workspaces in ((1, 1), (2, 1), (2, 2), (2, 8), (4, 8)):
            found = self.store(self.fresh_schema(), writers=writers, workspaces=workspaces)
            self.row(f"service, {writers} writers, {workspaces} workspaces", f"{found['per_s']:8.0f} commands/s, "
                     f"{found['per_s'] / raw:.2f} of raw, {found['round_trips']} round trips a group")
        schema = self.fresh_schema()
        new = self.store(schema, writers=1)["per_s"]
        self.primary.sql("ANALYZE")
        filled = self.store(schema, writers=1)["per_s"]
        self.row("service, new database to filled", f"{new / filled:8.2f}", "at least 0.8", new / filled >= 0.8)

    def size(self):
        schema = self.fresh_schema()
        self.store(schema, writers=1)
        rows = int(self.primary.sql(f"SELECT count(*) FROM {schema}.command"))
        sizes = self.primary.sql(f"""SELECT relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
            JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '{schema}' AND relkind = 'r'
            AND relname IN ('document', 'command', 'outcome', 'internal') ORDER BY 1""")
        total = 0
        for line in sizes.splitlines():
            name, table, indexes = line.split("|")
            total += int(table) + int(indexes)
            self.row(f"size of {name}", f"{int(table) / rows:6.0f} B/command, indexes {int(indexes) / rows:6.0f}")
        self.row("size of a million commands", f"{total / rows * 1e6 / 1e9:6.2f} GB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outpost", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    os.environ["OUTPOST_BIN"] = options.outpost
    with Cluster() as cluster:
        bench = Bench(options, cluster, cluster.primary())
        parts = {"S1": bench.single, "S2": bench.batches, "W4": bench.delivery, "fresh": bench.fresh, "scale": bench.scale,
                 "size": bench.size, "store": bench.without_http, "pgbench": bench.pgbench_n}
        for name in options.parts or PARTS:
            parts[name]()
        return bench.summary()


if __name__ == "__main__":
    sys.exit(main())
