"""Findings as one HTML page that needs nothing else, with a link to each finding's own report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from bluegreen.report import write_report
from bluegreen.units import show_duration, show_share
from sim.explore.corpus import Kept, replay
from sim.explore.findings import Findings
from sim.explore.outcome import Surprise
from sim.faults.base import Fault
from sim.rehearsal import rehearse
from sim.scenario import load_scenario
from sim.tiers import Tier


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as the page shows it. `report` is its file's name, empty when the run raised an error."""

    kept: Kept
    report: str
    replay: str
    moments: tuple[str, ...]


def write_page(found: Findings, kept: Sequence[Kept], folder: Path, scenario: str, mode: str) -> Path:
    """Write `folder`/index.html and the reports beside it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [Row(one, _report(one, folder), replay(one.path, memory=True), _moments(one)) for one in kept]
    text = _template().render(
        found=found,
        rows=rows,
        scenario=scenario,
        mode=mode,
        headline=_headline(found),
        never=[name for name, times in found.reached.items() if not times],
    )
    page = folder / "index.html"
    page.write_text(text, encoding="utf-8")
    return page


def moment(fault: Fault) -> str:
    """When it strikes and for how long, in words; empty: at once, and for good."""
    by = ""
    if fault.at is not None:
        by = f"at {show_duration(fault.at)}"
    elif fault.share is not None:
        by = f"at {show_share(fault.share)}"
    elif fault.phase is not None:
        by = f"in {fault.phase}"
    after = f"{show_duration(fault.after)} later" if fault.after > timedelta(0) else ""
    lasts = f"for {show_duration(fault.lasts)}" if fault.lasts is not None else ""
    return ", ".join(part for part in (by, after, lasts) if part)


def _headline(found: Findings) -> str:
    if not found.findings:
        return "Nothing was found"
    causes = "1 cause" if len(found.findings) == 1 else f"{len(found.findings)} causes"
    return f"{causes} of failure, {found.failed} of {found.runs} runs failed"


def _moments(kept: Kept) -> tuple[str, ...]:
    return tuple(map(moment, kept.finding.case.faults))


def _report(kept: Kept, folder: Path) -> str:
    """The name of the report's file. A run that raises an error has none."""
    name = kept.path.name.partition(".")[0] + ".html"
    with Surprise():
        done = rehearse(kept.path, None, load_scenario(kept.path).seed, tier=Tier.MEMORY)
        write_report(done.trace.decode().splitlines(), folder / name)
        return name
    return ""


def _template() -> Template:
    there = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=there, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template(
        "findings.html.j2"
    )
