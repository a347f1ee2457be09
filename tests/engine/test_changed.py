"""What is worked out once, or made in a quicker way, is what it would be anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.gates.threshold import Threshold
from bluegreen.gates.wanted import wanted_by
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.model.changed import changed
from sim.scenario import built_in, load_scenario, plan_of

START = datetime(2030, 1, 1, tzinfo=UTC)
ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, step=2, cause="none", runs={})


@given(looks=st.integers(0, 99), phase=st.sampled_from(Phase), seconds=st.integers(0, 99))
def test_a_copy_with_some_fields_changed_is_that_of_dataclasses(looks, phase, seconds):
    new = {"looks": looks, "phase": phase, "moved": START + timedelta(seconds=seconds)}
    assert changed(ROLLOUT, **new) == replace(ROLLOUT, **new)


def test_a_field_that_there_is_not_cannot_be_changed():
    with pytest.raises(KeyError):
        changed(ROLLOUT, look=1)


def test_a_plan_with_other_gates_wants_what_those_want():
    path = built_in()["all-well"]
    plan = plan_of(load_scenario(path), path, None)
    gates = (Threshold(measure="latency_p50", below="1s", min_sample=7),)
    assert plan.evidence == wanted_by(plan.gates) != wanted_by(gates)
    assert plan.model_copy(update={"gates": gates}).evidence == wanted_by(gates)
