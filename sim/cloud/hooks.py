"""The way of every call that the engine makes: botocore event hooks on the engine's session, in front of moto's own.

before-parameter-build   remembers the parameters as the caller gave them
before-call              the call is counted, and may kill the engine; it takes virtual time; it may be throttled, fail
                         or time out without effect; the service file answers, or leaves it to moto
after-call               it has taken effect; the answer may be lost; the engine may die

botocore's retries would sleep for real: the engine has them off, and a trouble is one call's trouble.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.exceptions import ClientError, ReadTimeoutError

from sim.cloud.service import Answer, Service
from sim.errors import AwsError, NotModelled

if TYPE_CHECKING:
    from sim.world import World

Parsed = tuple[AWSResponse, Answer]

PARAMS, TROUBLE = "rehearsal.params", "rehearsal.trouble"
READS = ("Describe", "Get", "List")
UNAVAILABLE = AwsError("ServiceUnavailable", "The service is temporarily unavailable", 503)


class Hooks:
    """Between the engine's clients and moto. Inert until `serve`; one cloud at a time."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.services: Mapping[str, Service] = {}

    def attach(self, session: boto3.Session) -> None:
        """Must come before the session makes its clients: they copy its handlers."""
        session.events.register("before-parameter-build", self._before_build)
        session.events.register("before-call", self._before_call)
        session.events.register("after-call", self._after_call)

    def serve(self, world: World | None, services: Mapping[str, Service]) -> None:
        """From now on calls belong to this world; None: to no world, and every call is an error."""
        self.world, self.services = world, services

    def _before_build(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[PARAMS] = params

    def _before_call(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        """Parsed, or None when moto shall answer; the stubs know of no event handler that answers."""
        world, service = self._world(), self._service(model)
        context[TROUBLE] = trouble = world.api.begin(_call(model))
        if trouble == "timeout":
            self._time_out(model, context)
        world.clock.sleep(world.api.latency)
        if trouble == "throttle":
            return _refusal(service.throttle)
        if trouble == "error":
            return _refusal(UNAVAILABLE)
        try:
            answer = service.before(model.name, context[PARAMS])
        except AwsError as refused:
            return _refusal(refused)
        except ClientError as refused:  # moto's own refusal, met on the way to our answer
            return _parsed(refused.response["ResponseMetadata"]["HTTPStatusCode"], dict(refused.response))
        return None if answer is None else _parsed(200, answer)

    def _after_call(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        self._forget(model)
        if context[TROUBLE] == "lost reply":
            self._time_out(model, context)
        self._world().api.finish(_call(model))

    def _time_out(self, model: Any, context: dict[str, Any]) -> None:
        """The caller waits as long as its client is set to wait, and hears nothing."""
        world = self._world()
        world.clock.sleep(timedelta(seconds=float(context["client_config"].read_timeout)))
        world.api.finish(_call(model))
        raise ReadTimeoutError(endpoint_url=f"{_call(model)} (rehearsed)")

    def _forget(self, model: Any) -> None:
        """What was read from moto before a change may be stale in any service: stacks reach into all of them."""
        if not model.name.startswith(READS):
            for service in self.services.values():
                service.forget()

    def _world(self) -> World:
        assert self.world is not None, "a call to AWS outside of the rehearsal's cloud"
        return self.world

    def _service(self, model: Any) -> Service:
        name = model.service_model.service_name
        if name not in self.services:
            raise NotModelled(f"the rehearsal has no {name} ({_call(model)})")
        return self.services[name]


def _call(model: Any) -> str:
    return f"{model.service_model.service_name}:{model.name}"


def _parsed(status: int, answer: Answer) -> Parsed:
    metadata = {"RequestId": "rehearsed", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    return AWSResponse("", status, HTTPHeaders(), None), {**_copied(answer), "ResponseMetadata": metadata}


def _copied(value: Any) -> Any:
    """The caller may change what it gets; deepcopy would cost as much as the rest of the call."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _refusal(error: AwsError) -> Parsed:
    return _parsed(error.status, {"Error": {"Code": error.code, "Message": error.message}})
