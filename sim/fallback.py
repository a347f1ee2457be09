"""What stands before a rollout that prepares a fallback: the team's buckets, and the records at the public name."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.fallback.tree import pair
from bluegreen.fallback.websites import WEBSITES
from bluegreen.plan import Plan
from sim.buckets import Bucket
from sim.cloudspec import CloudSpec
from sim.world import World

SITE = "index.html"
SORRY = b"<h1>Back soon</h1>\n"


def furnished(
    world: World, plan: Plan, spec: CloudSpec, target: Mapping[str, object], zone_id: str
) -> list[dict[str, object]]:
    """What stands before the rollout: the team's buckets in the world, and the records at the public name. `target`:
    the AliasTarget of the live balancer."""
    fallback = plan.fallback
    if fallback is None:
        return []
    buckets = world.buckets
    buckets.account_blocks = spec.bucket == "blocked"
    if spec.bucket == "foreign":
        buckets.all[fallback.name] = Bucket(tags={"team": "someone"}, objects={"report.pdf": b"..."})
    if spec.bucket == "site":
        buckets.all[fallback.name] = Bucket(objects={SITE: SORRY}, index=SITE, error=SITE, blocked=False, readable=True)
    ttl = None if plan.service.ttl is None else round(plan.service.ttl.total_seconds())
    if spec.public == "failover":
        world.dns.lead_to_page(True, at_once=True)
        return list(pair(fallback.name, plan.service.record, zone_id, WEBSITES[fallback.region_of(plan)], ttl))
    if ttl is not None:
        leads = {"simple": target["DNSName"], "alias": plan.service.record, "elsewhere": "elsewhere.example.net"}
        values = [{"Value": leads[spec.public]}] if spec.public in leads else []
        return [{"Name": fallback.name, "Type": "CNAME", "TTL": ttl, "ResourceRecords": values}] if values else []
    simple = {"Name": fallback.name, "Type": "A"}
    match spec.public:
        case "none":
            return []
        case "simple":
            return [{**simple, "AliasTarget": {**target, "EvaluateTargetHealth": True}}]
        case "alias":
            alias = {"HostedZoneId": zone_id, "DNSName": plan.service.record, "EvaluateTargetHealth": True}
            return [{**simple, "AliasTarget": alias}]
        case _:
            return [{**simple, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]
