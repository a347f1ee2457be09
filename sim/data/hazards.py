"""What can go wrong with the data: knobs that faults turn. At rest nothing does. Always there, whatever the plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Hazards:
    """Where each stands."""

    locked: float = 0.0
    """So many of the requests find a table locked while a migration runs."""
    leaky: bool = False
    """Fences say that they stand, and let writes through."""
    replica_speed: float = 1.0
    """The replica applies writes so many times as fast as it would."""
    replication_off: bool = False
    """Nothing is replicated."""
    lag_untold: bool = False
    """No point of ReplicaLag is published."""
    long_writes: bool = False
    """The source has transactions that a switchover's guardrails do not accept."""
    one_sided: float = 0.0
    """So many of the writes to two stores succeed in the writer's own store alone."""
    consumer_down: bool = False
    """What copies from one store to the other, and tells how far it is, does not run."""
    late: float = 0.0
    """So many of the copies from one store to the other arrive later than the others..."""
    late_by: float = 0.0
    """... by so many seconds."""
    leaked: bool = False
    """A fence has let something through, or a write stayed on one side: what comes of it was in nobody's hands. Not a
    knob."""
