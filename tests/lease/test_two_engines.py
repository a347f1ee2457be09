"""Two engines on one service, interleaved at every call.

Each call to the team's table and each action is a point at which the other engine may run, or time may jump by the
lease's whole length. Every order of those points is tried. The engine, lease and journal are the real ones; only its
decisions are made simple, so that thousands of orders take seconds.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest

import bluegreen.engine
from bluegreen.decide.wants import NOTHING
from bluegreen.engine import Engine
from bluegreen.errors import InUse, LeaseLost
from bluegreen.journal.entries import Resumed, Started
from bluegreen.journal.shared import SharedJournal, shared_entries
from bluegreen.model import Decision, EnvironmentView, HoldScaleIn, Phase, Presence, Rollout, Slot, TrafficView
from bluegreen.ports import Ports
from sim.memory.table import Table

from .stores import LENGTH, START, Hands, lease

ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, START, START)
LOOKS_FOR_THE_LEASE = 3
PLAN = SimpleNamespace(live=SimpleNamespace(slot=Slot.BLUE), hash="abc")


ACT = HoldScaleIn(Slot.BLUE, held=True)


def act_always(plan, rollout, seen):
    """A decision with one action, at every look."""
    return Decision(rollout, timedelta(0), "because", (ACT,))


@dataclass
class Yielding:
    """A store at whose every call the other engine may come first."""

    store: Table
    turn: object

    def get(self, key):
        self.turn("reads")
        return self.store.get(key)

    def range(self, partition, prefix, after=""):
        self.turn("reads")
        return self.store.range(partition, prefix, after)

    def write(self, *writes):
        self.turn("writes")
        self.store.write(*writes)


class Player:
    """An engine in a thread of its own that runs only from one point to the next."""

    def __init__(self, body):
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self.dead = False
        self._thread = threading.Thread(target=self._whole, args=(body,), daemon=True)
        self._thread.start()

    def turn(self):
        """Called by the engine at each point: let others run."""
        self._stands.release()
        self._go.acquire()

    def run_to_the_next_point(self):
        self._go.release()
        self._stands.acquire()

    def _whole(self, body):
        self._go.acquire()
        body()
        self.dead = True
        self._stands.release()


@dataclass
class Run:
    """One order of calls: what happened, as (who, what), and how it ended."""

    choices: list
    table: Table = field(default_factory=Table)
    clock: Hands = field(default_factory=Hands)
    log: list = field(default_factory=list)
    open: list = field(default_factory=list)
    """At each point, how many could have been next."""
    ended: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)

    def perform(self, engines, ticks):
        alive = {who: self._player(who, body) for who, body in engines.items()}
        while alive:
            able = [*alive, *(["time"] if ticks else [])]
            choice = self._choice(able)
            self.open.append(len(able))
            who = able[choice]
            if who == "time":
                ticks -= 1
                self.clock.sleep(LENGTH)
                self.log.append((who, "jumps"))
                continue
            alive[who].run_to_the_next_point()
            if alive[who].dead:
                del alive[who]
        if self.wrong:
            raise self.wrong[0]
        return self

    def _choice(self, able):
        """The number of the one to be next, or its name; later the first, or whoever there is."""
        wanted = self.choices[len(self.open)] if len(self.open) < len(self.choices) else 0
        return wanted if isinstance(wanted, int) else able.index(wanted) if wanted in able else 0

    def _player(self, who, body):
        def turn(what):
            player.turn()
            self.log.append((who, what))

        def whole():
            try:
                body(self, who, turn)
                self.ended[who] = "done"
            except Exception as error:  # noqa: BLE001  (it is raised again where the test runs)
                self.ended[who] = type(error).__name__
                self.log.append((who, self.ended[who]))
                if not isinstance(error, LeaseLost | InUse):
                    self.wrong.append(error)

        player = Player(whole)
        return player


def engine(run, who, turn, wanted):
    view = EnvironmentView(Presence.READY, 1, 1, 1, 1)
    traffic = SimpleNamespace(read=lambda: TrafficView({Slot.BLUE: 100}, True))

    def hold(slot, held):
        turn("acts")
        run.log[-1] = (who, f"acts {wanted.holder.fence}")

    environments = SimpleNamespace(look=lambda slot: view, hold_scale_in=hold)
    ports = Ports(traffic, environments, None)
    journal = SharedJournal(wanted.store, wanted, "shop-1")
    made = Engine(PLAN, ports, SimpleNamespace(take=tuple), run.clock, journal, lease=wanted, by=who)
    made.look = lambda rollout: _look(made, run)
    return made


def _look(made, run):
    from bluegreen.model import Observation

    made.lease.renew()
    return Observation(run.clock.now())


def takes(run, who, turn):
    """Acquire the lease, or give up after some looks."""
    wanted = lease(Yielding(run.table, turn), who, run.clock)
    for _ in range(LOOKS_FOR_THE_LEASE):
        if wanted.acquire():
            run.log.append((who, "has it"))
            return wanted
    raise InUse("given up")


def goes_on(steps):
    """An engine that takes up the rollout, and steps."""

    def body(run, who, turn):
        made = engine(run, who, turn, takes(run, who, turn))
        rollout = made.resume("taken up")
        for _ in range(steps):
            rollout, _ = made.step(rollout)

    return body


def has_it(run):
    """ann's engine has the lease and has begun; nothing of that is interleaved."""
    wanted = lease(run.table, "ann", run.clock)
    assert wanted.acquire()
    SharedJournal(run.table, wanted, "shop-1").append(Started(START, "abc", ROLLOUT))
    return wanted


def works(steps):
    def body(run, who, turn):
        wanted = lease(Yielding(run.table, turn), who, run.clock)
        wanted.acquire()  # its own token: no write
        made = engine(run, who, turn, wanted)
        rollout = ROLLOUT
        for _ in range(steps):
            rollout, _ = made.step(rollout)

    return body


def every_order(engines, ticks):
    """All runs, one for each order of calls."""
    choices = []
    while True:
        run = Run(list(choices))
        has_it(run)
        yield run.perform(engines, ticks)
        taken = [*choices, *[0] * (len(run.open) - len(choices))][: len(run.open)]
        while taken and taken[-1] == run.open[len(taken) - 1] - 1:
            taken.pop()
        if not taken:
            return
        taken[-1] += 1
        choices = taken


def check(run):
    """What must hold after any order of calls."""
    entries = shared_entries(run.table, "shop-1")  # no gap, nothing half: else UserError
    assert isinstance(entries[0], Started)
    fences = [item["fence"] for _, item in run.table.range("rollout#shop-1", "entry#")]
    assert fences == sorted(fences), "nobody wrote after somebody else had taken over"
    handed = run.log.index(("bob", "has it")) if ("bob", "has it") in run.log else None
    assert ("bob", "acts 2") not in run.log[:handed], "bob acts only with the lease"
    acts = [n for n, event in enumerate(run.log) if event[1].startswith("acts")]
    assert {run.log[n] for n in acts} <= {("ann", "acts 1"), ("bob", "acts 2")}, "each with its own fence"
    if handed is None:
        assert run.ended["ann"] == "done"
        return 0
    late = [n for n in acts if n > handed and run.log[n][0] == "ann"]
    for n in late:
        assert _time_jumped_before(run.log, n), "an engine that did not stand still never acts beside another"
    assert len(late) <= 1, "an engine that lost the lease stops before its next action"
    tried = run.log[handed:].count(("ann", "writes"))
    assert tried <= 1, "the write that tells it so was its last"
    assert (run.ended["ann"] == "LeaseLost") == bool(tried)
    return len(late)


def _time_jumped_before(log, act):
    """Between an action and the renewal before it."""
    for who, what in reversed(log[:act]):
        if what == "jumps":
            return True
        if (who, what) == ("ann", "writes"):
            return False
    return False


@pytest.fixture(autouse=True)
def simple_decisions(monkeypatch):
    monkeypatch.setattr(bluegreen.engine, "decide", act_always)
    monkeypatch.setattr(bluegreen.engine, "wants", lambda plan, rollout: NOTHING)


@pytest.mark.slow
def test_in_every_order_of_calls_no_two_engines_act_and_the_journal_has_no_gap():
    runs = refused = lost = late = 0
    for run in every_order({"ann": works(1), "bob": goes_on(1)}, ticks=1):
        runs += 1
        late += check(run)
        refused += run.ended["bob"] == "InUse"
        lost += run.ended["ann"] == "LeaseLost"
    assert runs > 3000 and refused > 100 and lost > 100, "all of the cases occurred"
    assert late > 0, "also the one that nothing but the AWS call itself could prevent: frozen between check and action"


def test_an_engine_that_stands_still_anywhere_in_a_row_of_actions_does_at_most_one_more(monkeypatch):
    three = Decision(ROLLOUT, timedelta(0), "because", (ACT,) * 3)
    monkeypatch.setattr(bluegreen.engine, "decide", lambda plan, rollout, seen: three)
    late = []
    for stands in range(14):
        run = Run(["ann"] * stands + ["bob"] * 2 + ["time"] + ["bob"] * 99)
        has_it(run)
        run.perform({"ann": works(1), "bob": goes_on(1)}, ticks=1)
        late.append(check(run))
    assert sum(late) > 0 and max(late) == 1


def test_a_holder_that_renews_at_the_last_moment_is_not_thrown_out():
    table, clock = Table(), Hands()
    ann = lease(table, "ann", clock)
    assert ann.acquire()

    class LateRenewal(Yielding):
        def write(self, *writes):
            ann.renew()
            super().write(*writes)

    bob = lease(LateRenewal(table, lambda what: None), "bob", clock)
    assert not bob.acquire()
    clock.sleep(LENGTH)
    with pytest.raises(InUse, match="ann on ann-laptop"):
        bob.acquire()
    ann.renew()


def test_with_two_jumps_of_time_the_one_who_took_over_can_lose_it_to_a_third():
    orders = 0
    for run in every_order({"bob": goes_on(0), "carl": goes_on(0)}, ticks=1):
        orders += 1
        fences = [item["fence"] for _, item in run.table.range("rollout#shop-1", "entry#")]
        assert fences == sorted(fences)
        owners = [who for who, what in run.log if what == "has it"]
        assert len(owners) <= 1, "one jump of time frees the lease for one engine"
        resumed = [entry.by for entry in shared_entries(run.table, "shop-1") if isinstance(entry, Resumed)]
        assert resumed == owners
    assert orders > 100


def test_a_renewal_without_the_check_of_the_fence_would_be_noticed(monkeypatch):
    """The test of the test: an engine whose lease never says no must break one of the rules above."""
    monkeypatch.setattr("bluegreen.lease.shared.SharedLease.renew", lambda self: None)
    with pytest.raises(AssertionError):
        for run in every_order({"ann": works(2), "bob": goes_on(1)}, ticks=1):
            check(run)
