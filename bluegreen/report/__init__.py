"""A trace in, a report out: one self-contained HTML file, and a summary for the terminal.

Charts and templates are loaded only when a page is written.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from bluegreen.report.text import summary_text

if TYPE_CHECKING:
    from bluegreen.report.page import write_report

__all__ = ["summary_text", "write_report"]


def __getattr__(name: str) -> Any:
    if name == "write_report":
        return importlib.import_module("bluegreen.report.page").write_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
