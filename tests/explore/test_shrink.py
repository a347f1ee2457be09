"""Failing cases become as small as they can be, without an engine: a rule says what fails."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.registry import kind_of
from sim.draws import generator
from sim.explore.case import Case, weight
from sim.explore.every import every
from sim.explore.shrink import Trials, shrunk
from sim.explore.simpler import simpler
from sim.faults.chance import Seeded
from sim.faults.drawing import draw_faults
from sim.faults.engine_crash import EngineCrash
from sim.faults.slow_dns import SlowDns

HOURS = timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def drawn(seed, count=10):
    return draw_faults(Seeded(generator(seed, "faults")), count, HOURS)


def kinds_of(case):
    return {kind_of(fault) for fault in case.faults}


@pytest.mark.parametrize("seed", range(8))
def test_of_ten_faults_only_those_that_it_takes_are_left(seed):
    case = Case(77, drawn(seed))
    needed = sorted(kinds_of(case))[:2]
    found = shrunk(case, lambda one: set(needed) <= kinds_of(one))
    assert sorted(map(kind_of, found.faults)) == needed
    assert found.seed == 1


def test_numbers_become_as_mild_short_and_round_as_the_failure_allows():
    case = Case(5, (SlowDns(at=33 * MINUTE, lasts=37 * MINUTE, factor=60),))

    def fails(one):
        return any(f.factor >= 10 and f.lasts >= 11 * MINUTE and f.at is not None for f in one.faults)

    assert shrunk(case, fails).faults == (SlowDns(at=timedelta(0), lasts=15 * MINUTE, factor=10),)


def test_a_length_that_cannot_be_shorter_becomes_round():
    case = Case(1, (SlowDns(lasts=37 * MINUTE, factor=10),))
    assert (
        shrunk(case, lambda one: bool(one.faults) and one.faults[0].lasts > 36 * MINUTE).faults[0].lasts == 45 * MINUTE
    )


def test_a_seed_that_matters_is_kept():
    case = Case(17, (EngineCrash(),))
    assert shrunk(case, lambda one: one.seed == 17).seed == 17


def test_no_case_is_tried_twice_and_not_more_than_allowed():
    tried = []

    def fails(one):
        tried.append(one)
        return len(one.faults) > 3

    shrunk(Case(1, drawn(1)), fails, most=25)
    assert 20 < len(tried) <= 25 and len(tried) == len({repr(case) for case in tried})


def test_what_is_known_is_answered_when_no_more_trials_are_allowed():
    trials = Trials(lambda case: True, most=1)
    assert trials(Case(1))
    assert trials(Case(1)) and not trials(Case(2))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_simpler_forms_are_of_the_same_kind_and_never_the_fault_itself(seed):
    for fault in drawn(seed, 2):
        forms = list(simpler(fault))
        assert fault not in forms
        assert {kind_of(form) for form in forms} <= {kind_of(fault)}
        # and each can be written into a file
        assert all(type(form).model_validate(form.model_dump(mode="json", exclude_none=True)) == form for form in forms)


def test_every_fault_of_a_kind_is_each_choice_once_the_mildest_first():
    found = [(fault.factor, fault.slot) for fault in every("slow_boot")]
    assert len(found) == len(set(found)) == 9 and found[0] == (1.5, None)


def test_fewer_shorter_and_rounder_is_lighter():
    long, brief = (SlowDns(lasts=length * MINUTE, factor=10) for length in (40, 5))
    order = [Case(1), Case(1, (brief,)), Case(1, (long,)), Case(1, (brief, brief))]
    assert sorted((order[at] for at in (2, 3, 0, 1)), key=weight) == order
