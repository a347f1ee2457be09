"""One small rollout that all explore: two steps, a short bake."""

from datetime import timedelta

import pytest

from sim.material import Material
from sim.scenario import Scenario, built_in, plan_of

HORIZON = timedelta(minutes=70)
SHORT = {"strategy": {"kind": "canary", "share": "50%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}


def short(**given):
    return short_of({}, **given)


def short_of(change, **given):
    """The small rollout with some of it otherwise."""
    path = built_in()["all-well"]
    scenario = Scenario.model_validate({"about": "x", "change": {**SHORT, **change}})
    return Material(scenario, plan_of(scenario, path, None), scenario_path=path, **given)


@pytest.fixture
def material():
    return short()
