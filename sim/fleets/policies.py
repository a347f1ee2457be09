"""A group's scaling policies together: it grows if any of them wants that, and shrinks only if all agree.

Source: Amazon EC2 Auto Scaling User Guide, target tracking (multiple policies), instance warm-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Protocol

from pydantic import Field

from sim.alarms import ASSUMED, EvaluationSpec
from sim.clock import ms
from sim.fleets.steps import SimpleSpec, StepSpec, adjusted, stepped
from sim.fleets.tracking import Tracking, TrackingSpec

PolicySpec = Annotated[TrackingSpec | StepSpec | SimpleSpec, Field(discriminator="kind")]


Minute = tuple[float | None, float | None]
"""A minute's mean utilisation, and requests for each machine; None: no data."""


class Group(Protocol):
    """What policies look at."""

    desired: int
    pending: int
    in_service: int
    cooldown: timedelta
    default_warm_up: timedelta | None
    settled_since: int
    """When the last launch or termination began or ended (milliseconds)."""

    def warm(self, warm_up: int) -> int:
        """Machines in service whose warm-up (milliseconds) is over."""

    @property
    def leaving(self) -> int:
        """Machines that are being terminated."""


def effective_warm_up(estimated: timedelta | None, default: timedelta | None, cooldown: timedelta) -> timedelta:
    """EstimatedInstanceWarmup, or else DefaultInstanceWarmup, or else the default cooldown."""
    if estimated is not None:
        return estimated
    return cooldown if default is None else default


class Alarmed:
    """The memory of a step or simple policy."""

    def __init__(self, spec: StepSpec | SimpleSpec) -> None:
        self.spec = spec
        self._breaching = 0
        self.acted: int | None = None

    def wanted(self, metric: float | None, group: Group, now: int) -> int:
        """Judge one more minute. `metric` is the mean utilisation, None when there is none."""
        spec = self.spec
        if spec.threshold is None:
            return group.desired
        percent = None if metric is None else 100 * metric
        self._breaching = self._breaching + 1 if percent is not None and spec.breaches(percent) else 0
        if percent is None or self._breaching < spec.minutes:
            return group.desired
        return self.act(group, now, percent, spec.threshold)

    def act(self, group: Group, now: int, metric: float, threshold: float, heed_cooldown: bool = True) -> int:
        """The alarm calls it: the capacity that it asks for. `metric` and `threshold` in percent."""
        spec = self.spec
        if isinstance(spec, StepSpec):
            warm = group.warm(warm_up_of(spec, group))
            current = warm if metric >= threshold else group.in_service + group.leaving
            return stepped(spec, metric - threshold, current, group.desired)
        if heed_cooldown and self._cools(group, now):
            return group.desired
        wanted = adjusted(group.desired, spec.adjustment, spec.change, spec.minimum_magnitude)
        if wanted != group.desired:
            self.acted = now
        return wanted

    def _cools(self, group: Group, now: int) -> bool:
        """What it did last is not done, or the cooldown after it is not over."""
        if self.acted is None:
            return False
        assert isinstance(self.spec, SimpleSpec)
        cooldown = group.cooldown if self.spec.cooldown is None else self.spec.cooldown
        return group.pending > 0 or now < max(self.acted, group.settled_since) + ms(cooldown)


def warm_up_of(spec: TrackingSpec | StepSpec, group: Group) -> int:
    """Milliseconds."""
    return ms(effective_warm_up(spec.warm_up, group.default_warm_up, group.cooldown))


class Policies:
    """All of a group's, by name."""

    def __init__(
        self,
        specs: Mapping[str, TrackingSpec | StepSpec | SimpleSpec],
        evaluation: EvaluationSpec = ASSUMED,
    ) -> None:
        """`evaluation`: how the alarms of tracking policies take missing data."""
        self._evaluation = evaluation
        self._tracking: dict[str, Tracking] = {}
        self._alarmed: dict[str, Alarmed] = {}
        for name, spec in specs.items():
            self.put(name, spec)

    def __bool__(self) -> bool:
        return bool(self._tracking or self._alarmed)

    def put(self, name: str, spec: TrackingSpec | StepSpec | SimpleSpec, past: Iterable[Minute] = ()) -> None:
        """Add it, or put it in the place of the one of that name. Its alarms look back on what the metrics were."""
        self.remove(name)
        if isinstance(spec, TrackingSpec):
            policy = self._tracking[name] = Tracking(spec, self._evaluation)
            for utilisation, requests in past:
                policy.see(utilisation if spec.requests is None else requests)
        else:
            self._alarmed[name] = Alarmed(spec)

    def remove(self, name: str) -> None:
        """Nothing when there is none of that name."""
        self._tracking.pop(name, None)
        self._alarmed.pop(name, None)

    def alarmed(self, name: str) -> Alarmed | None:
        """The step or simple policy of that name."""
        return self._alarmed.get(name)

    def wanted(self, utilisation: float | None, requests: float | None, group: Group, now: int) -> int:
        """Judge one more minute: the capacity that they agree on. `requests`: a minute and machine."""
        desired = group.desired
        asked = [alarmed.wanted(utilisation, group, now) for alarmed in self._alarmed.values()]
        fewer = [wish for wish in asked if wish < desired] if asked and self._all_warm(group) else []
        tracked = [self._track(tracking, utilisation, requests, group) for tracking in self._tracking.values()]
        if not asked and min(tracked, default=desired) >= desired:
            return max(tracked, default=desired)
        if (most := max(asked + tracked, default=desired)) > desired:
            return most
        # A tracking policy that may not shrink the group has no say in it; of the others, all must want it.
        in_favour = [wish for wish, each in zip(tracked, self._tracking.values(), strict=True) if each.spec.scale_in]
        if in_favour and max(in_favour) < desired:
            fewer.append(max(in_favour))
        return max(fewer) if fewer and not group.pending else desired

    def _track(self, policy: Tracking, utilisation: float | None, requests: float | None, group: Group) -> int:
        """What this policy asks for; nothing shrinks while machines warm up."""
        spec = policy.spec
        warm = group.warm(warm_up_of(spec, group))
        wish = policy.wanted(utilisation if spec.requests is None else requests, warm, group.desired)
        return group.desired if wish < group.desired and warm < group.in_service else wish

    def _all_warm(self, group: Group) -> bool:
        """A scale-in does not start while a scale-out is in progress."""
        return all(
            group.warm(warm_up_of(alarmed.spec, group)) >= group.in_service
            for alarmed in self._alarmed.values()
            if isinstance(alarmed.spec, StepSpec)
        )
