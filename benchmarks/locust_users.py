"""Requests that one locust process makes in a second of processor time, by class of user: ours beside locust's own.

The server answers from another process as fast as it can, over connections that are kept. Processor time counts, not
the time on the wall: what others do on the machine matters little.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figure import Figure

ROUNDS, LASTS, USERS = 3, 4, 20
KINDS = ("FastHttpUser", "DnsFastUser", "HttpUser", "DnsUser")
SERVER = """
import asyncio
class Answer(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok" * data.count(b"\\r\\n\\r\\n"))
async def serve():
    server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(serve())
"""
FILE = """
from time import process_time
from locust import FastHttpUser, HttpUser, events, task
from loadtests.users import DnsFastUser, DnsUser

def hitting(base):
    def hit(self):
        self.client.get("/")
    return type("Bench" + base.__name__, (base,), {"hit": task(hit), "wait_time": lambda self: 0, "tasks": [hit]})

BenchFastHttpUser, BenchHttpUser = hitting(FastHttpUser), hitting(HttpUser)
BenchDnsFastUser, BenchDnsUser = hitting(DnsFastUser), hitting(DnsUser)
seen = {}

@events.test_stopping.add_listener
def end(environment, **_):
    made = environment.stats.total.num_requests - seen["requests"]
    print("FIGURE", made / (process_time() - seen["used"]), flush=True)

@events.init.add_listener
def watched(environment, **_):
    @environment.events.spawning_complete.add_listener
    def begin(**_):
        seen.update(used=process_time(), requests=environment.stats.total.num_requests)
"""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as room, _server() as port:
        file = Path(room) / "bench.py"
        file.write_text(FILE)
        rounds = [{kind: _rate(file, kind, port) for kind in KINDS} for _ in range(ROUNDS)]
    best = {kind: max(each[kind] for each in rounds) for kind in KINDS}
    for kind in KINDS:
        yield Figure(f"locust, {kind}: requests", best[kind], "in a second of one core")
    goal = "at least 0.9"
    yield Figure("locust, DnsFastUser beside FastHttpUser", best["DnsFastUser"] / best["FastHttpUser"], "times", goal)
    yield Figure("locust, DnsUser beside HttpUser", best["DnsUser"] / best["HttpUser"], "times", goal)


@contextmanager
def _server() -> Iterator[str]:
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


def _rate(file: Path, kind: str, port: str) -> float:
    line = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--only-summary", f"Bench{kind}"]
    load = ["--users", str(USERS), "--spawn-rate", "1000", "--run-time", f"{LASTS}s", "--stop-timeout", "5"]
    whole = [*line, *load, "--host", f"http://localhost:{port}"]
    done = subprocess.run(whole, check=False, capture_output=True, text=True)  # its exit code is a verdict
    (figure,) = (row for row in done.stdout.splitlines() if row.startswith("FIGURE"))
    return float(figure.partition(" ")[2])
