"""What lint calls an error comes true: each such file, rehearsed on the memory tier in an ordinary world."""

import pytest

from bluegreen.model import End
from bluegreen.plan import load_plan
from bluegreen.preview.finding import Severity, findings, lint
from bluegreen.preview.known import Known
from sim.run import run
from sim.scenario import Scenario, built_in, load_scenario, plan_of
from sim.tiers import Tier

from .files import written
from .test_findings import FOUND

BAD = {"kind": "bad_release", "phase": "hold", "error_rate": 0.9}
# finding -> the world beside the ordinary one, and how it ends
ENDS = {
    "min-requests-never-reached": ({"world": {"demand": {"rate": 83}}}, End.ROLLED_BACK, "no evidence"),
    "gate-never-passes": ({}, End.ROLLED_BACK, "no evidence"),
    "no-stop-condition": ({"faults": [{**BAD, "error_rate": "90%"}]}, End.SUCCEEDED, ""),
    "deadline-too-short": ({}, End.ROLLED_BACK, "scale took longer than 2m"),
    "does-not-end-well": ({}, End.ROLLED_BACK, "users did not follow within 1m"),
}
NOT_REHEARSED = {
    "cname-at-zone-apex": "the preflight refuses it",
    "record-outside-zone": "the preflight refuses it",
    "schema-check-cannot-run": "a rehearsal runs no check; that the check cannot say is in tests/schema",
    "gate-takes-a-stopped-replica-for-good": "the replica of a plan is looked at by the engine; tests/tiers/test_data"
    " shows what such a gate says",
    "look-limit-too-low": "it warns of a margin: half of the limit is needed when all goes well",
}


def test_every_error_is_rehearsed_or_there_is_a_reason():
    errors = {finding.name for finding in findings() if finding.severity is Severity.ERROR}
    assert errors == set(ENDS) | set(NOT_REHEARSED)


@pytest.mark.parametrize("name", ENDS)
def test_an_error_comes_true(tmp_path, name):
    more, end, why = ENDS[name]
    changes, _, _ = FOUND[name]
    scenario = Scenario.model_validate({"about": name, **more})
    done = run(scenario, load_plan(written(tmp_path, *changes)), 1, tier=Tier.MEMORY)
    told = [entry.decision.why for entry in done.entries if hasattr(entry, "decision")]
    assert done.rollout.end is end
    assert why in told[-1] + done.rollout.cause


def test_lint_says_of_the_catalogues_scenario_what_its_rehearsal_shows(tmp_path):
    path = built_in()["too-few-requests"]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    found = lint(path.parent / "rollouts/shop.rollout.yaml", Known(requests_per_minute=60 * scenario.world.demand.rate))
    assert [each.finding.name for each in found.found if each.finding.severity is Severity.ERROR] == [
        "min-requests-never-reached"
    ] * len(plan.gates)
