"""The numbers of a report, against sums done by hand."""

import json

import pytest

from bluegreen.errors import UserError
from bluegreen.report.measured import measured
from bluegreen.report.summary import summarize
from bluegreen.report.trace import read_trace
from tests.report import golden, synthetic


def summary_of(lines):
    trace = read_trace(lines)
    return summarize(trace, trace.samples or measured(trace))


def test_harm_is_the_sum_over_all_samples_and_knows_its_worst_minute():
    harm = summary_of(golden.rolled_back()).harm
    assert (harm.requests, harm.failed, harm.slow) == (48_000, 2_100, 150)
    assert (harm.worst_at, harm.worst_failed, harm.worst_share) == (180, 1_500, 0.25)
    assert harm.failed_share == pytest.approx(0.04375)


def test_times_count_from_the_first_harm_after_the_strike():
    summary = summary_of(golden.rolled_back())
    assert summary.trouble_at == 150
    assert (summary.detect, summary.recover, summary.finish) == (60, 90, 450)
    assert summary.turned_share == 0.1


def test_the_headline_says_what_became_of_it_and_what_users_felt():
    assert summary_of(golden.rolled_back()).headline == (
        "Rolled back at 10% of the traffic; 2,100 of 48,000 requests failed (4.38%),"
        " and users were well again 1.5 min after the trouble began."
    )


def test_the_headline_says_how_many_writes_are_lost():
    lines = golden.rolled_back()
    end = json.loads(next(line for line in lines if '"kind":"end"' in line.replace(" ", "")))
    told = [*lines, json.dumps({**end, "lost_writes": 16_777})]
    assert summary_of(told).headline.endswith("after the trouble began; 16,777 acknowledged writes are lost.")


def test_turning_back_before_anybody_was_hurt_counts_from_the_strike():
    calm = [line for line in golden.rolled_back() if '"sample"' not in line]
    summary = summary_of([*calm, *(golden.sample(t) for t in (30, 60))])
    assert (summary.trouble_at, summary.detect, summary.recover) == (120, 90, None)
    assert summary.headline == "Rolled back at 10% of the traffic; no request failed."


def test_a_good_release_has_nothing_to_detect():
    summary = summary_of(synthetic.good())
    assert (summary.mood, summary.detect, summary.recover) == ("good", None, None)
    assert summary.headline.startswith("Green took over in 2 h")


def test_a_missed_expectation_is_bad_even_when_the_release_went_out():
    assert summary_of(synthetic.stubborn()).mood == "bad"


def test_a_broken_invariant_is_the_headline():
    broken = golden.line("broken", 61, invariant="never all weights zero", why="blue 0, green 0")
    summary = summary_of([*golden.rolled_back(), broken])
    assert summary.headline.startswith("An invariant broke at 0:01: never all weights zero;")
    assert summary.mood == "bad"


def test_a_journal_alone_tells_harm_by_what_cloudwatch_had_said():
    seen = {"traffic": None, "readings": [
        {"query": {"measure": "requests", "slot": "green"}, "points": [{"at": golden.at(60), "value": 600.0}]},
        {"query": {"measure": "errors", "slot": "green"}, "points": [{"at": golden.at(60), "value": 30.0}]},
    ]}  # fmt: skip
    look = json.loads(golden.decided(180, "hold", "watching")) | {"seen": seen}
    later = look | {"at": golden.at(240)}
    harm = summary_of([golden.started(), json.dumps(look), json.dumps(later)]).harm
    assert (harm.requests, harm.failed, harm.slow, harm.worst_at) == (600, 30, None, 60)


def test_a_rollout_without_an_end_says_where_it_is():
    summary = summary_of([golden.started(), golden.decided(60, "hold", "watching")])
    assert summary.headline == "The rollout has not ended, it is in hold; no measurement tells what users felt."
    assert (summary.mood, summary.finish) == ("open", None)


def test_a_paused_rollout_says_by_whom():
    line = json.loads(golden.decided(60, "hold", "watching"))
    line["decision"]["rollout"]["paused"] = {"at": golden.at(30), "who": "ann", "why": "lunch"}
    assert summary_of([golden.started(), json.dumps(line)]).headline.startswith(
        "The rollout has not ended, it is in hold, paused by ann;"
    )


def test_a_torn_last_line_is_left_out_and_a_torn_line_before_it_is_told():
    whole = golden.rolled_back()
    assert read_trace([*whole, '{"kind": "deci']).ended == "rolled back"
    with pytest.raises(UserError, match="line 3 of the trace is not JSON"):
        read_trace([*whole[:2], "{", *whole[2:]])


def test_a_file_that_is_no_trace_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_trace(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="not a trace"):
        read_trace(['{"kind": "header"}'])


def test_requests_that_reached_nobody_count_as_failed_and_are_told_apart():
    lines = list(golden.rolled_back())
    first = next(index for index, line in enumerate(lines) if '"sample"' in line)
    lines[first] = json.dumps({**json.loads(lines[first]), "unheard": 10.0})
    before, after = summary_of(golden.rolled_back()).harm, summary_of(lines).harm
    lost = 10.0 * read_trace(lines).samples[0].length
    assert lost > 0
    assert (after.requests - before.requests, after.failed - before.failed, after.unheard) == (lost, lost, lost)
    assert "of them reached nobody" in summary_of(lines).headline
