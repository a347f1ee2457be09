"""A point of a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a series: when it began, and the value. A period without data has no point."""

    at: datetime
    value: float
