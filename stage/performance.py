"""A whole drill: files in; a trace, a report, a verdict and an exit code out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bluegreen import report
from bluegreen.errors import UserError
from bluegreen.journal.entries import ENTRY, Entry
from bluegreen.journal.fold import fold
from bluegreen.model import Rollout, Slot
from bluegreen.report.summary import summarize
from bluegreen.report.trace import read_trace
from sim.expect import Expectation, judge, verdict
from sim.expect import Outcome as Gave
from sim.scenario import find_scenario, load_scenario, plan_of
from stage import possible, trace
from stage.drill import Drill, OnLine, Order
from stage.early import Early

ALL_WELL = Path(__file__).parent / "drills" / "all-well.scenario.yaml"


class DrillExit(IntEnum):
    """What the exit code says, beside those of `deploy`."""

    AS_EXPECTED = 0
    EXPECTATION_MISSED = 1
    BROKE_OFF = 7


@dataclass(frozen=True, slots=True)
class _Seen:
    """What expectations ask of a rehearsal's world, from a drill's samples."""

    samples: list[Any]
    places: dict[Slot, Any]
    data: None = None
    """There are no databases, which `possible` says before the start."""


def prepared(
    rollout: Path,
    scenario_name: str | None,
    reports: Path,
    *,
    seed: int,
    pace: float,
    port: int,
    dns_port: int,
    replay: str,
) -> Order:
    """Reads and checks everything. Raises UserError."""
    file = ALL_WELL if scenario_name is None else find_scenario(scenario_name)
    scenario = load_scenario(file)
    plan = plan_of(scenario, file, rollout)
    possible.check(scenario, plan, pace, rollout)
    home = _fresh(reports / f"drill-{scenario.name}-{rollout.name.partition('.')[0]}")
    return Order(
        scenario, plan, rollout, file, seed=seed, pace=pace, home=home, port=port, dns_port=dns_port, replay=replay
    )


def _fresh(folder: Path) -> Path:
    """A folder that is not there yet: the journal of an earlier drill is not touched. Raises UserError."""
    for number in range(1, 10_000):
        try:
            tried = folder.with_name(f"{folder.name}-{number}")
            tried.mkdir(parents=True)
            return tried
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError(
                f"{folder}: cannot be written ({error.strerror}); take another folder by --reports"
            ) from error
    raise UserError(f"{folder}-1 to -9999 exist; remove some, or take another folder by --reports")


def perform(order: Order, say: Callable[[str], None], early: Early, on_line: OnLine = lambda line: None) -> int:
    """Returns the exit code. `on_line` is told each line of the trace. Raises UserError when the stage does not get
    ready."""
    drill = Drill(order, say, early, on_line)
    try:
        outcome = drill.run()
    except KeyboardInterrupt:
        say(f"\nthe stage is cleared; what was done is in {order.home}")
        _report(order, drill, "interrupted", ())
        raise
    if outcome.broke:
        say(f"\nthe stage broke off: {outcome.broke}. It is cleared; journal, trace and logs are in {order.home}")
        _report(order, drill, "the stage broke off", ())
        return DrillExit.BROKE_OFF
    rollout, expectations = _judged(order)
    said = verdict(expectations, broken=False, end=rollout.end)
    page = _report(order, drill, said, expectations)
    say(f"\n{report.summary_text(page.with_suffix('.trace.jsonl'), page)}\njournal  {order.home / 'rollout.journal'}")
    if not expectations:
        return outcome.code or 0
    return DrillExit.AS_EXPECTED if all(e.met for e in expectations) else DrillExit.EXPECTATION_MISSED


def _judged(order: Order) -> tuple[Rollout, tuple[Expectation, ...]]:
    entries: tuple[Entry, ...] = tuple(
        ENTRY.validate_json(line) for line in (order.home / "rollout.journal").read_text().splitlines()
    )
    if not entries:
        raise UserError("the engine did not begin: see above")
    path = order.home / "drill.trace.jsonl"
    read = read_trace(path)
    raw = [json.loads(line) for line in path.read_text().splitlines()]
    samples = [line for line in raw if line.get("kind") == "sample"]
    gave = Gave(fold(entries), entries, lambda: summarize(read, read.samples), _world(samples))  # type: ignore[arg-type]
    return gave.rollout, judge(order.scenario.expect, gave)


def _world(samples: list[dict[str, Any]]) -> _Seen:
    def healthy(sample: dict[str, Any], slot: Slot) -> SimpleNamespace:
        return SimpleNamespace(healthy=sample["instances"][str(slot)]["healthy"])

    seen = [SimpleNamespace(slots={slot: healthy(sample, slot) for slot in Slot}) for sample in samples]
    last = samples[-1] if samples else {"instances": {str(slot): {"healthy": 0} for slot in Slot}}
    return _Seen(seen, {slot: SimpleNamespace(fleet=healthy(last, slot)) for slot in Slot})


def _report(order: Order, drill: Drill, said: str, expectations: tuple[Expectation, ...]) -> Path:
    """The last line of the trace, and the page."""
    path = order.home / "drill.trace.jsonl"
    ended = ""
    lines = path.read_text().splitlines()
    decided = [json.loads(line) for line in lines if '"kind":"decided"' in line]
    if decided:
        ended = decided[-1]["decision"]["rollout"].get("end") or ""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(trace.end(drill.pace.now().isoformat(), ended, said, expectations)) + "\n")
    page = order.home / "drill.html"
    report.write_report(path, page)
    return page
