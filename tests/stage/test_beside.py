"""A rollout that is watched for 90 s, rehearsed and drilled: how far what was measured is from what was foretold. Where
each bound comes from is said in docs/stage.md; none was fitted to a run."""

from math import sqrt

import pytest

from bluegreen.plan import load_plan
from bluegreen.report.compared.differences import compare
from bluegreen.report.compared.side import read_sides
from bluegreen.report.compared.words import comparison_text
from bluegreen.report.story import candidate_share
from sim.rehearsal import rehearse
from sim.scenario import load_scenario
from stage.users import EACH

from .conftest import DRILLS, LIMIT

pytestmark = [pytest.mark.slow, pytest.mark.drill]

PACE = 5
"""So that 20 s of TTL are a whole number of seconds."""
MINUTE, TTL, LOOK, SAMPLE = 60, 20, 10, 5
"""Seconds of the stage: CloudWatch counts so often, answers live so long, the engine looks so often, and the trace."""


@pytest.fixture(params=["all-well", "bad-release"])
def beside(request, drills, tmp_path_factory):
    """The comparison, and the scenario."""
    room, file = tmp_path_factory.mktemp("ninety"), DRILLS / f"{request.param}.scenario.yaml"
    rollout = room / "ninety.rollout.yaml"
    text = (DRILLS / "shop.rollout.yaml").read_text()
    rollout.write_text(text.replace("hold: 20s", "hold: 30s").replace("bake: 10s", "bake: 30s"))
    plan = load_plan(rollout)
    assert sum(step.hold.total_seconds() for step in plan.steps) + plan.bake.total_seconds() == 90
    rehearsed = room / "rehearsed.trace.jsonl"
    rehearsed.write_bytes(rehearse(file, rollout, 1).trace)
    drill = drills.start("--scenario", str(file), rollout=rollout, pace=str(PACE))
    said, _ = drill.communicate(timeout=LIMIT)
    assert drill.returncode == 0, said
    return compare(read_sides(rehearsed, drills.home() / "drill.trace.jsonl")), load_scenario(file)


def apart(comparison, name):
    (found,) = (difference for difference in comparison.differences if difference.name == name)
    assert found.apart is not None, name
    return found.apart


def test_what_a_rehearsal_foretells_is_what_a_drill_measures(beside):
    comparison, scenario = beside
    told = comparison_text(comparison)
    print(told)  # `pytest -rP` shows it
    assert not comparison.one_sided, told
    assert apart(comparison, "end") == 0, told
    moves = [d for d in comparison.differences if d.name.startswith("half of the users moved")]
    assert len(moves) == 2 and all(abs(move.apart) <= TTL for move in moves), told
    assert abs(apart(comparison, "to finish")) <= 2 * MINUTE + LOOK, told
    assert apart(comparison, "users on the candidate, apart on average") <= explained(comparison, scenario), told
    if scenario.faults:
        assert abs(apart(comparison, "to detect")) <= MINUTE + LOOK + SAMPLE, told
        assert abs(apart(comparison, "to go back")) <= LOOK + SAMPLE, told
        assert abs(apart(comparison, "to recover")) <= MINUTE + LOOK + SAMPLE + TTL, told
        assert_as_many_failed(comparison, scenario, told)
    else:
        assert max(side.summary.harm.failed_share for side in comparison.sides) < 0.001, told


def explained(comparison, scenario):
    """Shares are apart by what each step came later and users followed more slowly; and while answers name both slots,
    by the chance of few users, each with an answer of its own: their mean distance, with three times its error over
    some seven lifetimes of answers, is below two standard deviations."""
    lasted = max(side.summary.finish for side in comparison.sides)
    later = [abs(pair.later) for pair in comparison.decisions if pair.stage.startswith(("shift", "rollback"))]
    slower = [abs(d.apart) for d in comparison.differences if d.name.startswith("half of the users moved")]
    users = scenario.world.demand.rate * PACE / EACH
    halved = max(map(with_both, comparison.sides)) + TTL
    return (0.5 * (sum(later) + sum(slower)) + 2 * 0.5 / sqrt(users) * halved) / lasted


def with_both(side):
    """For how many seconds the engine saw that answers name both slots."""
    seen = [look.at for look in side.trace.decisions if 0 < (candidate_share(side.trace, look) or 0) < 1]
    return max(seen) - min(seen)


def assert_as_many_failed(comparison, scenario, told):
    """Of requests to the bad version as large a share; and so many more as it was found out later."""
    (fault,) = scenario.faults
    for side in comparison.sides:
        sums = [(s.errors["green"] * s.length, s.requests["green"] * s.length) for s in side.samples if s.errors]
        failed, asked = (sum(column) for column in zip(*sums, strict=True))
        noise = 3 * sqrt(fault.error_rate * (1 - fault.error_rate) * asked)
        assert abs(failed - fault.error_rate * asked) <= noise + 1, told
    counts = [side.summary.harm.failed for side in comparison.sides]
    rate = fault.error_rate * scenario.world.demand.rate * 0.5
    longer = abs(apart(comparison, "to detect")) + abs(apart(comparison, "to go back")) + TTL
    assert abs(counts[1] - counts[0]) <= rate * longer + 3 * sqrt(max(counts)), told
