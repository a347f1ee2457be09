"""What a finding is: a name, how bad it is, the fact it rests on, and a function that looks for it.

    @finding("ttl-slows-the-way-back", Severity.WARNING, fact="Route 53 Developer Guide, best practices for DNS: ...")
    def ttl(case: Case) -> Iterator[Hit]:
        '''One sentence for the table in the docs: when it is found.'''
        yield Hit(("service", "ttl"), "what is so, with its numbers", "what to do")

Each file in `findings/` holds one idea's findings; the folder is the registry.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bluegreen.checks.base import Check
from bluegreen.gates.base import Gate
from bluegreen.hooks.spec import Stage
from bluegreen.plan import Plan, with_template_beside
from bluegreen.preview.known import Known
from bluegreen.preview.walk import Walk, walk, without_limits
from bluegreen.yamlfile import check, place_of, read_yaml

FOLDER = "bluegreen.preview.findings"
CATCH_ALL = "does-not-end-well"
"""Only told when no other error explains it."""


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"  # it will not work, or hurts users
    WARNING = "warning"  # it may
    NOTE = "note"  # it is good to know


Place = tuple[str | int, ...]
"""Keys and positions (from 0) in the file."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One case of a finding."""

    where: Place
    what: str
    do: str


@dataclass(frozen=True)
class Case:
    """What is looked at: a rollout file's plan, and what is known about its world."""

    plan: Plan
    known: Known = field(default_factory=Known)

    @cached_property
    def walk(self) -> Walk:
        """The plan where all goes well."""
        return walk(self.plan, self.known)

    @cached_property
    def unhurried(self) -> Walk:
        """The same without time limits: how long it would take."""
        return walk(without_limits(self.plan), self.known)

    @property
    def gates(self) -> Iterator[tuple[Place, Gate]]:
        """Each gate and its place in the file."""
        return ((("gates", number), gate) for number, gate in enumerate(self.plan.gates))

    @property
    def checks(self) -> Iterator[tuple[Place, Stage | None, Check]]:
        """Each check and its place in the file; the stage at which a hook asks it."""
        for number, asked in enumerate(self.plan.verify.checks):
            yield ("verify", "checks", number), None, asked
        for number, hook in enumerate(self.plan.hooks):
            yield ("hooks", number), hook.at, hook.check


Look = Callable[[Case], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind of finding."""

    name: str
    severity: Severity
    fact: str
    look: Look

    @property
    def when(self) -> str:
        """When it is found, in one sentence."""
        return " ".join((self.look.__doc__ or "").split())


_FOUND: dict[str, Finding] = {}


def finding(name: str, severity: Severity, *, fact: str) -> Callable[[Look], Look]:
    """Register a finding."""

    def register(look: Look) -> Look:
        assert name not in _FOUND, f"two findings are called {name}"
        _FOUND[name] = Finding(name, severity, fact, look)
        return look

    return register


@cache
def findings() -> tuple[Finding, ...]:
    """All kinds, the worst first, then by name."""
    folder = importlib.import_module(FOLDER)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{FOLDER}.{module.name}")
    order = list(Severity)
    return tuple(sorted(_FOUND.values(), key=lambda each: (order.index(each.severity), each.name)))


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a file."""

    finding: Finding
    hit: Hit
    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Linted:
    """Everything found in one file, in order of its lines."""

    path: Path
    found: tuple[Found, ...] = field(default=())

    @property
    def bad(self) -> bool:
        """Whether anything is an error."""
        return any(each.finding.severity is Severity.ERROR for each in self.found)


def lint(path: Path, known: Known) -> Linted:
    """Look for everything in a rollout file. Raises UserError when it cannot be read as one."""
    content: Any = read_yaml(path)
    case = Case(with_template_beside(check(content, Plan, path), path), known)
    found = []
    for each in findings():
        for hit in each.look(case):
            key, line = place_of(content, hit.where)
            found.append(Found(each, hit, key, line))
    explained = any(one.finding.severity is Severity.ERROR and one.finding.name != CATCH_ALL for one in found)
    told = [one for one in found if not (explained and one.finding.name == CATCH_ALL)]
    return Linted(path, tuple(sorted(told, key=lambda one: one.line)))
