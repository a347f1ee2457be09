"""The report of a real rollout says no more than the engine was told."""

from bluegreen.gates.alarm import Alarm
from bluegreen.journal.entries import ENTRY
from bluegreen.report import summary_text

from ..engine.memory import Outside
from ..engine.test_engine import PLAN, perform


def said(plan):
    _, journal = perform(Outside(), plan)
    return summary_text([ENTRY.dump_json(entry).decode() for entry in journal.entries()])


def test_errors_that_nobody_asked_for_are_not_told_to_be_none():
    plan = PLAN.model_copy(update={"gates": (Alarm(alarm="shop-errors"),)})
    assert "no measurement tells what users felt" in said(plan)


def test_only_the_judged_slots_requests_are_counted():
    text = said(PLAN)
    assert "requests to green failed" in text and "no request failed" not in text
