"""What metric math does to points (Amazon CloudWatch User Guide, using metric math): a series has one value or None,
for missing, per period. Missing counts as 0 in arithmetic, comparison and logic beside something that exists; a point
that would divide by zero, or is no real number, is dropped.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, inf

Number = float | None
Points = list[Number]
Binary = Callable[[float, float], Number]


def divided(a: float, b: float) -> Number:
    return a / b if b else None


def power(a: float, b: float) -> Number:
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(result, complex) else result


OPERATORS: Mapping[str, Binary] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divided,
    "^": power,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "AND": lambda a, b: float(a != 0 and b != 0),
    "OR": lambda a, b: float(a != 0 or b != 0),
}

EACH: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": ceil, "FLOOR": floor}
"""Functions of single points."""


def between_series(do: Binary, a: Points, b: Points) -> Points:
    return [
        None if x is None and y is None else do(0.0 if x is None else x, 0.0 if y is None else y)
        for x, y in zip(a, b, strict=True)
    ]


def with_number_right(do: Binary, a: Points, b: Number) -> Points:
    return [None if x is None or b is None else do(x, b) for x in a]


def with_number_left(do: Binary, a: Number, b: Points) -> Points:
    return [None if y is None or a is None else do(a, y) for y in b]


def between_numbers(do: Binary, a: Number, b: Number) -> Number:
    return None if a is None or b is None else do(a, b)


def real(points: Points) -> Points:
    """Without what is no number."""
    return [x if x is not None and -inf < x < inf else None for x in points]


def _mean_of_all(values: Sequence[Number]) -> float:
    """Missing ones count as 0."""
    return sum(value or 0.0 for value in values) / len(values)


TOGETHER: Mapping[str, tuple[Callable[[list[float]], float], Callable[[Sequence[Number]], float]]] = {
    "SUM": (sum, lambda values: sum(value or 0.0 for value in values)),
    "AVG": (lambda values: sum(values) / len(values), _mean_of_all),
    "MIN": (min, lambda values: min(value for value in values if value is not None)),
    "MAX": (max, lambda values: max(value for value in values if value is not None)),
}
"""Of one series: a number. Of an array: a series."""


def down(name: str, points: Points) -> Number:
    """The number that a function makes of the points of one series that exist."""
    there = [x for x in points if x is not None]
    return TOGETHER[name][0](there) if there else None


def across(name: str, array: list[Points]) -> Points:
    """The series that a function makes of an array: SUM and AVG count the missing as 0. That MIN and MAX pass over
    them is assumed, the guide is silent."""
    do = TOGETHER[name][1]
    return [None if all(x is None for x in each) else do(each) for each in zip(*array, strict=True)]


def chosen(condition: Points, yes: Points | Number, no: Points | Number) -> Points:
    """IF for each point: nothing where there is no condition; 0 where the chosen first does not exist."""
    a, b = _alike(yes, len(condition)), _alike(no, len(condition))
    picked = zip(condition, a, b, strict=True)
    return [None if c is None else ((0.0 if x is None else x) if c else y) for c, x, y in picked]


def _alike(value: Points | Number, length: int) -> Points:
    return value if isinstance(value, list) else [value] * length


def filled(points: Points, value: Points | Number) -> Points:
    return [y if x is None else x for x, y in zip(points, _alike(value, len(points)), strict=True)]


def repeated(points: Points) -> Points:
    """The newest existing value before takes the place of a missing one."""
    last: Number = None
    found: Points = []
    for x in points:
        last = last if x is None else x
        found.append(last)
    return found


def interpolated(points: Points) -> Points:
    """On the line between the values before and after; at the ends the missing stay missing (assumed)."""
    found = list(points)
    there = [i for i, x in enumerate(points) if x is not None]
    for i, j in pairwise(there):
        a, b = points[i], points[j]
        assert a is not None and b is not None
        for k in range(i + 1, j):
            found[k] = a + (b - a) * (k - i) / (j - i)
    return found
