"""What a gate may see, from lists of values: one a minute from START, None for a gap."""

from datetime import timedelta

from bluegreen.gates.base import Evidence
from bluegreen.gates.sequential_latency import answered, slower
from bluegreen.model import CheckRun, Observation, Point, Query, Reading, Slot, TrafficView

from ..engine.memory import MINUTE, START

LIMIT = timedelta(milliseconds=800)


def reading(query, values):
    points = (Point(START + MINUTE * i, float(v)) for i, v in enumerate(values) if v is not None)
    return Reading(query, tuple(points))


def evidence(at=START + 10 * MINUTE, since=START, alarms=None, live=None, checks=None, tally=None, weight=50, **series):
    """`series`: the candidate's by measure, with `answered` and `slow` (than 800 ms); `live`: those of live. `checks`:
    by run, each begun at its `since`. `weight`: live's, out of 100."""
    readings = [
        reading(query(measure, slot), values)
        for slot, its in ((Slot.GREEN, series), (Slot.BLUE, live or {}))
        for measure, values in its.items()
    ]
    traffic = TrafficView({Slot.BLUE: weight, Slot.GREEN: 100 - weight}, in_sync=True)
    seen = Observation(at, traffic=traffic, readings=tuple(readings), alarms=alarms or {}, checks=checks or {})
    runs = {run: CheckRun(view.since or START) for run, view in seen.checks.items()}
    return Evidence(seen, Slot.BLUE, Slot.GREEN, since, tally, runs)


def query(measure, slot):
    known = {"answered": answered(slot), "slow": slower(slot, LIMIT)}
    return known.get(measure, Query(measure, slot))
