"""Lengths of time and shares as people write them: `90s`, `5m`, `1h30m`; `10%`, `0.5%`.

As pydantic field types: `Duration` is a timedelta, `Share` a fraction from 0 to 1. A bare number is refused,
since nobody can tell what it means.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

LONGEST = timedelta(days=36_500)
"""A century. Whoever writes more has slipped, and dates that far off cannot be reckoned with."""

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_WHOLE = r"^(\d+(\.\d+)?(ms|[dhms]))+$"
_PERCENT = r"^\d+(\.\d+)?%$"


def parse_duration(text: object) -> timedelta:
    """`1h30m` -> 5400 s. Raises ValueError with what was expected."""
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or not re.fullmatch(_WHOLE, text):
        raise ValueError(f"{_shown(text)} is not a length of time; write it with a unit, like 90s, 5m or 1h30m")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than {show_duration(LONGEST)}")
    return timedelta(seconds=seconds)


def parse_share(text: object) -> float:
    """`10%` -> 0.1. Raises ValueError with what was expected."""
    if type(text) is float and 0 <= text <= 1:  # reckoned by us: what a file has is a float of the YAML reader's own
        return text
    if not isinstance(text, str) or not re.fullmatch(_PERCENT, text):
        raise ValueError(f"{_shown(text)} is not a percentage; write it like 10% or 0.5%")
    share = float(text[:-1]) / 100
    if share > 1:
        raise ValueError(f"{text} is more than 100%")
    return share


def _shown(value: object) -> str:
    """As it was written: YAML makes dates, lists and numbers of what looks like them."""
    return repr(value) if isinstance(value, str) else str(value)


@lru_cache(maxsize=4096)
def show_duration(length: timedelta) -> str:
    """5400 s -> `1h30m`; the opposite of `parse_duration` down to the millisecond."""
    left = round(length / timedelta(milliseconds=1))
    if left <= 0:
        return "0s"
    shown = ""
    for unit, seconds in _UNITS.items():
        count, left = divmod(left, round(seconds * 1000))
        shown += f"{count}{unit}" if count else ""
    return shown


def show_about(length: timedelta) -> str:
    """A measured length, in whole seconds: `5m1s`."""
    return show_duration(timedelta(seconds=round(length.total_seconds())))


def show_share(share: float) -> str:
    """0.1 -> `10%`, 0.005 -> `0.5%`."""
    return f"{share * 100:.4g}%"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(show_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _WHOLE, "examples": ["90s", "5m", "1h30m"]}),
]
Share = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(show_share, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PERCENT, "examples": ["10%", "0.5%"]}),
]
PositiveDuration = Annotated[Duration, Field(gt=timedelta(0))]
