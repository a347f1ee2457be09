"""A locust run: its command line, and what its figures say.

`loadtests/judged.py` goes along with every locust file: it writes the figures, and whether the load generator kept up,
to `NAME.verdict.json`. locust's own CSV and HTML are written beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bluegreen.checks.limits import Limits, LoadRun, rule
from bluegreen.checks.limits import Outcome as Verdict
from bluegreen.checks.locust import Locust
from bluegreen.model import CheckView
from bluegreen.outside.locustfiles import SHIPPED, locust_file
from bluegreen.outside.processes import Outcome
from bluegreen.units import show_share

JUDGED = (0, 1, 2)
"""Exit codes of `loadtests/judged.py`: good, broken, invalid."""
PATIENCE = 10
"""Seconds that users have at the end to get their last answers (locust's --stop-timeout)."""
READ = TypeAdapter(LoadRun)


def command(check: Locust, host: str, results: Path) -> list[str]:
    """`results`: the first part of the names of the files with the figures."""
    name = str(results.resolve())
    return [
        *(sys.executable, "-m", "locust", "--headless", "--only-summary"),
        *("--locustfile", f"{locust_file(check.file)},{SHIPPED / 'judged.py'}", "--host", host),
        *("--users", str(check.users), "--spawn-rate", f"{check.spawn_rate:g}"),
        *("--run-time", f"{max(1, round(check.lasts.total_seconds()))}s", "--stop-timeout", str(PATIENCE)),
        *("--csv", name, "--html", f"{name}.html", "--verdict", name, *_limits(check), *check.arguments),
    ]


def figures_file(results: Path) -> Path:
    """Where the figures will be."""
    return results.with_name(results.name + ".verdict.json")


def judge(check: Locust, outcome: Outcome, results: Path) -> CheckView:
    """Its figures count; when there are none, nobody knows."""
    if outcome.error or outcome.late or outcome.code not in JUDGED:
        return CheckView("unknown", f"locust: {outcome.words}")
    try:
        run = READ.validate_json(figures_file(results).read_bytes())
    except (OSError, ValidationError):
        return CheckView("unknown", f"locust left no figures: {outcome.words}")
    ruling, figures = rule(check, run), run.figures
    share = figures.failures / figures.requests if figures.requests else 0.0
    seen = f"{figures.requests} requests, {figures.rate:.4g}/s, {show_share(share)} failed"
    said = "; ".join((seen, *ruling.why))
    match ruling.outcome:
        case Verdict.GOOD:
            return CheckView("passed", said)
        case Verdict.BROKEN if not ruling.only_load_missing:
            return CheckView("failed", said)
        case _:
            return CheckView("unknown", said)


def _limits(check: Locust) -> list[str]:
    told = check.model_dump(mode="json", include=set(Limits.model_fields), exclude_none=True)
    return [part for name, value in told.items() for part in (f"--{name.replace('_', '-')}", str(value))]
