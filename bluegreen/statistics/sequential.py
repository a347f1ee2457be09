"""Sequential tests of error rates that may be looked at as often as one likes.

The question is about p, the candidate's chance of an error per request, beside q, live's in the same minute:

    worse      p <= ratio·q + margin is refuted
    not worse  p >= ratio·q + margin is refuted

ratio 0 tests against a fixed limit, the margin; ratio 1 and margin 0.005 test "not more than half a point above live".

Evidence is an e-process: a number that starts at 1 and that nothing but a bet against the hypothesis can raise. While
the hypothesis holds, the chance that it *ever* reaches 1/alpha is at most alpha (Ville's inequality), however often one
looks and whenever one stops. So "evidence >= 1/alpha" keeps the false-alarm rate alpha without any correction.

For a minute with n requests and x errors of the candidate, m requests and y errors of live, and a stake u != 0, take

    c = 1 + b·(e^u - 1), where b = ratio·n / (ratio·n + m),
    log e = u·x - (x + y)·log c - n·margin·(e^u/c - 1).

Why it is valid: E exp(log e) = (1 + p(e^u/c - 1))^n · (1 + q(1/c - 1))^m · exp(-n·margin·(e^u/c - 1)). By
log(1 + z) <= z the log of that is at most (n·ratio·(e^u/c - 1) + m·(1/c - 1))·q + n·(p - ratio·q - margin)·(e^u/c - 1).
The first bracket is 0 by the choice of c; e^u/c - 1 has the sign of u. So it is at most 0 for u > 0 when
p <= ratio·q + margin, and for u < 0 when p >= ratio·q + margin. It holds in each minute by itself, whatever p and q
were before: a dependency that fails for both slots alike, and a rate that drifts, do no harm. Minutes multiply.
What stays assumed: requests of one minute fail independently of each other, given the minute.

The evidence is the mean over a fixed set of stakes (a mixture): no stake needs to be chosen beforehand.

Sources: Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970), for
mixtures; Ramdas et al., "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38 (2023),
for e-processes; Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022, for the idea to
compare errors of two versions at the same time (there with margin 0); Howard et al., "Time-uniform, nonparametric,
nonasymptotic confidence sequences", Ann. Statist. 49 (2021), for intervals by inversion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, expm1, log, log1p

MOST, LEAST, STAKES = 8.0, 0.02, 40
"""Stakes u lie evenly on a logarithmic scale between these: from a rate that is 2 % higher than allowed to one that is
e^8 times as high. They decide how soon a difference is found, not how often the answer is wrong."""
HALVINGS = 34
"""An end of an interval is exact to 1e-10."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What happened in one minute, in requests. Errors are never more than requests."""

    requests: int
    errors: int
    live_requests: int = 0
    live_errors: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.errors <= self.requests and 0 <= self.live_errors <= self.live_requests):
            raise ValueError(f"errors must lie between 0 and the number of requests: {self}")


def worse(minutes: Sequence[Minute], ratio: float, margin: float) -> float:
    """The log of the evidence against p <= ratio·q + margin. Each error of the candidate raises it."""
    return _mixture(minutes, ratio, margin, sign=1.0)


def not_worse(minutes: Sequence[Minute], ratio: float, margin: float) -> float:
    """The log of the evidence against p >= ratio·q + margin. Each error of the candidate lowers it."""
    return _mixture(minutes, ratio, margin, sign=-1.0)


def enough(evidence: float, alpha: float) -> bool:
    """Whether the log of an evidence refutes its hypothesis at the level alpha."""
    return evidence >= -log(alpha)


def interval(minutes: Sequence[Minute], alpha: float, beta: float) -> tuple[float, float]:
    """A confidence sequence for p: at no look, ever, is p below it with a chance above alpha, nor above it with a
    chance above beta. Its lower end is above a limit exactly when `worse(minutes, 0, limit)` is enough for alpha."""
    low = _root(lambda p: enough(worse(minutes, 0.0, p), alpha), 1.0)
    high = 1.0 - _root(lambda gap: enough(not_worse(minutes, 0.0, 1.0 - gap), beta), 1.0)
    return low, high


def _root(refuted: Callable[[float], bool], high: float) -> float:
    """Up to where from 0 on `refuted` is true, by halving."""
    low = 0.0
    if refuted(high):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if refuted(middle) else (low, middle)
    return low


@cache
def _stakes(sign: float) -> tuple[tuple[float, float], ...]:
    """Each stake u with e^u - 1."""
    step = log(MOST / LEAST) / (STAKES - 1)
    stakes = (sign * LEAST * exp(step * k) for k in range(STAKES))
    return tuple((u, expm1(u)) for u in stakes)


def _mixture(minutes: Sequence[Minute], ratio: float, margin: float, sign: float) -> float:
    if ratio:
        seen = [minute for minute in minutes if minute.requests]
        logs = [sum([_against(minute, ratio, margin, u, grown) for minute in seen]) for u, grown in _stakes(sign)]
    else:  # live does not matter, and the minutes are one
        errors, allowed = sum(m.errors for m in minutes), margin * sum(m.requests for m in minutes)
        logs = [u * errors - allowed * grown for u, grown in _stakes(sign)]
    top = max(logs)
    return top + log(sum([exp(each - top) for each in logs]) / STAKES)


def _against(minute: Minute, ratio: float, margin: float, stake: float, grown: float) -> float:
    """The log of one minute's evidence, for one stake."""
    weight = ratio * minute.requests
    log_c = log1p(grown * weight / (weight + minute.live_requests))
    errors = minute.errors + minute.live_errors
    return stake * minute.errors - errors * log_c - minute.requests * margin * expm1(stake - log_c)
