"""The verdict as a page for people."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from bluegreen.checks.limits import Outcome, Ruling

COLOUR = {Outcome.GOOD: "#1a7f37", Outcome.BROKEN: "#b3261e", Outcome.INVALID: "#8a6100"}
WORDS = {
    Outcome.GOOD: "Every limit was kept.",
    Outcome.BROKEN: "A limit was broken.",
    Outcome.INVALID: "The load generator did not do what was asked, so nobody knows.",
}
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .8rem .3rem 0 }
td { border-top: 1px solid #ddd } h1 { margin-bottom: 0 } .broken { color: #b3261e }
"""


def page(told: dict[str, Any], ruling: Ruling) -> str:
    """One file, readable offline. `told`: as in the JSON beside it."""
    figures = told["figures"]
    why = "".join(f"<li>{escape(each)}</li>" for each in ruling.why)
    limits = _table(
        ["limit", "at", "seen", ""],
        ([line.name, line.limit, line.seen, "kept" if line.kept else "broken"] for line in ruling.lines),
    )
    counted = [
        ["requests", figures["requests"]],
        ["failed", figures["failures"]],
        ["a second", f"{figures['rate']:.4g}"],
    ]
    speeds = [[name, f"{ms:.0f}ms"] for name, ms in figures["percentiles"].items()]
    users = [[name, number] for name, number in told["users"].items()]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Load test: {ruling.outcome}</title>'
        f'<style>{STYLE}</style><h1 style="color: {COLOUR[ruling.outcome]}">{ruling.outcome.capitalize()}</h1>'
        f"<p>{WORDS[ruling.outcome]}</p><ul>{why}</ul><h2>Limits</h2>{limits}"
        f"<h2>Figures</h2>{_table(['figure', 'value'], [*counted, *speeds, *users])}</html>\n"
    )


def _table(heads: list[str], rows: Iterable[list[Any]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        f'<tr class="{escape(str(row[-1]))}">' + "".join(f"<td>{escape(str(each))}</td>" for each in row)
        for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"
