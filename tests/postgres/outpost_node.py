"""Servers of the real program on one PostgreSQL, and a small client for them."""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import time

SECRET = "a-secret-for-tests-of-more-than-32-bytes"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
START_S = 30


def program():
    return os.environ.get("OUTPOST_BIN") or os.environ.get("OUTPOST_BUILT") or os.path.join(ROOT, "build", "outpost")


def token(workspace, user="ann", roles=("staff",)):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=")

    claims = {"sub": user, "ws": workspace, "roles": list(roles), "exp": 4102444800}
    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


class OutpostNode:
    """`outpost serve --postgres URL` as a process; its port stays the same over restarts."""

    def __init__(self, url, log, settings=None, listen="127.0.0.1:0", before=(), more=()):
        self.url = url
        self.log = open(log, "ab")
        self.settings = {"OUTPOST_JWT_SECRET": SECRET, "OUTPOST_LOG_LEVEL": "warn", **(settings or {})}
        self.before = list(before)  # e.g. a network namespace to run in
        self.more = list(more)
        self.address = listen
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*self.before, program(), "serve", "--listen", self.address, "--postgres", self.url, *self.more],
            stdout=subprocess.PIPE, stderr=self.log,
            env={**{k: v for k, v in os.environ.items() if not k.startswith(("OUTPOST_", "PG"))}, **self.settings})
        ready, _, _ = select.select([self.process.stdout], [], [], START_S)
        line = self.process.stdout.readline().decode() if ready else ""
        match = re.match(r"listening on http://(\S+)", line)
        if not match:
            self.kill()
            with open(self.log.name, "rb") as log:
                raise RuntimeError("the server did not start: " + log.read()[-2000:].decode(errors="replace"))
        self.address = match.group(1)

    def start_until_it_does(self, patience_s):
        """A database that is away, or without its standby, refuses the start."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self.start()
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()


@contextlib.contextmanager
def servers(cluster, url, count, settings=None):
    """So many servers on one database, stopped at the end."""
    started = []
    try:
        for i in range(count):
            started.append(OutpostNode(url, os.path.join(cluster.folder.path, f"node{i}.log"), settings))
        yield started
    finally:
        for node in started:
            node.stop()


class Client:
    """A connection to a node that is opened again when it broke. Answers (status, headers, body)."""

    def __init__(self, bearer, timeout_s=15):
        self.bearer = bearer
        self.timeout_s = timeout_s
        self.connections = {}

    def send(self, address, method, path, body=None, headers=None):
        """The first half of a request, so that two can be under way at once."""
        connection = self.connections.get(address)
        if connection is None:
            connection = http.client.HTTPConnection(address, timeout=self.timeout_s)
            self.connections[address] = connection
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        connection.request(method, path, text, {"Authorization": "Bearer " + self.bearer,
                                                **({"Content-Type": "application/json"} if text else {}),
                                                **(headers or {})})
        return connection

    @staticmethod
    def receive(connection):
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def ask(self, address, method, path, body=None, headers=None):
        try:
            return self.receive(self.send(address, method, path, body, headers))
        except (OSError, http.client.HTTPException):
            self.forget(address)
            raise

    def forget(self, address):
        connection = self.connections.pop(address, None)
        if connection is not None:
            connection.close()


def follow_feed(client, address, documents, cursor=None):
    """Pulls to the head; `documents` is brought up to date. Returns the cursor."""
    while True:
        query = "?limit=2000" + (f"&cursor={cursor}" if cursor else "")
        status, _, body = client.ask(address, "GET", "/sync/changes" + query)
        if status == 410:
            documents.clear()
            cursor = None
            continue
        if status != 200:
            raise ConnectionError(f"changes: {status} {body[:200]!r}")
        page = json.loads(body)
        for change in page["changes"]:
            key = (change["collection"], change["id"])
            if change["doc"] is None:
                documents.pop(key, None)
            else:
                documents[key] = (change["version"], change["seq"], json.dumps(change["doc"], sort_keys=True))
        cursor = page["cursor"]
        if not page["more"]:
            return cursor


class Till:
    """A device that keeps all it ever made and offers it again when the server's store was replaced."""

    def __init__(self, name, workspace="shop"):
        self.name = name
        self.client = Client(token(workspace))
        self.made = []
        self.acknowledged = set()
        self.epoch = None
        self.epochs = 0  # that it met after the first

    def make(self, count):
        for _ in range(count):
            n = len(self.made) + 1
            item = {"sku": "tea", "name": "Tea", "quantity": 1, "unitPrice": 250}
            self.made.append({"id": f"{self.name}.{n}", "n": n, "type": "ORDER_CREATE_V1",
                              "payload": {"id": f"{self.name}.{n}", "items": [item]}})

    def push(self, address):
        """Once; the HTTP status, or None when nobody answered. Anything but success or RETRY ends the test."""
        waiting = [command for command in self.made if command["id"] not in self.acknowledged]
        body = {"deviceId": self.name, "incarnation": "first", "commands": waiting,
                **({"epoch": self.epoch} if self.epoch else {})}
        try:
            status, _, answer = self.client.ask(address, "POST", "/sync/commands", body)
        except (OSError, http.client.HTTPException):
            return None
        if status == 409 and json.loads(answer)["code"] == "EPOCH_CHANGED":
            self.meet(json.loads(answer)["epoch"])
            return status
        expect(status in (200, 503), f"{self.name}: {status} {answer[:300]!r}")
        if status == 200:
            response = json.loads(answer)
            self.meet(response["epoch"])
            for result in response["results"]:
                expect(result["status"] in ("SUCCEEDED", "RETRY", "BLOCKED"), f"{result['id']}: {result}")
                if result["status"] == "SUCCEEDED":
                    self.acknowledged.add(result["id"])
        return status

    def meet(self, epoch):
        if self.epoch not in (None, epoch):
            self.acknowledged.clear()
            self.epochs += 1
        self.epoch = epoch

    def push_all(self, address, patience_s=30):
        deadline = time.monotonic() + patience_s
        while len(self.acknowledged) < len(self.made):
            self.push(address)
            expect(time.monotonic() < deadline, f"{self.name}: {len(self.made) - len(self.acknowledged)} commands wait")

    def check(self, address):
        """All it made is there once, under sequences without a gap."""
        documents = {}
        follow_feed(self.client, address, documents)
        expect({key[1] for key in documents} == {command["id"] for command in self.made},
               f"{len(documents)} orders of {len(self.made)}")
        expect_each_once(self.name, documents)


def expect_each_once(name, documents):
    """Of a workspace that only orders were created in: each at its first version, sequences from 1 without a gap."""
    expect(sorted(seq for _, seq, _ in documents.values()) == list(range(1, len(documents) + 1)),
           f"{name}: the sequence has gaps")
    expect(all(version == 1 for version, _, _ in documents.values()), f"{name}: an order was made twice")


def ready(address):
    """What /readyz says."""
    client = Client("")
    try:
        return client.ask(address, "GET", "/readyz")[0]
    except (OSError, http.client.HTTPException):
        return None


def wait_until(condition, message, patience_s=30):
    deadline = time.monotonic() + patience_s
    while not condition():
        expect(time.monotonic() < deadline, message)
        time.sleep(0.05)


def expect(condition, message):
    if not condition:
        print("FAILED: " + message, flush=True)
        sys.exit(1)
