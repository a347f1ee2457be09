"""The names of places, phases, ends and verdicts."""

from __future__ import annotations

from enum import StrEnum


class Slot(StrEnum):
    """A physical place that can serve."""

    BLUE = "blue"
    GREEN = "green"

    other: Slot


Slot.BLUE.other, Slot.GREEN.other = Slot.GREEN, Slot.BLUE
BOTH = tuple(Slot)
"""Slots, for what is walked through again and again: iterating over an enum is slow."""


class Phase(StrEnum):
    """Where a rollout is. The order is the order in which a good rollout walks."""

    PROVISION = "provision"  # the candidate environment is being made
    VERIFY = "verify"  # it must be found healthy, for some time, before any user sees it
    SCALE = "scale"  # capacity first: the candidate grows to what the next step needs
    SHIFT = "shift"  # the weights are set, read back, and known to all DNS servers
    HOLD = "hold"  # the step is watched by the gates
    BAKE = "bake"  # all traffic is on the candidate, the live slot still stands by
    ROLLBACK = "rollback"  # traffic is going back to the safe slot
    DRAIN = "drain"  # the slot that lost must lose its last clients
    RETIRE = "retire"  # it is removed
    DONE = "done"


class End(StrEnum):
    """The named ends of a rollout."""

    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled back"
    ROLLBACK_FAILED = "rollback failed"
    ABORTED = "aborted"  # an operator asked for it, and traffic is back on the live slot
    NEEDS_OPERATOR = "needs operator"  # no safe step is left that a machine should take alone


class Verdict(StrEnum):
    """A gate's answer. UNKNOWN never promotes; no evidence is UNKNOWN."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """How far an environment is."""

    ABSENT = "absent"
    CREATING = "creating"
    READY = "ready"
    FAILED = "failed"
    REMOVING = "removing"
