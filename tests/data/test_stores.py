"""Two stores that are kept together: what becomes of tracked items, by the copier's own judgement, and what the counts
say of all of them."""

import json
from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simpy import Environment

from bluegreen.model import Slot
from sim.data import tracked
from sim.data.hazards import Hazards
from sim.data.history import Read, Wrong
from sim.data.judge import judge
from sim.data.replica import Replica, ReplicaSpec
from sim.data.spec import DataSpec
from sim.data.together import Together
from sim.data.tracked import Deed, Tracked
from sim.draws import generator
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier

BLUE, GREEN = Slot
END = 100_000
SYNC = {"kind": "sync", "sync": "orders"}


def after(blue=200, green=200):
    return {BLUE: lambda at: at + blue, GREEN: lambda at: at + green}


def played(*deeds, versions=True, until=END, ways=None):
    followed = Tracked(BLUE, versions)
    followed.go_on(sorted(deeds), ways or after(), until)
    return followed


def wrong(followed, truth=BLUE, *, settled=True, **how):
    return {finding.wrong for finding in judge(followed.history(truth, at=END, **how), settled=settled)}


def crossing(**how):
    """Neither has heard of the other, and the older one arrives last."""
    return played(Deed(1000, BLUE, 1, late=500), Deed(1100, GREEN, 1), **how)


def test_of_two_writes_that_cross_the_newer_stays_in_both_stores_and_the_other_is_counted():
    followed = crossing()
    assert (wrong(followed), followed.differing(), followed.conflicts, followed.told) == (set(), 0, 1, {"w0"})


def test_where_nobody_compares_versions_each_store_ends_with_the_others_write_and_nobody_counts_it():
    followed = crossing(versions=False)
    assert wrong(followed, GREEN) == {Wrong.LOST, Wrong.RESURRECTED, Wrong.APART}
    assert (followed.differing(), followed.conflicts, followed.unordered) == (1, 0, True)


@pytest.mark.parametrize(("versions", "shown"), [(True, set()), (False, {Wrong.RESURRECTED, Wrong.DOUBLED})])
def test_what_a_copier_carries_once_more_when_it_is_back_has_no_second_effect_where_versions_are_compared(
    versions, shown
):
    followed = played(Deed(1000, BLUE, 1), Deed(2000, BLUE, 1), versions=versions, until=3000)
    followed.again(BLUE, stopped=3000)
    followed.go_on([], after(), END)
    assert wrong(followed) == shown


def test_a_write_that_stays_alone_leaves_the_stores_apart_and_counts_against_nobody():
    followed = played(Deed(1000, BLUE, 1), Deed(2000, GREEN, 1, alone=True))
    assert (wrong(followed, settled=False), wrong(followed), followed.differing()) == (set(), {Wrong.APART}, 1)


def test_users_who_moved_do_not_see_what_they_wrote_until_it_has_arrived():
    followed = played(Deed(1000, BLUE, 1), Deed(1100, GREEN, 1, reads=True), Deed(1300, GREEN, 1, reads=True))
    seen = [event.seen for event in followed.events if isinstance(event, Read)]
    assert (followed.stale, seen) == (1, [(), ("w0",)])


def test_the_only_store_that_is_left_counts_once_all_has_arrived_and_then_nothing_old_is_read():
    followed = played(Deed(1000, BLUE, 1), until=1100)
    followed.alone = GREEN
    followed.go_on([Deed(1150, GREEN, 1, reads=True), Deed(1300, GREEN, 1, reads=True)], after(), 1400)
    assert wrong(followed, GREEN) == set()
    followed.events.append(Read("1", (), GREEN, 1500))
    assert wrong(followed, GREEN) == {Wrong.STALE}


def test_what_was_forgotten_on_the_way_is_lost_unless_somebody_took_that_upon_himself():
    followed = played(Deed(1000, GREEN, 1), ways={slot: lambda at: inf for slot in Slot})
    assert wrong(followed, settled=False) == set()
    followed.forget(GREEN, 5000)
    assert wrong(followed, settled=False) == {Wrong.LOST}
    assert wrong(followed, settled=False, confirmed=True) == set()


moments = st.integers(0, 60_000)
deeds = st.lists(
    st.builds(
        Deed, moments.map(float), st.sampled_from(Slot), st.integers(0, 2), st.booleans(),
        alone=st.just(False), late=st.sampled_from([0, 0, 500, 20_000]),
    ),
    max_size=40,
)  # fmt: skip


@given(deeds, st.integers(0, 30_000), st.integers(0, 30_000), st.lists(moments, max_size=3))
def test_whatever_is_written_however_late_and_however_often_it_is_carried_again_the_history_is_sound(
    deeds, blue, green, stops
):
    followed, deeds = Tracked(BLUE), sorted(deeds)
    for stop in [*sorted(stops), END]:
        now, deeds = [deed for deed in deeds if deed.at < stop], [deed for deed in deeds if deed.at >= stop]
        followed.go_on(now, after(blue, green), stop)
        for slot in Slot:
            followed.again(slot, stopped=stop)
    assert wrong(followed) == set()
    assert followed.differing() == 0 or followed.waiting[BLUE] or followed.waiting[GREEN]


@given(st.floats(0, 50_000), st.integers(0, 3000), st.sampled_from([1.2, 4.0]), st.integers(0, 60_000))
def test_a_write_arrives_when_the_position_comes_by(written, delay, speed, stopped):
    env = Environment()
    way = Replica(ReplicaSpec(delay=timedelta(milliseconds=delay), speed=speed), env, lambda: None)
    way.stop()
    assert written <= way.position or way.arrives(written) == inf
    env.run(until=stopped + 1)
    way.resume()
    at = max(way.arrives(written), env.now)
    assert way.position_at(at) >= written - 1e-3
    assert at <= env.now + 1 or way.position_at(at - 1) < written


# -- counts and tracked items ------------------------------------------------------------------------------------------


def together(spec, seconds=150, **hazards):
    """A hundred writes and nine hundred reads a second by either side."""
    env = Environment()
    world = Together(
        spec, Hazards(**hazards), generator(1, "data"), generator(1, "data/tracked"), env=env, settle=lambda: None
    )
    world.felt()
    for second in range(seconds):
        env.run(until=1000 * (second + 1))
        world.pass_time(1000 * second, 1000 * (second + 1), dict.fromkeys(Slot, 100), dict.fromkeys(Slot, 900))
    return world


def apart(world):
    """Items that differ when all that is on its way has arrived."""
    final = world.tracked.history(BLUE, at=10**9).final
    return sum(final[BLUE].get(key) != final[GREEN].get(key) for key in {*final[BLUE], *final[GREEN]})


def test_counts_say_the_same_as_items_that_are_followed_one_by_one():
    """Every item is followed, and a tenth of the reads."""
    world = together(DataSpec(keys=500, tracked=500))
    assert world.conflicts == pytest.approx(world.tracked.conflicts, rel=0.1)
    assert world.stale_reads == pytest.approx(10 * world.tracked.stale, rel=0.1)


@pytest.mark.parametrize("spec", [{"versions": False}, {"one_sided": 0.05}], ids=str)
def test_so_many_items_differ_as_the_counts_say(spec):
    hazards = {name: value for name, value in spec.items() if name == "one_sided"}
    more = {name: value for name, value in spec.items() if name == "versions"}
    world = together(DataSpec(keys=2000, tracked=1000, replica={"delay": "2s"}, **more), **hazards)
    assert world._differing == pytest.approx(2 * apart(world), rel=0.3)


def test_nothing_differs_for_ever_of_what_is_written_again():
    spec = DataSpec(keys=200, tracked=200)
    assert apart(together(spec, seconds=10, one_sided=1.0)) > 100
    world = together(spec, seconds=10, one_sided=1.0)
    world._hazards.one_sided = 0.0
    for second in range(10, 40):
        world._env.run(until=1000 * (second + 1))
        world.pass_time(1000 * second, 1000 * (second + 1), dict.fromkeys(Slot, 100), {})
    assert apart(world) == 0 and world._differing < 1


def test_who_copies_and_was_away_for_longer_than_the_stream_remembers_stops_and_what_is_gone_is_counted():
    spec = DataSpec(keys=2000, kept_for="5m")
    short, long = together(spec, seconds=240, consumer_down=True), together(spec, seconds=600, consumer_down=True)
    assert short.forgotten == dict.fromkeys(Slot, 0)
    assert long.forgotten[BLUE] == pytest.approx(100 * 300, rel=0.01) and long.missing(BLUE) == pytest.approx(
        60_000, 0.01
    )
    long._hazards.consumer_down = False
    long.felt()
    long.measure()
    assert long.stands and not long.points


def test_a_way_falls_behind_while_more_is_written_than_it_can_carry():
    world = together(DataSpec(keys=2000, replica={"speed": 1.2}), seconds=60)
    calm = world.lag
    world.loaded(1.5)
    world._env.run(until=360_000)
    assert world.lag > calm + 50  # a fifth of five minutes
    world.loaded(1.0)
    world._env.run(until=1_000_000)
    assert world.lag == pytest.approx(calm)


# -- invariants, broken on purpose ------------------------------------------------------------------------------------


def lost(original):
    """Every tenth copy is passed over, and nobody hears of it."""
    counted = []

    def arrive(self, slot, change, at):
        counted.append(change)
        if len(counted) % 10:
            original(self, slot, change, at)

    return arrive


def blind(original):
    """What arrives last stays, and nobody says so."""

    def arrive(self, slot, change, at):
        self.versions = False
        original(self, slot, change, at)
        self.versions, self.unordered = True, False

    return arrive


def twice(original):
    """Each copy takes effect, and then once more."""

    def arrive(self, slot, change, at):
        self.versions = False
        original(self, slot, change, at)
        original(self, slot, change, at)
        self.versions, self.unordered = True, False

    return arrive


def scenario(keys, tracked):
    return {
        "about": "x",
        "change": {"strategy": {"kind": "linear", "step": "50%", "hold": "5m"}, "data": SYNC},
        "world": {"data": {"keys": keys, "tracked": tracked, "replica": {"delay": "5s"}}},
    }


FEW, MANY = (20_000, 200), (2_000_000, 20_000)
"""Each of few is written again soon; of many a write is often the last one."""


def rehearsed(folder, size=FEW):
    path = folder / "stores.scenario.yaml"
    path.write_text(json.dumps(scenario(*size)))
    return rehearse(path, None, 1, tier=Tier.MEMORY)


def found(monkeypatch, folder, name, planted, size=FEW):
    monkeypatch.setattr(Tracked, name, planted)
    done = rehearsed(folder, size)
    assert {broken.invariant for broken in done.run.broken} == {"the history of tracked keys is sound"}
    return {finding.wrong for finding in judge(done.run.world.data.history(GREEN), settled=False)}


@pytest.mark.parametrize(
    ("plant", "size", "shown"), [(lost, MANY, Wrong.LOST), (blind, FEW, Wrong.RESURRECTED), (twice, FEW, Wrong.DOUBLED)]
)
def test_a_copier_with_this_mistake_breaks_the_invariant_of_tracked_keys(monkeypatch, tmp_path, plant, size, shown):
    assert shown in found(monkeypatch, tmp_path, "_arrive", plant(Tracked._arrive), size)


def test_a_store_that_answers_with_what_it_had_before_breaks_it_too(monkeypatch, tmp_path):
    """A cache that nobody empties, where users have moved to."""
    seen = {}

    def read(self, deed):
        there = self.items.get((deed.slot, deed.key))
        first = seen.setdefault((deed.slot, deed.key), () if there is None else (tracked._write_of(there),))
        self.events.append(Read(str(deed.key), first, deed.slot, int(deed.at)))

    assert Wrong.STALE in found(monkeypatch, tmp_path, "_read", read)


def test_without_a_mistake_it_holds(tmp_path):
    done = rehearsed(tmp_path)
    assert not done.run.broken
    assert judge(done.run.world.data.history(GREEN)) == () and len(done.run.world.data.together.tracked.events) > 1000


@pytest.mark.parametrize(
    ("name", "lost"), [("dual-write-fails-on-one-side", True), ("two-stores-kept-together", False)]
)
def test_a_trace_ends_with_how_many_writes_are_lost_as_the_world_counts_them(name, lost):
    done = rehearse(built_in()[name], None, 1, tier=Tier.MEMORY)
    last = json.loads(done.trace.splitlines()[-1])
    truth = "source" if lost else "copy"
    assert (last["kind"], last.get("lost_writes", 0)) == ("end", done.run.world.data.lost(truth))
    assert (last.get("lost_writes", 0) > 0) is lost
