"""Unequal TTLs: `Clients` and `sim.caching.distorted` against caches simulated request by request."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt

import numpy as np

from bluegreen.model import Slot
from sim.caching import distorted
from sim.clients import Clients, ClientsSpec
from sim.draws import generator
from validation.hits import HONEST
from validation.page import Section, Table, below
from validation.plots import BLUE, Axis, Plot, Series, percent

CASES = ((0.5, 60, 300, 1.0), (0.5, 60, 300, 0.01), (0.5, 60, 60, 0.1), (0.9, 60, 300, 0.1), (0.5, 20, 60, 0.02))
"""Weight of blue, TTLs of blue and green in seconds, requests per second to one cache."""
COUNT = 400_000


def used(weight: float, blue: float, green: float, rate: float) -> float:
    """The share of blue: an answer is used by the request that fetched it and by those that come in its TTL."""
    by_blue, by_green = weight * (1 + rate * blue), (1 - weight) * (1 + rate * green)
    return by_blue / (by_blue + by_green)


def cache(weight: float, blue: float, green: float, rate: float, seed: int) -> tuple[float, float]:
    """The share of requests to blue through one cache, and its standard error."""
    rng = np.random.default_rng([11, seed])
    gaps, draws = rng.exponential(1 / rate, COUNT).tolist(), rng.random(COUNT).tolist()
    now, ends, named, count, periods = 0.0, 0.0, False, 0, 0
    for gap, draw in zip(gaps, draws, strict=True):
        now += gap
        if now >= ends:
            named = draw < weight
            ends = now + (blue if named else green)
            periods += 1
        count += named
    share = count / COUNT
    return share, sqrt(share * (1 - share) / periods)


def ours(weight: float, blue: float, green: float, rate: float) -> float:
    """Mean share of requests to blue over two hours, of users in equilibrium."""
    spec = ClientsSpec.model_validate({"gap": timedelta(seconds=1 / rate), "count": 10**9, **HONEST})
    ttls = {Slot.BLUE: timedelta(seconds=blue), Slot.GREEN: timedelta(seconds=green)}
    answers = {Slot.BLUE: weight, Slot.GREEN: 1 - weight}
    clients = Clients(spec, ttls, answers, generator(1, "ttls"))
    return sum(clients.advance(60_000, weight) for _ in range(120)) / 120


def section() -> Section:
    rows, worst, off = [], 0.0, 0.0
    for number, (weight, blue, green, rate) in enumerate(CASES):
        formula = used(weight, blue, green, rate)
        model = ours(weight, blue, green, rate)
        theory = distorted([weight, 1 - weight], [blue, green], rate)[0]
        found, error = cache(weight, blue, green, rate, number)
        worst = max(worst, abs(model - formula), abs(theory - formula))
        off = max(off, abs(formula - weight))
        rows.append(
            (f"{weight:.0%}", f"{blue}", f"{green}", f"{rate:g}", f"{model:.4f}", f"{theory:.4f}", f"{formula:.4f}",
             f"{found:.3f} ± {2 * error:.3f}")
        )  # fmt: skip
    columns = (
        "weight of blue",
        "TTL blue (s)",
        "TTL green (s)",
        "requests/s",
        "clients",
        "closed form, ours",
        "formula",
        "one cache simulated (2 sd)",
    )
    return Section(
        "Unequal TTLs",
        "An answer that lives longer is used by more requests: each draws 1 + λT of them, so weights w become shares "
        "in proportion to w (1 + λT). That is why Route 53 gives all records of a weighted group one TTL, and asks for "
        "60 s beside an alias to a balancer (Route 53 Developer Guide, values for weighted records). The formula "
        "follows from Jung's; the reference is one cache, simulated for 400,000 requests.",
        (Table(columns, rows),),
        f"{below(worst, 1e-4)} of a share against the formula; the TTLs themselves move a share by up to {off:.2f}.",
        "The distortion is a fact of caches, not of Route 53, which rewrites a group's TTLs to the last one given (the "
        "world does so, too). It is here for other DNS services, and to show what an alias beside a long TTL would do. "
        "Equilibrium only: just after a change of weights the shares are nearer to the weights.",
        (_plot(),),
    )


def _plot() -> Plot:
    line = [(ttl, used(0.5, 60, ttl, 1.0)) for ttl in range(10, 601, 10)]
    slow = [(ttl, used(0.5, 60, ttl, 0.01)) for ttl in range(10, 601, 10)]
    marks = (20, 60, 120, 180, 240, 300, 420, 540)
    return Plot(
        "ttls",
        "Blue's share at equal weights, its TTL 60 s",
        "the longer green's answers live, the less blue gets: a sixth at 300 s; rarely asked caches distort less",
        Axis("TTL of green's record (s)", 0, 600, ticks=(0, 60, 120, 300, 600)),
        percent("requests to blue"),
        [
            Series("formula, 1 request/s", line),
            Series("formula, 0.01 requests/s", slow, dash=(7, 3)),
            Series("clients, 1 request/s", [(t, ours(0.5, 60, t, 1.0)) for t in marks], "marks", BLUE, filled=False),
            Series("clients, 0.01 requests/s", [(t, ours(0.5, 60, t, 0.01)) for t in marks], "marks", BLUE,
                   shape="square", filled=False),
        ],
    )  # fmt: skip
