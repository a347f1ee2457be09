"""Simpler forms of one fault, the simplest first: a plainer moment, a shorter and rounder time, a milder one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice, takewhile
from typing import Any

from pydantic import ValidationError

from bluegreen.registry import kind_of
from sim.explore.every import every
from sim.faults.base import Fault

WHEN = ("at", "share", "phase", "after", "lasts")
MOST = 40
"""Forms of a kind that are looked at: some kinds have a thousand."""
ROUND = tuple(
    timedelta(**{unit: number})
    for unit, numbers in (("seconds", (0, 30)), ("minutes", (1, 2, 5, 10, 15, 20, 30, 45)), ("hours", (1, 2, 4, 8)))
    for number in numbers
)
SHARES = (0.01, 0.1, 0.25, 0.5, 0.75, 1.0)


def simpler(fault: Fault) -> Iterator[Fault]:
    """None of them is the fault itself, and none leads back to it: the search comes to an end."""
    for update in _times(fault):
        form = _changed(fault, update)
        if form is not None:
            yield form
    when = {name: getattr(fault, name) for name in WHEN}
    plain = fault.model_copy(update=dict.fromkeys(WHEN[:3]) | {"after": timedelta(0), "lasts": None})
    for form in takewhile(lambda one: not _same(one, plain), islice(every(kind_of(fault)), MOST)):
        own = form.phase is not None or form.share is not None  # such a kind chose its moment, maybe another one
        changed = _changed(form, when if not own else {})
        if changed is not None and changed != fault:
            yield changed


def _times(fault: Fault) -> Iterator[dict[str, Any]]:
    """At once instead of at a moment, then earlier and shorter ones, round ones first."""
    for trigger in WHEN[:3]:
        if getattr(fault, trigger) is not None:
            yield {trigger: None}
    yield from ({"after": length} for length in _rounder(fault.after))
    if fault.at is not None:
        yield from ({"at": length} for length in _rounder(fault.at))
    if fault.share is not None:
        yield from ({"share": share} for share in SHARES if share < fault.share)
    if fault.lasts is not None:
        yield from ({"lasts": length} for length in _rounder(fault.lasts) if length)


def _rounder(length: timedelta) -> Iterator[timedelta]:
    """Shorter ones, and for one that is not round the next longer one."""
    yield from (one for one in ROUND if one < length)
    if length not in ROUND:
        yield from islice((one for one in ROUND if one > length), 1)


def _changed(fault: Fault, update: dict[str, Any]) -> Fault | None:
    """With these fields, unless the kind does not allow them."""
    try:
        return type(fault).model_validate({**{n: getattr(fault, n) for n in type(fault).model_fields}, **update})
    except ValidationError:
        return None


def _same(one: Fault, other: Fault) -> bool:
    skip = set(WHEN)
    return one.model_dump(exclude=skip) == other.model_dump(exclude=skip)
