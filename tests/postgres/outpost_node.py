"""Servers of the real program on one PostgreSQL, and a small client for them."""

import base64
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


def expect(condition, message):
    if not condition:
        print("FAILED: " + message, flush=True)
        sys.exit(1)
