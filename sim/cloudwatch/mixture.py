"""Percentiles of the answers of a whole time, from those of its stretches: quantiles of the mixture of their
distributions. A mean of percentiles would hide a short slow stretch in the median and invent one in the 99th.

A stretch tells p50, p90, p95, p99. Between them, from 0 up, and beyond p99, the logarithm of the share of slower
answers is taken to fall evenly: exact for exponential times, which the tails of queues have (Erlang).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import exp, inf, log, log1p

Latency = tuple[float, float, float, float, float]
"""p50, p90, p95, p99 and mean, in seconds."""
Knots = tuple[float, float, float, float, float]
"""The least time, p50, p90, p95, p99."""

DEPTHS = (0.0, -log(0.5), -log(0.1), -log(0.05), -log(0.01))
"""-log of the share of slower answers at 0, p50, p90, p95, p99."""
GAPS = tuple(b - a for a, b in pairwise(DEPTHS))

CLOSE = 1e-4
"""The result's relative error at most. Mostly it is the square of that: Newton's last step, or parts so alike that
their mean will do."""


def quantile(latency: Latency, share: float) -> float:
    """The time that `share` (0 to 1) of one stretch's answers do not exceed, in seconds."""
    return _at_depth(_knots(latency), -log1p(-share))


def mixed(parts: Sequence[tuple[int, Latency]], share: float) -> float:
    """The same of several stretches with so many answers each; at least one answer."""
    depth, slower = -log1p(-share), 1 - share
    if len(parts) == 1:
        count, latency = parts[0]
        return count * _at_depth(_knots(latency), depth) / count  # to the last digit what the mean below would be
    known = [(count, _knots(latency)) for count, latency in parts]
    times = [_at_depth(knots, depth) for _, knots in known]
    low, high = min(times), max(times)
    total = sum([count for count, _ in known])
    mean = sum([count * time for (count, _), time in zip(known, times, strict=True)]) / total
    return mean if high - low <= CLOSE * high else _root(known, total * slower, low, high, mean)


def slower(latency: Latency, time: float) -> float:
    """The share of one stretch's answers that take longer than `time` seconds: the opposite of `quantile`."""
    knots = _knots(latency)
    k = bisect_right(knots, time, 0, 4) - 1
    width = knots[k + 1] - knots[k]
    return exp(-DEPTHS[k] - (time - knots[k]) * GAPS[k] / width) if width > 0 else 0.0


def _knots(latency: Latency) -> Knots:
    p50, p90, p95, p99, _ = latency
    return 0.0, p50, p90, p95, p99


def _at_depth(knots: Knots, depth: float) -> float:
    k = min(bisect_right(DEPTHS, depth) - 1, 3)
    return knots[k] + (depth - DEPTHS[k]) * (knots[k + 1] - knots[k]) / GAPS[k]


def _root(parts: Sequence[tuple[int, Knots]], slower: float, low: float, high: float, time: float) -> float:
    """The time in [low, high] that `slower` answers exceed: Newton's method on the logarithm, which is nearly straight,
    and halving where that leaves the bounds, or meets a step."""
    for turn in range(120):
        count = fall = 0.0  # so many answers are slower than `time`; it falls by so many a second
        for n, knots in parts:
            k = bisect_right(knots, time, 0, 4) - 1
            width = knots[k + 1] - knots[k]
            if width > 0:  # else nothing is slower than p99
                slope = GAPS[k] / width
                there = n * exp((knots[k] - time) * slope - DEPTHS[k])
                count += there
                fall += there * slope
        low, high = (time, high) if count > slower else (low, time)
        if high - low <= CLOSE * high:
            break
        step = log(count / slower) * count / fall if fall > 0 and count > 0 else inf
        if abs(step) <= CLOSE * time:
            return min(max(time + step, low), high)
        time = time + step if turn % 4 < 3 and low < time + step < high else (low + high) / 2
    return high
