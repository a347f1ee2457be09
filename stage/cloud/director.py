"""The director: makes so what Auto Scaling and Elastic Load Balancing in moto say, and tells moto what has become of
it. Level-triggered, like the engine: it looks again and again at all there is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
from moto.elbv2.models import ELBv2Backend

from bluegreen.aws.environments.base import SLOT_TAG
from bluegreen.errors import UserError
from bluegreen.model import Slot
from bluegreen.plan import Plan
from stage.cloud.balancers import Gate, Parts
from stage.cloud.machines import Machine, Machines


class Director:
    """All of its methods are called while nobody else uses moto."""

    def __init__(self, plan: Plan, machines: Machines, parts: Parts, block: str, note: Callable[[str], None]) -> None:
        self._plan, self.machines, self._parts, self._block = plan, machines, parts, block
        self.gates: dict[str, Gate] = {}
        self.live, self._note = plan.live.slot, note
        self.opened = False
        """Whether the stage has begun to serve: what is there before then has been there for long."""
        self.desired: dict[Slot, int] = {}
        self._made = 0
        self._groups: AutoScalingBackend | None = None
        self._balancers: ELBv2Backend | None = None

    def follow(self, groups: AutoScalingBackend, balancers: ELBv2Backend) -> None:
        """From now on these are looked at."""
        self._groups, self._balancers = groups, balancers

    # -- what moto is told ------------------------------------------------------------------------------------------

    def lifecycle(self, instance: str) -> str:
        machine = self.machines.all.get(instance)
        return "InService" if machine and self.machines.pace.seconds() >= machine.launched else "Pending"

    def health(self, target_group: str, instance: str) -> str:
        """A target's state in a target group, in the balancer's words."""
        machine = self.machines.all.get(instance)
        if machine is None or machine.leaving is not None:
            return "draining" if machine else "unused"
        gates = [gate for gate in self.gates.values() if target_group in gate.groups]
        if not gates:
            return "unused"
        return gates[0].states.get(instance, "initial")

    def active(self, arn: str) -> bool:
        return arn in self.gates and self.gates[arn].active

    def of(self, slot: Slot) -> list[Gate]:
        return [gate for gate in self.gates.values() if gate.slot is slot]

    def by_name(self, dns_name: str) -> Gate | None:
        """The balancer that a DNS name means."""
        return next((gate for gate in self.gates.values() if gate.name == dns_name), None)

    # -- what is made so --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """One round."""
        assert self._groups is not None and self._balancers is not None, "`follow` comes first"
        now = self.machines.pace.seconds()
        wanted = self._look_at_groups(self._groups)
        self._look_at_balancers(self._balancers, now)
        self._look_at_machines(wanted, now)
        self.machines.behave()
        self._replace(self._groups, wanted, now)

    def _look_at_groups(self, backend: AutoScalingBackend) -> dict[str, FakeAutoScalingGroup]:
        """Instance id -> its group."""
        wanted, self.desired = {}, dict.fromkeys(Slot, 0)
        for group in backend.autoscaling_groups.values():
            slot = self._slot_of(group)
            self.desired[slot] += group.desired_capacity or 0
            for state in group.instance_states:
                wanted[state.instance_id] = group
                if state.instance_id not in self.machines.all:
                    machine = self.machines.launch(state.instance_id, slot, old=not self.opened)
                    _place(state, machine, backend.region_name)
        return wanted

    def _slot_of(self, group: FakeAutoScalingGroup) -> Slot:
        """By its tag; the live group may have none."""
        tags = {tag["key"] if "key" in tag else tag["Key"]: tag.get("value", tag.get("Value")) for tag in group.tags}
        return Slot(tags[SLOT_TAG]) if SLOT_TAG in tags else self._plan.live.slot

    def _look_at_balancers(self, backend: ELBv2Backend, now: float) -> None:
        for arn in [arn for arn in self.gates if arn not in backend.load_balancers]:
            self.gates.pop(arn).child.stop(1)
        for arn, balancer in backend.load_balancers.items():
            gate = self.gates.get(arn) or self._make(arn, balancer, now)
            groups = [group for group in backend.target_groups.values() if arn in group.load_balancer_arns]
            gate.groups = tuple(sorted(group.arn for group in groups))
            names = {name for group in groups for name in group.targets}
            known = [self.machines.all[name] for name in sorted(names) if name in self.machines.all]
            here = [m for m in known if m.here(now)]
            gate.serve({m.id: [m.host, self._parts.port] for m in here})

    def _make(self, arn: str, balancer: Any, now: float) -> Gate:
        live = self._plan.live
        slot = live.slot if balancer.name == live.balancer else live.slot.other
        host = f"{self._block}.{10 + self._made % 10}"
        self._made += 1
        old = slot is live.slot
        active = now + (0.0 if old else self._parts.spec.provisioning.total_seconds())
        gate = self.gates[arn] = Gate(balancer.dns_name, slot, arn, host=host, active=active, parts=self._parts)
        return gate

    def _look_at_machines(self, wanted: dict[str, Any], now: float) -> None:
        for name, machine in list(self.machines.all.items()):
            if name not in wanted and machine.leaving is None:
                machine.leaving = now
            if machine.leaving is not None and self._drained(machine, now):
                self.machines.remove(name)
                continue
            self.machines.tend(name, now, self._mourn)
        for knobs in self.machines.world.places.values():
            for name in knobs.fleet.condemned:
                self.machines.kill(name)
            knobs.fleet.condemned.clear()

    def _mourn(self, machine: Machine) -> None:
        self._note(f"machine {machine.id} of {machine.slot} has died")

    def check(self) -> None:
        """Raises UserError when a balancer's process has ended: AWS's do not, so there is nothing that would follow."""
        for gate in self.gates.values():
            if not gate.child.running:
                raise UserError(f"the process of balancer {gate.name} has ended; its log is {gate.child.log}")

    def _drained(self, machine: Machine, now: float) -> bool:
        """It has no request left, or has had its deregistration delay."""
        assert machine.leaving is not None
        delay = self.machines.specs[machine.slot].drain.total_seconds()
        gates = self.of(machine.slot)
        return now >= machine.leaving + delay or all(machine.id in gate.drained for gate in gates)

    def _replace(self, backend: AutoScalingBackend, wanted: dict[str, FakeAutoScalingGroup], now: float) -> None:
        """Auto Scaling replaces what its health checks count as lost: the balancer's after the grace, EC2's own when
        the machine is gone (EC2 Auto Scaling User Guide, health checks)."""
        for name, group in wanted.items():
            machine = self.machines.all.get(name)
            if machine is None or machine.leaving is not None:
                continue
            spec = self.machines.specs[machine.slot]
            gone = machine.died is not None and now >= machine.died + spec.status_check.total_seconds()
            minded = group.health_check_type == "ELB" and now >= machine.grace
            bad = minded and any(gate.states.get(name) == "unhealthy" for gate in self.of(machine.slot))
            if gone or bad:
                backend.terminate_instance(name, should_decrement=False)

    def stop(self) -> None:
        for gate in self.gates.values():
            gate.child.stop(1)
        self.machines.stop()


def _place(state: InstanceState, machine: Machine, region: str) -> None:
    """moto puts all of a group's instances into one zone."""
    state.availability_zone = f"{region}{machine.zone}"
