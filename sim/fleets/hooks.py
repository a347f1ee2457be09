"""Lifecycle hooks: a machine waits before it comes in service, or before it is gone, until somebody says go on.

Source: BC PutLifecycleHook; Amazon EC2 Auto Scaling User Guide, lifecycle hooks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration

Result = Literal["CONTINUE", "ABANDON"]
Heartbeat = Annotated[Duration, Field(ge=timedelta(seconds=30), le=timedelta(seconds=7200))]


class HookSpec(Spec):
    """One hook of a group."""

    name: str = "launching"
    transition: Literal["launching", "terminating"] = "launching"
    heartbeat: Heartbeat = parse_duration("1h")
    """Without a word for so long, the default result counts (30 to 7,200 s)."""
    result: Result = "ABANDON"
    """The default result. ABANDON: a launched machine is terminated and another one tried."""
    completes: Duration | None = None
    """When somebody completes the action. Launching, unset: as soon as the machine's service answers (assumed: its
    start script does it), so one whose boot fails runs into the heartbeat. Terminating, unset: nobody does."""


def overall_limit(heartbeat: timedelta) -> timedelta:
    """How long heartbeats can keep a machine waiting at most: 48 hours or 100 heartbeats, whichever is less."""
    return min(timedelta(hours=48), 100 * heartbeat)
