"""The plan of the way back: what it says, that it is read back, and when there is none."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.control.undo import as_file, undo_of
from bluegreen.errors import UserError
from bluegreen.journal.fold import fold
from bluegreen.model import End, Phase, Rollout, Slot
from bluegreen.plan import Plan, load_plan
from bluegreen.registry import kind_of
from bluegreen.strategies.base import Step
from bluegreen.yamlfile import check, read_yaml

from ..engine.memory import START, Outside
from ..engine.test_engine import perform

FILE = Path(__file__).resolve().parents[2] / "scenarios/rollouts/shop.rollout.yaml"
PLAN = check({**read_yaml(FILE), "retire": "keep"}, Plan, FILE)
DONE = Rollout("shop-1", Slot.BLUE, Phase.DONE, START, START, end=End.SUCCEEDED)


def test_the_way_back_is_a_rollout_to_what_was_live_in_one_step_with_the_same_gates():
    back = undo_of(PLAN, DONE, "shop-green-12345", "shop-green-12345")
    assert (back.live.slot, back.live.balancer, back.live.group) == (Slot.GREEN, "shop-green-12345", "shop-green-12345")
    assert back.candidate.kept is not None
    assert (back.candidate.kept.balancer, back.candidate.kept.group) == ("shop-blue", "shop-blue")
    assert back.steps == (Step(1.0, min(step.hold for step in PLAN.steps)),)
    assert back.gates == PLAN.gates and back.guard == PLAN.guard and back.retire == "keep"


def test_what_is_written_is_read_back_as_the_same_plan(tmp_path):
    back = undo_of(PLAN, DONE, "shop-green-12345", "shop-green-12345")
    (tmp_path / "x.yaml").write_text(as_file(back, DONE))
    assert load_plan(tmp_path / "x.yaml").hash == back.hash


def test_what_was_for_the_new_version_alone_is_not_run_on_the_way_back(tmp_path):
    migrate = {"at": "before-shift", "check": {"kind": "command", "run": ["migrate"]}, "irreversible": True}
    tell = {"at": "after-step", "check": {"kind": "command", "run": ["tell"]}}
    designed = {"kind": "config", "expect": {"image": "ami-0abcdef0123456789"}}
    content = {
        **read_yaml(FILE),
        "retire": "keep",
        "hooks": [migrate, tell],
        "verify": {"healthy_for": "3m", "checks": [designed, {"kind": "http"}]},
    }
    back = undo_of(check(content, Plan, FILE), DONE, "x", "x")
    assert [hook.at for hook in back.hooks] == ["after-step"]
    assert [kind_of(each) for each in back.verify.checks] == ["http"]
    assert back.verify.healthy_for == timedelta(minutes=3)
    (tmp_path / "x.yaml").write_text(as_file(back, DONE))
    assert load_plan(tmp_path / "x.yaml").hash == back.hash


@pytest.mark.parametrize(
    ("changes", "plan", "words"),
    [
        ({"phase": Phase.HOLD, "end": None}, {}, "has not ended; `bluegreen abort`"),
        ({"end": End.ROLLED_BACK}, {}, "ended rolled back"),
        ({}, {"retire": "remove"}, "blue was removed"),
    ],
)
def test_where_there_is_nothing_to_go_back_to_that_is_said(changes, plan, words):
    with pytest.raises(UserError, match=words):
        undo_of(PLAN.model_copy(update=plan), replace(DONE, **changes), "x", "x")


SCHEMA = {"kind": "schema", "expand": {"run": ["expand"]}}


def with_data(**data):
    return check({**read_yaml(FILE), "retire": "keep", "data": data}, Plan, FILE)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {**SCHEMA, "contract": {"run": ["contract"]}},
            "the schema was contracted: the version before does not fit it",
        ),
        ({"kind": "rds_blue_green", "source": "shop-db"}, "nothing says that the version before works on it"),
    ],
)
def test_where_the_data_are_no_more_what_the_version_before_needs_that_is_said(data, words):
    with pytest.raises(UserError, match=words):
        undo_of(with_data(**data), DONE, "x", "x")


def test_what_was_done_to_the_data_is_not_done_again_on_the_way_back():
    assert undo_of(with_data(**SCHEMA), DONE, "x", "x").data is None
    same = with_data(kind="same", source="shop-db")
    assert undo_of(same, DONE, "x", "x").data == same.data


@pytest.mark.parametrize(("error_rate", "end"), [(0.0, End.SUCCEEDED), (0.05, End.ROLLED_BACK)])
def test_however_the_way_back_ends_the_kept_slot_is_not_removed(error_rate, end):
    kept = PLAN.candidate.model_copy(update={"clone": None, "kept": undo_of(PLAN, DONE, "x", "x").candidate.kept})
    outside = Outside(error_rate=error_rate)
    outside.desired[Slot.GREEN] = 3
    rollout, journal = perform(outside, PLAN.model_copy(update={"candidate": kept}))
    assert rollout.end is end and fold(journal.entries()) == rollout
    assert set(outside.desired) == {Slot.BLUE, Slot.GREEN}
    assert outside.weights == {rollout.candidate if end is End.SUCCEEDED else rollout.live: 100}
    assert not any(outside.held.values())
