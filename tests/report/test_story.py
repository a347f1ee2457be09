"""The rows of a report."""

from bluegreen.report.story import story
from bluegreen.report.trace import read_trace
from tests.report import golden, synthetic


def rows_of(lines):
    return story(read_trace(lines))


def test_decisions_that_only_wait_are_one_row_that_keeps_each_reason():
    looks = [golden.decided(60 * n, "hold", f"held {n} min") for n in range(1, 5)]
    entered, waited = rows_of([golden.started(), *looks])
    assert (entered.kind, entered.number, entered.what) == ("decision", 1, "go on to hold")
    assert [look.why for look in waited.folded] == ["held 2 min", "held 3 min", "held 4 min"]


def test_a_phase_that_is_entered_and_acted_in_at_once_is_one_row_with_both_reasons():
    weights = [{"kind": "weights", "weights": {"green": 20, "blue": 80}}]
    lines = [golden.decided(60, "rollback", "errors"), golden.decided(61, "rollback", "all to blue", actions=weights)]
    (row,) = rows_of([golden.started(), *lines])
    assert (row.what, row.why) == ("weights blue 80, green 20", "errors; all to blue")


def test_each_reason_of_the_trace_is_told():
    trace = read_trace(synthetic.bad())
    told = " ".join(f"{row.why} {' '.join(look.why for look in row.folded)}" for row in story(trace))
    assert all(decided.why in told for decided in trace.decisions)


def test_numbers_count_up_without_a_gap():
    numbers = [row.number for row in rows_of(synthetic.good()) if row.kind == "decision"]
    assert numbers == list(range(1, len(numbers) + 1))
