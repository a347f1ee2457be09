"""How often AWS may be asked: token buckets, and Route 53's own (Route 53 Developer Guide, throttling of API requests).

A bucket holds up to `burst` tokens and gets `refill` of them back a second; a request takes one or is throttled.
Smallest use: `Quotas(Size(50, 10), {"CreateHealthCheck": Size(50, 0.5)}, each=Size(50, 10))`, then
`quotas.take("GetChange", now_ms)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from bluegreen.registry import Spec


class Size(NamedTuple):
    """Of a bucket."""

    burst: float
    """How many tokens a full one holds."""
    refill: float
    """Tokens/s that come back."""


class TokenBucket:
    """One bucket; full at time zero."""

    __slots__ = ("_at", "_left", "burst", "refill")

    def __init__(self, size: Size) -> None:
        self.burst, self.refill = size
        self._left, self._at = self.burst, 0

    def left(self, at: int) -> float:
        """How many tokens it holds at `at` (milliseconds; never earlier than before)."""
        self._left = min(self.burst, self._left + (at - self._at) * self.refill / 1000)
        self._at = at
        return self._left

    def has(self, at: int, count: float = 1) -> bool:
        """Whether it holds so many at `at`."""
        return self.left(at) + 1e-9 >= count  # float sums: a thousand times 0.01 is a little less than ten

    def take(self, at: int, count: float = 1) -> bool:
        """Take `count` tokens at `at` ms. False, and nothing is taken, when it holds fewer."""
        if not self.has(at, count):
            return False
        self.spend(count)
        return True

    def spend(self, count: float = 1) -> None:
        """Take what was just seen to be there."""
        self._left -= count


class Quotas:
    """An account's buckets for one service: one for all requests together, and one for each action."""

    def __init__(self, account: Size, actions: Mapping[str, Size], *, each: Size) -> None:
        """`each` is for every action that `actions` does not name."""
        self._account = TokenBucket(account)
        self._sizes, self._each = dict(actions), each
        self._actions: dict[str, TokenBucket] = {}

    def take(self, action: str, at: int) -> bool:
        """Whether a request for this action passes at `at` ms. One that does not takes nothing from either bucket."""
        bucket = self._actions.get(action)
        if bucket is None:
            bucket = self._actions[action] = TokenBucket(self._sizes.get(action, self._each))
        if not (bucket.has(at) and self._account.take(at)):
            return False
        bucket.spend()
        return True


ROUTE53_EXCEPTIONS = {
    "AssociateVPCWithHostedZone": Size(20, 5),
    "CreateHealthCheck": Size(50, 0.5),
    "CreateHostedZone": Size(40, 2),
    "DeleteHealthCheck": Size(15, 3),
    "DeleteHostedZone": Size(40, 5),
    "GetHealthCheckLastFailureReason": Size(4, 1),
    "GetHealthCheckStatus": Size(4, 1),
}
"""Actions with buckets of their own; all others have the default."""

Positive = Annotated[float, Field(gt=0)]


class Route53Quotas(Spec):
    """Requests/s that Route 53 lets an account make. Over quota: HTTP 400, Throttling, "Rate exceeded"."""

    burst: Positive = 50
    """Of all requests of the account together."""
    refill: Positive = 10
    action_burst: Positive = 50
    """Of one action that is not among the exceptions (CreateHealthCheck 50 and 0.5/s, GetHealthCheckStatus 4 and 1/s,
    ...)."""
    action_refill: Positive = 10
    changes_burst: Positive | None = None
    """Of single record changes (an UPSERT is one) in all batches together. AWS says that there is such a bucket; its
    numbers are unpublished here, so it is off unless both are given."""
    changes_refill: Positive | None = None

    @model_validator(mode="after")
    def _changes_together(self) -> Self:
        if (self.changes_burst is None) != (self.changes_refill is None):
            raise ValueError("changes_burst and changes_refill belong together")
        return self

    def requests(self) -> Quotas:
        """Full buckets for requests."""
        each = Size(self.action_burst, self.action_refill)
        return Quotas(Size(self.burst, self.refill), ROUTE53_EXCEPTIONS, each=each)

    def changes(self) -> TokenBucket | None:
        """A full bucket for changes of records; None when it is off."""
        if self.changes_burst is None or self.changes_refill is None:
            return None
        return TokenBucket(Size(self.changes_burst, self.changes_refill))
