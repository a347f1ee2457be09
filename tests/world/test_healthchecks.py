"""Health checkers: the verdict against sixteen checkers that really probe, and the times that are known."""

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.units import parse_duration
from sim.healthchecks import AlarmCheck, CalculatedCheck, EndpointCheck, HealthCheckSpec, enough


def check(seed=1, **spec):
    env = simpy.Environment()
    turns = []
    made = EndpointCheck(
        HealthCheckSpec(**spec), env=env, rng=np.random.default_rng(seed), turning=lambda: turns.append(env.now)
    )
    return env, made, turns


def at(env, moment):
    """Everything up to and including this moment has happened."""
    env.run(until=moment + 1)


def test_a_turn_that_is_due_when_the_endpoint_changes_back_still_happens():
    env, made, turns = check(checkers=3, threshold=1)
    made.told(False)
    due = env.peek()
    env.run(until=due)
    made.told(True)
    env.run(until=due + 1)
    assert turns[0] == due


class Probing:
    """The same, probe by probe: sixteen loops, and a count after each probe."""

    def __init__(self, spec, seed, changes):
        interval = round(spec.interval.total_seconds() * 1000)
        phases = np.random.default_rng(seed).integers(0, interval, spec.checkers)
        self.spec, self.up, self.verdict, self.verdicts = spec, True, True, []
        self.well = [True] * spec.checkers
        self.env = simpy.Environment()
        for index, phase in enumerate(phases.tolist()):
            self.env.process(self.probe(index, phase, interval))
        self.env.process(self.change(changes))

    def change(self, changes):
        """At equal times a probe comes first."""
        for moment, up in changes:
            yield self.env.timeout(moment - int(self.env.now))
            yield self.env.timeout(0)
            self.up = up

    def probe(self, index, phase, interval):
        against = 0
        yield self.env.timeout(phase)
        while True:
            against = against + 1 if self.up is not self.well[index] else 0
            if against == self.spec.threshold:
                self.well[index], against = self.up, 0
            verdict = sum(self.well) / len(self.well) > 0.18
            if verdict is not self.verdict:
                self.verdict = verdict
                self.verdicts.append((self.env.now, verdict))
            yield self.env.timeout(interval)


@st.composite
def stories(draw):
    """(spec, seed, changes): an endpoint that goes down and up, often faster than anybody can see."""
    spec = HealthCheckSpec(
        interval=draw(st.sampled_from([parse_duration("10s"), parse_duration("30s")])),
        threshold=draw(st.integers(1, 4)),
        checkers=draw(st.sampled_from([3, 6, 16])),
    )
    pauses = draw(st.lists(st.integers(2, 120_000), max_size=12))
    moments = np.cumsum([1, *pauses]).tolist()
    return spec, draw(st.integers(0, 1000)), [(moment, n % 2 == 1) for n, moment in enumerate(moments)]


@settings(max_examples=200, deadline=None)
@given(stories())
def test_the_verdict_turns_when_sixteen_probing_checkers_turn_it(story):
    spec, seed, changes = story
    probing = Probing(spec, seed, changes)
    probing.env.run(until=changes[-1][0] + 300_000)
    env, made, turns = check(seed, **spec.model_dump())
    for moment, up in changes:
        env.run(until=moment)
        made.told(up)
    env.run(until=changes[-1][0] + 300_000)
    assert turns == [moment for moment, _ in probing.verdicts]
    assert made.healthy is probing.verdict
    assert made.opinions == probing.well


@pytest.mark.parametrize(
    ("interval", "threshold", "down", "up"),
    [("30s", 3, 84.7, 65.3), ("10s", 3, 28.2, 21.8), ("10s", 1, 8.2, 1.8)],
)
def test_detection_takes_as_long_as_sixteen_uniform_phases_say(interval, threshold, down, up):
    found = []
    for seed in range(1_500):
        env, made, turns = check(seed, interval=interval, threshold=threshold)
        for moment, state in ((100_000, False), (400_000, True)):
            at(env, moment)
            made.told(state)
        env.run(until=700_000)
        found.append([turns[0] - 100_001, turns[1] - 400_001])
    mean, error = np.mean(found, axis=0) / 1000, np.std(found, axis=0) / 1000 / np.sqrt(len(found))
    assert mean == pytest.approx([down, up], abs=0.05 + 4 * max(error))


def test_a_flap_that_is_shorter_than_a_probes_pause_goes_unseen():
    env, made, turns = check(interval="30s", threshold=3)
    for start in range(100_000, 2_000_000, 100_000):
        at(env, start)
        made.told(False)
        at(env, start + 1_000)
        made.told(True)
    assert (turns, made.healthy) == ([], True)


def test_saying_the_same_again_changes_nothing():
    env, made, turns = check()
    made.told(False)
    for moment in range(1_000, 80_000, 1_000):
        at(env, moment)
        made.told(False)
    env.run(until=200_000)
    other_env, other, expected = check()
    other.told(False)
    other_env.run(until=200_000)
    assert turns == expected != []


def test_a_turn_costs_one_event_however_many_probes_there_are_and_however_often_it_is_told():
    env, made, _ = check(checkers=256)
    for _ in range(3):
        made.told(False)
    events = 0
    while env.peek() < 10**9:
        env.step()
        events += 1
    assert events == 1 and not made.healthy


@pytest.mark.parametrize(
    ("spec", "new", "down"),
    [
        ({}, True, False),
        ({"inverted": True}, False, True),
        ({"disabled": True}, True, True),
        ({"disabled": True, "inverted": True}, False, False),
    ],
)
def test_a_new_check_is_healthy_and_inversion_turns_everything_round(spec, new, down):
    env, made, _ = check(**spec)
    assert made.healthy is new
    made.told(False)
    env.run(until=200_000)
    assert made.healthy is down


def test_more_than_18_percent_must_say_healthy():
    assert next(n for n in range(101) if enough(n, 100)) == 19


@pytest.mark.parametrize("wrong", [{"interval": "20s"}, {"threshold": 0}, {"threshold": 11}, {"checkers": 2}])
def test_settings_that_route_53_does_not_have_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        HealthCheckSpec(**wrong)


# -- checks of checks, and of alarms


def followed(states, **options):
    return AlarmCheck(lambda: states[-1], **options)


def test_a_calculated_check_follows_its_children():
    states = {name: ["OK"] for name in "abc"}
    made = CalculatedCheck({name: followed(state) for name, state in states.items()}, 2)
    seen = []
    for name in "abc":
        seen.append(made.healthy)
        states[name].append("ALARM")
    assert [*seen, made.healthy] == [True, True, False, False]


def test_a_disabled_child_counts_as_healthy():
    dead = followed(["ALARM"])
    assert CalculatedCheck({"a": dead, "b": check(disabled=True)[1]}, 1).healthy
    assert not CalculatedCheck({"a": dead, "b": dead}, 1).healthy


def test_a_calculated_check_can_be_inverted_or_disabled():
    assert not CalculatedCheck({}, 0, inverted=True).healthy
    assert CalculatedCheck({}, 1, disabled=True).healthy


def test_calculated_checks_do_not_nest_and_have_255_children_at_most():
    with pytest.raises(ValueError, match="inner"):
        CalculatedCheck({"inner": CalculatedCheck({}, 0)}, 1)
    children = {str(n): followed(["OK"]) for n in range(256)}
    with pytest.raises(ValueError, match="255"):
        CalculatedCheck(children, 1)
    children.popitem()
    assert CalculatedCheck(children, 255).healthy


@pytest.mark.parametrize(
    ("insufficient", "new", "after_ok", "after_alarm"),
    [("Healthy", True, True, True), ("Unhealthy", False, False, False), ("LastKnownStatus", True, True, False)],
)
def test_without_data_an_alarm_check_says_what_it_is_set_to(insufficient, new, after_ok, after_alarm):
    states = ["INSUFFICIENT_DATA"]
    made = followed(states, insufficient=insufficient)
    seen = [made.healthy]
    for state in ("OK", "ALARM"):
        states.append(state)
        assert made.healthy is (state == "OK")
        states.append("INSUFFICIENT_DATA")
        seen.append(made.healthy)
    assert seen == [new, after_ok, after_alarm]
