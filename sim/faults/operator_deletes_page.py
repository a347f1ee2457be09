"""A person removes the page that users shall see when neither slot can serve."""

from __future__ import annotations

from typing import Literal, Self

from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorDeletesPage(Deed):
    """All that is in the fallback's bucket is gone, as long as nobody puts it there again."""

    kind: Literal["operator_deletes_page"] = "operator_deletes_page"

    @property
    def about(self) -> str:
        return "somebody empties the bucket of the fallback's page"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def strike(self, scene: Scene) -> None:
        for bucket in scene.world.buckets.all.values():
            bucket.objects.clear()
