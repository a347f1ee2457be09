"""What a run on the loopback showed, counted, and kept in a file: the page tells of it without running it again."""

from __future__ import annotations

import json
import subprocess
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import floor
from pathlib import Path
from statistics import pstdev
from typing import Any

from validation.lab.experiment import (
    CHANGES,
    DRAWN_RATE,
    NAMES,
    PROCESSES,
    TTL,
    WARM_UP,
    Observed,
    drawn_names,
    names_at,
    observe,
)
from validation.lab.programs import Program

FILE = Path("docs/validation/resolver.json")
BIN = 0.25
"""Seconds: the curve of old answers has points so far apart."""
GROUPS = (4, 10, 40)
"""So many caches make a user population, whose share is looked at."""


@dataclass(frozen=True, slots=True)
class Record:
    """Counts only: shares and predictions are worked out from them."""

    program: str
    version: str
    phases: list[float]
    """Of the changes: at which part of a second they came."""
    asked: int
    unanswered: int
    hits: dict[str, tuple[int, int]]
    """By rate: questions of users, and how many of them reached the authority."""
    old: dict[str, list[tuple[float, int, int]]]
    """By rate: seconds since the change (middle of a bin), questions, and how many got the old answer."""
    spreads: dict[str, tuple[int, float, float]]
    """By size of the population: samples, mean and standard deviation of the share that was green."""


def record(program: Program, changes: int = CHANGES) -> Record:
    """Run it, and count."""
    seen = observe(program, changes)
    return Record(
        program.name,
        _version(program),
        [round(phase, 4) for phase in seen.phases],
        len(seen.asked),
        sum(ask.green is None for ask in seen.asked),
        {f"{rate:g}": _hits(seen, rate) for rate in NAMES},
        {f"{rate:g}": _old(seen, rate) for rate in NAMES},
        {f"{size}": _spread(seen, size) for size in GROUPS},
    )


def save(records: Iterable[Record]) -> None:
    """Keep them."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps([asdict(one) for one in records], indent=1) + "\n")


def load() -> list[Record]:
    """The records that are kept; none when there is no file."""
    if not FILE.exists():
        return []
    return [_read(one) for one in json.loads(FILE.read_text())]


def _read(kept: dict[str, Any]) -> Record:
    tuples = {
        "hits": {rate: tuple(pair) for rate, pair in kept["hits"].items()},
        "old": {rate: [tuple(point) for point in points] for rate, points in kept["old"].items()},
        "spreads": {size: tuple(spread) for size, spread in kept["spreads"].items()},
    }
    return Record(**{**kept, **tuples})


def _hits(seen: Observed, rate: float) -> tuple[int, int]:
    names = set(names_at(rate))
    asked = sum(ask.cache[1] in names for ask in seen.asked)
    return asked, sum(count for (_, name), count in seen.fetched.items() if name in names)


def _old(seen: Observed, rate: float) -> list[tuple[float, int, int]]:
    names = set(names_at(rate))
    asked: Counter[int] = Counter()
    old: Counter[int] = Counter()
    for ask in seen.asked:
        change = bisect_right(seen.changes, ask.at) - 1
        if ask.cache[1] in names and change >= 0 and ask.green is not None:
            place = floor((ask.at - seen.changes[change]) / BIN)
            asked[place] += 1
            old[place] += ask.green is not (change % 2 == 0)  # the first change is to green
    last = floor((TTL + 2) / BIN)
    return [(round((place + 0.5) * BIN, 3), asked[place], old[place]) for place in range(last) if asked[place]]


def _spread(seen: Observed, size: int) -> tuple[int, float, float]:
    """Groups of `size` caches are asked for their share at moments so far apart that all have drawn anew."""
    names = set(drawn_names())
    answers = defaultdict(list)
    for ask in seen.asked:
        if ask.cache[1] in names and ask.green is not None:
            answers[ask.cache].append((ask.at, ask.green))
    caches = [(process, name) for process in range(PROCESSES) for name in drawn_names()]
    apart = TTL + 1 + 2 / DRAWN_RATE
    shares = []
    moment = WARM_UP + 2 / DRAWN_RATE
    while moment <= seen.until:
        green = [_at(answers[cache], moment) for cache in caches]
        parts = [green[at : at + size] for at in range(0, len(green), size)]
        shares += [sum(part) / size for part in parts if len(part) == size]
        moment += apart
    return len(shares), round(sum(shares) / len(shares), 5), round(pstdev(shares), 5)


def _at(answers: list[tuple[float, bool]], moment: float) -> bool:
    """What the cache said last before the moment."""
    place = bisect_right(answers, (moment, True)) - 1
    return answers[max(place, 0)][1]


def _version(program: Program) -> str:
    """As the program tells it."""
    flag = "-V" if program.name == "unbound" else "--version"
    done = subprocess.run([str(program.path), flag], capture_output=True, text=True, check=True)
    return next(word for word in done.stdout.split() if word[0].isdigit() and "." in word).rstrip(",")
