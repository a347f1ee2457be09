"""Listeners and rules of a clone's application load balancer, with the live target groups replaced by their copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.errors import Refused

LISTENER = ("AlpnPolicy", "Port", "Protocol", "SslPolicy")
MUTUAL = ("AdvertiseTrustStoreCaNames", "IgnoreClientCertificateExpiry", "Mode", "TrustStoreArn")
CONDITIONS = "Config"
"""Conditions are described twice, as `Values` and as `...Config`; only one of the two may be asked for."""

Twins = Mapping[str, str]
"""ARN of a live target group -> ARN of its copy."""


def ensure_listeners(api: Api, live: str, copy: str, twins: Twins) -> None:
    """Give the balancer `copy` every listener and rule of the balancer `live` that it lacks (by port, priority)."""
    there = {listener["Port"]: listener["ListenerArn"] for listener in _listeners(api, copy)}
    for listener in _listeners(api, live):
        arn = there.get(listener["Port"]) or _create(api, listener, copy, twins)
        _ensure_certificates(api, listener, arn)
        _ensure_rules(api, listener["ListenerArn"], arn, twins)


def problems(api: Api, live: str, twins: Twins) -> list[str]:
    """What cannot be copied, as sentences. `twins` may map to anything."""
    found = []
    for listener in _listeners(api, live):
        actions = [
            *listener["DefaultActions"],
            *(a for rule in _rules(api, listener["ListenerArn"]) for a in rule["Actions"]),
        ]
        try:
            for action in actions:
                _translated(action, twins)
        except Refused as refused:
            found.append(
                f"candidate.clone: listener {listener['Port']} of the live balancer {refused}; give candidate.template"
            )
    return found


def _create(api: Api, listener: dict[str, Any], copy: str, twins: Twins) -> str:
    settings = {key: listener[key] for key in LISTENER if listener.get(key) not in (None, [], {})}
    mutual = listener.get("MutualAuthentication", {})
    if mutual.get("Mode", "off") != "off":
        settings["MutualAuthentication"] = {key: mutual[key] for key in MUTUAL if key in mutual}
    default = [{"CertificateArn": each["CertificateArn"]} for each in listener.get("Certificates", ())]
    if default:
        settings["Certificates"] = default
    actions = [_translated(action, twins) for action in listener["DefaultActions"]]
    answer = api.call("elbv2", "create_listener", LoadBalancerArn=copy, DefaultActions=actions, **settings)
    return str(answer["Listeners"][0]["ListenerArn"])


def _ensure_certificates(api: Api, listener: dict[str, Any], copy: str) -> None:
    """Certificates beyond the default one, for listeners that have one at all. Adding one again changes nothing."""
    if not listener.get("Certificates"):
        return
    listed = api.collect("elbv2", "describe_listener_certificates", "Certificates", ListenerArn=listener["ListenerArn"])
    more = [{"CertificateArn": each["CertificateArn"]} for each in listed if not each.get("IsDefault")]
    if more:
        api.call("elbv2", "add_listener_certificates", ListenerArn=copy, Certificates=more)


def _ensure_rules(api: Api, live: str, copy: str, twins: Twins) -> None:
    wanted = _rules(api, live)
    there = {rule["Priority"] for rule in _rules(api, copy)} if wanted else set()
    for rule in wanted:
        if rule["Priority"] not in there:
            api.call(
                "elbv2",
                "create_rule",
                ListenerArn=copy,
                Priority=int(rule["Priority"]),
                Conditions=[_condition(condition) for condition in rule["Conditions"]],
                Actions=[_translated(action, twins) for action in rule["Actions"]],
                **({"Transforms": rule["Transforms"]} if rule.get("Transforms") else {}),
            )


def _listeners(api: Api, balancer: str) -> list[dict[str, Any]]:
    return api.collect("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer)


def _rules(api: Api, listener: str) -> list[dict[str, Any]]:
    """All but the default rule, which is the listener's own."""
    rules = api.collect("elbv2", "describe_rules", "Rules", ListenerArn=listener)
    return [rule for rule in rules if not rule["IsDefault"]]


def _condition(described: dict[str, Any]) -> dict[str, Any]:
    if any(key.endswith(CONDITIONS) for key in described):
        return {key: value for key, value in described.items() if key != "Values"}
    return described


def _translated(action: dict[str, Any], twins: Twins) -> dict[str, Any]:
    """The same action towards the copies. Raises Refused for what a copy cannot do."""
    if action["Type"] == "authenticate-oidc":
        raise Refused("authenticates with OIDC, whose secret AWS does not tell")
    forwards = list(_forwards(action))
    if not forwards:
        return action
    foreign = [target["TargetGroupArn"] for target in forwards if target["TargetGroupArn"] not in twins]
    if foreign:
        # A target group belongs to one balancer: the copy cannot forward to it too.
        raise Refused(f"forwards to {foreign[0].split('/')[-2]}, which is not a target group of the live group")
    config = {**action.get("ForwardConfig", {})}
    config["TargetGroups"] = [{**target, "TargetGroupArn": twins[target["TargetGroupArn"]]} for target in forwards]
    return {**{key: action[key] for key in ("Type", "Order") if key in action}, "ForwardConfig": config}


def _forwards(action: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The target groups of a forward action, in its short or long form."""
    if action["Type"] == "forward":
        listed = action.get("ForwardConfig", {}).get("TargetGroups")
        yield from listed or [{"TargetGroupArn": action["TargetGroupArn"]}]
