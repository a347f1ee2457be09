"""All that stands on the stage, wired: moto and its corrections, machines, balancers, DNS, metrics, alarms, faults."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

import boto3
from moto.autoscaling.models import autoscaling_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from bluegreen.answers import balancer_healthy
from bluegreen.journal.entries import ENTRY
from bluegreen.journal.tail import Tail
from bluegreen.model import Slot
from bluegreen.plan import load_plan
from bluegreen.registry import kind_of
from sim.alarms import AlarmSpec
from sim.faults.base import Fault
from sim.scenario import load_scenario
from sim.scene import Scene
from stage.cloud import alarms, metrics, records, truth
from stage.cloud.balancers import Parts
from stage.cloud.director import Director
from stage.cloud.furnish import Furnisher
from stage.cloud.machines import Machines
from stage.cloud.measured import Measured
from stage.cloud.samples import Sampler
from stage.cloud.server import Front, serve
from stage.cloud.timeline import Timeline
from stage.config import Config
from stage.dns import Resolver
from stage.dns import serve as serve_dns
from stage.knobs import StageWorld

ROUND = 0.1
"""Seconds of the machine between two looks of the director."""
SAMPLE = 5.0
"""Seconds of the stage's time between two samples."""
HOSTS = 10.0
"""The same between two counts of healthy machines."""
HOUR = 3600.0

Say = Callable[..., None]


class Stand:
    """Enter it to raise it, `run` it until an event."""

    def __init__(self, config: Config, say: Say) -> None:
        self.config, self.say, self.pace = config, say, config.clock
        self.plan, self.scenario = (
            load_plan(config.folder / config.plan),
            load_scenario(config.folder / config.scenario),
        )
        world, live = self.scenario.world, self.plan.live.slot
        fleets = {live: world.live, live.other: world.candidate}
        self.world = StageWorld(self.scenario, self.plan, config.seed, self._serving)
        home, port, block = config.folder, config.port, config.block
        self.machines = Machines(self.world, fleets, self.pace, config)
        self.store = metrics.Store(self.pace, self.world.metrics)
        parts = Parts(self.pace, self.world, self.store, world.balancer, fleets, port, home)
        self.director = Director(self.plan, self.machines, parts, block, lambda what: say(kind="note", what=what))
        self.zones = records.Zones(self.world, self.pace, world.dns)
        draw = self.world.rng("answers").random
        self.resolver = Resolver(self.zones.known, self._balancer, draw, self.pace.real)
        self.front = Front(self.world.api, self.pace, lambda why: say(kind="kill engine", why=why))
        scene = Scene(self.world, self.plan)  # type: ignore[arg-type]
        self.timeline = Timeline(self.scenario.faults, scene, self._tell_fault)
        self.scene = scene
        record, slow = self.plan.service.record, world.slow.total_seconds()
        self.sampler = Sampler(self.director, self.zones, self.resolver, record=record, slow=slow)
        self._journal = Tail(config.journal)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack as opening:
            server = serve(self.front, f"{self.config.block}.1")
            opening.callback(server.shutdown)
            udp, tcp = serve_dns(self.resolver, f"{self.config.block}.2", self.config.dns_port)
            opening.callback(udp.stop)
            opening.callback(tcp.stop)
            opening.callback(self.director.stop)
            endpoint = f"http://{self.config.block}.1:{server.server_port}"
            self._furnish(endpoint)
            self.say(kind="ready", endpoint=endpoint)
            self._stack = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, ended: threading.Event) -> None:
        """Until the event; whatever goes wrong here is an error of ours and ends the process."""
        last = hosts = self.pace.seconds()
        while not ended.wait(ROUND):
            before, now = last, self.pace.seconds()
            last = now
            with self.front.lock:
                self._advance(now - before)
                self.director.look()
                self.director.check()
            if not self.director.opened and self._serves():
                self.director.opened = True
                self.say(kind="serving")
            if now - hosts >= HOSTS:
                hosts = now
                for gate in self.director.gates.values():
                    gate.publish_hosts()
            self._measure(now)

    # -- how it works -------------------------------------------------------------------------------------------------

    def _furnish(self, endpoint: str) -> None:
        truth.correct(self.director)
        metrics.correct(self.store)
        alarms.correct()
        records.correct(self.zones, self.pace)
        region = self.plan.guard.regions[0]
        account = os.environ["MOTO_ACCOUNT_ID"]
        session = boto3.Session(aws_access_key_id="stage", aws_secret_access_key="stage", region_name=region)
        furnisher = Furnisher(
            lambda name: session.client(name, endpoint_url=endpoint),  # type: ignore[call-overload]
            ec2_backends[account][region],
            self.plan,
            self.scenario,
            self.zones,
        )
        made = furnisher.furnish()
        for note in furnisher.notes:
            self.say(kind="note", what=note)
        self.director.follow(autoscaling_backends[account][region], elbv2_backends[account][region])
        self.measured = Measured(self.store, self.director, self._own(made), self.pace)
        self.judge = alarms.Judge(
            cloudwatch_backends[account][region], self.store, self.pace, self.scenario.world.metrics
        )
        self._next_sample = self.pace.seconds() + SAMPLE

    def _own(self, made: tuple[AlarmSpec, ...]) -> list[AlarmSpec]:
        return [alarm for alarm in made if alarm.rule is None]

    def _serves(self) -> bool:
        """Whether all machines that were there from the beginning are healthy."""
        counts = [gate.counts() for gate in self.director.of(self.director.live)]
        return any(healthy == registered > 0 for healthy, registered in counts)

    def _serving(self, slot: Slot) -> list[str]:
        """Asked by faults, later than the machines are made."""
        return self.machines.serving(slot)

    def _advance(self, seconds: float) -> None:
        """What goes on by itself: faults that are due, leaks, lost zones."""
        now = self.pace.now()
        for line in self._journal.lines():
            self.timeline.entry(ENTRY.validate_json(line), now)
        self.timeline.look(now)
        for place in self.world.places.values():
            place.leaked = min(1.0, place.leaked + place.release.leak_per_hour * seconds / HOUR)
        lost = [m for m in self.machines.all.values() if self.world.lost_zones.get(m.zone) and m.died is None]
        for machine in lost:
            self.machines.kill(machine.id)

    def _measure(self, now: float) -> None:
        self.measured.look()
        with self.front.lock:
            self.judge.look()
        if now >= self._next_sample:
            self._next_sample = now + SAMPLE
            self.say(**self.sampler.take())

    def _balancer(self, name: str) -> tuple[str, bool] | None:
        gate = self.director.by_name(name)
        return None if gate is None else (gate.host, balancer_healthy([gate.counts()]))

    def _tell_fault(self, fault: Fault, change: str) -> None:
        at = self.pace.now().isoformat()
        self.say(kind="fault", at=at, fault=kind_of(fault), change=change, about=fault.about)
        if kind_of(fault) == "engine_crash":
            self.say(kind="restart after", seconds=self.scene.restart.total_seconds())
