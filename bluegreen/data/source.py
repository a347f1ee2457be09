"""What a DB instance must have before it can have a read replica (RDS API Reference, CreateDBInstanceReadReplica)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bluegreen.data.replica import Replica


@dataclass(frozen=True, slots=True)
class Source:
    """What RDS says of it, as far as that matters. `region`: where it is."""

    region: str
    backups: bool
    encrypted: bool


def hindrances(spec: Replica, source: Source | None) -> Iterator[str]:
    """Why the replica cannot be made, each with what to do. `source`: None when there is none of that name."""
    if source is None:
        yield f"data.source: there is no DB instance {spec.source} in the region of the rollout"
        return
    if not source.backups:
        yield (
            f"data.source: {spec.source} has no automated backups (BackupRetentionPeriod 0), so it cannot have a read"
            f" replica; turn them on by `aws rds modify-db-instance --db-instance-identifier {spec.source}"
            " --backup-retention-period 1 --apply-immediately`, at a calm time: I/O may stand still for some minutes"
        )
    if source.encrypted and spec.kms_key is None and spec.region not in (None, source.region):
        yield (
            f"data.kms_key: {spec.source} is encrypted, and a replica of it in {spec.region} needs a key of"
            f" {spec.region}; keys are of one region. Name it by its ARN, id or alias, like alias/aws/rds"
        )
    if not source.encrypted and spec.kms_key is not None:
        yield (
            f"data.kms_key: {spec.source} is not encrypted, and there is no encrypted read replica of it; leave"
            " kms_key out, or encrypt the source first"
        )
