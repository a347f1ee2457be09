"""Golden cases E: CloudWatch's own tables, and what follows from its words."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from sim.alarms import AlarmSpec, evaluate
from sim.clock import EPOCH
from sim.cloudwatch.measures import DERIVED, least_samples
from tests.cloudwatch.store import Fed, served

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
MODES = ("missing", "ignore", "breaching", "notBreaching")
KEEP, NO_DATA = "keep", "INSUFFICIENT_DATA"
NONE = {"elb_5xx": [None] * 4, "elb_503": [None] * 4}
HOUR = (EPOCH, EPOCH + timedelta(hours=1))

TABLES = {
    "E-1": (3, "0 - X - X", "OK", "OK", "OK", "OK"),
    "E-2": (3, "0 - - - -", "OK", "OK", "OK", "OK"),
    "E-3": (3, "- - - - -", NO_DATA, KEEP, "ALARM", "OK"),
    "E-4": (3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    "first table, row 5": (3, "- - X - -", "ALARM", KEEP, "ALARM", "OK"),
    "E-6": (2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    "E-7": (2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    "second table, row 3": (2, "0 - X - -", "OK", "OK", "ALARM", "OK"),
    "second table, row 4": (2, "- - - - 0", "OK", "OK", "ALARM", "OK"),
    "second table, row 5": (2, "- - - X -", "ALARM", KEEP, "ALARM", "OK"),
}


def points(text):
    return [{"0": False, "X": True, "-": None}[letter] for letter in text.split()]


def table(needed, text, *expected):
    for before in STATES:
        for mode, state in zip(MODES, expected, strict=True):
            wanted = before if state == KEEP else state
            assert evaluate(points(text), 3, needed, mode, before) == wanted, (mode, before)


def e11():
    for text in ("- - - - X", "- - - X -"):
        for before in ("OK", NO_DATA):
            assert evaluate(points(text), 3, 3, "missing", before) == before
            assert evaluate(points(text), 3, 3, "missing", before, premature="ok") == "OK"
        for before in STATES:
            assert evaluate(points(text), 3, 3, "missing", before, premature="insufficient_data") == NO_DATA


def e12():
    assert [least_samples(p) for p in (50, 90, 95, 99, 99.9)] == [20, 100, 200, 1_000, 10_000]


def e14():
    ratio = DERIVED["error_rate"]
    assert ratio.names == ("target_5xx", "elb_5xx", "requests", "elb_503")
    assert ratio({"requests": [None, 0.0, 100.0, 100.0], "target_5xx": [None, None, None, 5.0]} | NONE) == [
        None,
        None,
        0.0,
        0.05,
    ]
    fed = Fed()
    for stretch in ([], [served(100)], [served(100, failed=5)]):
        fed.minute(*stretch)
    assert [value for _, value in fed.metrics.series(Slot.BLUE, "error_rate", *HOUR)] == [0.0, 0.05]


def e15():
    metrics = Fed().metrics
    for name in ("a", "deploying"):
        metrics.add_alarm(AlarmSpec(name=name, slot=Slot.BLUE, measure="requests", threshold=1))
    metrics.add_alarm(AlarmSpec(name="page", rule="ALARM(a) AND NOT ALARM(deploying)"))
    metrics.forced_alarms = {"a": "ALARM", "deploying": "ALARM"}
    assert metrics.alarm_state("page") == "OK"
    metrics.forced_alarms = {"a": "ALARM", "deploying": "OK"}
    assert metrics.alarm_state("page") == "ALARM"


def e16():
    def alarm(**options):
        return AlarmSpec(name="a", slot=Slot.BLUE, measure="requests", threshold=1, **options)

    assert alarm(periods=5, datapoints=4).window == timedelta(seconds=300)
    assert alarm(periods=3, period="600s").window == timedelta(seconds=1800)
    assert alarm(periods=1440).window == timedelta(days=1)
    with pytest.raises(ValueError, match="at most a day"):
        alarm(periods=1441)
    assert alarm(periods=168, period="1h").window == timedelta(days=7)
    with pytest.raises(ValueError, match="7 days"):
        alarm(periods=169, period="1h")


CASES = {"E-11": e11, "E-12": e12, "E-14": e14, "E-15": e15, "E-16": e16}


@pytest.mark.parametrize("case", [*TABLES, *CASES])
def test_cloudwatch_golden(case):
    if case in TABLES:
        table(*TABLES[case])
    else:
        CASES[case]()
