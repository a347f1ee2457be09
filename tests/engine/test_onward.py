"""One look, several decisions: what is decided on the look that led into a phase, and when the engine looks anew."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.decide.wants import Wants
from bluegreen.engine import Engine
from bluegreen.errors import Unreachable
from bluegreen.journal.entries import Decided
from bluegreen.journal.fold import fold
from bluegreen.model import Command, Phase, Slot, query_of
from bluegreen.plan import load_plan

from .memory import START, ListJournal, Outside

PLAN = load_plan(Path(__file__).resolve().parents[2] / "scenarios/rollouts/shop.rollout.yaml")
QUERIES = [query_of(measure, slot) for measure in ("requests", "errors") for slot in Slot]


class Shaky(ListJournal):
    """A journal that refuses one entry."""

    def __init__(self, refused):
        super().__init__()
        self.refused, self.tried = refused, 0

    def append(self, entry):
        self.tried += 1
        if self.tried == self.refused:
            raise Unreachable("the disk is full")
        super().append(entry)


def perform(outside, journal, before=lambda rollout: None):
    engine = Engine(PLAN, outside.ports, outside, outside, journal)
    rollout = engine.start("shop-1")
    while not rollout.finished:
        before(rollout)
        rollout, wait = engine.step(rollout)
        assert fold(journal.entries()) == rollout
        outside.sleep(wait)
    return [entry for entry in journal.list if isinstance(entry, Decided)]


def on_one_look(decided):
    """Phases decided on the look that led to them: from where, to where, and on to."""
    return {
        (first.decision.rollout.phase, second.decision.rollout.phase)
        for first, second in pairwise(decided)
        if first.seen is second.seen
    }


def test_a_step_goes_from_one_watch_to_the_next_weights_on_one_look():
    found = on_one_look(perform(Outside(), ListJournal()))
    assert {(Phase.SCALE, Phase.SHIFT), (Phase.SHIFT, Phase.SHIFT)} <= found


def test_a_phase_that_wants_to_see_more_is_decided_on_a_look_of_its_own():
    decided = perform(Outside(), ListJournal())
    first = next(entry for entry in decided if entry.decision.rollout.phase is Phase.DRAIN)
    after = decided[decided.index(first) + 1]
    assert after.seen is not first.seen and after.seen.points(query_of("healthy_hosts", Slot.BLUE))


def test_before_a_slot_is_let_go_the_engine_always_looks_again():
    decided = perform(Outside(), ListJournal())
    first = next(entry for entry in decided if entry.decision.rollout.phase is Phase.RETIRE)
    assert decided[decided.index(first) + 1].seen is not first.seen


def test_the_way_back_begins_on_the_look_that_shows_the_failure():
    outside = Outside()

    def harm(rollout):
        outside.error_rate = 0.5 if rollout.phase is Phase.HOLD and rollout.step == 2 else outside.error_rate

    decided = perform(outside, ListJournal(), harm)
    bad = next(entry for entry in decided if entry.decision.rollout.phase is Phase.ROLLBACK)
    again = decided[decided.index(bad) + 1]
    assert again.seen is bad.seen and "weights" in [action.kind for action in again.decision.actions]


def test_a_command_is_heard_once():
    outside = Outside()

    def promote(rollout):
        if rollout.phase is Phase.HOLD and rollout.step == 2 and not rollout.promoted:
            outside.commands.append(Command("promote", "ann", "enough", START))

    decided = perform(outside, ListJournal(), promote)
    heard = [entry for entry in decided if entry.decision.answers]
    assert heard and len({id(entry.seen) for entry in heard}) == len(heard)


@pytest.mark.parametrize("refused", range(2, 30))
def test_a_decision_that_cannot_be_written_leaves_the_rollout_at_the_last_that_was(refused):
    assert perform(Outside(), Shaky(refused))[-1].decision.rollout.finished


WANTS = st.fixed_dictionaries(
    {
        "queries": st.lists(st.sampled_from(QUERIES), unique=True).map(tuple),
        "lookback": st.sampled_from([timedelta(0), timedelta(minutes=5)]),
        "since": st.sampled_from([None, START - timedelta(hours=1)]),
        "checks": st.sampled_from([(), ("a",), ("a", "b")]),
        "built": st.booleans(),
        "data": st.booleans(),
    }
).map(lambda wanted: Wants(**wanted))


@given(WANTS, WANTS)
def test_what_is_within_a_look_adds_nothing_to_it(one, other):
    both = together(one, other)
    assert one.within(one, START) and one.within(both, START) and other.within(both, START)
    if one.within(other, START):
        assert set(one.queries) <= set(other.queries) and set(one.checks) <= set(other.checks)
        assert not one.queries or one.begin(START) >= other.begin(START)
        assert (one.built, one.data) <= (one.built and other.built, one.data and other.data)


def together(one, other):
    """A look that sees what both want."""
    since = [each.since for each in (one, other) if each.since is not None]
    return one._replace(
        queries=(*one.queries, *other.queries),
        lookback=max(one.lookback, other.lookback),
        since=min(since, default=None),
        checks=(*one.checks, *other.checks),
        built=one.built or other.built,
        data=one.data or other.data,
    )
