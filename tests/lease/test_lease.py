"""Leases: one body over the locked file and the shared table (a dict and DynamoDB), and what only the table can do."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import InUse, LeaseLost, Throttled, Unreachable
from bluegreen.lease.holder import Holder, this_process
from bluegreen.lease.local import FileLease, holder_in, is_locked
from bluegreen.lease.watched import Watched

from .stores import LENGTH, START, STORES, Hands, Unreliable, lease, memory


@dataclass
class Files:
    """Leases of one service as one locked file."""

    path: object

    def get(self, who):
        return FileLease(self.path, Holder(who, f"{who}-laptop", 1, "shop-1", START))

    def steal(self):
        """Somebody removes the file, and another engine begins."""
        self.path.unlink()
        return self.get("thief")


@dataclass
class Shared:
    """Leases of one service in one table."""

    store: object
    clock: Hands

    def get(self, who):
        wanted = lease(self.store, who, self.clock)
        while not wanted.acquire():
            self.clock.sleep(LENGTH / 20)
        return wanted

    def steal(self):
        """An engine says nothing for so long that another one takes over."""
        return self.get("thief")


@pytest.fixture(params=["file", *STORES])
def leases(request, tmp_path):
    if request.param == "file":
        yield Files(tmp_path / "shop.lock")
        return
    with STORES[request.param]() as store:
        yield Shared(store, Hands())


def test_the_fence_grows_each_time_the_lease_changes_hands(leases):
    fences = []
    for who in ("ann", "bob", "ann"):
        held = leases.get(who)
        held.renew()
        fences.append(held.holder.fence)
        held.release()
    assert fences == [1, 2, 3]


def test_who_lost_the_lease_is_told_who_has_it_and_stays_without(leases):
    ours = leases.get("ann")
    ours.renew()
    theirs = leases.steal()
    for _ in range(2):
        with pytest.raises(LeaseLost, match=r"thief on thief-laptop \(pid 1\), working on shop-1"):
            ours.renew()
    theirs.renew()
    ours.release()
    theirs.renew()


def test_a_second_engine_on_this_machine_is_refused_with_the_holders_name(tmp_path):
    path = tmp_path / "shop.lock"
    with Files(path).get("ann"):
        assert is_locked(path)
        with pytest.raises(InUse, match=r"shop is being rolled out by ann on ann-laptop \(pid 1\).*since 2030-01-01"):
            Files(path).get("bob")
    assert not is_locked(path)
    Files(path).get("bob").release()


def test_a_look_at_the_lock_turns_no_engine_away(tmp_path):
    path = tmp_path / "shop.lock"
    for who in ("ann", "bob"):
        assert not is_locked(path)
        Files(path).get(who).release()


def test_a_lock_file_torn_at_any_byte_still_gives_a_growing_fence(tmp_path):
    path = tmp_path / "shop.lock"
    for who in ("ann", "bob"):
        Files(path).get(who).release()
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for size in range(first, len(whole)):
        path.write_bytes(whole[:size])
        with Files(path).get("carl") as held:
            assert held.holder.fence == (3 if size >= len(whole) - 1 else 2)
            assert holder_in(path) == held.holder


@pytest.fixture(params=STORES)
def store(request):
    with STORES[request.param]() as made:
        yield made


def test_while_the_holder_renews_another_engine_is_refused_at_the_next_renewal(store):
    clock = Hands()
    ours, theirs = lease(store, "ann", clock), lease(store, "bob", clock)
    assert ours.acquire()
    assert not theirs.acquire(), "nobody can tell yet whether ann lives"
    clock.sleep(LENGTH / 2)
    assert not theirs.acquire()
    ours.renew()
    with pytest.raises(InUse, match=r"ann on ann-laptop .* whose engine is alive"):
        theirs.acquire()


def test_a_holder_that_says_nothing_for_the_length_is_followed_and_never_before(store):
    clock = Hands()
    assert lease(store, "ann", clock).acquire()
    theirs = lease(store, "bob", clock)
    second = timedelta(seconds=1)
    assert not theirs.acquire()
    clock.sleep(LENGTH - second)
    assert not theirs.acquire()
    clock.sleep(second)
    assert theirs.acquire() and theirs.holder.fence == 2


@pytest.mark.parametrize("skew", [timedelta(days=-400), timedelta(0), timedelta(days=400)])
def test_clocks_that_disagree_change_nothing(store, skew):
    ours, theirs = Hands(), Hands(START + skew)
    holder, other = lease(store, "ann", ours), lease(store, "bob", theirs)
    assert holder.acquire()
    assert not other.acquire()
    for clock in (ours, theirs):
        clock.sleep(LENGTH / 2)
    holder.renew()
    with pytest.raises(InUse):
        other.acquire()


def test_a_lease_that_was_given_back_is_there_at_once(store):
    ours = lease(store, "ann")
    assert ours.acquire()
    ours.release()
    assert lease(store, "bob").acquire()
    with pytest.raises(LeaseLost):
        ours.renew()


def test_of_two_who_want_a_dead_holders_lease_one_gets_it(store):
    clock = Hands()
    assert lease(store, "ann", clock).acquire()
    bob, carl = lease(store, "bob", clock), lease(store, "carl", clock)
    assert not bob.acquire() and not carl.acquire()
    clock.sleep(LENGTH)
    assert bob.acquire()
    with pytest.raises(InUse, match="bob on bob-laptop"):
        carl.acquire()


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2])
def test_an_acquisition_whose_call_or_answer_is_lost_is_asked_again_and_counts_once(store, call, lost):
    shaky = Unreliable(store, **{lost: {call: Unreachable("no answer")}})
    ours = lease(shaky, "ann")
    with pytest.raises(Unreachable):
        ours.acquire()
    assert ours.acquire() and ours.holder.fence == 1
    ours.renew()


def test_renewals_whose_answers_are_lost_are_still_seen_by_others(store):
    clock = Hands()
    shaky = Unreliable(store)
    ours, theirs = lease(shaky, "ann", clock), lease(store, "bob", clock)
    assert ours.acquire()
    shaky.after = {number: Unreachable("no answer") for number in range(3, 99)}
    with pytest.raises(Unreachable):
        ours.renew()
    assert not theirs.acquire()
    with pytest.raises(Unreachable):
        ours.renew()
    with pytest.raises(InUse):
        theirs.acquire()


def test_a_throttled_renewal_is_trouble_and_not_a_loss(store):
    shaky = Unreliable(store)
    ours = lease(shaky, "ann")
    assert ours.acquire()
    shaky.before = {shaky.calls + 1: Throttled("slow down")}
    with pytest.raises(Throttled):
        ours.renew()
    ours.renew()


def test_a_renewal_that_took_long_says_little_about_now_and_is_made_again():
    with memory() as store:
        clock = Hands()

        class Slow(Unreliable):
            def write(self, *writes):
                clock.sleep(slowness.pop() if slowness else timedelta(0))
                super().write(*writes)

        slow = Slow(store)
        slowness = []
        ours = lease(slow, "ann", clock)
        assert ours.acquire()
        slowness, slow.calls = [LENGTH], 0
        ours.renew()
        assert slow.calls == 2
        slowness = [LENGTH] * 9
        with pytest.raises(Unreachable, match="quarter"):
            ours.renew()


def test_this_process_has_a_name_for_people():
    me = this_process("shop-1", START)
    assert me.who and me.host and me.pid and str(me.pid) in me.name


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=12))
def test_a_mark_counts_as_standing_still_only_after_two_looks_a_length_apart_without_a_change(looks):
    watched, at, mark, since = Watched(LENGTH), START, 0, None
    for seconds, moves in looks:
        at += timedelta(seconds=seconds)
        mark += moves
        if moves or since is None:
            since = at
        assert watched.see((mark,), at) == (at - since >= LENGTH)
