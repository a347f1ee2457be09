"""Exit code and files of real runs: good, broken, invalid; alone and with workers."""

import csv
import os
import signal

import pytest

from tests.checks.waiting import until

from .places import LOADTESTS, Shop, verdict

pytestmark = pytest.mark.slow
FEW = ("--users", 4, "--spawn-rate", 4, "--pace", 20, "--run-time", "4s", "--stop-timeout", 20)
LENIENT = ("--reached-at-least", "1%", "--requests-at-least", 20)
"""The machine that runs this may be slow."""


def results(tmp_path):
    return ("--verdict", tmp_path / "results")


def test_with_two_workers_every_request_is_counted_once(tmp_path, locust):
    with Shop() as shop:
        host = ("--host", f"http://127.0.0.1:{shop.port}", "--processes", 2)
        outputs = ("--csv", tmp_path / "results", "--html", tmp_path / "results.html")
        run = locust(LOADTESTS / "steady.py", *host, *FEW, *LENIENT, *outputs, *results(tmp_path))
        assert run.ended() == 0, run.said()
        seen = verdict(tmp_path)
        assert seen["figures"]["requests"] == len(shop.asked) >= 20
    assert seen["outcome"] == "good" and seen["users"]["connections to 127.0.0.1"] == 4
    with (tmp_path / "results_stats.csv").open() as file:
        assert [row["Request Count"] for row in csv.DictReader(file)][-1] == str(seen["figures"]["requests"])
    with (tmp_path / "results.verdict.csv").open() as file:
        assert [row["limit"] for row in csv.DictReader(file)] == ["failed requests", "reached load"]
    assert "<h1" in (tmp_path / "results.verdict.html").read_text()


def test_limits_of_a_file_and_of_options_are_judged(tmp_path, locust):
    (tmp_path / "limits.yaml").write_text("failures_below: 50%\np95_below: 10m\n")
    with Shop() as shop:
        shop.status = 500
        host = ("--host", f"http://127.0.0.1:{shop.port}", "--limits", tmp_path / "limits.yaml")
        run = locust(LOADTESTS / "smoke.py", *host, *FEW, *LENIENT, *results(tmp_path), "--p50-below", "9m")
        assert run.ended() == 1, run.said()
    seen = verdict(tmp_path)
    assert seen["why"] == ["failed requests 100%, limit 50%"]
    assert [line["limit"] for line in seen["lines"][:3]] == ["50%", "9m", "10m"]


BUSY = """
from time import perf_counter
from locust import task
from loadtests.users import DnsFastUser

class Busy(DnsFastUser):
    @task
    def work(self):
        end = perf_counter() + 0.05
        while perf_counter() < end:
            pass
        self.client.get("/")
"""


def test_a_generator_without_a_core_to_spare_is_invalid_and_not_good(tmp_path, locust):
    (tmp_path / "busy.py").write_text(BUSY)
    with Shop() as shop:
        load = ("--users", 10, "--spawn-rate", 10, "--pace", 20, "--run-time", "5s", "--requests-at-least", 1)
        run = locust(tmp_path / "busy.py", "--host", f"http://127.0.0.1:{shop.port}", *load, *results(tmp_path))
        assert run.ended() == 2, run.said()
    assert "the load generator could not keep up" in verdict(tmp_path)["why"][0]


PLAIN = """
from locust import HttpUser, constant, task

class Plain(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
        {more}
"""


@pytest.mark.parametrize(
    ("more", "rate", "why"),
    [
        ("", 0.1, "only 1 of 50 users were started (--spawn-rate)"),
        ("1 / 0", 50, "the users' own code failed: division by zero"),
    ],
)
def test_a_team_s_own_locust_file_is_judged_when_ours_goes_along(tmp_path, locust, more, rate, why):
    (tmp_path / "plain.py").write_text(PLAIN.format(more=more))
    with Shop() as shop:
        load = ("--users", 50, "--spawn-rate", rate, "--run-time", "3s", "--requests-at-least", 1)
        host = ("--host", f"http://127.0.0.1:{shop.port}")
        run = locust([tmp_path / "plain.py", LOADTESTS / "judged.py"], *host, *load, *results(tmp_path))
        assert run.ended() == 2, run.said()
    assert why in verdict(tmp_path)["why"]


def test_a_lost_worker_makes_the_run_invalid(tmp_path, locust):
    with Shop() as shop:
        steady = LOADTESTS / "steady.py"
        port = free_port()
        ports = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
        load = ("--users", 4, "--spawn-rate", 4, "--pace", 20, "--run-time", "6s", *LENIENT)
        host = ("--host", f"http://127.0.0.1:{shop.port}")
        master = locust(steady, *host, *load, "--master", "--expect-workers", 2, *ports, *results(tmp_path))
        workers = [locust(steady, "--worker", "--master-host", "127.0.0.1", "--master-port", port) for _ in range(2)]
        until(lambda: len(shop.asked) > 10, 60)
        os.kill(workers[0].process.pid, signal.SIGKILL)
        assert master.ended() == 2, master.said()
    assert "1 of 2 workers were lost" in verdict(tmp_path)["why"]


def free_port():
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_users_who_wait_for_a_word_begin_with_it_and_not_before(tmp_path, locust):
    with Shop() as shop:
        host = ("--host", f"http://127.0.0.1:{shop.port}", "--upon-word")
        waiting, left = (locust(LOADTESTS / "steady.py", *host, *FEW, *LENIENT) for _ in range(2))
        left.tell("")
        assert left.ended() == 4, left.said()
        assert waiting.process.poll() is None and not shop.asked
        waiting.tell("begin")
        assert waiting.ended() == 0, waiting.said()
        assert len(shop.asked) >= 20
