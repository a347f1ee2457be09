"""A queue simulated request by request: the slow and simple way, as a reference."""

from __future__ import annotations

from heapq import heapify, heapreplace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNT = 400_000
"""Requests in one simulation; the first tenth is left out."""


def responses(servers: int, load: float, cs2: float, seed: int, count: int = COUNT) -> tuple[Floats, Floats]:
    """Waits and response times of requests that come at Poisson moments to `servers`, first come first served; the
    mean service time is 1. `cs2`: squared variation of service times, exponential for 1, else log-normal."""
    rng = np.random.default_rng([seed, servers, round(load * 1000), round(cs2 * 100)])
    arrivals = np.cumsum(rng.exponential(1 / load, count))
    services = _services(rng, cs2, count)
    free = [0.0] * servers
    heapify(free)
    waits = np.empty(count)
    for at, (arrival, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        begin = max(arrival, free[0])
        waits[at] = begin - arrival
        heapreplace(free, begin + service)
    kept = slice(count // 10, None)
    return waits[kept], waits[kept] + services[kept]


def with_error(values: Floats, batches: int = 30) -> tuple[float, float]:
    """The mean and its standard error, by batch means: neighbours are alike."""
    means = np.array([part.mean() for part in np.array_split(values, batches)])
    return float(means.mean()), float(means.std(ddof=1) / sqrt(batches))


def quantile(values: Floats, share: float, batches: int = 30) -> tuple[float, float]:
    """The same for a quantile."""
    found = np.array([np.quantile(part, share) for part in np.array_split(values, batches)])
    return float(np.quantile(values, share)), float(found.std(ddof=1) / sqrt(batches))


def _services(rng: np.random.Generator, cs2: float, count: int) -> Floats:
    if cs2 == 1:
        return rng.exponential(1.0, count)
    if cs2 == 0:
        return np.ones(count)
    sigma2 = np.log1p(cs2)
    return rng.lognormal(-sigma2 / 2, sqrt(sigma2), count)
