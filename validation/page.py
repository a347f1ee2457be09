"""What a section of the page consists of, and how the page is written: Markdown, and one SVG for each plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from validation.plots import Plot, drawn

FOLDER = "validation"
"""Beside the page, for the plots."""

INTRODUCTION = """\
# Validation

Each model of the world beside what it must agree with: a formula, a table that AWS publishes, a published measurement,
or a real program. `make validate` writes this page anew, with the same bytes as long as the models stay as they are:
every draw has a fixed seed. The references are worked out in `validation/`, by other means than the model's own, or
quoted; sources have the names of AWS's guides, or authors and year. What nobody publishes is a parameter with a
default, listed in [open points](open-points.md).
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; numbers are right-aligned."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def __str__(self) -> str:
        right = [all(_like_number(row[at]) for row in self.rows) for at in range(len(self.columns))]
        rule = ["---:" if numbers else "---" for numbers in right]
        lines = [" | ".join(cells) for cells in (self.columns, rule, *self.rows)]
        return (f"{self.title}\n\n" if self.title else "") + "\n".join(f"| {line} |" for line in lines) + "\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One model beside its reference."""

    title: str
    about: str
    """What is compared, and where the reference comes from."""
    tables: Sequence[Table]
    worst: str
    """The largest error, in a few words with its number."""
    verdict: str
    """Whether to believe it, and what it does not capture."""
    plots: Sequence[Plot] = field(default=())


def page(sections: Sequence[Section]) -> dict[str, str]:
    """Files by their path under docs/."""
    files = {
        f"{FOLDER}/{plot.name}.svg": drawn(plot)
        for section in sections
        for plot in section.plots
    }  # fmt: skip
    summary = Table(("model", "largest error"), [(f"[{s.title}](#{_anchor(s.title)})", s.worst) for s in sections])
    return {"validation.md": "\n".join([INTRODUCTION, str(summary), *map(_written, sections)]), **files}


def below(error: float, limit: float = 1e-9) -> str:
    """An error that is only rounding, whose digits differ from machine to machine; else its number."""
    return f"less than {limit:.0e}" if error < limit else f"{error:.1e}"


def _written(section: Section) -> str:
    parts = [f"## {section.title}", section.about]
    parts += [f"![{plot.title}: {plot.says}]({FOLDER}/{plot.name}.svg)" for plot in section.plots]
    parts += [str(table).rstrip() for table in section.tables]
    parts += [f"**Largest error:** {section.worst}", f"**Verdict:** {section.verdict}"]
    return "\n\n".join(parts) + "\n"


def _anchor(title: str) -> str:
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _like_number(cell: str) -> bool:
    return not cell or cell in "-–" or cell[0].isdigit() or (cell[0] in "+-−±<" and cell[1:2].isdigit())
