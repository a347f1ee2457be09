"""How far a long command is, said on a terminal and where lines stay."""

import sys
from datetime import timedelta

import pytest

from bluegreen.cli import main
from sim.cli import _progress
from sim.cli._progress import SELDOM, Progress


@pytest.fixture
def passing(monkeypatch):
    """Time that passes when it is told to."""
    seconds = [0.0]
    monkeypatch.setattr(_progress, "stopwatch", lambda: lambda: timedelta(seconds=seconds[0]))
    return seconds


def test_where_lines_stay_it_says_one_now_and_then_and_none_at_once(passing, capsys):
    with Progress() as progress:
        for second in range(int(3 * SELDOM) + 1):
            passing[0] = second
            progress.say(f"{second} done")
    assert capsys.readouterr().err.split("\n") == [*(f"{n * SELDOM:.0f} done" for n in (1, 2, 3)), ""]


def test_on_a_terminal_it_writes_one_line_over_and_over_and_leaves_it_empty(passing, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress() as progress:
        progress.say("1 done")
        progress.say("2 done")
    said = capsys.readouterr().err
    assert "\n" not in said and said.split("\r\x1b[2K") == ["", "1 done", "2 done", ""]


@pytest.mark.slow
def test_survive_says_how_far_it_is_also_where_lines_stay(monkeypatch, capsys):
    monkeypatch.setattr(_progress, "SELDOM", 0.0)
    with pytest.raises(SystemExit) as left:
        main(["survive", "--scenario", "nobody-answers", "--every", "400"])
    said = capsys.readouterr()
    tried = said.out.split()[-2]
    lines = said.err.splitlines()
    assert left.value.code == 0 and len(lines) == int(tried) >= 5
    assert lines[-1] == f"{tried} of {tried} interruptions tried (100%)"
    assert lines[0] == f"1 of {tried} interruptions tried ({1 / int(tried):.0%})"
