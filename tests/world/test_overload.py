"""Overload that carries over: the fluid backlog against a simulation request by request, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.backlog import Backlog

from .fake_fleet import place
from .queue_simulation import simulate

WORKERS, SERVICE = 10, 0.05  # a machine as the spec has it by default: 200 requests/s
SURGE = [(30, 100), (60, 300), (60, 150)]  # seconds, requests/s: half as much again as it can serve, for a minute


def drive(there, profile, step=None):
    """All of the profile and a quiet time after it, in one stretch each or in steps. The sum of what was served."""
    total = there.serve(0, 1.0, 1.0)
    for length, rate in [*profile, (200, 0)]:
        pieces = round(length / step) if step else 1
        for _ in range(pieces):
            total += there.serve(round(rate * length / pieces), length / pieces, 1.0)
    return total


def arrivals(rng, profile):
    found, begin = [], 0.0
    for length, rate in profile:
        found += list(begin + rng.uniform(0, length, rng.poisson(length * rate)))
        begin += length
    return sorted(found)


KINDS = {
    "bounded": ({}, {"room": 400}),
    "impatient, work wasted": (
        {"queue": "10s", "impatience": {"patience": "1s"}},
        {"room": 2000, "patience": 1.0},
    ),
    "impatient, nothing wasted": (
        {"queue": "10s", "wasted": False, "impatience": {"patience": "1s"}},
        {"room": 2000, "patience": 1.0, "wasted": False},
    ),
    "retries": (
        {"impatience": {"retries": "80%", "attempts": 4, "backoff": "2s"}},
        {"room": 400, "retries": 0.8, "attempts": 4, "backoff": 2.0},
    ),
    "impatient, with retries": (
        {"queue": "10s", "impatience": {"patience": "1s", "retries": "80%", "attempts": 4, "backoff": "2s"}},
        {"room": 2000, "patience": 1.0, "retries": 0.8, "attempts": 4, "backoff": 2.0},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_surge_ends_as_in_a_simulation_of_every_request(kind):
    """A fluid has no chance in it: the mean of the simulations may differ by its standard error (4 of them) and by
    what chance alone keeps waiting at a bound, of the order of the root of arrivals and services (2 of these)."""
    model, simulated = KINDS[kind]
    runs = 8
    found = []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        done = simulate(rng, arrivals(rng, SURGE), workers=WORKERS, service=SERVICE, **simulated)
        found.append((done.answered, done.shed + done.given_up, done.lost, done.again))
    done = drive(place(1, **model), SURGE)
    expected = (done.answered, done.errors, done.errors - done.to_retry, done.again)
    events = sum(length * (rate + 200) for length, rate in SURGE)
    error = 4 * np.std(found, axis=0, ddof=1) / np.sqrt(runs) + 2 * np.sqrt(events)
    assert np.all(np.abs(np.mean(found, axis=0) - expected) < error)


@pytest.mark.slow
def test_waits_in_a_surge_grow_as_in_a_simulation():
    """From empty, 100 requests/s too many: after t seconds the wait is t / 2. Its chance part has the deviation of
    arrivals less services, here 0.16 s at 2 s; the mean of 20 runs a quarter of that."""
    waits = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        done = simulate(rng, arrivals(rng, [(4, 300)]), workers=WORKERS, service=SERVICE, room=10_000)
        waits.append(np.mean([wait for at, wait in done.waits if 1.5 < at < 2.5]))
    deviation = np.sqrt((300 + 200) * 2) / 200
    assert np.mean(waits) == pytest.approx(1.0, abs=4 * deviation / np.sqrt(20) + SERVICE)
    there = place(1, queue="60s")
    there.serve(450, 1.5, 1.0)
    assert there.serve(300, 1.0, 1.0).latency[4] == pytest.approx(1.0 + SERVICE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_totals_do_not_depend_on_how_time_is_cut(kind):
    """Whole requests are rounded once a kind. Retries are followed in steps of their own, to about 1 %."""
    whole, pieces, fine = (drive(place(1, **KINDS[kind][0]), SURGE, step) for step in (None, 5, 1))
    near = {"rel": 0.01} if "retries" in kind else {"abs": 3}
    for other in (pieces, fine):
        for part in ("requests", "answered", "shed", "dead", "again"):
            assert getattr(other, part) == pytest.approx(getattr(whole, part), **near), part
        assert other.slow == pytest.approx(whole.slow, rel=0.1), "the larger of two shares, piece by piece"


def test_one_stretch_of_a_minute_is_twelve_of_five_seconds_in_the_steady_range():
    whole = place().serve(60_000, 60.0, 0.2)
    there = place()
    pieces = [there.serve(5000, 5.0, 0.2) for _ in range(12)]
    assert sum(done.answered for done in pieces) == whole.answered == 60_000
    assert sum(done.slow for done in pieces) == pytest.approx(whole.slow)
    assert {done.latency for done in pieces} == {whole.latency}


def test_requests_that_wait_are_answered_when_the_surge_is_over():
    there = place(1, queue="60s")
    surge = there.serve(3000, 10.0, 1.0)
    assert (surge.answered, surge.errors, surge.waiting, there.moving) == (2000, 0, 1000, True)
    after = there.serve(1000, 10.0, 1.0)
    assert (after.answered, after.waiting, after.requests) == (2000, 0, 2000)
    assert not there.moving
    assert after.utilisation == pytest.approx(1.0), "busy with what had waited"
    assert surge.latency[3] > 4.5 > place(1).serve(1000, 10.0, 1.0).latency[3]


def test_a_full_queue_sheds_and_the_wait_is_its_length():
    done = drive(place(1), [(600, 400)])
    assert done.shed == pytest.approx(600 * 200 - 400, abs=1)
    there = place(1)
    there.serve(6000, 10.0, 1.0)
    assert there.serve(4000, 10.0, 1.0).latency[4] == pytest.approx(2.05)


def test_when_machines_go_what_waits_at_them_goes_too():
    there = place(2)
    there.serve(6000, 10.0, 1.0)
    assert there.waiting == 800
    there.fleet.set(1)
    done = there.serve(0, 1.0, 1.0)
    assert (done.shed, done.answered, there.waiting) == (400, 200, 200)


def test_users_give_up_after_their_patience_and_the_balancer_after_its_own():
    impatient = drive(place(1, queue="60s", impatience={"patience": "1s"}), [(60, 300)])
    assert impatient.given_up == impatient.dead > 0
    assert impatient.timed_out == impatient.elb_5xx == 0, "a client that has gone is no 5xx"
    balancer = drive(place(1, queue="10m", balancer={"idle_timeout": "30s"}), [(120, 300)])
    assert balancer.timed_out == balancer.dead == balancer.elb_5xx > 0
    assert balancer.given_up == 0


def test_work_for_clients_who_are_gone_leaves_nothing_for_the_others():
    """The queue is longer than the patience: first come, first served serves only those who have given up."""
    wasted = place(1, queue="10s", impatience={"patience": "1s"})
    useful = place(1, queue="10s", wasted=False, impatience={"patience": "1s"})
    for there in (wasted, useful):
        there.serve(60 * 300, 60.0, 1.0)
    assert wasted.serve(3000, 10.0, 1.0).answered == 0
    assert useful.serve(3000, 10.0, 1.0).answered == 2000


# -- retries


def storm(retries):
    """Ninety per cent of capacity, and one minute of twice as much. Shares answered in minutes 1, 2 and 12."""
    users = {"patience": "1s", "retries": retries, "attempts": 5, "backoff": "2s"}
    there, shares = place(1, queue="3s", impatience=users), []
    for minute in range(12):
        rate = 360 if minute == 1 else 150
        done = there.serve(rate * 60, 60.0, 1.0)
        shares.append(done.answered / done.arrived)
    return shares[0], shares[1], shares[11]


def test_a_storm_of_retries_outlives_its_cause():
    """Metastable failure: ten minutes after the surge the same load, which was fine before, is not served. Without
    retries it is over within the minute."""
    before, during, after = storm("100%")
    assert (before, after) == (1, pytest.approx(0, abs=0.01))
    calm_before, calm_during, calm_after = storm("0%")
    assert (calm_before, calm_after) == (1, 1)
    assert during < 0.5 and calm_during < 0.7


def test_retries_amplify_a_failure_by_the_geometric_sum():
    """Half of all attempts fail and half of those come again, three times at most: 1 + 1/4 + 1/16 attempts."""
    there = place(impatience={"retries": "50%", "attempts": 3, "backoff": "1s"})
    there.release.error_rate = 0.5
    done = drive(there, [(600, 100)])
    assert (done.arrived + done.again) / done.arrived == pytest.approx(1 + 1 / 4 + 1 / 16, rel=0.01)


def test_those_who_try_again_leave_exponentially():
    there = place(1000, impatience={"retries": "100%", "attempts": 2, "backoff": "20s"})
    there.release.error_rate = 1.0
    there.serve(100_000, 1.0, 1.0)
    there.release.error_rate = 0.0
    left = []
    for _ in range(8):
        there.serve(0, 5.0, 1.0)
        left.append(there.retrying.size)
    at_once = 100_000 * (1 - np.exp(-0.05)) / 0.05  # of the first second some were due within it
    assert left == pytest.approx(list(at_once * np.exp(-np.arange(1, 9) / 4)), rel=0.001)


def test_retries_cost_nothing_while_nothing_fails():
    there = place(impatience={"retries": "100%"})
    done = there.serve(60_000, 60.0, 1.0)
    assert (done.answered, done.again, there.moving) == (60_000, 0, False)


# -- what always holds

STRETCHES = st.lists(
    st.tuples(
        st.integers(0, 40_000),  # requests
        st.sampled_from([0.5, 5.0, 12.3, 60.0]),  # seconds
        st.integers(0, 12),  # machines that answer
        st.integers(0, 2),  # machines that do not
        st.sampled_from([0.0, 0.1, 1.0]),  # share that the software fails
    ),
    min_size=1,
    max_size=12,
)
USERS = st.sampled_from(
    [{}, {"patience": "1s"}, {"retries": "70%", "attempts": 4}, {"patience": "500ms", "retries": "100%"}]
)


@settings(max_examples=150, deadline=None)
@given(
    stretches=STRETCHES,
    users=USERS,
    wasted=st.booleans(),
    kind=st.sampled_from(["application", "classic"]),
    warm=st.sampled_from([600.0, 1e6]),
)
def test_no_request_is_lost_or_made_up(stretches, users, wasted, kind, warm):
    there = place(queue="3s", impatience=users, wasted=wasted, kind=kind, rate=warm, balancer={"cold": 500})
    waiting = pool = 0.0
    for requests, length, machines, dead, error_rate in stretches:
        there.fleet.set(machines, machines + dead)
        there.release.error_rate = error_rate
        done = there.serve(requests, length, 1.0)
        parts = (done.unreachable, done.rejected, done.dead, done.shed, done.failed, done.answered)
        assert min(parts) >= 0 and sum(parts) == done.requests
        assert 0 <= done.slow <= done.answered + 1e-6
        assert done.timed_out + done.given_up <= done.dead and done.spilled <= done.rejected
        now = there.retrying.size if there.retrying else 0.0
        assert done.arrived == requests
        assert done.arrived + done.again == done.requests + there.waiting - waiting
        assert done.to_retry - done.again == pytest.approx(now - pool, abs=1e-6 * (1 + now + pool))
        # A user's request is answered, failed for good, waits, or is to be tried again.
        for_good = done.errors - done.to_retry
        ends = done.answered + for_good + (there.waiting - waiting) + (now - pool)
        assert ends == pytest.approx(requests, abs=1e-6 * (1 + requests + pool))
        waiting, pool = there.waiting, now
        assert waiting == pytest.approx(there.backlog.staying, abs=4)
        assert waiting == 0 or there.backlog.size, "no part of a request stays behind"


@settings(max_examples=100, deadline=None)
@given(
    loads=st.lists(st.integers(0, 6000), min_size=1, max_size=10),
    fewer=st.integers(1, 10),
    more=st.integers(1, 10),
    users=USERS,
)
def test_more_machines_never_give_more_errors(loads, fewer, more, users):
    """To within the rounding of whole requests, and of the steps in which retries are followed."""
    few, many = (place(count, impatience=users) for count in (fewer, fewer + more))
    lost = [sum((d := there.serve(load, 5.0, 1.0)).errors - d.to_retry for load in loads) for there in (few, many)]
    assert lost[1] <= lost[0] + 4 + 0.01 * sum(loads)


@settings(max_examples=200, deadline=None)
@given(
    loads=st.lists(
        st.tuples(st.floats(0, 5000), st.floats(0.01, 100), st.floats(0.1, 500), st.floats(0, 2000)),
        min_size=1,
        max_size=8,
    ),
    patience=st.sampled_from([0.5, 3.0, float("inf")]),
    wasted=st.booleans(),
)
def test_the_backlog_conserves_requests_whatever_comes(loads, patience, wasted):
    queue, before = Backlog(), 0.0
    for arrived, length, capacity, room in loads:
        flow = queue.flow(arrived, length, capacity, room, patience=patience, wasted=wasted)
        known = flow.answered + flow.shed + flow.given_up + queue.staying - before
        assert known == pytest.approx(arrived, abs=1e-6 * (1 + arrived))
        assert min(flow.answered, flow.shed, flow.given_up, queue.size) >= -1e-6
        assert queue.size <= room + 1e-6
        assert flow.busy <= capacity * length + 1e-6
        assert sum(seconds for seconds, _, _ in flow.waits) == pytest.approx(length)
        before = queue.staying


# -- the fleet hears of it


def test_an_overloaded_machine_fails_its_health_checks_as_often_as_it_sheds():
    there = place(1)
    there.serve(5000, 10.0, 1.0)
    assert there.fleet.told == [pytest.approx(1 - 200 / 500)]
    there.serve(5050, 10.0, 1.0)
    assert len(there.fleet.told) == 1, "only what matters is told"
    there.serve(0, 60.0, 1.0)
    there.serve(100, 1.0, 1.0)
    assert there.fleet.told[1:] == [0.0]


def test_checks_that_wait_beyond_their_timeout_all_fail():
    there = place(1, queue="20s", check_timeout="5s")
    there.serve(3000, 10.0, 1.0)  # 1000 wait: 5 s
    assert there.fleet.told == [1.0]


def test_a_little_waiting_fails_no_check():
    there = place(1)
    there.serve(2200, 10.0, 1.0)
    assert there.waiting == 200 and there.fleet.told == []
