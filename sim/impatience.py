"""How users take waiting and failure: they give up, and they try again.

Retries amplify an overload: what fails comes again on top of what is new. Those who wait to try again are counted by
how often they have tried, and leave after an exponential time.
"""

from __future__ import annotations

from math import exp

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, Share, parse_duration


class ImpatienceSpec(Spec):
    """Nothing of it is published for users in general: all is assumed, and off by default."""

    patience: PositiveDuration | None = None
    """A client that waited longer for its answer gives up. None: it waits as long as the balancer does."""
    retries: Share = 0.0
    """This share of failed requests is tried again."""
    attempts: int = Field(3, ge=2)
    """A request is tried so many times at most, the first one included."""
    backoff: PositiveDuration = parse_duration("1s")
    """Mean time until it is tried again."""


class Retrying:
    """Those who will try again."""

    def __init__(self, spec: ImpatienceSpec) -> None:
        self.share = spec.retries
        self.backoff = spec.backoff.total_seconds()
        self._later = [0.0] * (spec.attempts - 1)  # by attempts made, from 1: they wait
        self._due = [0.0] * (spec.attempts - 1)  # their wait is over
        self._mix = [1.0] + [0.0] * (spec.attempts - 1)  # of the requests now under way, by which attempt it is

    @property
    def size(self) -> float:
        """How many there are."""
        return sum(self._later) + sum(self._due)

    def release(self, fresh: int, length: float) -> int:
        """How many try again in the coming `length` seconds, beside `fresh` first attempts."""
        left = exp(-length / self.backoff)
        for k, waiting in enumerate(self._later):
            self._due[k] += waiting * (1 - left)
            self._later[k] = waiting * left
        due = sum(self._due)
        again = int(due + 1e-9)
        if fresh + again:
            going = again / due if due else 0.0
            self._mix = [fresh / (fresh + again), *(k * going / (fresh + again) for k in self._due)]
        if due:
            self._due = [k * (1 - again / due) for k in self._due]
        return again

    def failed(self, count: int, length: float) -> float:
        """`count` requests failed, evenly over these `length` seconds. Returns how many of them will try again."""
        span = length / self.backoff
        still = (1 - exp(-span)) / span
        again = 0.0
        for k in range(len(self._later)):
            coming = count * self._mix[k] * self.share
            again += coming
            self._later[k] += coming * still
            self._due[k] += coming * (1 - still)
        return again
