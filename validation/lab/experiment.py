"""One run on the loopback: users ask, the weights change back and forth, and everything is written down."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from validation.lab.authority import Authority
from validation.lab.crowd import Ask, Cache, Crowd
from validation.lab.programs import Program, running

TTL = 2
"""Seconds. Short, so that a run is short."""
PROCESSES = 4
NAMES = {0.1: 60, 0.3: 40, 1.0: 25, 3.0: 15, 10.0: 4}
"""Questions per second to one cache: how many names are asked for at that rate, in each process."""
DRAWN, DRAWN_RATE, SHARE = 40, 4.0, 0.3
"""Names for which each fresh answer is green with the chance SHARE, and the questions per second to each cache."""
WARM_UP = 4.0
BETWEEN = 3.618
"""Seconds from change to change: the longest life of an answer and a bit; each change at another part of a second."""
CHANGES = 6


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen, in seconds since the beginning, after the warm-up."""

    asked: list[Ask]
    fetched: Counter[Cache]
    """Questions that reached the authority, by cache."""
    changes: list[float]
    """When the names of NAMES went from all blue to all green or back."""
    phases: list[float]
    """At which part of a second of the machine's clock they came: the programs count whole ones."""
    until: float


def names_at(rate: float) -> list[str]:
    """The names that are asked for at that rate."""
    return [f"flip-{rate * 1000:.0f}-{number}.example." for number in range(NAMES[rate])]


def drawn_names() -> list[str]:
    """The names whose answers are drawn."""
    return [f"draw-{number}.example." for number in range(DRAWN)]


def observe(program: Program, changes: int = CHANGES, seed: int = 1) -> Observed:
    """Run it for WARM_UP + changes * BETWEEN seconds."""
    rates = {name: rate for rate in NAMES for name in names_at(rate)} | dict.fromkeys(drawn_names(), DRAWN_RATE)
    moments = [WARM_UP + BETWEEN * number for number in range(changes)]
    until = WARM_UP + BETWEEN * changes
    made: list[float] = []
    green = {"flip": 0.0, "draw": SHARE, "ready": 0.0}
    with Authority(PROCESSES, TTL, green, seed) as authority, running(program, authority.ports) as ports:
        crowd = Crowd(ports, rates, seed, spread=TTL + 1)

        def change(elapsed: float) -> None:
            if len(made) < len(moments) and elapsed >= moments[len(made)]:
                made.append(elapsed)
                authority.green["flip"] = 1.0 - authority.green["flip"]

        second = time.time() - time.monotonic()
        begin = crowd.ask(until, change)
    asked = sorted((ask for ask in crowd.asked if ask.at >= WARM_UP), key=lambda ask: ask.at)
    fetched = Counter((seen.door, seen.name) for seen in authority.log if WARM_UP <= seen.at - begin < until)
    phases = [(second + begin + moment) % 1 for moment in made]
    return Observed(asked, fetched, made, phases, until)
