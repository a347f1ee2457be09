"""What options take, written as in rollout files: lengths of time and shares; and numbers that are numbers."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import click


class Length(click.ParamType[timedelta]):
    """`90s`, `1h30m` -> a timedelta."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        from bluegreen.units import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Part(click.ParamType[float]):
    """`10%` -> a fraction from 0 to 1."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from bluegreen.units import parse_share

        try:
            return parse_share(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Finite(click.FloatRange):
    """A number; `inf` and `nan` are none here."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a number that can be reckoned with", param, ctx)
        return number


LENGTH, SHARE = Length(), Part()
PORT = click.IntRange(0, 65535)
