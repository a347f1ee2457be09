"""The port, and what is asked before a rollout begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluegreen.answers import normal
from bluegreen.aws.fallback.checks import ChecksView
from bluegreen.aws.fallback.records import Records
from bluegreen.aws.fallback.site import Site
from bluegreen.aws.traffic.zones import Zones
from bluegreen.errors import Missing, Refused
from bluegreen.model import FallbackView

if TYPE_CHECKING:
    from bluegreen.aws.fallback.checks import SlotChecks
    from bluegreen.aws.session import Api
    from bluegreen.outside.fetch import Fetch
    from bluegreen.plan import Plan


class S3Fallback:
    """`bluegreen.ports.Fallback`. `checks`: of the slots' records, where these have no health of their own."""

    def __init__(self, api: Api, plan: Plan, fetch: Fetch, checks: SlotChecks | None = None) -> None:
        self._site, self._checks = Site(api, plan, fetch), checks
        self._records = Records(api, plan, Zones(api, plan.service.zone))

    def look(self) -> FallbackView:
        site, slots = self._site.look(), self._records.slots()
        checks = self._checks.look(slots) if self._checks else ChecksView()
        records = self._records.look(slots, checks.ids)
        refused = "; ".join(each for each in (site.refused, records.refused) if each)
        return FallbackView((*site.lacks, *checks.lacks, *records.lacks), refused, records.in_sync)

    def prepare(self) -> None:
        """No record leads to a page that does not answer, nor follows a check that was not seen to find its slot: those
        wait for the next look."""
        site = self._site.look()
        self._site.prepare(site)
        slots = self._records.slots()
        checks = self._checks.look(slots) if self._checks else ChecksView()
        records = self._records.look(slots, checks.ids)
        if records.refused:
            raise Refused(records.refused)
        if self._checks:
            self._checks.prepare(checks)
        if not site.lacks and not checks.lacks:
            self._records.prepare(records)

    def idle(self) -> tuple[str, ...]:
        return self._checks.idle(self._records.slots()) if self._checks else ()

    def tidy(self) -> None:
        for check_id in self.idle():
            assert self._checks is not None, "there are idle ones"
            self._checks.remove(check_id)


def fallback_problems(api: Api, plan: Plan, fetch: Fetch) -> list[str]:
    """What stands in the way of the plan's fallback, one sentence each. Changes nothing."""
    if plan.fallback is None:
        return []
    zones = Zones(api, plan.service.zone)
    try:
        zone, name = zones.name(), normal(plan.fallback.name)
    except (Missing, Refused):
        return []  # the traffic's own problem, and told there
    if name != zone and not name.endswith(f".{zone}"):
        return [f"fallback.name: {name} is not in the zone {zone}"]
    if name == zone and plan.service.records == "cname":
        return [f"fallback.name: {name} is the top of its zone, where no CNAME may be; use `records: alias`"]
    site, records = Site(api, plan, fetch).look(), Records(api, plan, zones)
    seen = records.look(records.slots(), {})
    found = [site.refused or (site.answers if plan.fallback.existing else ""), seen.refused]
    return [f"fallback: {problem}" for problem in found if problem]
