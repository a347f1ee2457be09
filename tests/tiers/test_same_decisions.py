"""Same plan, scenario and seed: the same decisions in the same order on both tiers, and the end that is expected."""

import pytest

from bluegreen.journal.entries import Decided, Entry, Failed
from sim.cloudspec import CloudSpec
from sim.rehearsal import rehearse
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier


def told(entry: Entry) -> tuple:
    """What was measured and decided, without times and names."""
    if isinstance(entry, Decided):
        rollout = entry.decision.rollout
        judged = [(judgement.gate, str(judgement.verdict)) for judgement in entry.decision.judgements]
        return (rollout.phase, rollout.step, rollout.end, entry.decision.actions, judged, entry.seen.readings)
    return (entry.kind, entry.action if isinstance(entry, Failed) else None)


def with_cloud(name, **cloud):
    """A scenario of the catalogue with another cloud around it, on both tiers. Returns the memory tier's entries."""
    path = built_in()[name]
    scenario = load_scenario(path).model_copy(update={"cloud": CloudSpec.model_validate(cloud)})
    plan = plan_of(scenario, path, None)
    return the_same(*(run(scenario, plan, 1, tier=tier) for tier in (Tier.MEMORY, Tier.MOTO)))


def the_same(memory, moto):
    assert [told(entry) for entry in memory.entries] == [told(entry) for entry in moto.entries]
    assert memory.world.api.log == moto.world.api.log
    assert [entry.at for entry in memory.entries] == [entry.at for entry in moto.entries]
    return memory.entries


@pytest.mark.slow
@pytest.mark.parametrize("name", built_in())
def test_a_scenario_ends_as_it_expects_and_both_tiers_decide_the_same(name):
    done = [rehearse(built_in()[name], None, seed=1, tier=tier) for tier in (Tier.MEMORY, Tier.MOTO)]
    for each in done:
        assert (each.verdict, each.missed, each.run.broken) == ("as expected", (), ())
        assert each.expectations, "a scenario that expects nothing cannot fail"
    the_same(*(each.run for each in done))


@pytest.mark.slow
@pytest.mark.parametrize(
    "quotas", [{"action_burst": 3, "action_refill": 0.03}, {"changes_burst": 2, "changes_refill": 0.003}]
)
def test_both_tiers_are_asked_too_often_at_the_same_calls(quotas):
    assert "Rate exceeded" in str(with_cloud("all-well", route53_quotas=quotas))


@pytest.mark.slow
def test_both_tiers_count_a_classic_balancers_refusals_alike():
    with_cloud("cold-balancer", balancer="classic")
