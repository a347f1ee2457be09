"""The page while a rollout runs: the report's own parts, made anew as the trace grows, and what stands around them.

What is there in the end is the report: the same parts of the same trace, and the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bluegreen.report.charts import picture
from bluegreen.report.html import live_page, part
from bluegreen.report.page import told
from bluegreen.report.trace import Trace

HOUR = 60
_LEAPS = (5, 10, 15, 20, 30, 45, HOUR, 90, 120, 150, 180, 240)

Parts = dict[str, Any]
"""By name: HTML, and `spec` for the figure."""


def empty_page(service: str, who: str, verbs: Sequence[str]) -> str:
    """The page, whose parts come later. `who` is the name that operators find filled in; without `verbs` there are no
    buttons."""
    return live_page("live.html.j2", service=service, who=who, verbs=verbs)


def parts(trace: Trace, *, over: bool) -> Parts:
    """All parts but where the rollout stands now. `over`: nothing more will come."""
    facts = told(trace)
    made: Parts = {name: part(f"parts/{name}.html.j2", **facts) for name in ("head", "tiles", "caption", "story")}
    made["rest"] = part("parts/rest.html.j2", **facts) if over else ""
    made["spec"] = picture(trace, facts["samples"], facts["rows"], None if over else _axis(trace.lasted / 60))
    return made


def now_part(now: Any) -> str:
    """Where the rollout stands: what `bluegreen.live.now` makes."""
    return part("parts/now.html.j2", now=now)


def _axis(minutes: float) -> float:
    """Where the time axis ends: it grows by leaps, since what moves all the time cannot be read."""
    return next((leap for leap in _LEAPS if minutes <= leap), HOUR * (minutes // HOUR + 1))
