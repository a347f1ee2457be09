"""A whole rollout in a team's table, interrupted at every call to that table: nothing is lost, nothing doubled."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bluegreen.control.inbox import Taker
from bluegreen.control.shared import SharedInbox
from bluegreen.engine import Engine
from bluegreen.errors import Denied, OperatingError, Throttled, Unreachable
from bluegreen.journal.entries import Decided
from bluegreen.journal.fold import fold
from bluegreen.journal.shared import SharedJournal, shared_entries
from bluegreen.model import Command, End, Slot
from bluegreen.plan import Plan
from bluegreen.yamlfile import check, read_yaml
from sim.memory.table import Table

from ..engine.memory import Outside
from ..lease.stores import LENGTH, Unreliable, lease

FILE = Path(__file__).resolve().parents[2] / "scenarios/rollouts/shop.rollout.yaml"
SHORT = {
    "strategy": {"kind": "canary", "share": "50%", "hold": "3m"},
    "bake": "1m",
    "verify": {"healthy_for": "30s"},
    "drain": {"below": "0.1%", "quiet": "1m", "ceiling": "3h"},
}
PLAN = check({**read_yaml(FILE), **SHORT}, Plan, FILE)
ABORT = Command("abort", "ann", "changed my mind", id="1")


class Died(Exception):
    """The engine's process."""


@dataclass
class Team:
    """One service's table and world, and engines that come one after the other."""

    store: Unreliable
    outside: Outside
    engines: int = 0

    def engine(self):
        """The next engine, with the lease."""
        self.engines += 1
        wanted = lease(self.store, f"engine-{self.engines}", self.outside)
        while not self._acquired(wanted):
            self.outside.sleep(LENGTH / 10)
        journal = SharedJournal(self.store, wanted, "shop-1")
        control = Taker(journal, SharedInbox(self.store, "shop-1"))
        return Engine(PLAN, self.outside.ports, control, self.outside, journal, lease=wanted)

    def _acquired(self, wanted):
        try:
            return wanted.acquire()
        except OperatingError:
            return False

    def perform(self, until=lambda rollout: False):
        """To the end, with a new engine whenever one dies."""
        rollout = None
        while True:
            try:
                engine = self.engine()
                rollout = engine.resume("taken up") if engine.journal.entries() else engine.start("shop-1")
                return engine.run(rollout, lambda rollout: not until(rollout))
            except Died:
                continue
            except OperatingError:
                continue  # before its first entry an engine gives up, and the command is begun again


def team(**fates):
    return Team(Unreliable(Table(), **fates), Outside())


def calls_of_a_whole_rollout():
    undisturbed = team()
    assert undisturbed.perform().end is End.SUCCEEDED
    return undisturbed.store.calls


CALLS = calls_of_a_whole_rollout()
FATES = {"dies": Died("here"), "no answer": Unreachable("no answer"), "throttled": Throttled("slow down")}


def entries_of(team):
    return shared_entries(team.store.store, "shop-1")


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fate", FATES)
def test_at_whatever_call_it_is_interrupted_the_rollout_ends_as_if_it_had_not_been(fate, when):
    for number in range(1, CALLS + 1):
        shaken = team(**{when: {number: FATES[fate]}})
        rollout = shaken.perform()
        assert rollout.end is End.SUCCEEDED, number
        assert fold(entries_of(shaken)) == rollout
        assert shaken.outside.weights == {Slot.GREEN: 100}
        assert shaken.engines <= 2


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fate", FATES)
def test_at_whatever_call_it_is_interrupted_an_abort_is_obeyed_once(fate, when):
    begun = team()
    begun.perform(until=lambda rollout: rollout.step == 1)
    items = dict(begun.store.store.items)
    for number in range(1, 40):
        shaken = team(**{when: {number: FATES[fate]}})
        shaken.store.store.items.update(items)
        shaken.outside.at, shaken.engines = begun.outside.at, 1
        shaken.outside.weights, shaken.outside.desired = dict(begun.outside.weights), dict(begun.outside.desired)
        SharedInbox(shaken.store.store, "shop-1").send(ABORT)
        assert shaken.perform().end is End.ABORTED, number
        taken = [c for e in entries_of(shaken) if isinstance(e, Decided) for c in e.seen.commands]
        assert taken == [ABORT], number


def test_while_the_journal_cannot_be_written_nothing_is_done_and_then_it_goes_on():
    shaken = team()
    shaken.perform(until=lambda rollout: rollout.step == 1)
    engine = shaken.engine()
    rollout = engine.resume("taken up")
    done = list(shaken.outside.done)
    refused = {shaken.store.calls + n: Denied("not authorised") for n in range(1, 60)}
    shaken.store.before = refused
    for _ in range(6):
        rollout, wait = engine.step(rollout)
        assert wait.total_seconds() > 0, "it does not ask without a pause"
        shaken.outside.sleep(wait)
    assert shaken.outside.done == done
    shaken.store.before = {}
    assert engine.run(rollout).end is End.SUCCEEDED
