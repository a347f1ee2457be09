"""Scaling policies, lifecycle hooks and warm pools out of API parameters, and back.

What the world's fleets cannot follow raises NotModelled: a policy that does nothing in a rehearsal would promise a
fleet that grows. Source: BC PutScalingPolicy, PutLifecycleHook, PutWarmPool.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.cloud.autoscaling_rules import invalid
from sim.cloud.service import Answer, Params
from sim.errors import NotModelled
from sim.fleets.hooks import HookSpec, overall_limit
from sim.fleets.steps import SimpleSpec, Step, StepSpec
from sim.fleets.tracking import TrackingSpec
from sim.fleets.warm_pool import WarmPoolSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

PolicySpec = TrackingSpec | StepSpec | SimpleSpec
CPU, REQUESTS = "ASGAverageCPUUtilization", "ALBRequestCountPerTarget"
LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
DEFAULT_HEARTBEAT = 3600


def length(params: Mapping[str, Any], name: str) -> timedelta | None:
    """So many seconds; None when unset."""
    return timedelta(seconds=params[name]) if params.get(name) is not None else None


def policy_of(params: Params, base: TrackingSpec) -> PolicySpec:
    """What PutScalingPolicy asks for. Numbers that AWS does not publish are those of `base`. Raises AwsError,
    NotModelled."""
    kind = params.get("PolicyType", "SimpleScaling")
    try:
        match kind:
            case "TargetTrackingScaling":
                return _tracking(params, base)
            case "StepScaling":
                return _step(params)
            case "SimpleScaling":
                return _simple(params)
    except ValidationError as wrong:
        raise invalid("; ".join(error["msg"] for error in wrong.errors())) from wrong
    raise NotModelled(f"the rehearsal's fleets have no {kind} policies")


def _tracking(params: Params, base: TrackingSpec) -> TrackingSpec:
    wanted = params.get("TargetTrackingConfiguration")
    if not wanted:
        raise invalid("TargetTrackingConfiguration is required for policy type TargetTrackingScaling")
    given = [key for key in ("PredefinedMetricSpecification", "CustomizedMetricSpecification") if wanted.get(key)]
    if len(given) != 1:
        raise invalid("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification is required")
    if given[0].startswith("Customized"):
        raise NotModelled("the rehearsal's fleets cannot track customized metrics")
    metric, value = wanted[given[0]], float(wanted["TargetValue"])
    common = {
        **{name: getattr(base, name) for name in ("high", "low", "low_factor")},
        "warm_up": length(params, "EstimatedInstanceWarmup"),
        "scale_in": not wanted.get("DisableScaleIn", False),
    }
    match metric["PredefinedMetricType"]:
        case "ASGAverageCPUUtilization":
            return TrackingSpec(target=value / 100, **common)
        case "ALBRequestCountPerTarget":
            if not metric.get("ResourceLabel"):
                raise invalid("ResourceLabel is required for the metric ALBRequestCountPerTarget")
            return TrackingSpec(requests=value, **common)
    raise NotModelled(f"the rehearsal's fleets cannot track {metric['PredefinedMetricType']}")


def _adjustment(params: Params) -> dict[str, Any]:
    if params.get("MinAdjustmentStep") is not None:
        raise NotModelled("the rehearsal does not know MinAdjustmentStep; MinAdjustmentMagnitude replaced it")
    if not params.get("AdjustmentType"):
        raise invalid("AdjustmentType is required for step and simple scaling policies")
    return {"adjustment": params["AdjustmentType"], "minimum_magnitude": params.get("MinAdjustmentMagnitude") or 0}


def _step(params: Params) -> StepSpec:
    steps = params.get("StepAdjustments")
    if not steps:
        raise invalid("StepAdjustments are required for policy type StepScaling")
    return StepSpec(
        **_adjustment(params),
        warm_up=length(params, "EstimatedInstanceWarmup"),
        steps=tuple(
            Step(
                lower=step.get("MetricIntervalLowerBound"),
                upper=step.get("MetricIntervalUpperBound"),
                change=step["ScalingAdjustment"],
            )
            for step in steps
        ),
    )


def _simple(params: Params) -> SimpleSpec:
    if params.get("ScalingAdjustment") is None:
        raise invalid("ScalingAdjustment is required for policy type SimpleScaling")
    return SimpleSpec(**_adjustment(params), change=params["ScalingAdjustment"], cooldown=length(params, "Cooldown"))


def policy_params(spec: PolicySpec) -> Answer:
    """The same, the other way: what PutScalingPolicy would be asked for."""
    if isinstance(spec, TrackingSpec):
        metric = {"PredefinedMetricType": CPU if spec.requests is None else REQUESTS}
        value = 100 * spec.target if spec.requests is None else spec.requests
        wanted = {"PredefinedMetricSpecification": metric, "TargetValue": value, "DisableScaleIn": not spec.scale_in}
        asked: Answer = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": wanted}
    else:
        asked = {"AdjustmentType": spec.adjustment}
        if spec.minimum_magnitude:
            asked["MinAdjustmentMagnitude"] = spec.minimum_magnitude
    if isinstance(spec, StepSpec):
        steps = [
            {
                **({} if step.lower is None else {"MetricIntervalLowerBound": step.lower}),
                **({} if step.upper is None else {"MetricIntervalUpperBound": step.upper}),
                "ScalingAdjustment": int(step.change),
            }
            for step in spec.steps
        ]
        asked |= {"PolicyType": "StepScaling", "StepAdjustments": steps}
    if isinstance(spec, SimpleSpec):
        asked |= {"PolicyType": "SimpleScaling", "ScalingAdjustment": int(spec.change)}
        return asked if spec.cooldown is None else {**asked, "Cooldown": round(spec.cooldown.total_seconds())}
    return asked if spec.warm_up is None else {**asked, "EstimatedInstanceWarmup": round(spec.warm_up.total_seconds())}


def hook_of(params: Params, known: HookSpec | None) -> HookSpec:
    """What PutLifecycleHook asks for. Who completes its action, and when, is the world's to say: as `known` does.
    Raises AwsError."""
    transition = params.get("LifecycleTransition")
    if transition not in (LAUNCHING, TERMINATING):
        raise invalid("LifecycleTransition must be autoscaling:EC2_INSTANCE_LAUNCHING or ..._TERMINATING")
    seconds = params.get("HeartbeatTimeout", DEFAULT_HEARTBEAT)
    if not 30 <= seconds <= 7200:
        raise invalid("HeartbeatTimeout must be between 30 and 7200 seconds")
    return HookSpec(
        name=params["LifecycleHookName"],
        transition="launching" if transition == LAUNCHING else "terminating",
        heartbeat=timedelta(seconds=seconds),
        result=params.get("DefaultResult", "ABANDON"),
        completes=known.completes if known else None,
    )


def notice_of(params: Params) -> Answer:
    """Whom it tells; nobody, when that is left out. The world has nobody who listens."""
    return {key: params[key] for key in ("NotificationTargetARN", "RoleARN", "NotificationMetadata") if key in params}


def hook_params(hook: HookSpec) -> Answer:
    """As DescribeLifecycleHooks tells it."""
    return {
        "LifecycleHookName": hook.name,
        "LifecycleTransition": LAUNCHING if hook.transition == "launching" else TERMINATING,
        "HeartbeatTimeout": round(hook.heartbeat.total_seconds()),
        "DefaultResult": hook.result,
        "GlobalTimeout": round(overall_limit(hook.heartbeat).total_seconds()),
    }


def pool_of(params: Params, known: WarmPoolSpec | None) -> WarmPoolSpec:
    """What PutWarmPool asks for; what it leaves out stays. Durations are those of `known`. Raises NotModelled."""
    if params.get("InstanceReusePolicy", {}).get("ReuseOnScaleIn"):
        raise NotModelled("the rehearsal's fleets do not return machines to the warm pool on scale-in")
    changed: dict[str, Any] = {}
    if "MaxGroupPreparedCapacity" in params:
        prepared = params["MaxGroupPreparedCapacity"]
        changed["prepared"] = None if prepared == -1 else prepared
    if "MinSize" in params:
        changed["minimum"] = params["MinSize"]
    if "PoolState" in params:
        changed["state"] = params["PoolState"]
    return (known or WarmPoolSpec()).model_copy(update=changed)


def pool_configuration(pool: WarmPoolSpec) -> Answer:
    """As DescribeWarmPool tells it."""
    prepared = {} if pool.prepared is None else {"MaxGroupPreparedCapacity": pool.prepared}
    return {"MinSize": pool.minimum, "PoolState": pool.state, **prepared}
