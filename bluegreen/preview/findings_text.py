"""Findings for people, for machines, and for the docs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bluegreen.preview.finding import Found, Linted, Severity, findings


def lint_text(linted: Linted) -> str:
    """Three lines for each finding: where and what, why, what to do."""
    return "\n".join([*(line for found in linted.found for line in _lines(linted, found)), _count(linted)])


def _lines(linted: Linted, found: Found) -> Iterator[str]:
    key = f"{found.key}: " if found.key else ""
    yield f"{linted.path}:{found.line}: {found.finding.severity}: {key}{found.hit.what} [{found.finding.name}]"
    yield f"    because {found.finding.fact}"
    yield f"    so {found.hit.do}"


def _count(linted: Linted) -> str:
    counts = Counter(found.finding.severity for found in linted.found)
    told = [f"{counts[s]} {s}{'s' if counts[s] > 1 else ''}" for s in Severity if counts[s]]
    return f"{linted.path}: {', '.join(told) if told else 'nothing found'}; {len(findings())} things were looked for"


def as_json(linted: Linted) -> dict[str, Any]:
    """For machines."""
    return {
        "file": str(linted.path),
        "findings": [
            {
                "name": found.finding.name,
                "severity": str(found.finding.severity),
                "line": found.line,
                "key": found.key,
                "what": found.hit.what,
                "fact": found.finding.fact,
                "do": found.hit.do,
            }
            for found in linted.found
        ],
    }


def listing() -> str:
    """All kinds, as a table in Markdown."""
    rows = [f"| `{each.name}` | {each.severity} | {each.when} | {each.fact} |" for each in findings()]
    return "\n".join(["| name | severity | found when | rests on |", "|---|---|---|---|", *rows])
