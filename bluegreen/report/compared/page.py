"""Both traces on one page."""

from __future__ import annotations

from pathlib import Path

from bluegreen.report.compared import words
from bluegreen.report.compared.differences import Comparison
from bluegreen.report.compared.figure import both
from bluegreen.report.compared.side import unlike
from bluegreen.report.html import page
from bluegreen.report.words import replay


def write_comparison(comparison: Comparison, out: Path) -> Path:
    """Write the page to `out`, and return where it is. The same traces give the same bytes. Raises OSError."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(render(comparison), encoding="utf-8", newline="\n")
    return out


def render(comparison: Comparison) -> str:
    """The whole page."""
    return page(
        "compared.html.j2",
        both(comparison.sides),
        comparison=comparison,
        sides=comparison.sides,
        headline=words.headline(comparison),
        unlike=unlike(comparison.sides),
        rows=[
            {
                "name": difference.name,
                "values": [words.value(value, difference.unit) for value in difference.values],
                "apart": words.apart(difference),
                "limit": words.limit(difference),
                "kept": difference.kept,
            }
            for difference in comparison.differences
            if not difference.empty
        ],
        way=[
            {
                "stage": pair.stage,
                "rows": pair.rows,
                "at": [words.moment(row) for row in pair.rows],
                "later": words.later(pair),
                "same": pair.same,
            }
            for pair in comparison.decisions
        ],
        limited=any(difference.limit is not None for difference in comparison.differences),
        replays=[replay(side.trace.header) for side in comparison.sides],
    )
