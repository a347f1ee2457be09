"""What holds for every kind of gate: no data is UNKNOWN, more errors never make it better, dry runs decide nothing, the
reasons can be understood."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.decide.watch import Watch
from bluegreen.gates.alarm import Alarm
from bluegreen.gates.base import Evidence, Gate
from bluegreen.gates.compare import Compare
from bluegreen.gates.counts import Limits
from bluegreen.gates.locust import Locust
from bluegreen.gates.mann_whitney import MannWhitney
from bluegreen.gates.metric import Metric
from bluegreen.gates.sequential import Sequential
from bluegreen.gates.sequential_latency import SequentialLatency
from bluegreen.gates.threshold import Threshold
from bluegreen.gates.webhook import Webhook
from bluegreen.model import CheckView, Observation, Slot, Verdict
from bluegreen.plan import Plan
from bluegreen.registry import kinds

from ..engine.memory import MINUTE, START
from .evidence import evidence

RATIO = {"errors": {"measure": "errors"}, "requests": {"measure": "requests"}}
GATES = [
    Threshold(measure="error_rate", below="1%"),
    Threshold(measure="latency_p99", below="800ms"),
    Alarm(alarm="shop-errors"),
    Alarm(alarm="shop-errors", already_firing="ignore", name="forgiving"),
    Metric(name="error ratio", metrics=RATIO, expression="FILL(errors, 0) / requests", below=0.01),
    Compare(measure="error_rate", difference="1%"),
    Sequential(below="1%"),
    Sequential(difference="1%", name="against live"),
    Sequential(below="2%", ratio=2, difference="0.1%", name="both"),
    SequentialLatency(limit="800ms", below="1%"),
    MannWhitney(measure="error_rate", min_minutes=5),
    Webhook(url="https://crm.example.com/ok"),
    Locust(load={"file": "users.py", "users": 10}),
]
PATIENT = [
    gate.model_copy(update={"limits": Limits(failures=2, consecutive=2, inconclusive=5, errors=3), "min_sample": 500})
    for gate in GATES
]
COUNTING = [gate for gate in (*GATES, *PATIENT) if gate.kind not in {"alarm", "webhook", "locust", "mann_whitney"}]
RANK = {Verdict.PASS: 0, Verdict.UNKNOWN: 1, Verdict.FAIL: 2}
each = pytest.mark.parametrize("gate", (*GATES, *PATIENT), ids=lambda gate: gate.name)


def good(**more):
    """Nothing is wrong, and much is known: every gate passes."""
    return evidence(**GOOD | more)


GOOD = {
    "alarms": {"shop-errors": "OK"},
    "live": {"requests": [6000] * 9, "errors": [6] * 9, "latency_p99": [0.2] * 9},
    "requests": [6000] * 9,
    "errors": [6] * 9,
    "latency_p99": [0.2] * 9,
    "answered": [6000] * 9,
    "slow": [6] * 9,
    "checks": {
        "gate/webhook#1": CheckView("passed", "200", START + MINUTE),
        "gate/locust#1": CheckView("passed", "2 of 9000 requests failed, limit 1%", START + MINUTE),
    },
}
BAD = GOOD | {
    "alarms": {"shop-errors": "ALARM"},
    "errors": [600] * 9,
    "latency_p99": [2.0] * 9,
    "slow": [600] * 9,
    "checks": {
        "gate/webhook#1": CheckView("failed", "500", START + MINUTE),
        "gate/locust#1": CheckView("failed", "900 of 9000 requests failed, limit 1%", START + MINUTE),
    },
}


def test_no_kind_is_left_out_here():
    assert {gate.kind for gate in GATES} == set(kinds("bluegreen.gates", Gate))


@each
def test_no_data_is_unknown(gate):
    assert gate.judge(evidence()).verdict is Verdict.UNKNOWN
    blind = Evidence(Observation(START), Slot.BLUE, Slot.GREEN, START)
    assert gate.judge(blind).verdict is Verdict.UNKNOWN


@each
def test_good_evidence_passes(gate):
    assert gate.judge(good()).verdict is Verdict.PASS


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_bad_evidence_fails(gate):
    said = gate.judge(evidence(**BAD))
    assert said.verdict is Verdict.FAIL or (gate.name == "forgiving" and not said.decides)


@each
def test_good_evidence_that_stopped_long_ago_does_not_pass(gate):
    """A metric that stops in the middle of a step: the answers of alarms and checks are of now."""
    late = good(at=START + 30 * MINUTE)
    if gate.kind in {"alarm", "webhook", "locust"}:
        late = good(at=START + 30 * MINUTE, alarms={}, checks={})
    assert gate.judge(late).verdict is Verdict.UNKNOWN


@each
def test_good_evidence_of_an_earlier_step_does_not_pass(gate):
    if gate.kind != "alarm" or gate.min_sample:
        assert gate.judge(good(since=START + 9 * MINUTE)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("gate", COUNTING, ids=lambda gate: gate.name)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_more_errors_never_make_a_verdict_better(gate, data):
    minutes = data.draw(st.integers(1, 9))
    requests, live, few, more = (
        data.draw(st.lists(st.integers(0, top), min_size=minutes, max_size=minutes)) for top in (5000, 5000, 200, 200)
    )
    errors = [min(a, n) for a, n in zip(few, requests, strict=True)]
    worse = [min(a + b, n) for a, b, n in zip(errors, more, requests, strict=True)]
    slower = [0.001 * (100 + count) for count in errors], [0.001 * (100 + 5 * count) for count in worse]
    theirs = {"requests": live, "errors": [n // 200 for n in live]}

    def said(errors, p99):
        seen = evidence(requests=requests, answered=requests, errors=errors, slow=errors, latency_p99=p99, live=theirs)
        return gate.judge(seen).verdict

    assert RANK[said(worse, slower[1])] >= RANK[said(errors, slower[0])]


@each
def test_the_order_in_which_looks_are_judged_and_series_come_does_not_matter(gate):
    looks = [good(), evidence(**BAD), evidence(), good(at=START + 5 * MINUTE)]
    said = [gate.judge(look).verdict for look in looks]
    turned = [replace(look, seen=replace(look.seen, readings=look.seen.readings[::-1])) for look in looks]
    assert [gate.judge(look).verdict for look in turned[::-1]] == said[::-1]


@each
@pytest.mark.parametrize("series", [GOOD, BAD, {}], ids=["good", "bad", "none"])
def test_a_dry_run_is_judged_and_shown_and_decides_nothing(gate, series):
    dry = gate.model_copy(update={"dry_run": True})
    said, real = dry.judge(evidence(**series)), gate.judge(evidence(**series))
    assert said.verdict is real.verdict and said.why == f"dry run: {real.why}"
    watched = Watch((said,))
    assert not said.decides and not watched.failed and not watched.unknown and not watched.given_up
    assert not dry.decides_alone


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
@pytest.mark.parametrize("series", [GOOD, BAD], ids=["good", "bad"])
def test_the_reason_names_counts_and_limit(gate, series):
    """Whoever reads it at night must see how many, of how many, in which time, and how many were allowed."""
    said = gate.judge(evidence(**series))
    if gate.kind in {"alarm", "webhook"}:
        assert "shop-errors" in said.why or said.why in {"200", "500"}
        return
    assert "limit" in said.why, said.why
    assert len(re.findall(r"\d+", said.why)) >= 3, said.why
    if gate.kind.startswith("sequential"):
        assert re.search(r"\d+ of \d+ requests .* in 9 minutes, so between .*% and .*%; limit", said.why), said.why


@each
def test_a_gate_survives_being_written_and_read(gate):
    again = type(gate).model_validate(json.loads(gate.model_dump_json()))
    assert again == gate


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_the_schema_for_editors_knows_every_kind_and_its_common_fields(gate):
    schema = Plan.model_json_schema()
    known = next(
        d
        for d in schema["$defs"].values()
        if d.get("properties", {}).get("kind", {}).get("const") == gate.kind and "max_wait" in d["properties"]
    )
    assert known["properties"].keys() >= {"min_sample", "initial_delay", "warm_up", "dry_run", "limits", "max_wait"}


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_what_a_file_does_not_say_is_not_in_its_hash(gate):
    common = {"min_sample", "initial_delay", "warm_up", "dry_run", "limits", "already_firing"}
    assert not common & gate.model_dump().keys() - {"already_firing" if gate.name == "forgiving" else ""}
