"""The summary for a terminal: lines of at most 100 columns, readable without colour, and no more than 25 of them unless
the reason of the end alone takes many."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluegreen.report.measured import measured
from bluegreen.report.story import Row, story
from bluegreen.report.summary import Summary, summarize
from bluegreen.report.trace import Source, Trace, read_trace
from bluegreen.report.words import clock, count, length, replay, share

LINES = 25
FEWEST = 5
"""So many stops of the timeline are told beside the longest reason."""
WIDTH = 100
_LEFT = 9  # columns before the text of a line
_INDENT = 21  # columns before a decision's reason


def summary_text(source: Source, report: Path | str | None = None) -> str:
    """The verdict, what was decided and why, the harm, the times, and where the report is."""
    trace = read_trace(source)
    summary = summarize(trace, trace.samples or measured(trace))
    head = [*_wrapped("", summary.headline), *_line("", _rehearsal(trace))]
    tail = [
        *_line("users", _users(summary)),
        *_line("worst", _worst(summary)),
        *_line("times", _times(summary)),
        *_line("checks", _checks(trace)),
        *_whole("replay", replay(trace.header)),
        *_whole("report", "" if report is None else str(report)),
    ]
    room = LINES - len(head) - len(tail) - 2
    return "\n".join([*head, "", *_timeline(story(trace), room), "", *tail])


def _wrapped(name: str, words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=name, max_lines=3, placeholder=" …")


def _line(name: str, words: str) -> list[str]:
    return [_cut(f"{name:<{_LEFT}}{words}" if name else words)] if words else []


def _whole(name: str, words: str) -> list[str]:
    """A command or a path that is cut is none."""
    return [f"{name:<{_LEFT}}{words}"] if words else []


def _cut(words: str) -> str:
    plain = " ".join(words.split()) if "\n" in words else words
    return plain if len(plain) <= WIDTH else plain[: WIDTH - 1].rstrip() + "…"


def _rehearsal(trace: Trace) -> str:
    scenario, verdict = trace.header.get("scenario"), trace.end.get("verdict")
    if not scenario:
        return ""
    what = "drill" if trace.header.get("stage") else "rehearsal"
    return f"{what} of {scenario}, seed {trace.header.get('seed')}" + (f": {verdict}" if verdict else "")


def _users(summary: Summary) -> str:
    harm = summary.harm
    if harm is None:
        return ""
    said = f"{count(harm.failed)} of {count(harm.requests)} {harm.whose} failed ({share(harm.failed_share)})"
    if harm.unheard >= 0.5:
        said += f", {count(harm.unheard)} of them reached nobody"
    if harm.page >= 0.5:
        said += f", {count(harm.page)} got the page ({share(harm.page / harm.requests)})"
    if harm.slow and harm.slow >= 0.5 and harm.slow_share:
        said += f", {count(harm.slow)} were slow ({share(harm.slow_share)})"
    return said


def _worst(summary: Summary) -> str:
    harm = summary.harm
    if harm is None or harm.failed < 0.5:
        return ""
    return f"minute {clock(harm.worst_at)}: {count(harm.worst_failed)} failed ({share(harm.worst_share)})"


def _times(summary: Summary) -> str:
    known = (("detected", summary.detect), ("recovered", summary.recover), ("finished", summary.finish))
    return ", ".join(f"{name} after {length(seconds)}" for name, seconds in known if seconds is not None)


def _checks(trace: Trace) -> str:
    broken = [note.what for note in trace.notes if note.kind == "broken"]
    wishes = trace.end.get("expectations") or []
    missed = [
        f"{w.get('name')}: wanted {w.get('wanted')}, got {w.get('got')}" for w in wishes if not w.get("met", True)
    ]
    if broken:
        return "invariant broken: " + "; ".join(broken)
    if missed:
        return "expectation missed: " + "; ".join(missed)
    return f"all {len(wishes)} expectations met, no invariant broken" if wishes else ""


# -- the timeline ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stop:
    """One line of the timeline. `step` is there when it belongs to the strategy's way up."""

    at: float
    stage: str
    words: str
    step: int | None = None


def _timeline(rows: Sequence[Row], room: int) -> list[str]:
    """The end is told with its whole reason, whatever it takes; where the way turned, as far as there is room."""
    stops = list(_stops(rows))
    end = next((stop for stop in stops if stop.stage == "done"), None)
    room -= 0 if end is None else len(_told(end)) - 1
    if len(stops) > room:
        stops = _fewer(stops, max(room, FEWEST))
    turn = next((stop for stop in stops if stop.stage == "rollback"), None)
    lines: list[str] = []
    for stop in stops:
        most = None if stop is end else 1 + min(max(room - len(stops), 0), 2) if stop is turn else 1
        lines += _told(stop, most)
    return lines


def _told(stop: _Stop, most: int | None = None) -> list[str]:
    """One stop in at most so many lines; None: in as many as it takes."""
    begin = f"{clock(stop.at):>6}   {stop.stage:<11} "
    if most == 1:
        return [_cut(begin + stop.words)]
    words = textwrap.wrap(stop.words, WIDTH - _INDENT, max_lines=most, placeholder=" …") or [""]
    return [begin + words[0], *(" " * _INDENT + line for line in words[1:])]


def _stops(rows: Iterable[Row]) -> Iterable[_Stop]:
    """Where the way went on, each with its reason. Of a retirement, its beginning is enough."""
    before = ""
    for row in rows:
        quiet = row.kind in ("wait", "heals") or row.phase in ("scale", "hold")
        if not quiet and not (before == row.phase == "retire"):
            yield _stop(row)
        before = row.phase


def _stop(row: Row) -> _Stop:
    words = " ".join(": ".join(part for part in ("" if row.plain else row.what, row.why) if part).split())
    if row.kind != "decision":
        return _Stop(row.at, f"({row.kind})", words)
    return _Stop(row.at, row.stage, words, row.step if row.phase == "shift" else None)


def _fewer(stops: list[_Stop], room: int) -> list[_Stop]:
    """Fold the middle steps into one line, then drop what happened longest before the end."""
    climbs = [stop for stop in stops if stop.step is not None]
    middle = climbs[1:-2]
    if len(middle) > 1:
        names = f"{len(middle)} steps, {middle[0].stage} to {middle[-1].stage}"
        folded = _Stop(middle[0].at, "…", f"{names}; the last because: {middle[-1].words}")
        stops = [folded if stop is middle[0] else stop for stop in stops if stop not in middle[1:]]
    if len(stops) <= room:
        return stops
    left_out = len(stops) - room + 1
    gap = _Stop(stops[1].at, "…", f"{left_out} more, see the report")
    return [stops[0], gap, *stops[1 + left_out :]]
