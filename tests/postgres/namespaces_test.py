"""Cables pulled: a server cut from the database but not from its clients, and the reverse, each in a network namespace
of its own. No wrong answer, no acknowledged write lost, and ten seconds after healing the server takes writes again.

    python3 tests/postgres/namespaces_test.py        (as root; otherwise it says why it is skipped)
"""

import http.client
import json
import os
import subprocess
import sys
import time

from cluster import Cluster
from failover import Device, check
from outpost_node import Client, OutpostNode, expect, token

DEVICES = 8
CUT_S = 8
RECOVERY_S = 10
SKIPPED = 77  # as test runners know it


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, stderr=subprocess.PIPE)


class Network:
    """One namespace for the database and one per server; a cable from each server to the database, another to us."""

    def __init__(self, servers):
        self.prefix = f"op{os.getpid()}"
        self.names = []
        self.net = 100 + os.getpid() % 100  # 10.NET.x.y
        self.database = self.add("db")
        self.servers = [self.add(f"s{i}") for i in range(servers)]
        for i, server in enumerate(self.servers):
            self.cable(server, f"{self.prefix}d{i}", self.database, f"{self.prefix}e{i}", f"10.{self.net}.{i}")
            self.cable(server, f"{self.prefix}c{i}", None, f"{self.prefix}u{i}", f"10.{self.net}.{100 + i}")

    def add(self, name):
        name = f"{self.prefix}-{name}"
        ip("netns", "add", name)
        self.names.append(name)
        ip("-n", name, "link", "set", "lo", "up")
        return name

    def cable(self, near, near_end, far, far_end, net):
        ip("link", "add", near_end, "netns", near, "type", "veth", "peer", "name", far_end, *(["netns", far] if far else []))
        for name, end, host in ((near, near_end, 2), (far, far_end, 1)):
            inside = ["-n", name] if name else []
            ip(*inside, "addr", "add", f"{net}.{host}/24", "dev", end)
            ip(*inside, "link", "set", end, "up")

    def pull(self, server, end):
        """end: d to the database, c to the clients."""
        ip("-n", self.servers[server], "link", "set", f"{self.prefix}{end}{server}", "down")

    def plug(self, server, end):
        ip("-n", self.servers[server], "link", "set", f"{self.prefix}{end}{server}", "up")

    def remove(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


def ready(address):
    try:
        return Client("", timeout_s=9).ask(address, "GET", "/readyz")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def takes_writes_within(address, seconds, number):
    """Until a write is acknowledged; the seconds it took."""
    client = Client(token("healing"), timeout_s=3)
    began = time.monotonic()
    command = {"id": f"healing-{number}", "type": "ORDER_CREATE_V1",
               "payload": {"items": [{"sku": "tea", "name": "Tea", "quantity": 1, "unitPrice": 250}]}}
    while time.monotonic() - began < seconds:
        try:
            status, _, body = client.ask(address, "POST", "/sync/commands", {"commands": [command]})
            if status == 200 and json.loads(body)["results"][0]["status"] == "SUCCEEDED":
                return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    return None


def acknowledged(devices):
    return sum(len(device.acknowledged) for device in devices)


def cut(network, nodes, devices, end, number):
    before = acknowledged(devices)
    network.pull(0, end)
    time.sleep(CUT_S)
    expect(acknowledged(devices) > before, "the other server takes no writes while one is cut off")
    if end == "d":
        expect(not ready(nodes[0].address), "a server that is cut from the database says it is ready")
    network.plug(0, end)
    took = takes_writes_within(nodes[0].address, RECOVERY_S, number)
    expect(took is not None, f"{RECOVERY_S} s after healing the server takes no writes")
    print(f"cut from {'the database' if end == 'd' else 'its clients'}: {acknowledged(devices) - before} commands went on, "
          f"healed after {took:.1f} s", flush=True)


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def main():
    if os.geteuid() != 0:
        skip("network namespaces need root")
    try:
        network = Network(2)
    except (OSError, subprocess.CalledProcessError) as error:
        skip(f"no network namespaces here: {getattr(error, 'stderr', error)}")
    try:
        with Cluster() as cluster:
            primary = cluster.primary(namespace=network.database)
            nodes = []
            for i, server in enumerate(network.servers):
                url = f"postgresql://outpost@10.{network.net}.{i}.1:{primary.port}/outpost"
                nodes.append(OutpostNode(url, os.path.join(cluster.folder.path, f"node{i}.log"),
                                         listen=f"10.{network.net}.{100 + i}.2:18080",
                                         before=["ip", "netns", "exec", server], more=["--behind-proxy"]))
            try:
                devices = [Device(i, nodes, 1, timeout_s=4) for i in range(DEVICES)]
                for device in devices:
                    device.thread.start()
                time.sleep(2)
                cut(network, nodes, devices, "d", 1)
                cut(network, nodes, devices, "c", 2)
                for device in devices:
                    device.stop.set()
                for device in devices:
                    device.drained.wait(30)
                check(devices, nodes)
                print(f"{sum(device.n for device in devices)} commands, each exactly once")
            finally:
                for node in nodes:
                    node.stop()
    finally:
        network.remove()


if __name__ == "__main__":
    main()
