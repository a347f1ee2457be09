"""Route 53 health checks as the API has them, for both tiers. What they find is the world's: its checkers watch its
places.

Not modelled, and loud: endpoints that are no place of the world, IP addresses, string matching, routing controls, and
changing a check. (Route 53 API reference, HealthCheckConfig and the operations.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from bluegreen.model import Slot
from sim.effects import Created, Removed
from sim.errors import AwsError, NotModelled
from sim.healthchecks import MAX_CHILDREN, AlarmCheck, CalculatedCheck, Check, EndpointCheck, HealthCheckSpec

if TYPE_CHECKING:
    from sim.world import World

Params = Mapping[str, Any]
Answer = dict[str, Any]

MOST = 200
"""Health checks of an account; AWS raises it on request."""
REGIONS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
"""Where checkers are; all of them unless a check names at least three."""
PER_REGION = 2
"""Checkers in a region: about sixteen in eight. Unpublished."""
PORTS = {"HTTP": 80, "HTTPS": 443}
MOST_TAGGED = 10
"""Resources whose tags are listed in one call."""


def bad_input(message: str) -> AwsError:
    """Route 53's answer to a request that is wrong in itself."""
    return AwsError("InvalidInput", f"Invalid request: {message}")


class HealthChecks:
    """The account's health checks."""

    def __init__(self, world: World, slot_of_name: Callable[[str], Slot | None]) -> None:
        """`slot_of_name`: whose balancer has this DNS name."""
        self._world, self._dns, self._slot_of_name = world, world.dns, slot_of_name
        self._tags: dict[str, dict[str, str]] = {}  # by id
        self._made: dict[str, Answer] = {}  # by id, as AWS lists them
        self._asked: dict[str, tuple[Mapping[str, Any], str]] = {}  # by caller reference: the settings and the id
        self._numbers = count(1)

    def adopt(self, check_id: str, name: str, spec: HealthCheckSpec) -> None:
        """A check that was there before the world began, on the balancer of this DNS name."""
        config = {
            "Type": "HTTP",
            "FullyQualifiedDomainName": name,
            "RequestInterval": round(spec.interval.total_seconds()),
            "FailureThreshold": spec.threshold,
            "Inverted": spec.inverted,
            "Disabled": spec.disabled,
        }
        self._keep(check_id, check_id, _complete(config))

    def create(self, params: Params) -> Answer:
        """The same request twice makes one check."""
        reference, config = params["CallerReference"], params["HealthCheckConfig"]
        if reference in self._asked:
            asked, check_id = self._asked[reference]
            if asked != config or check_id not in self._made:
                raise AwsError("HealthCheckAlreadyExists", f"A health check was made with {reference} before", 409)
            return {"HealthCheck": self._made[check_id], "Location": f"/healthcheck/{check_id}"}
        if len(self._made) >= MOST:
            raise AwsError("TooManyHealthChecks", f"This account has {MOST} health checks already")
        _check_ranges(config)
        check_id = f"{next(self._numbers):08x}-0000-4000-8000-000000000000"
        self._build(check_id, _complete(config))
        self._asked[reference] = (config, check_id)
        self._keep(check_id, reference, _complete(config))
        self._world.record(Created(self._slot_or_live(config), f"health check/{check_id}"))
        return {"HealthCheck": self._made[check_id], "Location": f"/healthcheck/{check_id}"}

    def get(self, params: Params) -> Answer:
        return {"HealthCheck": self._known(params["HealthCheckId"])}

    def listed(self, params: Params) -> Answer:
        ids, most = sorted(self._made), int(params.get("MaxItems", 100))
        ids = [check_id for check_id in ids if check_id >= params.get("Marker", "")]
        answer: Answer = {"HealthChecks": [self._made[i] for i in ids[:most]], "Marker": params.get("Marker", "")}
        answer |= {"IsTruncated": len(ids) > most, "MaxItems": str(most)}
        return answer | ({"NextMarker": ids[most]} if len(ids) > most else {})

    def delete(self, params: Params) -> Answer:
        """Records that name it keep its id, as on AWS; nobody can foretell what they then answer."""
        self._known(params["HealthCheckId"])
        self._dns.remove_check(params["HealthCheckId"])
        gone = self._made.pop(params["HealthCheckId"])
        self._world.record(Removed(self._slot_or_live(gone["HealthCheckConfig"]), f"health check/{gone['Id']}"))
        return {}

    def tag(self, params: Params) -> Answer:
        """ChangeTagsForResource."""
        self._known(params["ResourceId"])
        tags = self._tags.setdefault(params["ResourceId"], {})
        tags |= {tag["Key"]: tag["Value"] for tag in params.get("AddTags", ())}
        for key in params.get("RemoveTagKeys", ()):
            tags.pop(key, None)
        return {}

    def tags(self, params: Params) -> Answer:
        """ListTagsForResources: of ten at most."""
        if not 1 <= len(params["ResourceIds"]) <= MOST_TAGGED:
            raise bad_input(f"from 1 to {MOST_TAGGED} ResourceIds, not {len(params['ResourceIds'])}")
        return {"ResourceTagSets": [self._tag_set(check_id) for check_id in params["ResourceIds"]]}

    def tags_of_one(self, params: Params) -> Answer:
        """ListTagsForResource."""
        return {"ResourceTagSet": self._tag_set(params["ResourceId"])}

    def status(self, params: Params) -> Answer:
        """What each checker finds."""
        self._known(params["HealthCheckId"])
        check = self._dns.checks[params["HealthCheckId"]]
        if not isinstance(check, EndpointCheck):
            raise NotModelled("the status of a health check that probes no endpoint")
        words = {True: "Success: HTTP Status Code 200, OK", False: "Failure: the endpoint did not answer as it should"}
        now = self._world.clock.now()
        regions = self._made[params["HealthCheckId"]]["HealthCheckConfig"].get("Regions", REGIONS)
        observations = [
            {
                "Region": regions[index % len(regions)],
                "IPAddress": f"192.0.2.{index + 1}",
                "StatusReport": {"Status": words[well], "CheckedTime": now},
            }
            for index, well in check.told_so_far
        ]
        return {"HealthCheckObservations": observations}

    def check_known(self, check_id: str) -> None:
        """Raises NoSuchHealthCheck."""
        self._known(check_id)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _tag_set(self, check_id: str) -> Answer:
        self._known(check_id)
        tags = self._tags.get(check_id, {})
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {"ResourceType": "healthcheck", "ResourceId": check_id, "Tags": listed}

    def _slot_or_live(self, config: Mapping[str, Any]) -> Slot:
        """Whose a check is; one that probes no endpoint counts as the live slot's."""
        named = self._slot_of_name(config.get("FullyQualifiedDomainName", ""))
        return named or self._world.plan.live.slot

    def _known(self, check_id: str) -> Answer:
        if check_id not in self._made:
            raise AwsError("NoSuchHealthCheck", f"A health check with id {check_id} does not exist.", 404)
        return self._made[check_id]

    def _keep(self, check_id: str, reference: str, config: Answer) -> None:
        self._made[check_id] = {
            "Id": check_id,
            "CallerReference": reference,
            "HealthCheckConfig": config,
            "HealthCheckVersion": 1,
        }

    def _build(self, check_id: str, config: Answer) -> None:
        """The world's check."""
        match config["Type"]:
            case "HTTP" | "HTTPS" | "TCP":
                self._dns.add_check(check_id, self._slot(config), _spec(config))
            case "CALCULATED":
                self._dns.checks[check_id] = self._calculated(config)
            case "CLOUDWATCH_METRIC":
                self._dns.checks[check_id] = self._on_alarm(config)
            case kind:
                raise NotModelled(f"health checks of type {kind}")

    def _slot(self, config: Mapping[str, Any]) -> Slot:
        name = config.get("FullyQualifiedDomainName", "")
        slot = None if "IPAddress" in config else self._slot_of_name(name)
        if slot is None:
            raise NotModelled(f"a health check on {config.get('IPAddress', name)}, where the rehearsal has no place")
        return slot

    def _calculated(self, config: Mapping[str, Any]) -> Check:
        children = {check_id: self._child(check_id) for check_id in config.get("ChildHealthChecks", ())}
        if len(children) > MAX_CHILDREN:
            raise bad_input(f"at most {MAX_CHILDREN} ChildHealthChecks are allowed")
        return CalculatedCheck(children, config.get("HealthThreshold", 0), **_switches(config))

    def _child(self, check_id: str) -> Check:
        check = self._dns.checks[self._known(check_id)["Id"]]
        if isinstance(check, CalculatedCheck):
            raise bad_input(f"{check_id} is calculated itself, and cannot be a ChildHealthCheck")
        return check

    def _on_alarm(self, config: Mapping[str, Any]) -> Check:
        metrics, name = self._world.metrics, config.get("AlarmIdentifier", {}).get("Name", "")
        if name not in metrics.alarms:
            raise bad_input(f"there is no alarm {name!r}")
        alarm = metrics.alarms[name]
        if alarm.datapoints not in (None, alarm.periods):
            raise bad_input(f"the alarm {name} is an M of N alarm, which health checks cannot use")
        insufficient = config.get("InsufficientDataHealthStatus", "LastKnownStatus")
        return AlarmCheck(lambda: metrics.alarm_state(name), insufficient, **_switches(config))


def _check_ranges(config: Mapping[str, Any]) -> None:
    """What botocore lets through (it checks minimums only)."""
    interval, threshold = config.get("RequestInterval", 30), config.get("FailureThreshold", 3)
    if interval not in (10, 30):
        raise bad_input(f"Value {interval} at 'RequestInterval' must be 10 or 30")
    if not 1 <= threshold <= 10:
        raise bad_input(f"Value {threshold} at 'FailureThreshold' must be from 1 to 10")
    if len(config.get("Regions", REGIONS)) < 3:
        raise bad_input("at least three Regions are needed")


def _complete(config: Mapping[str, Any]) -> Answer:
    """With AWS's defaults."""
    if config["Type"] in ("CALCULATED", "CLOUDWATCH_METRIC"):
        return {"Inverted": False, "Disabled": False, **config}
    probing = {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False}
    port = {"Port": PORTS[config["Type"]]} if config["Type"] in PORTS else {}
    return {**probing, **port, "Inverted": False, "Disabled": False, **config}


def _spec(config: Mapping[str, Any]) -> HealthCheckSpec:
    return HealthCheckSpec(
        interval=timedelta(seconds=config["RequestInterval"]),
        threshold=config["FailureThreshold"],
        checkers=PER_REGION * len(config.get("Regions", REGIONS)),
        **_switches(config),
    )


def _switches(config: Mapping[str, Any]) -> dict[str, bool]:
    return {"inverted": config["Inverted"], "disabled": config["Disabled"]}
