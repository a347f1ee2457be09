"""Cache hit rate: `ClientsSpec.hits` and `Clients` against the formula of Jung et al. and a simulated cache."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import sqrt

import numpy as np

from bluegreen.model import Slot
from sim.clients import Clients, ClientsSpec
from sim.draws import generator
from validation.page import Section, Table, below
from validation.plots import FAULT, Axis, Plot, Series, percent

COUNT = 200_000
HONEST = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}
RATES = ((0.1, 60), (1.0, 60), (10.0, 60), (0.01, 60), (1 / 300, 900), (0.1, 20))
"""Requests per second and TTL in seconds: the golden cases B-1 to B-3."""


def jung(rate: float, ttl: float) -> float:
    """Hit rate of a cache that is asked at Poisson moments: with M = rate x TTL requests in a TTL, M / (1 + M)."""
    return rate * ttl / (1 + rate * ttl)


def ours(rate: float, ttl: float) -> float:
    """The share of requests that still go by the cached answer at the moment when all answers have changed."""
    spec = ClientsSpec.model_validate({"gap": timedelta(seconds=1 / rate), **HONEST})
    before, after = dict.fromkeys(Slot, 0.0) | {Slot.BLUE: 1.0}, 0.0
    clients = Clients(spec, timedelta(seconds=ttl), before, generator(1, "hits"))
    clients.advance(1, after)
    passed = 1 - 0.001 / ttl  # of the cached answers, after that millisecond
    return clients.share()[Slot.BLUE] / passed


def cache(gaps: Iterable[float], ttl: float) -> float:
    """The hit rate of one cache, request by request; who comes at the end of the TTL misses."""
    now, ends, hits, count = 0.0, 0.0, 0, 0
    for gap in gaps:
        now += gap
        count += 1
        if now < ends:
            hits += 1
        else:
            ends = now + ttl
    return hits / count


def section() -> Section:
    poisson, error = _poisson()
    others, off = _others()
    return Section(
        "Cache hit rate",
        "Which share of requests finds an answer in its cache? With requests at Poisson moments and a TTL that begins "
        "with each miss, Jung, Berger and Balakrishnan (INFOCOM 2003) have a closed form: with λT requests in a TTL, "
        "λT / (1 + λT). It was recalled, derived again, and is simulated here request by request (200,000). Ours is "
        "read off the clients' model: the share of requests that an instant change of all answers does not move.",
        (poisson, others),
        f"{below(error)} against the formula; {off:.2f} where requests do not come at Poisson moments.",
        "Exact for Poisson requests, which many independent users make. The model knows no other: a cache that is "
        "asked in step (health checks, polling) or in bursts keeps its answer less or more often than said. The "
        "default population leaves this out (all requests find a cached answer), which is the slowest case.",
        (_plot(),),
    )


def _poisson() -> tuple[Table, float]:
    rows, worst = [], 0.0
    for number, (rate, ttl) in enumerate(RATES):
        rng = np.random.default_rng([1, number])
        found = cache(rng.exponential(1 / rate, COUNT).tolist(), ttl)
        formula, model = jung(rate, ttl), ours(rate, ttl)
        worst = max(worst, abs(model - formula))
        spread = 2 * sqrt(formula * (1 - formula) / COUNT)
        rows.append(
            (f"{rate:.4g}", f"{ttl}", f"{model:.6f}", f"{formula:.6f}", f"{found:.4f} ± {spread:.4f}",
             f"{rate / (1 + rate * ttl):.6f}")
        )  # fmt: skip
    columns = ("requests/s", "TTL (s)", "ours", "formula", "simulated (2 sd)", "questions/s to the authority")
    return Table(columns, rows, "Poisson requests:"), worst


def _others() -> tuple[Table, float]:
    rng = np.random.default_rng(2)
    bursts = np.where(rng.random(COUNT) < 0.8, rng.exponential(2.0, COUNT), rng.exponential(42.0, COUNT))
    kinds = {
        "one each 10 s": (10.0, [10.0] * COUNT),
        "one each 25 s": (25.0, [25.0] * COUNT),
        "bursts: 80 % of gaps 2 s, the others 42 s on average": (10.0, bursts.tolist()),
    }
    rows, worst = [], 0.0
    for name, (gap, gaps) in kinds.items():
        model, found = ours(1 / gap, 60), cache(gaps, 60)
        worst = max(worst, abs(model - found))
        rows.append((name, f"{model:.3f}", f"{found:.3f}", f"{model - found:+.3f}"))
    return Table(("requests", "ours", "simulated", "error"), rows, "Other requests, TTL 60 s:"), worst


def _plot() -> Plot:
    loads = [10 ** (-1 + 3 * k / 60) for k in range(61)]
    line = [(load, jung(load / 60, 60)) for load in loads]
    marks = [(load, ours(load / 60, 60)) for load in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)]
    return Plot(
        "hits",
        "Cache hit rate",
        "the hit rate rises from a tenth at 0.1 requests in a TTL to nearly all at 100; ours lie on the formula's line",
        Axis("requests to one cache in a TTL", 0.1, 100, log=True, ticks=(0.1, 1, 10, 100)),
        percent("requests that find a cached answer"),
        [Series("formula (Jung et al.)", line), Series("ours", marks, "marks", FAULT, filled=False)],
    )
