"""The server under load, beside the same work done the usual way (bench/baseline): S1 to S5 with their bars.

    bench/server.py --outpost build/outpost --load build/bench/bench/server_load --growth build/bench/bench/growth
                    [S1 S4 …] [--seconds 8] [--rounds 3] [--documents 1000000] [--minutes 15]

Ratios within one run decide; absolute figures are this machine's. Rounds alternate between the two servers, and the median
counts. At the end each bar in a line. Exit code 1 when a bar is missed, or when a part did not end within --minutes.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
COLLECTIONS = """
[collections.tasks]
scope = "room"
schema = { room = "text", title = "text", commit = "integer" }
"""


class Server:
    """A server process; `url` once it listens."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening on "):
            raise SystemExit(f"{command[0]} did not start: {line}")
        self.url = line.split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


PARTS = ("S1", "S2", "S3", "S4", "S5")
# What a first sync and growth hold on the disk at once: the store, its log, and a file of the same bytes.
BYTES_A_DOCUMENT = 2500


class OutOfTime(Exception):
    """The run's minutes are over."""


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.secret = {"OUTPOST_JWT_SECRET": secrets.token_hex(32), "OUTPOST_LOG_LEVEL": "error"}
        self.bars = []
        self.end = time.monotonic() + options.minutes * 60
        self.config = os.path.join(folder, "outpost.toml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(COLLECTIONS)
        token = subprocess.run([options.outpost, "token", "--data", folder, "--workspace", "bench", "--user", "anna"],
                               env={**os.environ, **self.secret}, capture_output=True, text=True, check=True)
        self.token = token.stdout.strip()

    @contextlib.contextmanager
    def outpost(self, data):
        server = Server([self.options.outpost, "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", self.config],
                        {**self.secret, "OUTPOST_LIMITS_CONNECTIONS": "20000"})
        try:
            yield server
        finally:
            server.stop()

    @contextlib.contextmanager
    def baseline(self, database, *static):
        server = Server(["node", os.path.join(HERE, "baseline", "server.mjs"), database, *static], self.secret)
        try:
            yield server
        finally:
            server.stop()

    def run(self, command, environment=None):
        """What a program prints; it is ended when the run's minutes are over."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        try:
            done = subprocess.run(command, text=True, capture_output=True, env={**os.environ, **(environment or {})},
                                  timeout=left, check=False)
        except subprocess.TimeoutExpired as late:
            raise OutOfTime from late
        if done.returncode != 0:
            raise SystemExit(f"{os.path.basename(command[0])} failed: {done.stderr}")
        return done.stdout

    def load(self, server, *arguments):
        command = [self.options.load, "--port", str(server.port), *map(str, arguments)]
        return json.loads(self.run(command, {"OUTPOST_TOKEN": self.token}))

    def need_disk(self):
        free = shutil.disk_usage(self.folder).free
        if free < self.options.documents * BYTES_A_DOCUMENT:
            raise SystemExit(f"{free / 1e9:.1f} GB are free, too few for {self.options.documents} documents: see --documents")

    def fresh(self, name):
        folder = os.path.join(self.folder, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        return folder

    def row(self, name, text, bar=None, held=None):
        verdict = "" if held is None else ("ok" if held else "MISSED")
        if held is not None:
            self.bars.append((name, text.strip(), bar, verdict))
        print(f"{name:34} {text:58} {bar or '':22} {verdict}", flush=True)

    # --- S1 and S2: writes ------------------------------------------------------------------------------------------

    def rates(self, *arguments):
        """Medians of orders per second and of the 99th percentile: (outpost, baseline)."""
        ours, theirs = [], []
        for _ in range(self.options.rounds):
            with self.outpost(self.fresh("outpost")) as server:
                ours.append(self.load(server, "orders", "--seconds", self.options.seconds, *arguments))
            with self.baseline(os.path.join(self.fresh("baseline"), "store.db")) as server:
                theirs.append(self.load(server, "orders", "--seconds", self.options.seconds, *arguments))
        median = lambda runs, name: statistics.median(run[name] for run in runs)
        return ({name: median(runs, name) for name in ("per_s", "answer_p50_ms", "answer_p99_ms", "answer_max_ms")}
                for runs in (ours, theirs))

    def show(self, name, figures):
        self.row(name, "{per_s:8.0f} orders/s   p50 {answer_p50_ms:.1f}  p99 {answer_p99_ms:.1f}  max {answer_max_ms:.0f} ms"
                 .format(**figures))

    def writes(self, which):
        ours, self.single = self.rates("--connections", 64)
        if "S1" in which:
            self.show("S1 outpost, single, 64 clients", ours)
            self.show("S1 baseline", self.single)
            ratio = ours["per_s"] / self.single["per_s"]
            self.row("S1 ratio", f"{ratio:8.1f}", "at least 5", ratio >= 5)
        if "S2" not in which:
            return
        for batch, clients in ((10, 16), (100, 8)):
            ours, theirs = self.rates("--connections", clients, "--batch", batch)
            self.show(f"S2 outpost, batches of {batch}", ours)
            self.show("S2 baseline, the same batches", theirs)
            own = ours["per_s"] / theirs["per_s"]
            single = ours["per_s"] / self.single["per_s"]
            self.row("S2 ratio to its batches", f"{own:8.1f}", "at least 2", own >= 2)
            self.row("S2 ratio to its single rate", f"{single:8.1f}", "at least 10", single >= 10)

    # --- S3: a first sync -------------------------------------------------------------------------------------------

    def pull(self):
        self.need_disk()
        data = self.fresh("pull")
        documents = self.options.documents
        self.run([self.options.growth, "--fill", os.path.join(data, "outpost.db"), "--documents", str(documents)])
        with self.outpost(data) as server:
            pulled = self.load(server, "pull", "--page", 10000)
        static = os.path.join(data, "static")
        with open(static, "wb") as file:
            line = b'{"seq":1,"collection":"orders","id":"' + b"x" * 260 + b'"}\n'
            left = int(pulled["bytes"])
            while left > 0:
                file.write((line * 4096)[:left])
                left -= len(line) * 4096
        with self.baseline(os.path.join(data, "baseline.db"), static) as server:
            start = time.monotonic()
            self.run(["curl", "-sS", "-o", os.devnull, f"{server.url}/static"])
            seconds = time.monotonic() - start
        self.row("S3 outpost, first sync by NDJSON", "{documents:.0f} documents, {mb_per_s:.0f} MB/s, {per_s:.0f} documents/s"
                 .format(**pulled))
        self.row("S3 curl, static file of the bytes", f"{pulled['bytes'] / seconds / 1e6:.0f} MB/s")
        self.row("S3 ratio", f"{pulled['bytes'] / pulled['seconds'] / (pulled['bytes'] / seconds):8.2f}")

    # --- S4: live streams -------------------------------------------------------------------------------------------

    def live(self):
        with self.outpost(self.fresh("live")) as server:
            found = self.load(server, "live", "--server-pid", server.process.pid, "--seconds", self.options.seconds)
        self.row("S4 memory, event stream", f"{found['kib_per_event_stream']:8.1f} KiB")
        self.row("S4 memory, WebSocket", f"{found['kib_per_websocket']:8.1f} KiB")
        largest = max(found["kib_per_connection"], found["kib_per_connection_under_load"]) * 1.024
        self.row("S4 memory, a connection", f"{largest:8.1f} KB (under load)", "under 20 KB", largest < 20)
        self.row("S4 commits", "{commits:.0f}, {deliveries:.0f} deliveries, {not_delivered:.0f} commits not delivered"
                 .format(**found), "all", found["not_delivered"] == 0)
        p99 = found["last_delivery_p99_ms"]
        self.row("S4 due to last delivery", "p50 {last_delivery_p50_ms:.1f}  p99 {last_delivery_p99_ms:.1f}  "
                 "max {last_delivery_max_ms:.0f} ms".format(**found), "p99 under 250 ms", p99 < 250)

    # --- S5: growth -------------------------------------------------------------------------------------------------

    def growth(self):
        self.need_disk()
        sizes = [size for size in (10_000, 1_000_000, 10_000_000) if size <= self.options.documents]
        printed = self.run([self.options.growth, "--folder", self.fresh("growth"), "--sizes", ",".join(map(str, sizes))])
        found = [json.loads(line) for line in printed.splitlines()]
        first = found[0]["us_per_command"]
        kind = lambda step: ", old snapshot" if step["snapshot"] else ", any order" if step["any"] else ""
        for step in found:
            ratio = step["us_per_command"] / first
            bar = () if step["any"] else ("under 1.5", ratio < 1.5)
            self.row(f"S5 {step['documents']:,} documents{kind(step)}",
                     f"{step['us_per_command']:8.1f} µs/command   {ratio:.2f} of the first", *bar)
        for step in (step for step in found if not step["any"]):
            self.row(f"S5 groups at {step['documents']:,}{kind(step)}",
                     "p50 {group_p50_ms:.1f}  p99 {group_p99_ms:.1f}  max {group_max_ms:.0f} ms, log {wal_mb:.0f} MB"
                     .format(**step), "p99 − p50 under 15 ms", step["group_p99_ms"] - step["group_p50_ms"] < 15)

    # --- all of it --------------------------------------------------------------------------------------------------

    def part(self, names, measure):
        """One part, and what it left on the disk gone; a part that runs out of time has missed its bars."""
        try:
            measure()
        except OutOfTime:
            self.row(" and ".join(sorted(names)), f"not ended within {self.options.minutes:g} minutes", "to end", False)
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)

    def summary(self):
        print("\nbars")
        for name, text, bar, verdict in self.bars:
            print(f"{verdict:6} {name:34} {text:58} {bar}")
        return all(verdict == "ok" for *_, verdict in self.bars)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("outpost", "load", "growth"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of S1 to S5; all when none is named")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--documents", type=int, default=1_000_000, help="for S3 and S5; 10,000,000 takes its time")
    parser.add_argument("--minutes", type=float, default=15, help="after which what is left is given up")
    options = parser.parse_args()
    which = set(options.parts or PARTS)
    if unknown := which - set(PARTS):
        parser.error("no such part: " + ", ".join(sorted(unknown)))
    # On a disk: a RAM disk would flatter every fsync.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=os.environ.get("OUTPOST_BENCH_DIR", ".")) as folder:
        bench = Bench(options, folder)
        writes = which & {"S1", "S2"}
        if writes:
            bench.part(writes, lambda: bench.writes(which))
        for name, measure in (("S3", bench.pull), ("S4", bench.live), ("S5", bench.growth)):
            if name in which:
                bench.part({name}, measure)
        held = bench.summary()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
