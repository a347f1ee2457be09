"""Which place of the world a name in AWS stands for.

The live slot's balancer and group are the plan's. Whatever else is made carries the tag `bluegreen:slot`, or belongs
to the candidate. Names of balancers that are gone stay known: a record may still point there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bluegreen.model import Slot
from sim.errors import NotModelled

SLOT_TAG = "bluegreen:slot"


@dataclass(slots=True)
class Bindings:
    """Names bound to slots."""

    candidate: Slot
    shared: bool = False
    """Both slots stand behind the live slot's balancer."""
    groups: dict[str, Slot] = field(default_factory=dict)
    """By the group's name."""
    balancers: dict[str, Slot] = field(default_factory=dict)
    """By the balancer's name, or the ARN of an application balancer."""
    targets: dict[str, Slot] = field(default_factory=dict)
    """By the ARN of the target group."""
    names: dict[str, Slot] = field(default_factory=dict)
    """By the balancer's DNS name, lower case with a dot at the end."""
    zones: dict[str, str] = field(default_factory=dict)
    """DNS name -> id of the hosted zone that an alias to it must name."""

    metrics: dict[str, Slot] = field(default_factory=dict)
    """Values of CloudWatch dimensions: names of classic balancers, `app/name/id`, `targetgroup/name/id`. What is gone
    stays: its metrics can still be read."""

    def by_tags(self, tags: Iterable[Mapping[str, object]]) -> Slot:
        """The slot that tags ({Key, Value}, as AWS has them) name; else the candidate."""
        named = [str(tag.get("Value", "")) for tag in tags if tag.get("Key") == SLOT_TAG]
        return Slot(named[0]) if named else self.candidate

    def slot_of_name(self, dns_name: str) -> Slot | None:
        """The slot behind a balancer's DNS name; `dualstack.` before it means the same balancer."""
        return self.names.get(absolute(dns_name).removeprefix("dualstack."))

    def take_balancer(self, slot: Slot, name: str) -> None:
        """The slot's balancer has this name. Raises NotModelled when the slot has one already."""
        if slot in self.balancers.values():
            raise NotModelled(f"a second balancer ({name}) in slot {slot}: the rehearsal's places have one each")
        self.balancers[name] = slot

    def take_group(self, slot: Slot, name: str) -> None:
        """The slot's group has this name. Raises NotModelled when the slot has one already."""
        if slot in self.groups.values():
            raise NotModelled(f"a second group ({name}) in slot {slot}: the rehearsal's places have one fleet each")
        self.groups[name] = slot

    def bind_name(self, dns_name: str, zone_id: str, slot: Slot) -> None:
        """A balancer has this DNS name."""
        name = absolute(dns_name)
        self.names[name] = slot
        self.zones[name] = zone_id


def absolute(name: str) -> str:
    """A DNS name as Route 53 lists it: lower case, a dot at the end."""
    return name.lower().rstrip(".") + "."
