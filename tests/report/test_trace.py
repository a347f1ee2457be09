"""What is read from a trace: faults from strike to heal, and samples of any length."""

from dataclasses import replace

import pytest

from bluegreen.report.columns import MOST, records
from bluegreen.report.frame import LABEL, Frame
from bluegreen.report.story import story
from bluegreen.report.strip import _fault, _lanes
from bluegreen.report.summary import summarize
from bluegreen.report.trace import Sample, read_trace
from tests.report import golden


def fault(seconds, change, about="", name="leak"):
    return golden.line("fault", seconds, fault=name, change=change, about=about)


def faults_of(*lines):
    return [(one.about, one.since, one.until) for one in read_trace([golden.started(), *lines]).faults]


# -- faults -----------------------------------------------------------------------------------------------------------


def test_of_two_faults_of_a_kind_the_one_heals_that_is_said_to():
    told = [fault(10, "strikes", "of blue"), fault(20, "strikes", "of green"), fault(30, "heals", "of green")]
    assert faults_of(*told) == [("of blue", 10, None), ("of green", 20, 30)]
    assert faults_of(*told, fault(40, "heals", "of blue")) == [("of blue", 10, 40), ("of green", 20, 30)]


def test_of_two_that_are_alike_the_older_one_heals_first():
    told = [fault(10, "strikes", "x"), fault(20, "strikes", "x"), fault(30, "heals", "x"), fault(40, "heals", "x")]
    assert faults_of(*told) == [("x", 10, 30), ("x", 20, 40)]


def test_a_trace_that_does_not_say_which_one_heals_means_the_oldest():
    assert faults_of(fault(10, "strikes", "x"), fault(30, "heals")) == [("x", 10, 30)]


def test_a_fault_that_heals_strikes_again_as_another():
    told = [fault(at, change, "x") for at, change in ((10, "strikes"), (20, "heals"), (30, "strikes"))]
    assert faults_of(*told) == [("x", 10, 20), ("x", 30, None)]


def test_what_somebody_did_is_a_moment_that_nothing_heals():
    lines = [golden.started(), fault(10, "happens", "x"), fault(15, "strikes", "x"), fault(20, "heals", "x")]
    trace = read_trace([*lines, golden.decided(600, "done", "over")])
    assert [(one.moment, one.until) for one in trace.faults] == [(True, None), (False, 20)]
    assert [row.kind for row in story(trace)][:3] == ["happens", "strikes", "heals"]


def test_a_moment_shades_nothing_and_takes_the_room_of_its_name():
    lines = [golden.started(), fault(600, "happens"), fault(601, "happens"), fault(3000, "happens")]
    trace = read_trace([*lines, golden.decided(6000, "done", "over")])
    frame = Frame(0, 100, trace.faults)
    assert frame.shades() == []
    assert [frame.span(one) for one in trace.faults] == [(86, 86), (86.14, 86.14), (430, 430)]
    assert [lane for lane, _ in _lanes(trace.faults, frame)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("begins", "heals", "lane"),
    [(1000, 5000, "inside"), (1000, 1060, "right of it"), (5900, 5960, "left of it"), (5900, None, "left of it")],
)
def test_the_name_of_a_fault_crosses_no_edge_of_its_bar(begins, heals, lane):
    trace = read_trace([golden.started(), fault(begins, "strikes"), golden.decided(6000, "done", "over")])
    [one] = trace.faults
    one = replace(one, name="a_name_of_a_fault", until=heals)
    frame = Frame(0, 100, [one])
    box, name = _fault(one, 2, frame)
    left, right = box["encoding"]["x"]["value"], box["encoding"]["x2"]["value"]
    at, align = name["encoding"]["x"]["value"], name["mark"]["align"]
    begin, end = (at, at + LABEL * len(one.name)) if align == "left" else (at - LABEL * len(one.name), at)
    where = "inside" if left < begin and end < right else "right of it" if begin > right else "left of it"
    assert where == lane and (where != "left of it" or end < left) and begin >= 0 and end <= frame.width


def test_where_many_faults_are_at_work_it_is_no_darker():
    lines = [fault(at, change, about) for at, change, about in (
        (600, "strikes", "x"), (900, "strikes", "y"), (1200, "heals", "x"), (1500, "heals", "y"),
        (3000, "strikes", "x"), (3600, "heals", "x"),
    )]  # fmt: skip
    trace = read_trace([golden.started(), *lines, golden.decided(6000, "done", "over")])
    assert Frame(0, 100, trace.faults).shades() == [(86, 215), (430, 516)]


def test_which_of_two_of_a_kind_heals_is_told_in_the_story():
    two = [fault(10, "strikes", "of blue"), fault(20, "strikes", "of green"), fault(30, "heals", "of green")]
    assert story(read_trace([golden.started(), *two]))[-1].why == "of green"
    assert story(read_trace([golden.started(), *two[1:]]))[-1].why == ""


# -- samples ----------------------------------------------------------------------------------------------------------


def sample(at, seconds, failed=0.0):
    """100 requests a second, in the `seconds` before `at`."""
    return golden.line("sample", at, seconds=seconds, requests={"blue": 50.0, "green": 50.0}, errors={"green": failed})


def summary_of(*lines):
    trace = read_trace([golden.started(), *lines])
    return summarize(trace, trace.samples)


def test_each_sample_counts_for_as_long_as_it_says():
    """10 s of failures, then a gap of which nothing is known, then a minute without."""
    harm = summary_of(sample(60, 60), sample(70, 10, failed=20.0), sample(200, 60)).harm
    assert (harm.requests, harm.failed) == (13_000, 200)
    assert (harm.worst_at, harm.worst_failed, harm.worst_share) == (60, 200, 0.2)


def test_samples_that_do_not_say_reach_back_to_the_one_before():
    lines = [golden.started(), golden.sample(30), golden.sample(90), golden.sample(95)]
    assert [one.length for one in read_trace(lines).samples] == [60, 60, 5]


def test_trouble_does_not_begin_before_the_strike_that_lies_in_its_first_minute():
    bad = fault(100, "strikes")
    turn = golden.decided(160, "rollback", "errors")
    lines = [fault(10, "strikes", name="slow"), bad, sample(60, 60), sample(120, 60, failed=9.0), sample(180, 60), turn]
    assert summary_of(*lines).trouble_at == 100
    assert summary_of(*lines).detect == 60


def test_a_long_sample_beside_short_ones_keeps_its_weight_in_the_picture():
    """Where several samples are one point, flows are means over time, and harm is the peak."""
    slow = [Sample(at=5.0 * n, length=5, demand=100, requests={"blue": 100.0}) for n in range(1, 9 * MOST + 1)]
    end = slow[-1].at
    last = Sample(at=end + 15, length=15, demand=900, requests={"blue": 900.0}, errors={"blue": 7.0})
    after = Sample(at=end + 20, length=5, demand=100, requests={"blue": 100.0}, errors={"blue": 1.0})
    table = records([*slow, last, after], "green")
    assert len(table) <= MOST + 2
    of_blue = [(row["minute"] - row["from"]) * 60 * row["blue_requests"] for row in table]
    assert sum(of_blue) == pytest.approx(9 * MOST * 500 + 15 * 900 + 5 * 100, rel=1e-3)
    assert (table[-1]["blue_failed"], table[-2]["blue_failed"]) == (7, None)


def test_lines_begin_where_the_first_sample_does():
    table = records([Sample(at=60, length=60, demand=10.0), Sample(at=120, length=60, demand=20.0)], "green")
    assert [(row["minute"], row["demand"]) for row in table] == [(0, 10), (1, 10), (2, 20)]


def test_looks_of_no_length_are_points():
    table = records([Sample(at=60, length=0), Sample(at=60, length=0, stale=0.5)], "green")
    assert [row["stale"] for row in table] == [0.5, 0.5]
