"""The loopback stage: how soon it serves its first request, and how many DNS answers it gives."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure

QUESTIONS = 3_000


def figures() -> Iterator[Figure]:
    yield Figure("bluegreen drill, from start to first request", _first_request(), "s", "under 5 s")
    yield Figure("DNS answers of the stage, one server", _answers(), "answers/s")


def _first_request() -> float:
    """The first sample that counts a request, less the length of that sample's look: no later than it says."""
    command = [str(Path(sys.executable).with_name("bluegreen")), "drill", "stage/drills/shop.rollout.yaml"]
    with tempfile.TemporaryDirectory() as room:
        began = time.perf_counter()
        drill = subprocess.Popen(
            [*command, "--pace", "20", "--reports", room], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not _served(Path(room)) and drill.poll() is None:
                time.sleep(0.02)
            return time.perf_counter() - began
        finally:
            drill.send_signal(signal.SIGINT)
            drill.wait()


def _served(room: Path) -> bool:
    for trace in room.glob("*/drill.trace.jsonl"):
        lines = [line for line in trace.read_text().splitlines() if line.endswith("}")]
        return any(json.loads(line).get("demand", 0) > 0 for line in lines)
    return False


def _answers() -> float:
    from dnslib import DNSRecord

    from sim.cloud.records import Zone
    from stage.dns import Resolver, serve

    records = [
        {"Name": "www.example.com", "Type": "CNAME", "TTL": 60, "SetIdentifier": slot, "Weight": 50}
        | {"ResourceRecords": [{"Value": f"{slot}.elb.amazonaws.com"}]}
        for slot in ("blue", "green")
    ]
    zone = Zone("example.com", records)
    resolver = Resolver(
        lambda name: zone if name.endswith("example.com") else None,
        {f"{slot}.elb.amazonaws.com": ("127.0.0.1", True) for slot in ("blue", "green")}.get,
        lambda: 0.3,
        lambda seconds: seconds,
    )
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.bind(("127.0.0.1", 0))
        port = 40_000 + os.getpid() % 10_000
        servers = serve(resolver, "127.0.0.1", port)
        question = DNSRecord.question("www.example.com").pack()
        began = time.perf_counter()
        for _ in range(QUESTIONS):
            asking.sendto(question, ("127.0.0.1", port))
            asking.recv(512)
        taken = time.perf_counter() - began
        for server in servers:
            server.stop()
            server.server.server_close()
    return QUESTIONS / taken
