"""The summary for a terminal."""

import pytest

from bluegreen.report import summary_text
from tests.report import golden, synthetic


@pytest.mark.parametrize("tale", [synthetic.good, synthetic.bad, synthetic.stubborn, synthetic.deployed])
def test_a_summary_fits_a_terminal(tale):
    lines = summary_text(tale(), "reports/it.html").splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 100
    assert lines[-1] == "report   reports/it.html"


def test_a_rollback_tells_when_why_and_what_it_cost():
    assert summary_text(golden.rolled_back()).splitlines() == [
        "Rolled back at 10% of the traffic; 2,100 of 48,000 requests failed (4.38%), and users were well",
        "again 1.5 min after the trouble began.",
        "rehearsal of tiny, seed 3: as expected",
        "",
        "  0:00   shift 10%   weights blue 90, green 10: green is ready",
        "  0:02   (strikes)   bad release: it fails",
        "  0:03   rollback    weights blue 100, green 0: errors were 40%",
        "  0:07   done        rolled back: blue serves alone",
        "",
        "users    2,100 of 48,000 requests failed (4.38%), 150 were slow (0.31%)",
        "worst    minute 0:03: 1,500 failed (25%)",
        "times    detected after 60 s, recovered after 1.5 min, finished after 7.5 min",
        "replay   bluegreen rehearse --scenario tiny --seed 3",
    ]


def test_a_long_story_loses_its_middle_and_never_its_end():
    steps = [golden.decided(60 * n, "verify" if n % 2 else "provision", f"turn {n}") for n in range(60)]
    lines = summary_text([golden.started(), *steps, golden.decided(4000, "done", "over", end="succeeded")]).splitlines()
    assert len(lines) <= 25
    assert any("more, see the report" in line for line in lines)
    assert any("succeeded: over" in line for line in lines)


REASON = " and ".join(f"target {n} of 40 did not answer" for n in range(40))


@pytest.mark.parametrize("reason", ["blue serves alone", REASON[:300], REASON])
def test_the_end_is_told_once_with_its_whole_reason_and_all_else_in_the_lines_that_are_left(reason):
    steps = [golden.decided(60 * n, "verify" if n % 2 else "provision", f"turn {n}: {REASON}") for n in range(60)]
    end = golden.decided(4000, "done", reason, end="rolled back")
    lines = summary_text([golden.started(), *steps, golden.line("fault", 3990, fault="f", change="strikes"), end])
    first = next(at for at, line in enumerate(lines.splitlines()) if "   done        " in line)
    told = [line[21:] for line in lines.splitlines()[first:] if line]
    assert " ".join(told).startswith(f"rolled back: {reason}")
    assert lines.count("target 39 of 40") == (reason == REASON)
    assert len(lines.splitlines()) <= (25 if reason != REASON else 35)
    assert max(map(len, lines.splitlines())) <= 100


def test_operators_read_what_became_of_their_words():
    asked = {"verb": "promote", "who": "bob", "why": "hurry", "id": "1"}
    said = {"command": asked, "accepted": False, "why": "it is paused; resume it first"}
    text = summary_text([golden.started(), golden.decided(60, "hold", "paused by ann: lunch", answers=[said])])
    assert "(answered)  bob asked for promote (hurry): no: it is paused; resume it first" in text
