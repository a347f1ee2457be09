"""All that a scenario may say about the data of a rollout that has a `data` section. What AWS does not publish is here
with its assumption."""

from __future__ import annotations

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, Share, parse_duration
from sim.data.replica import ReplicaSpec
from sim.data.stream import StreamSpec
from sim.data.switchover import DeploymentSpec


class DataSpec(Spec):
    """Every field has the value of an ordinary day."""

    writes: Share = 0.1
    """Of the requests that are answered, so many write. Assumed: a shop reads much more than it writes."""
    keys: int = Field(100_000, ge=1)
    """Over so many keys writes spread evenly. Assumed."""
    tracked: int = Field(200, ge=0)
    """So many of them are followed one by one, for a history that can be checked; all others are counted."""
    versions: bool = True
    """Of two stores that are kept together: what arrives is compared with what is there, and the newer one stays, as
    `bluegreen sync` does it. false: what arrives last stays, as in a dual write without an order."""
    unversioned: Share = 0.0
    """So many of the writes to two stores carry no version: `bluegreen sync` gives them one, and what is overwritten
    before that is a drop. Counted, and not followed one by one."""
    kept_for: PositiveDuration = StreamSpec().retention
    """So long a store remembers its writes for whoever copies them to the other one (a stream keeps them for a day)."""
    backups: bool = True
    """The source has automated backups, without which it can have no read replica. CreateDBInstance keeps them for a
    day unless told otherwise."""
    encrypted: bool = False
    """The source is encrypted. CreateDBInstance: "By default, it isn't encrypted"."""
    making: PositiveDuration = parse_duration("20m")
    """From creating a read replica to available: a snapshot is taken and restored. Unpublished; assumed."""
    lag_known_after: PositiveDuration = parse_duration("60s")
    """From a minute's end until its point of ReplicaLag can be read. Assumed."""
    replica: ReplicaSpec = ReplicaSpec()
    deployment: DeploymentSpec = DeploymentSpec()
