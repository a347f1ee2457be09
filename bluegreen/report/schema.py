"""The answer of a schema check as one page that needs nothing else; its section can stand in any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bluegreen.errors import UserError
from bluegreen.schema.moments import Answer, Judged
from bluegreen.schema.outcome import Checked
from bluegreen.schema.text import HEADLINES, TAKEN, cells, failures, taken

_HERE = Path(__file__).parent
MOODS = {Answer.WORKS: "good", Answer.FAILS: "bad", Answer.UNKNOWN: "mixed"}


def write_schema_page(file: str, checked: Checked, judged: Judged, out: Path) -> Path:
    """Write it to `out`, and return where it is. Raises UserError when that cannot be written."""
    page = schema_page(file, checked, judged)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"{out}: cannot be written: {error.strerror}") from error
    return out


def schema_page(file: str, checked: Checked, judged: Judged) -> str:
    """The whole page."""
    page = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    values: dict[str, Any] = {
        "file": file,
        "checked": checked,
        "judged": judged,
        "headline": HEADLINES[judged.answer],
        "mood": MOODS[judged.answer],
        "rows": list(cells(checked)),
        "failures": list(failures(checked)),
        "taken": (TAKEN, taken(checked)),
        "style": Markup((_HERE / "page.css").read_text(encoding="utf-8")),
    }
    written: str = page.get_template("schema.html.j2").render(values)
    return written
