"""A tiny trace with round numbers, so that every sum can be done by hand."""

import json
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds):
    return (START + timedelta(seconds=seconds)).isoformat()


def line(kind, seconds=None, /, **content):
    return json.dumps({"kind": kind, **({} if seconds is None else {"at": at(seconds)}), **content})


def sample(seconds, failed=0.0, slow=0.0, green=0.0):
    """100 requests per second, of which some fail or are slow."""
    return line(
        "sample", seconds, weights={"blue": 90, "green": 10}, share={"blue": 1 - green, "green": green}, stale=0.0,
        demand=100.0, requests={"blue": 100 * (1 - green), "green": 100 * green}, errors={"blue": 0.0, "green": failed},
        slow={"blue": slow, "green": 0.0}, latency_p99={"blue": 0.2}, capacity={"blue": 200.0, "green": 50.0},
    )  # fmt: skip


def started():
    rollout = {"id": "r", "live": "blue", "phase": "provision"}
    return line("started", 0, plan_hash="abc", rollout=rollout)


def decided(seconds, phase, why, *, step=0, end=None, green=10, runs=None, **decision):
    rollout = {"live": "blue", "phase": phase, "step": step, "end": end, "runs": runs or {}}
    seen = {"traffic": {"weights": {"blue": 100 - green, "green": green}, "in_sync": True}}
    return line("decided", seconds, seen=seen, decision={"rollout": rollout, "why": why, "wait": "PT60S", **decision})


def weights(green):
    return {"kind": "weights", "weights": {"blue": 100 - green, "green": green}}


def rolled_back():
    """30 s each: calm until 2:00, a fault strikes at 2:00, users are hurt from 2:30 to 4:00, the engine turns at 3:30.

    In all 16 samples of 3,000 requests: 48,000. Failed: 20/s, 40/s and 10/s for 30 s each: 2,100, the worst minute
    (3:00 to 4:00) has 1,500 of 6,000. Slow: 5/s for 30 s: 150.
    """
    harm = {180: 20.0, 210: 40.0, 240: 10.0}
    return [
        started(),
        line("header", scenario="tiny", seed=3, live="blue", steps=[{"share": 0.1}, {"share": 1.0}]),
        decided(10, "shift", "green is ready", green=0, actions=[weights(10)]),
        line("fault", 120, fault="bad release", change="strikes", about="it fails"),
        *[sample(t, failed=harm.get(t, 0.0), slow=5.0 if t == 180 else 0.0, green=0.5) for t in range(30, 481, 30)],
        decided(210, "rollback", "errors were 40%", actions=[weights(0)]),
        line("fault", 300, fault="bad release", change="heals"),
        decided(450, "done", "blue serves alone", end="rolled back", green=0),
        line("end", 480, end="rolled back", verdict="as expected", expectations=[]),
    ]  # fmt: skip
