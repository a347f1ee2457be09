"""How long Route 53's health checks take: `sim.healthchecks` against the order of uniform moments."""

from __future__ import annotations

from datetime import timedelta
from math import floor, sqrt

import numpy as np
import simpy

from sim.draws import generator
from sim.healthchecks import EndpointCheck, HealthCheckSpec
from validation.page import Section, Table
from validation.plots import FAULT, INK, Axis, Plot, Series, percent

RUNS = 600
CASES = ((30, 3), (30, 1), (10, 3), (10, 1))
"""Interval in seconds, threshold."""
CHECKERS = 16


def turning_points() -> tuple[int, int]:
    """The how manieth checker that changes its mind makes the endpoint unhealthy, and healthy again: healthy means
    that more than 18 % say so."""
    most_unhealthy = floor(0.18 * CHECKERS)
    return CHECKERS - most_unhealthy, most_unhealthy + 1


def closed_form(interval: int, threshold: int, rank: int) -> tuple[float, float]:
    """Mean and standard deviation: the rank-th of 16 moments that are uniform in an interval comes after
    rank/17 of it on average; the further answers of its checker come an interval apart."""
    share = rank / (CHECKERS + 1)
    spread = interval * sqrt(share * (1 - share) / (CHECKERS + 2))
    return interval * (share + threshold - 1), spread


def ours(interval: int, threshold: int) -> tuple[list[float], list[float]]:
    """Seconds until the verdict turned, after the endpoint failed and after it was well again."""
    downs: list[float] = []
    ups: list[float] = []
    spec = HealthCheckSpec(interval=timedelta(seconds=interval), threshold=threshold, checkers=CHECKERS)
    for run in range(RUNS):
        env = simpy.Environment()
        turns = _Turns(env)
        check = EndpointCheck(spec, env=env, rng=generator(run, "detection"), turning=turns.note)
        for up, found in ((False, downs), (True, ups)):
            env.run(until=env.now + 200_000)
            begin = env.now
            check.told(up)
            env.run(until=begin + 400_000)
            found.append((turns.last - begin) / 1000)
    return downs, ups


class _Turns:
    """When the verdict turned last, ms."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self.last = 0.0

    def note(self) -> None:
        self.last = self._env.now


def section() -> Section:
    rows, worst = [], 0.0
    seen = {case: ours(*case) for case in CASES}
    fall, rise = turning_points()
    for (interval, threshold), (downs, ups) in seen.items():
        cells = [f"{interval} s", f"{threshold}"]
        for found, rank in ((downs, fall), (ups, rise)):
            mean, spread = closed_form(interval, threshold, rank)
            worst = max(worst, abs(float(np.mean(found)) - mean) / (spread / sqrt(RUNS)))
            cells += [f"{np.mean(found):.2f} ± {2 * spread / sqrt(RUNS):.2f}", f"{mean:.2f}"]
        rows.append(tuple(cells))
    columns = (
        "interval",
        "threshold",
        "found down after (s), ours",
        "closed form",
        "found up after (s), ours",
        "closed form",
    )
    return Section(
        "Detection by Route 53 health checks",
        "Some 16 checkers that do not know of each other ask once per interval and change their minds after a number "
        "of answers in a row; the endpoint is healthy while more than 18 % of them say so (Route 53 Developer Guide, "
        "how Route 53 determines whether an endpoint is healthy). With 16 checkers at uniform moments the verdict "
        "falls with the 14th of them and rises with the 3rd, whose mean moments are known: k/17 of an interval. Ours "
        f"was tried {RUNS} times each.",
        (Table(columns, rows),),
        f"{worst:.1f} standard errors of a mean.",
        "Exact for what is assumed: 16 checkers (unpublished; it follows from \"a request about every 2 s\"), evenly "
        "spread moments, answers at once. A server that hangs is found later, by the time-outs of 4 s and 2 s; an "
        "endpoint that is bad only for some regions is not modelled.",
        (_plot(seen[30, 3]),),
    )  # fmt: skip


def _plot(seen: tuple[list[float], list[float]]) -> Plot:
    rng = np.random.default_rng(5)
    phases = np.sort(rng.uniform(0, 30, (40_000, CHECKERS)), axis=1) + 60
    series = []
    for name, found, rank, colour, shape in zip(
        ("down", "up"), seen, turning_points(), (FAULT, INK), ("square", "circle"), strict=True
    ):
        seconds = np.arange(55, 95, 2.5)
        drawn = phases[:, rank - 1]
        line = [(float(t), float((drawn <= t).mean())) for t in np.arange(55, 95, 0.5)]
        marks = [(float(t), float((np.array(found) <= t).mean())) for t in seconds]
        dash = (1, 0) if name == "down" else (7, 3)
        series.append(Series(f"order of uniform moments: {name}", line, dash=dash))
        series.append(Series(f"ours: {name}", marks, "marks", colour, shape=shape, filled=False))
    return Plot(
        "detection",
        "Verdict turned by then, interval 30 s, threshold 3",
        "recovery is found after 60 to 75 s, failure after 75 to 90 s; ours lie on the lines",
        Axis("seconds since the endpoint changed", 55, 95),
        percent("share of runs"),
        sorted(series, key=lambda one: one.kind),
    )
