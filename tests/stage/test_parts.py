"""The stage's parts, each alone: addresses, time, DNS answers, metrics, what is refused before a drill begins."""

import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from dnslib import DNSRecord

from bluegreen.errors import UserError
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.plan import load_plan
from bluegreen.registry import kinds
from bluegreen.report.summary import summarize
from bluegreen.report.trace import read_trace
from sim.cloud.records import Zone
from sim.expect import Outcome, judge
from sim.faults.base import Fault
from sim.scenario import Expect, load_scenario
from sim.scene import Scene
from stage import drill, early, performance, users
from stage.addresses import claim, loopback
from stage.cli.drill import drill as command
from stage.cloud.metrics import Metric, Store, statistic_of
from stage.dns import Resolver, serve
from stage.drill import Order
from stage.knobs import POSSIBLE, MetricKnobs, StageWorld
from stage.pace import Pace, living
from stage.possible import check
from tests.report import golden

from .conftest import DRILLS

PLAN, WELL = load_plan(DRILLS / "shop.rollout.yaml"), load_scenario(DRILLS / "all-well.scenario.yaml")


def scenario_with(*faults):
    every = kinds("sim.faults", Fault)
    return WELL.model_copy(update={"faults": tuple(every[f["kind"]].model_validate(f) for f in faults)})


# -- addresses ---------------------------------------------------------------------------------------------------------


def test_two_drills_never_get_the_same_block():
    first, second = claim(), claim()
    with first.claim, second.claim:
        assert first.block != second.block and first.block.startswith("127.")


def test_a_port_in_use_is_told_with_what_else_is_possible():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        with pytest.raises(
            UserError, match=r"--port \d+: 127.* cannot be used .*Take another port, or leave --port out"
        ):
            claim(port=taken.getsockname()[1])


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_dns_port_must_be_free_over_udp_and_tcp(kind):
    with socket.socket(type=kind) as taken:
        taken.bind(("0.0.0.0", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        with pytest.raises(UserError, match=r"--dns-port \d+: 127.* cannot be used .*leave --dns-port out"):
            claim(dns_port=taken.getsockname()[1])


@pytest.mark.parametrize("host", ["10.0.0.1", "example.com", "128.0.0.1", "0.0.0.0"])
def test_a_target_that_is_not_loopback_is_refused(host):
    with pytest.raises(UserError, match="is not a loopback address"):
        loopback(host, "the endpoint")


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_process_on_a_fast_clock_sees_stage_time_and_sleeps_as_much_shorter():
    pace = Pace.begin(50.0)
    began = time.monotonic()
    with living(pace):
        before = datetime.now(UTC)
        time.sleep(10.0)
        passed = datetime.now(UTC) - before
        assert abs(datetime.now(UTC) - pace.now()) < timedelta(seconds=5)
    assert passed >= timedelta(seconds=10)
    assert (time.monotonic() - began) * 50 >= 10
    assert Pace.parse(str(pace)) == pace
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 5


def test_a_process_on_a_leash_dies_with_its_parent():
    code = (
        "import subprocess, sys, os\nfrom stage import leash\n"
        "child = subprocess.Popen([sys.executable, leash.__file__, str(os.getpid()), 'sleep', '600'])\n"
        "print(child.pid, flush=True)\nsys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    from .conftest import alive, until

    with parent:
        child = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not alive(child))


# -- DNS ---------------------------------------------------------------------------------------------------------------


def weighted(**weights):
    return Zone(
        "example.com",
        [
            {
                "Name": "www.example.com",
                "Type": "CNAME",
                "TTL": 20,
                "SetIdentifier": slot,
                "Weight": weight,
                "ResourceRecords": [{"Value": f"{slot}.elb.amazonaws.com"}],
            }
            for slot, weight in weights.items()
        ],
    )


HOSTS = {"blue.elb.amazonaws.com": ("127.9.9.1", True), "green.elb.amazonaws.com": ("127.9.9.2", True)}


@pytest.fixture
def server():
    zone = weighted(blue=75, green=25)
    draws = iter([k / 100 for k in range(100)] * 3)
    known = lambda name: zone if name.endswith("example.com") else None  # noqa: E731
    resolver = Resolver(known, HOSTS.get, lambda: next(draws), lambda seconds: seconds / 4)
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    servers = serve(resolver, "127.0.0.1", port)
    yield port
    for each in servers:
        each.stop()
        each.server.server_close()


def ask(port, name, **how):
    return DNSRecord.parse(DNSRecord.question(name, "A").send("127.0.0.1", port, timeout=60, **how))


def test_answers_follow_the_weights_and_name_the_balancers_addresses(server):
    answers = [ask(server, "www.example.com") for _ in range(100)]
    assert sum(str(a.rr[-1].rdata) == "127.9.9.2" for a in answers) == 25
    assert {a.rr[0].ttl for a in answers} == {5}, "20 s of the stage at pace 4"


def test_tcp_answers_as_udp_does_and_strangers_are_refused(server):
    assert str(ask(server, "www.example.com", tcp=True).rr[-1].rdata) in {"127.9.9.1", "127.9.9.2"}
    assert ask(server, "aws.amazon.com").header.rcode == 5
    assert ask(server, "nothing.example.com").header.rcode == 3


# -- metrics -----------------------------------------------------------------------------------------------------------


def test_balancers_metrics_are_published_when_the_minute_and_the_delay_are_over():
    pace = Pace.begin(1.0)
    store = Store(pace, MetricKnobs(timedelta(seconds=60)))
    minute = pace.seconds() // 60 * 60
    metric = Metric("AWS/ApplicationELB", "RequestCount", frozenset({("LoadBalancer", "x")}))
    for back in (0, 60, 120, 180):
        store.put(metric, 1.0, minute - back + 1, count=3)
    seen = store.series(metric, "Sum", 60, minute - 600, minute + 600)
    assert seen == {minute - 180: 3.0, minute - 120: 3.0}
    assert store.series(Metric("AWS/ApplicationELB", "RequestCount"), "Sum", 60, minute - 600, minute) == {}


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 10), ("Average", 2.5), ("Minimum", 1), ("Maximum", 4), ("SampleCount", 4), ("p50", 2), ("TC(2:)", 2)],
)
def test_statistics_are_those_of_the_values(statistic, value):
    assert statistic_of(statistic, [4.0, 1.0, 3.0, 2.0]) == value


# -- faults and what cannot be done --------------------------------------------------------------------------------


def test_faults_turn_the_stages_knobs_by_their_own_code_and_heal_exactly():
    world = StageWorld(WELL, PLAN, 1, lambda slot: ["i-1", "i-2", "i-3"])
    scene = Scene(world, PLAN)
    bad, loss, gap, zone = scenario_with(
        {"kind": "bad_release", "error_rate": "30%"},
        {"kind": "instance_loss", "instances": 2, "slot": "blue"},
        {"kind": "metric_gap"},
        {"kind": "az_loss", "zone": "b"},
    ).faults
    for fault in (bad, loss, gap, zone):
        fault.strike(scene)
    assert world.places[Slot.GREEN].release.error_rate == pytest.approx(0.3)
    assert len(world.places[Slot.BLUE].fleet.condemned) == 2
    assert set(world.metrics.gap) == set(Slot)
    assert world.good_zones == ["a", "c"]
    for fault in (bad, gap, zone):
        fault.heal(scene)
    assert world.places[Slot.GREEN].release.error_rate == 0
    assert not world.metrics.gap and world.good_zones == ["a", "b", "c"]


def test_every_fault_that_is_called_possible_exists_and_finds_its_knob():
    assert set(POSSIBLE) <= set(kinds("sim.faults", Fault))
    for kind in POSSIBLE:
        world = StageWorld(WELL, PLAN, 1, lambda slot: [])

        class First:
            def pick(self, options):
                return options[0]

            def whole(self, low, high):
                return low

        fault = kinds("sim.faults", Fault)[kind].draw(First())
        fault.strike(Scene(world, PLAN))


def test_what_the_stage_cannot_do_is_told_at_once_and_with_what_it_can():
    wrong = scenario_with({"kind": "demand_spike", "factor": 2})
    world = WELL.world.model_copy(update={"demand": WELL.world.demand.model_copy(update={"rate": 1e6})})
    with pytest.raises(UserError) as told:
        check(wrong.model_copy(update={"world": world}), PLAN, 50, DRILLS / "shop.rollout.yaml")
    said = str(told.value)
    assert "demand_spike cannot be done on the stage" in said and "Possible here: api_error" in said
    assert "--pace 50" in said and "world.demand.rate" in said


SAMPLE = {"instances": {"blue": {"healthy": 2}, "green": {"healthy": 0}}}


def test_every_expectation_can_be_judged_of_a_drill_or_is_refused():
    """What a scenario may expect grows; a drill must not stumble over it at its end."""
    told = {
        "end": "succeeded", "because": "x", "detect_within": "1m", "recover_within": "1m", "finish_within": "1m",
        "failed_below": "1%", "failed_above": "1%", "page_above": "1%", "page_left": True, "highest_share": "50%",
        "shrank_to": {"blue": 1}, "begun": {"x": 1}, "still_there": ["blue"], "not_removed_before": "1m",
        "lost_writes_below": 1, "lost_writes_above": 0, "conflicts_above": 0,
        "stale_reads_below": 1, "stale_reads_above": 0, "history_shows": ["lost write"],
    }  # fmt: skip
    assert set(told) == set(Expect.model_fields)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rollout, seen = Rollout("shop-1", Slot.BLUE, Phase.DONE, start, start), read_trace(golden.rolled_back())
    for name, wanted in told.items():
        expecting = WELL.model_copy(update={"expect": Expect.model_validate({name: wanted})})
        try:
            check(expecting, PLAN, 1, DRILLS / "shop.rollout.yaml")
        except UserError:
            continue
        gave = Outcome(rollout, (), lambda: summarize(seen, seen.samples), performance._world([SAMPLE]))
        assert len(judge(expecting.expect, gave)) == 1, name


def order(tmp_path):
    return Order(WELL, PLAN, DRILLS / "shop.rollout.yaml", DRILLS / "all-well.scenario.yaml", 1, 6, tmp_path / "home")


def test_a_part_that_does_not_start_is_told_with_its_last_words_and_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(early, "module", lambda *_: [sys.executable, "-c", "import sys; sys.exit('out of everything')"])
    with (
        early.Early() as begun,
        pytest.raises(UserError, match=r"AWS did not start: it ended \(exit code 1\): out of everything; its log is"),
    ):
        drill.Drill(order(tmp_path), lambda line: None, begun).run()
    assert (tmp_path / "home/aws.log").read_text() == "out of everything\n"


def test_a_part_that_is_killed_while_it_starts_is_told(tmp_path):
    with early.Early() as begun:
        begun.child.kill()
        with pytest.raises(UserError, match=r"AWS did not start: it ended \(killed by SIGKILL\)"):
            drill.Drill(order(tmp_path), lambda line: None, begun).run()


def test_users_that_do_not_start_are_told_with_their_last_words(tmp_path, monkeypatch):
    monkeypatch.setattr(users, "command", lambda *_, **__: [sys.executable, "-c", "import sys; sys.exit('no users')"])
    with early.Early() as begun, pytest.raises(UserError, match=r"users did not start: .*exit code 1\): no users; its"):
        drill.Drill(order(tmp_path), lambda line: None, begun).run()


def test_aws_that_was_begun_early_and_never_needed_is_gone():
    with early.Early() as begun:
        assert begun.child.running
    assert not begun.child.running


def test_without_locust_the_drill_says_how_to_get_it_and_what_else_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(users.importlib.util, "find_spec", lambda name: None)
    with early.Early() as begun, pytest.raises(UserError, match=r"bluegreen-rehearsal\[stage\].*bluegreen rehearse"):
        drill.Drill(order(tmp_path), lambda line: None, begun).run()
    assert not (tmp_path / "home").exists()


def test_another_stage_than_local_is_refused():
    said = CliRunner().invoke(command, [str(DRILLS / "shop.rollout.yaml"), "--stage", "https://example.com"])
    assert isinstance(said.exception, UserError) and "only `local`, on loopback" in str(said.exception)


def test_the_page_lists_the_faults_that_are_possible_and_files_that_exist():
    page = (DRILLS.parents[1] / "docs/stage.md").read_text()
    listed = page.partition("## Faults")[2].partition("A scenario with another one")[0]
    assert list(re.findall(r"`(\w+)`", listed)) == list(POSSIBLE)
    makefile = (DRILLS.parents[1] / "Makefile").read_text()
    assert all((DRILLS.parents[1] / file).is_file() for file in re.findall(r"stage/drills/\S+\.yaml", makefile))
    assert "make drill " in page and re.search("^drill-bad:", makefile, re.MULTILINE)
