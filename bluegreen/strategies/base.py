"""What every strategy answers: a finite list of rising steps that ends at 100 %."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bluegreen.registry import Spec


@dataclass(frozen=True, slots=True)
class Step:
    """Give the candidate `share` of the answers, then watch for `hold`."""

    share: float
    hold: timedelta


class Strategy(Spec):
    """The base of all strategies."""

    def steps(self) -> tuple[Step, ...]:
        """The steps in order: shares rise strictly, the last is 1.0."""
        raise NotImplementedError
