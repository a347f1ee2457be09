"""Which slot do Route 53's servers name now: propagation, and the order in which the world hears of it."""

from itertools import product

import numpy as np
import pytest
import simpy

from bluegreen.model import Slot
from bluegreen.units import parse_duration
from sim.dns import Dns, DnsSpec
from sim.effects import WeightsChanged
from sim.healthchecks import HealthCheckSpec

BLUE, GREEN = Slot.BLUE, Slot.GREEN
MINUTE = 60_000


def dns(seed=1, weights=None, spec=None, **options):
    env = simpy.Environment()
    return env, Dns(spec or DnsSpec(), weights or {BLUE: 100}, env=env, rng=np.random.default_rng(seed), **options)


def in_sync(env, records, change):
    """Run until it is; how long that took, ms."""
    began = env.now
    while records.status(change) == "PENDING":
        env.step()
    return env.now - began


def test_a_change_stands_at_once_but_is_answered_only_when_in_sync():
    env, records = dns()
    change = records.change({BLUE: 90, GREEN: 10})
    assert records.weights == {BLUE: 90, GREEN: 10}
    assert records.status(change) == "PENDING"
    assert records.answers() == {BLUE: 1.0, GREEN: 0.0}
    in_sync(env, records, change)
    assert records.answers() == {BLUE: 0.9, GREEN: 0.1}


def test_what_went_before_is_settled_before_the_answers_change():
    seen = []
    env, records = dns(settle=lambda: seen.append((env.now, records.status(change), records.answers()[GREEN])))
    change = records.change({GREEN: 100})
    env.run(until=records.insync_at)
    assert (seen, records.answers()[GREEN]) == ([], 0.0)
    env.run(until=records.insync_at + 1)
    assert seen == [(records.insync_at, "PENDING", 0.0)]
    assert records.answers()[GREEN] == 1.0


def test_changes_arrive_in_the_order_in_which_they_were_made_and_the_last_one_stays():
    for seed in range(50):
        env, records = dns(seed)
        changes = [records.change({BLUE: 1}), records.change({GREEN: 1}), records.change({BLUE: 1, GREEN: 3})]
        in_sync(env, records, changes[1])
        assert records.status(changes[0]) == "INSYNC"
        in_sync(env, records, changes[2])
        assert records.answers() == {BLUE: 0.25, GREEN: 0.75}


def delays(spec, count=2_000):
    env, records = dns(spec=spec)
    return np.array([in_sync(env, records, records.change({BLUE: 1})) for _ in range(count)])


def test_most_changes_are_in_sync_within_a_minute_and_the_mean_is_as_set():
    found = delays(DnsSpec())
    assert 0.95 < np.mean(found <= MINUTE) < 1
    assert np.mean(found) == pytest.approx(30_000, rel=0.03)


def test_rare_long_delays_come_as_often_as_is_set():
    found = delays(DnsSpec(late_chance=0.1, late=parse_duration("10m")))
    late = found[found > 3 * MINUTE]
    assert len(late) / len(found) == pytest.approx(0.1, abs=0.02)
    assert np.mean(late) == pytest.approx(630_000, rel=0.1)


def test_slow_propagation_delays_changes_by_its_factor():
    (normal_env, normal), (env, slow) = dns(), dns()
    slow.delay_factor = 20
    took = in_sync(env, slow, slow.change({BLUE: 1}))
    assert took == pytest.approx(20 * in_sync(normal_env, normal, normal.change({BLUE: 1})), abs=20)


def test_each_change_is_recorded_with_who_made_it():
    effects = []
    _, records = dns(record=effects.append)
    records.change({BLUE: 50, GREEN: 50}, by="operator")
    assert effects == [WeightsChanged({BLUE: 100}, {BLUE: 50, GREEN: 50}, "operator")]


def test_an_unhealthy_slot_is_passed_over_and_a_zero_weight_one_is_the_last_resort():
    well = {BLUE: True, GREEN: False}
    _, records = dns(weights={BLUE: 0, GREEN: 100}, healthy=well.__getitem__)
    assert records.answers() == {BLUE: 1.0, GREEN: 0.0}
    well[BLUE] = False
    assert records.answers() == {BLUE: 0.0, GREEN: 1.0}


@pytest.mark.parametrize("state", list(product([True, False], repeat=2)))
def test_health_that_nobody_evaluates_changes_nothing(state):
    well = dict(zip(Slot, state, strict=True))
    _, records = dns(weights={BLUE: 1, GREEN: 3}, serving=well.__getitem__)
    assert records.answers() == {BLUE: 0.25, GREEN: 0.75}


def test_unknown_change_ids_are_an_error():
    _, records = dns()
    with pytest.raises(KeyError):
        records.status("C1")


# -- health checks on the records


class Watched:
    """Both slots have records, blue's with a check; `world` looks at the answers as the world does when it settles."""

    def __init__(self, **spec):
        self.well, self.settled = {BLUE: True, GREEN: True}, []
        check = HealthCheckSpec(**spec)
        self.env, self.dns = dns(
            weights={BLUE: 100}, spec=DnsSpec(health_check=check), serving=self.well.__getitem__, settle=self.settle
        )
        in_sync(self.env, self.dns, self.dns.change({BLUE: 100, GREEN: 0}))
        self.env.run(until=10 * MINUTE)

    def settle(self):
        self.settled.append((self.env.now, self.dns.answers()))

    def set(self, slot, well):
        """As whoever changes something does it: settle first."""
        self.settle()
        self.well[slot] = well

    def until_the_answer_is(self, slot):
        began = self.env.now
        while self.dns.answers()[slot] < 1:
            assert self.env.now < began + 10 * MINUTE
            self.env.step()
        return (self.env.now - began) / 1000


def test_answers_follow_the_slots_real_state_after_the_checkers_have_found_out():
    it = Watched()
    it.set(BLUE, False)
    assert 60 < it.until_the_answer_is(GREEN) <= 91
    it.set(BLUE, True)
    assert 60 < it.until_the_answer_is(BLUE) <= 91


def test_a_verdict_turns_only_after_what_went_before_is_settled():
    it = Watched()
    it.set(BLUE, False)
    it.settled.clear()
    it.until_the_answer_is(GREEN)
    assert it.settled[-1] == (it.env.now, {BLUE: 1.0, GREEN: 0.0})


def test_a_change_keeps_the_check_of_a_record_that_stays_and_gives_none_to_a_new_one():
    it = Watched()
    assert it.dns.checked == {BLUE: "check-blue"}
    it.dns.change({GREEN: 1})
    it.dns.change({BLUE: 1, GREEN: 1})
    assert it.dns.checked == {}


def test_a_change_may_say_which_checks_the_records_have_now():
    it = Watched()
    it.dns.add_check("other", GREEN, HealthCheckSpec())
    in_sync(it.env, it.dns, it.dns.change({BLUE: 0, GREEN: 100}, checked={GREEN: "other"}))
    it.set(GREEN, False)
    it.until_the_answer_is(BLUE)
    assert it.dns.checked == {GREEN: "other"}


def test_a_record_without_check_counts_as_healthy_whatever_its_slot_does():
    it = Watched()
    it.set(GREEN, False)
    in_sync(it.env, it.dns, it.dns.change({BLUE: 0, GREEN: 100}))
    it.env.run(until=it.env.now + 10 * MINUTE)
    assert it.dns.answers() == {BLUE: 0.0, GREEN: 1.0}


def test_a_check_that_is_removed_lets_its_record_count_as_healthy():
    it = Watched()
    it.set(BLUE, False)
    it.until_the_answer_is(GREEN)
    it.dns.remove_check("check-blue")
    assert it.dns.answers() == {BLUE: 1.0, GREEN: 0.0}


def test_without_health_checks_nothing_ever_happens_by_itself():
    env, records = dns(healthy=lambda slot: True)
    records.answers()
    assert env.peek() == float("inf")


def test_a_slot_without_a_record_is_never_answered(make_world):
    assert make_world().dns.answers() == {BLUE: 1.0, GREEN: 0.0}
