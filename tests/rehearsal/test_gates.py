"""Two scenarios of the catalogue, with the gates that most people would have written: these go back for nothing."""

import pytest

from bluegreen.model import End
from bluegreen.plan import Plan
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier


@pytest.mark.parametrize(
    ("name", "gate"),
    [
        ("sparse-errors-no-false-abort", {"measure": "error_rate", "below": "1%", "min_requests": 20}),
        ("both-slots-slow", {"measure": "latency_p99", "below": "300ms"}),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_threshold_goes_back_where_the_catalogues_gate_does_not(name, gate, seed):
    path = built_in()[name]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    threshold = Plan.model_validate({**plan.model_dump(by_alias=True), "gates": [{"kind": "threshold", **gate}]})
    assert run(scenario, plan, seed, tier=Tier.MEMORY).rollout.end is End.SUCCEEDED
    assert run(scenario, threshold, seed, tier=Tier.MEMORY).rollout.end is End.ROLLED_BACK
