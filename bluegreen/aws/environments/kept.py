"""A candidate that is there already: the slot that was live before and was kept. Never made, never removed."""

from __future__ import annotations

from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.session import Api
from bluegreen.errors import Missing
from bluegreen.model import Slot
from bluegreen.plan import Live
from bluegreen.plan.ways import Kept


class KeptWay(GivenWay):
    """`Way` for a kept slot."""

    def __init__(self, api: Api, kept: Kept, slot: Slot) -> None:
        super().__init__(api, Live(slot=slot, balancer=kept.balancer, group=kept.group), may_remove=False)
        self._kept, self._slot = kept, slot

    def create(self) -> None:
        if not self._place.seen().is_whole:
            kept = self._kept
            raise Missing(f"{self._slot} was to be there still, but {kept.group} and {kept.balancer} are not whole")

    def problems(self) -> tuple[str, ...]:
        return tuple(problem.replace("live.", "candidate.kept.", 1) for problem in super().problems())
