"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bluegreen.report.charts import picture
from bluegreen.report.html import page
from bluegreen.report.measured import measured
from bluegreen.report.story import story
from bluegreen.report.summary import Summary, summarize
from bluegreen.report.trace import Line, Source, Trace, read_trace
from bluegreen.report.words import clock, count, length, replay, share


def write_report(source: Source, out: Path | str) -> Path:
    """Write the report of a trace (a file, or its lines) to `out`, and return where it is. The same trace gives the
    same bytes. Raises UserError when the trace cannot be read."""
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(read_trace(source)), encoding="utf-8", newline="\n")
    return path


def render(trace: Trace) -> str:
    """The whole page."""
    facts = told(trace)
    return page("page.html.j2", picture(trace, facts["samples"], facts["rows"]), **facts)


def told(trace: Trace) -> dict[str, Any]:
    """All that the page's parts tell, by the names under which their templates know it."""
    samples = trace.samples or measured(trace)
    summary = summarize(trace, samples)
    return {
        "trace": trace,
        "header": trace.header,
        "samples": samples,
        "summary": summary,
        "tiles": _tiles(summary),
        "rows": story(trace),
        "invariants": _invariants(trace),
        "expectations": trace.end.get("expectations") or [],
        "replay": replay(trace.header),
    }


def _tiles(summary: Summary) -> list[tuple[str, str, str]]:
    """What the numbers at the top are: a name, a number, and a few words more."""
    tiles = []
    harm = summary.harm
    if harm is not None:
        tiles.append(
            (f"failed {harm.whose}", count(harm.failed), f"{share(harm.failed_share)} of {count(harm.requests)}")
        )
        worst = (count(harm.worst_failed), f"{share(harm.worst_share)} failed, at {clock(harm.worst_at)}")
        tiles.append(("worst minute", *(worst if harm.failed >= 0.5 else ("0", "no minute had failures"))))
        slow = (
            (count(harm.slow), f"{share(harm.slow_share or 0.0)} of all")
            if harm.slow is not None
            else ("–", "not measured")
        )
        tiles.append(("slow requests", *slow))
    none = "not needed" if summary.turned_at is None else "not known"
    if summary.mood == "open":
        none = "not yet"
    tiles.append(("to detect", *_time(summary.detect, "from the first harm to turning back", none)))
    tiles.append(("to recover", *_time(summary.recover, "from the first to the last harm", none)))
    tiles.append(("to finish", *_time(summary.finish, "from the start to the end", "has not ended")))
    return tiles


def _time(seconds: float | None, words: str, otherwise: str) -> tuple[str, str]:
    return (length(seconds), words) if seconds is not None else ("–", otherwise)


def _invariants(trace: Trace) -> list[Line]:
    """Each invariant that was checked: its name, whether it held, and where and why it broke."""
    broken = {note.what: note for note in trace.notes if note.kind == "broken"}
    listed: Sequence[Any] = trace.end.get("invariants") or trace.header.get("invariants") or []
    named = [str(item.get("name", "")) if isinstance(item, dict) else str(item) for item in listed]
    names = dict.fromkeys([*broken, *named])
    return [{"name": name, "broken": broken.get(name)} for name in names]
