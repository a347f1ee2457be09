"""The same body over the checks of a rehearsal and those of a real rollout; and every kind of check is known here."""

from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bluegreen.checks.accept import Accept
from bluegreen.checks.base import Case, Check
from bluegreen.checks.command import CommandCheck
from bluegreen.checks.config import Config
from bluegreen.checks.http import Http
from bluegreen.checks.locust import Locust
from bluegreen.checks.schema import SchemaCompatible
from bluegreen.checks.targets import Targets
from bluegreen.model import CheckRun, EnvironmentView, Observation, Phase, Presence, Rollout, Slot
from bluegreen.outside.nothing import NoChecks
from bluegreen.outside.runner import Runner
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from sim.checks import CheckAnswer, SimChecks
from sim.clock import EPOCH
from sim.world import World
from sim.worldspec import WorldSpec

from ..tiers.conftest import PLAN
from .waiting import until

INSIDE = (Targets(), Config(expect={"image": "ami-1"}), Accept(who=("ann",)))
OUTSIDE = (
    CommandCheck(run=("true",)),
    Http(),
    Locust(file=Path("users.py"), users=1, timeout="3m"),
    SchemaCompatible(file=Path("shop.schema.yaml")),
)


def test_no_check_is_left_out_here():
    assert {check.kind for check in (*INSIDE, *OUTSIDE)} == set(kinds("bluegreen.checks", Check))


@pytest.mark.parametrize("check", [*INSIDE, *OUTSIDE], ids=lambda check: check.name)
def test_without_evidence_no_check_passes(check):
    rollout = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, EPOCH, EPOCH)
    blind = check.judge(Case(Observation(EPOCH), rollout, CheckRun(EPOCH)))
    gone = {Slot.GREEN: EnvironmentView(Presence.ABSENT)}
    empty = check.judge(Case(Observation(EPOCH, environments=gone, built={}), rollout, CheckRun(EPOCH)))
    assert (blind is None) == (check in OUTSIDE)
    assert all(view is None or view.state != "passed" for view in (blind, empty))


@pytest.mark.parametrize("check", [*INSIDE, *OUTSIDE], ids=lambda check: check.name)
def test_each_is_called_by_its_kind_unless_it_is_given_a_name(check):
    assert check.name == check.kind
    named = type(check).model_validate({**check.model_dump(by_alias=True), "name": "other"})
    assert named.name == "other"


@contextmanager
def rehearsed(tmp_path):
    world = World(WorldSpec(), Plan.model_validate(PLAN), 1)
    answers = {"slow": CheckAnswer(answers="hang"), "bad": CheckAnswer(answers="fail", detail="exit code 1")}
    port = SimChecks(world, answers, {})
    port.wait = lambda run: world.clock.sleep(CheckAnswer().takes)
    yield port


@contextmanager
def real(tmp_path):
    with closing(Runner(tmp_path, dict)) as port:
        port.wait = lambda run: until(lambda: port.look(run).state != "running")
        yield port


def command(name, text):
    return CommandCheck(name=name, run=("sh", "-c", text))


@pytest.mark.parametrize("port", [rehearsed, real])
def test_a_run_is_begun_once_looked_at_and_stopped(port, tmp_path):
    with port(tmp_path) as checks:
        assert checks.look("verify/good").state == "absent"
        checks.stop("verify/good")
        for _ in range(2):
            checks.begin("verify/good", command("good", "true"), {})
            checks.begin("verify/slow", command("slow", "sleep 300"), {})
            checks.begin("verify/bad", command("bad", "exit 1"), {})
        assert checks.look("verify/slow").state == "running"
        for run, state in (("verify/good", "passed"), ("verify/bad", "failed")):
            checks.wait(run)
            assert checks.look(run).state == state
        assert "exit code 1" in checks.look("verify/bad").detail
        checks.stop("verify/slow")
        assert checks.look("verify/slow").state == "absent"


def test_where_nothing_can_be_run_everything_is_absent():
    assert NoChecks().look("verify/good").state == "absent"
