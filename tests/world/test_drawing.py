"""Faults from a seed: complete, valid, readable, and the same each time."""

import re
from datetime import timedelta

import pytest

from bluegreen.registry import kind_of, kinds
from sim.draws import generator
from sim.faults.base import Deed, Fault
from sim.faults.chance import Seeded
from sim.faults.drawing import SETS, draw_faults, draw_kind
from sim.scenario import Scenario, built_in, load_scenario

KINDS = kinds("sim.faults", Fault)
HORIZON = timedelta(hours=2)


def seeded(seed):
    return Seeded(generator(seed, "faults"))


def drawn(seed, count=3):
    return draw_faults(seeded(seed), count, HORIZON)


MANY = [fault for seed in range(400) for fault in drawn(seed)]


def test_the_same_seed_draws_the_same_faults():
    assert [drawn(seed) for seed in range(20)] == [drawn(seed) for seed in range(20)]


def test_another_seed_draws_others():
    assert len({str(drawn(seed)) for seed in range(50)}) > 45


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_as_many_are_drawn_as_were_asked_for(count):
    assert {len(drawn(seed, count)) for seed in range(40)} == {count}


def test_every_kind_is_drawn():
    assert {kind_of(fault) for fault in MANY} == set(KINDS)


def test_every_set_is_drawn_whole_and_strikes_and_heals_as_one():
    def moment(fault):
        return fault.at, fault.share, fault.phase, fault.after

    found = set()
    for seed in range(400):
        faults = drawn(seed)
        for names in SETS:
            for start in range(len(faults)):
                some = faults[start : start + len(names)]
                if tuple(map(kind_of, some)) == names and len({moment(fault) for fault in some}) == 1:
                    assert len({fault.lasts for fault in some if not isinstance(fault, Deed)}) == 1
                    found.add(names)
    assert found == set(SETS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_of_a_kind_can_be_written_into_a_scenario_file_and_read_again(kind):
    for seed in range(30):
        fault = draw_kind(seeded(seed), kind)
        written = fault.model_dump(mode="json", exclude_none=True)
        read = Scenario.model_validate({"about": "drawn", "faults": [written]})
        assert read.faults == (fault,)


def test_what_is_drawn_with_its_moment_can_be_written_and_read_again():
    for fault in MANY:
        written = fault.model_dump(mode="json", exclude_none=True)
        assert Scenario.model_validate({"about": "drawn", "faults": [written]}).faults == (fault,)


def test_drawn_faults_strike_within_the_horizon_or_by_what_the_rollout_does():
    assert {(fault.at is None) + (fault.share is None) + (fault.phase is None) for fault in MANY} == {2}
    clocked = [fault.at for fault in MANY if fault.at is not None]
    assert timedelta(0) < min(clocked) and max(clocked) <= HORIZON


def test_drawn_faults_heal_unless_they_are_over_at_once():
    assert all((fault.lasts is None) == isinstance(fault, Deed) for fault in MANY)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_words_what_it_does(kind):
    """In a few words that need no code to be understood, other ones for other faults of the kind."""
    said = {draw_kind(seeded(seed), kind).about for seed in range(40)}
    for words in said:
        assert 10 < len(words) < 90, words
        assert not re.search(r"None|[_{}<>\"=]| '|' |Slot\.|\d{6}|  ", words), words
        assert words == words.strip() and not words.endswith("."), words
    if len({str(draw_kind(seeded(seed), kind)) for seed in range(40)}) > 1:
        assert len(said) > 1


def test_every_kind_appears_in_a_scenario_of_the_catalogue():
    shown = {kind_of(fault) for path in built_in().values() for fault in load_scenario(path).faults}
    assert shown == set(KINDS)
