"""Requests that wait because more came than could be served: a fluid first-come-first-served queue.

Over a stretch of time in which the rate of arrivals and the capacity are constant, the queue grows or falls along a
straight line, stays at its bound, or stays empty. So each stretch is worked out in one piece, however long it is, and
one stretch of a minute gives what twelve of five seconds give.

Clients who would have to wait for longer than they do are lost. Where machines work on for clients who are gone
(`wasted`), such requests stay in the queue and take capacity; where not, nobody is let in who would not be served.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf


@dataclass(slots=True)
class Flow:
    """What became of a stretch, in requests."""

    answered: float = 0.0
    shed: float = 0.0
    """Found the queue full, or lost their place in it."""
    given_up: float = 0.0
    """Waited for too long. Counted when they come: it is certain then."""
    joined: float = 0.0
    """Came and will be answered, now or later."""
    busy: float = 0.0
    """Work that was done, wasted work included."""
    waits: tuple[tuple[float, float, float], ...] = ()
    """Ascending pieces (seconds of arrivals, shortest wait, longest wait in seconds): evenly spread within."""


class Backlog:
    """One slot's queue. Counts are requests, as real numbers."""

    def __init__(self) -> None:
        self.size = 0.0
        """All that takes up a place."""
        self._parts: deque[tuple[float, bool]] = deque()  # front first; whether the client will still be there

    @property
    def staying(self) -> float:
        """Those whose client will still be there."""
        return sum(count for count, stays in self._parts if stays)

    def clear(self) -> None:
        self.size = 0.0
        self._parts.clear()

    def flow(
        self, arrived: float, length: float, capacity: float, room: float, *, patience: float = inf, wasted: bool = True
    ) -> Flow:
        """`arrived` requests come evenly over `length` seconds; `capacity` is requests/s, `room` how many may wait;
        clients wait for `patience` seconds at most."""
        flow = Flow()
        hopeless = capacity * patience
        turned_away = not wasted and hopeless < room
        if turned_away:
            room, hopeless = hopeless, inf
        flow.shed = self._shrink(room)
        if arrived / length > capacity:  # as `_rise` divides: it must not be left with nothing to divide by
            lost = self._rise(flow, arrived, length, capacity, room=room, hopeless=hopeless)
            if turned_away:
                flow.given_up += lost
            else:
                flow.shed += lost
        else:
            self._fall(flow, arrived, length, capacity, hopeless)
        flow.answered = self._serve(flow.busy)
        return flow

    def _rise(
        self, flow: Flow, arrived: float, length: float, capacity: float, *, room: float, hopeless: float
    ) -> float:
        """More comes than goes. Returns how many found no room."""
        rate, before = arrived / length, self.size
        full_at = min((room - before) / (rate - capacity), length)
        late_at = min(max((hopeless - before) / (rate - capacity), 0.0), length)
        lost = (rate - capacity) * (length - full_at)
        late = 0.0
        if hopeless < room:
            late = rate * (full_at - late_at) + capacity * (length - full_at)
        flow.given_up += late
        flow.joined = max(0.0, arrived - lost - late)
        self._join(flow.joined, True)
        self._join(late, False)
        flow.busy = capacity * length
        first, last = self._wait(before, capacity), self._wait(before + (rate - capacity) * full_at, capacity)
        flow.waits = ((full_at, first, last), (length - full_at, last, last))
        return lost

    def _fall(self, flow: Flow, arrived: float, length: float, capacity: float, hopeless: float) -> None:
        """No more comes than can go."""
        rate, before = arrived / length, self.size
        spare = capacity - rate
        empty_at = min(before / spare, length) if spare > 0 else (length if before else 0.0)
        late = 0.0
        if before > hopeless:
            late = rate * (min((before - hopeless) / spare, length) if spare > 0 else length)
        flow.given_up += late
        flow.joined = max(0.0, arrived - late)
        self._join(late, False)
        self._join(flow.joined, True)
        flow.busy = before + arrived if empty_at < length else min(capacity * length, before + arrived)
        first, last = self._wait(before, capacity), self._wait(before - spare * empty_at, capacity)
        flow.waits = ((length - empty_at, last, last), (empty_at, last, first))

    @staticmethod
    def _wait(size: float, capacity: float) -> float:
        return max(size, 0.0) / capacity if capacity > 0 else 0.0

    def _join(self, count: float, stays: bool) -> None:
        if count > 0:
            if self._parts and self._parts[-1][1] is stays:
                count += self._parts.pop()[0]
            self._parts.append((count, stays))

    def _serve(self, work: float) -> float:
        """The front leaves. Returns how many of them still had a client."""
        answered, parts, left = 0.0, self._parts, work
        while parts:
            count, stays = parts[0]
            if count > left + 1e-9:
                parts[0] = (count - left, stays)
                answered += left if stays else 0.0
                break
            parts.popleft()
            left -= count
            answered += count if stays else 0.0
        self.size = sum(count for count, _ in parts)
        return answered

    def _shrink(self, room: float) -> float:
        """There is less room than before: machines went, and what waited at them. Returns the clients that lost."""
        lost, excess = 0.0, self.size - room
        while excess > 1e-9 and self._parts:
            count, stays = self._parts.pop()
            gone = min(count, excess)
            excess -= gone
            lost += gone if stays else 0.0
            if count > gone:
                self._parts.append((count - gone, stays))
        self.size = sum(count for count, _ in self._parts)
        return lost
