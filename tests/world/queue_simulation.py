"""One machine's queue, request by request: what the closed forms are held against."""

from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush


@dataclass
class Outcome:
    """Counts of attempts, and when the answered ones came and how long they waited."""

    answered: int = 0
    shed: int = 0
    given_up: int = 0
    lost: int = 0  # failed and not tried again
    again: int = 0
    waits: list = field(default_factory=list)


def simulate(
    rng, arrivals, *, workers, service, room, patience=float("inf"), wasted=True, retries=0.0, attempts=3, backoff=1.0
):
    """First come first served by `workers`; exponential service with this mean; `room` may wait, for `patience`."""
    outcome, free, starts = Outcome(), [0.0] * workers, deque()
    heapify(free)
    coming = [(at, 1) for at in arrivals]
    heapify(coming)

    def fails(at, attempt):
        if attempt < attempts and rng.random() < retries:
            outcome.again += 1
            heappush(coming, (at + rng.exponential(backoff), attempt + 1))
        else:
            outcome.lost += 1

    while coming:
        at, attempt = heappop(coming)
        while starts and starts[0] <= at:
            starts.popleft()
        if len(starts) >= room and free[0] > at:
            outcome.shed += 1
            fails(at, attempt)
            continue
        start = max(at, free[0])
        hopeless = start - at > patience
        if not hopeless or wasted:
            starts.append(start)
            heappop(free)
            heappush(free, start + rng.exponential(service))
        if hopeless:
            outcome.given_up += 1
            fails(at + patience, attempt)
        else:
            outcome.answered += 1
            outcome.waits.append((at, start - at))
    return outcome
