"""Nothing inside a simulated run reaches the real world unseen; everything outside of it goes on as ever."""

import datetime as dt
import logging
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path
from timeit import repeat

import boto3
import numpy as np
import pytest
import simpy

from bluegreen.clock import SystemClock
from sim.clock import EPOCH
from sim.cloud.moto import switched_on
from sim.cloud.traveller import travelling
from sim.demand import Demand
from sim.draws import generator
from sim.escape import Escaped, unwatched, watching
from sim.rehearsal import rehearse
from sim.scenario import find_scenario
from sim.tiers import Tier

NOBODY = ("127.0.0.1", 1)


def connect():
    with socket.socket() as real:
        real.connect_ex(NOBODY)


def bind():
    with socket.socket() as real:
        real.bind(("127.0.0.1", 0))


def send():
    with socket.socket(type=socket.SOCK_DGRAM) as real:
        real.sendto(b"", NOBODY)


def reseed():
    random.Random(1).seed()


ESCAPES = {
    "sleeping": lambda: time.sleep(0),
    "the system clock's sleep": lambda: SystemClock().sleep(dt.timedelta(0)),
    "time.time": time.time,
    "time.time_ns": time.time_ns,
    "time.gmtime": time.gmtime,
    "time.strftime": lambda: time.strftime("%Y"),
    "datetime.now": lambda: datetime.now(),  # noqa: DTZ005, PLW0108
    "datetime.now of a zone": lambda: datetime.now(UTC),
    "date.today": lambda: date.today(),  # noqa: DTZ011, PLW0108
    "the system clock": lambda: SystemClock().now(),
    "time.monotonic": time.monotonic,
    "time.perf_counter": time.perf_counter,
    "a connection": connect,
    "a listening place": bind,
    "a datagram": send,
    "create_connection": lambda: socket.create_connection(NOBODY, timeout=0.1),
    "a name": lambda: socket.getaddrinfo("localhost", 80),
    "a thread": lambda: threading.Thread(target=int).start(),
    "random.random": random.random,
    "random.choice": lambda: random.choice([1]),
    "random.shuffle": lambda: random.shuffle([1]),
    "a Random without a seed": random.Random,
    "a Random seeded anew with nothing": reseed,
    "random.seed of nothing": random.seed,
    "SystemRandom": lambda: random.SystemRandom().random(),
    "os.urandom": lambda: os.urandom(8),
    "uuid1": uuid.uuid1,
    "uuid4": uuid.uuid4,
    "secrets": secrets.token_hex,
    "secrets.choice": lambda: secrets.choice([1, 2]),
    "numpy's shared generator": np.random.rand,
    "another of its functions": lambda: np.random.normal(0, 1, 3),
    "default_rng of nothing": np.random.default_rng,
    "default_rng of None": lambda: np.random.default_rng(None),
    "a bit generator of nothing": np.random.PCG64,
    "a RandomState of nothing": np.random.RandomState,
}

ALLOWED = {
    "a generator of the world": lambda: generator(1, "clients").random(),
    "a seeded default_rng": lambda: np.random.default_rng(seed=7).random(),
    "a seeded Random": lambda: random.Random(7).random(),
    "a Random with the seed 0": lambda: random.Random(0).random(),
    "a Random seeded by name": lambda: random.Random(x=7).random(),
    "making a time": lambda: datetime(2030, 1, 1, tzinfo=UTC).timestamp(),
    "reading a given time": lambda: time.gmtime(0).tm_year + datetime.fromtimestamp(0, UTC).year,
    "an id made of a name": lambda: uuid.uuid5(uuid.NAMESPACE_DNS, "a.example"),
    "a library that reads the time": lambda: logging.getLogger("quiet").makeRecord("n", 20, "f", 1, "m", (), None),
    "a library that draws": lambda: tempfile.TemporaryDirectory().cleanup(),
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_an_escape_raises_inside(escape):
    with watching(), pytest.raises(Escaped):
        escape()


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_and_works_outside_and_afterwards(escape):
    with watching():
        pass
    try:
        escape()
    except OSError as nobody_there:
        assert nobody_there.errno is not None


@pytest.mark.parametrize("allowed", ALLOWED.values(), ids=ALLOWED)
def test_what_a_seed_or_the_caller_decides_is_allowed(allowed):
    with watching():
        allowed()


def test_the_message_says_what_where_and_what_to_do_instead():
    with watching(), pytest.raises(Escaped) as caught:
        time.sleep(0)
    assert f"{__file__}:" in str(caught.value)
    assert "time.sleep" in str(caught.value)
    assert "bluegreen.ports.Clock" in str(caught.value)
    with watching(), pytest.raises(Escaped, match=r"secrets\.token_hex .* draw from World\.rng"):
        secrets.token_hex()


def test_a_socket_of_a_library_names_the_line_of_ours_that_led_there():
    with watching(), pytest.raises(Escaped, match=r"test_escape\.py:\d+: socket\.create_connection"):
        HTTPConnection("localhost", 1).connect()


def test_hiding_behind_except_exception_does_not_help():
    def swallow():
        try:
            time.sleep(0)
        except Exception:  # noqa: BLE001
            return

    with watching(), pytest.raises(Escaped):
        swallow()


def test_an_inner_run_that_ends_leaves_the_outer_watched():
    with watching():
        with watching():
            pass
        with pytest.raises(Escaped):
            time.time()
    assert time.time() > 0


def test_an_exception_ends_the_watch():
    with pytest.raises(KeyError), watching():
        raise KeyError
    time.sleep(0)
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 5


def test_what_is_no_part_of_the_run_may_be_excepted():
    with watching():
        with unwatched():
            time.sleep(0)
            assert time.time() > 0
        with pytest.raises(Escaped):
            time.sleep(0)


def test_other_threads_live_their_own_life():
    seen = []
    begin, end = threading.Event(), threading.Event()

    def other():
        begin.wait(5)
        time.sleep(0)
        seen.append(time.time())
        end.set()

    thread = threading.Thread(target=other)
    thread.start()
    with watching():
        begin.set()
        assert end.wait(5)
    thread.join()
    assert seen


def test_a_users_module_is_watched_and_a_package_is_not(tmp_path):
    """Who calls is told by where the module lies, not by the name it has."""
    source = "import time\ndef now(): return time.time()\n"
    users, package = {"__name__": "users_hook"}, {"__name__": "a_package"}
    for scope, folder in ((users, tmp_path), (package, tmp_path / "site-packages")):
        scope["__file__"] = str(folder / "hook.py")
        exec(compile(source, scope["__file__"], "exec"), scope)
    with watching():
        assert package["now"]() > 0
        with pytest.raises(Escaped, match=r"hook\.py:2"):
            users["now"]()


def test_a_name_that_was_imported_before_the_run_is_watched_too(tmp_path):
    code = (
        "import sim.escape as e\n"
        "from time import sleep\nfrom random import random\nfrom uuid import uuid4\nfrom datetime import datetime\n"
        "for way in (lambda: sleep(0), random, uuid4, datetime.now):\n"
        "    try:\n"
        "        with e.watching(): way()\n"
        "    except e.Escaped: print('caught')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root())
    assert done.stdout.split() == ["caught"] * 4


def test_on_the_moto_tier_libraries_go_on_in_virtual_time_and_we_may_not():
    env = simpy.Environment()
    env.run(until=3_600_000)
    with travelling(env), switched_on(1), watching():
        client = boto3.client("cloudwatch", region_name="eu-west-1", **_KEYS)
        client.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 1.0}])
        zones = boto3.client("route53", region_name="eu-west-1", **_KEYS)
        zones.create_hosted_zone(Name="a.example", CallerReference="1")
        stamp = client.put_metric_alarm(
            AlarmName="a", Namespace="N", MetricName="m", Period=60, EvaluationPeriods=1, Threshold=1.0,
            ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
        ) and client.describe_alarms()["MetricAlarms"][0]["StateUpdatedTimestamp"]  # fmt: skip
        assert stamp == EPOCH + dt.timedelta(hours=1)
        with pytest.raises(Escaped):
            datetime.now(UTC)
        with pytest.raises(Escaped):
            uuid.uuid4()


def test_entering_and_leaving_costs_next_to_nothing():
    def enter():
        with watching():
            pass

    assert min(repeat(enter, number=200, repeat=5)) / 200 < 100e-6


_KEYS = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}


def _root():
    return Path(__file__).parent.parent.parent


@pytest.mark.parametrize("tier", Tier)
def test_a_whole_rehearsal_is_watched(tier, monkeypatch):
    genuine = Demand.draw

    def draw(self, *given):
        time.time()
        return genuine(self, *given)

    monkeypatch.setattr(Demand, "draw", draw)
    with pytest.raises(Escaped, match=r"test_escape\.py:\d+: the wall clock was read"):
        rehearse(find_scenario("all-well"), None, 1, lambda now, rollout: None, tier=tier)
    assert time.time() > 0
