"""Where a stack's resources are made: what makers work with. A resource that matters to a rollout is made in moto by
way of the other service files, like a call of the engine's, but without latency and trouble."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from sim.cloud.formation.fitting import fit
from sim.cloud.formation.nodes import Note, text
from sim.cloud.formation.standins import StandIns
from sim.cloud.service import Answer, Service, Site
from sim.errors import AwsError

Properties = Mapping[str, Any]
Undo = Callable[[], object]

MOTO_BREAKS = (LookupError, TypeError, AttributeError, ValueError, NotImplementedError, StopIteration)
"""What moto raises instead of an answer, on input that it did not expect."""
OURS = str(Path(__file__).parents[2])


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that exists: what Ref and Fn::GetAtt give, and how it is deleted."""

    physical: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The logical ids of the group and the balancer that are the slot's."""

    group: str = ""
    balancer: str = ""


@dataclass(slots=True)
class Workshop:
    """Makes the resources of one stack."""

    site: Site
    peers: Mapping[str, Service]
    stack: str
    stack_id: str
    tags: Mapping[str, str]
    chosen: Chosen
    note: Note
    standins: StandIns = field(init=False)

    def __post_init__(self) -> None:
        self.standins = StandIns(self.site, self.note)

    def name(self, logical: str, limit: int = 255) -> str:
        """As CloudFormation makes names: stack, logical id and a tail that nobody else has."""
        tail = hashlib.sha256(f"{self.stack_id}{logical}".encode()).hexdigest()[:12].upper()
        name = f"{self.stack}-{logical}-{tail}"
        if len(name) <= limit:
            return name
        room = limit - len(tail) - 2
        return f"{self.stack[: room - 6].rstrip('-')}-{logical[:6]}-{tail}"

    def fit(self, service: str, operation: str, properties: Properties, keep: Sequence[str]) -> dict[str, Any]:
        """Parameters for a call: those properties that are kept. Raises AwsError for values of the wrong type."""
        model = self.site.moto(service).meta.service_model.operation_model(operation)
        return fit(properties, model.input_shape, keep)

    def act(self, service: str, operation: str, **params: Any) -> Answer:
        """One call (`CreateTargetGroup`), seen and answered by the service's file. Raises AwsError."""
        peer = self.peers[service]

        def answer() -> Answer:
            own = peer.before(operation, params)
            given: Answer = getattr(peer.aws, xform_name(operation))(**params) if own is None else own
            return given

        return self._ask(answer)

    def moto(self, service: str, method: str, **params: Any) -> Answer:
        """One call that only moto hears of. Raises AwsError."""
        return self._ask(lambda: getattr(self.site.moto(service), method)(**params))

    def _ask(self, call: Callable[[], Answer]) -> Answer:
        """Refusals, botocore's and moto's, become AwsError; so does what moto breaks on. Our own bugs do not."""
        try:
            return call()
        except ClientError as error:
            told = error.response["Error"]
            raise AwsError(str(told.get("Code", "")), str(told.get("Message", ""))) from error
        except ParamValidationError as error:
            raise AwsError("ValidationError", " ".join(str(error).split())) from error
        except MOTO_BREAKS as error:
            if not _came_from_moto(error):
                raise
            self.note(f"the rehearsal's AWS (moto) broke on a call: {type(error).__name__}: {error}")
            raise AwsError(
                "InternalFailure", f"Internal Failure ({type(error).__name__} in the rehearsal's AWS)"
            ) from error
        finally:
            for peer in self.peers.values():
                peer.forget()

    def all_tags(self, logical: str, properties: Properties) -> list[dict[str, str]]:
        """The resource's own tags, the stack's, and CloudFormation's."""
        own = properties.get("Tags") or []
        tags = {str(tag["Key"]): str(tag["Value"]) for tag in own if isinstance(tag, dict) and "Value" in tag}
        tags |= dict(self.tags)
        tags |= {
            "aws:cloudformation:stack-name": self.stack,
            "aws:cloudformation:stack-id": self.stack_id,
            "aws:cloudformation:logical-id": logical,
        }
        return [{"Key": key, "Value": value} for key, value in tags.items()]


def text_or(value: Any, otherwise: str) -> str:
    """A property that may name the resource."""
    return otherwise if value is None or isinstance(value, dict | list) else text(value)


def _came_from_moto(error: BaseException) -> bool:
    """Whether it was raised by moto's code, or below it."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [index for index, frame in enumerate(frames) if "/moto/" in frame.filename.replace("\\", "/")]
    ours = [index for index, frame in enumerate(frames) if frame.filename.startswith(OURS)]
    return bool(inside) and inside[-1] > ours[-1]
