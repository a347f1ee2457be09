"""The real engine under everything that can be drawn: any plan in any world with any faults, and people in between.

Derandomised: what fails here is due to the change at hand. New failures are looked for by exploration.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.cloud  # noqa: F401 - what Hypothesis reads of it must not count as slow input of the one test on moto
from bluegreen.model import End
from sim.run import run
from sim.testing import (
    SMALL,
    changes,
    clouds,
    numbers,
    operators_against,
    people,
    rehearse,
    rollout_files,
    scenarios,
    timelines,
)
from sim.testing.files import SHOP
from sim.testing.machine import OperatorsMachine
from sim.testing.trouble import OF_A_SLOT
from sim.tiers import Tier

BAD_VERSIONS = [kind for kind in OF_A_SLOT if kind != "hidden_user"]  # who stays for good is asked about


def looking(examples):
    return settings(max_examples=examples, derandomize=True, database=None)


@looking(60)
@given(scenarios(change=SMALL))
def test_whatever_goes_wrong_no_invariant_breaks_and_there_is_a_named_end(case):
    rehearse(case)


@pytest.mark.slow
@looking(40)
@given(scenarios(change=changes(), cloud=clouds()))
def test_so_it_is_for_any_rollout_file(case):
    rehearse(case)


@pytest.mark.slow
@looking(30)
@given(scenarios(change=SMALL, faults=people()))
def test_so_it_is_whatever_people_do(case):
    rehearse(case)


@pytest.mark.slow
@looking(3)
@given(scenarios(change=SMALL, cloud=clouds()))
def test_so_it_is_on_moto(case):
    rehearse(case, tier=Tier.MOTO)


@pytest.mark.slow
@looking(20)
@given(scenarios(SHOP, change=numbers(SHOP), faults=st.just(()), world={}))
def test_when_nothing_goes_wrong_other_numbers_succeed_too(case):
    rehearse(case, expect={"end": "succeeded", "because": "serves alone"})


@pytest.mark.slow
@looking(40)
@given(scenarios(change=SMALL, faults=timelines(2, among=BAD_VERSIONS, of_candidate=True), world={}))
def test_a_bad_version_that_heals_is_taken_or_left_and_nobody_is_needed(case):
    assert rehearse(case).end in (End.SUCCEEDED, End.ROLLED_BACK)


class Replayed(OperatorsMachine):
    """What the machine did, done again from its scenario alone."""

    scenarios = scenarios(change=SMALL, faults=st.just(()))

    def teardown(self):
        super().teardown()
        if hasattr(self, "ended"):
            again = run(self.drawn, self.drawn.plan, self.drawn.seed, tier=Tier.MEMORY)
            assert again.entries == self.ended.entries


TestOperatorsAreReplayedByTheirScenario = pytest.mark.slow(Replayed.TestCase)
TestOperatorsAreReplayedByTheirScenario.settings = settings(looking(10), deadline=None, stateful_step_count=8)

TestOperators = pytest.mark.slow(operators_against(SHOP, change=SMALL).TestCase)
TestOperators.settings = settings(looking(20), deadline=None, stateful_step_count=8)


@looking(30)
@given(rollout_files())
def test_a_drawn_rollout_file_never_asks_for_other_accounts(content):
    assert content["guard"] == {"accounts": ["123456789012"], "regions": ["us-east-1"]}
