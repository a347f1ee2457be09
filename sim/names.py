"""What the parts of the live slot, and of a Beanstalk environment, are called in a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass

from bluegreen.plan import Plan


@dataclass(frozen=True, slots=True)
class Names:
    """One slot's."""

    balancer: str
    group: str

    @property
    def target_group(self) -> str:
        return self.balancer[:32]


def live_names(plan: Plan) -> Names:
    """The plan's, or those of the parts of its live environment."""
    live = plan.live
    return parts_of(live.environment) if live.environment else Names(live.balancer, live.group)


def kept_names(plan: Plan) -> Names | None:
    """Of a candidate that is there already."""
    kept = plan.candidate.kept
    return None if kept is None else Names(kept.balancer, kept.group)


def parts_of(environment: str) -> Names:
    """Of a Beanstalk environment (its name): Beanstalk makes names up, these are like them."""
    return Names(f"awseb-{environment}"[:32].rstrip("-"), f"awseb-{environment}-AWSEBAutoScalingGroup")
