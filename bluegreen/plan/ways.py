"""Ways for the candidate to come to be that are neither a clone nor a template, as people write them down."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration

WAYS = ("clone", "template", "beanstalk", "command")
OPSWORKS = (
    "AWS OpsWorks Stacks reached its end of life on 26 May 2024: AWS disabled it for everybody, and boto3 has no client"
    " for it. Make the candidate in one of four other ways: `clone` (a copy of the live group and balancer), `template`"
    " (CloudFormation), `beanstalk` (a second Elastic Beanstalk environment) or `command` (Terraform, CDK, a script)"
)


class Beanstalk(Spec):
    """The candidate as a second environment of an Elastic Beanstalk application."""

    application: Annotated[str, Field(min_length=1, max_length=100)]
    configuration: Annotated[str, Field(min_length=1, max_length=100)]
    """A saved configuration of the application."""
    version: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """Label of the application version to run. Default: the one that the live environment runs."""


class Command(Spec):
    """The candidate by the team's own program. The contract is in docs/environments.md."""

    create: str
    remove: str
    look: str | None = None
    """Tells what is there now. Default: what `create` said last is kept in a file beside the journals."""
    timeout: PositiveDuration = parse_duration("30m")
    """Of `create` and `remove`. Then their whole process group is killed, and the environment has failed."""
    look_timeout: Annotated[PositiveDuration, Field(le=parse_duration("60s"))] = parse_duration("20s")
    """Of `look`, during which the engine waits."""
    folder: Path = Path()
    """Where the commands run; from the rollout file's own folder."""

    @field_validator("create", "remove", "look")
    @classmethod
    def _splits(cls, text: str | None) -> str | None:
        if text is None:
            return None
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ValueError(f"{text!r} cannot be split into words: {error}") from error
        if not words:
            raise ValueError("an empty command does nothing; give a program and its arguments")
        return text

    def limit(self, step: str) -> timedelta:
        """How long `create`, `remove` or `look` may take."""
        return self.look_timeout if step == "look" else self.timeout


class Kept(Spec):
    """The candidate as a slot that is there already: `bluegreen undo` goes back to it. Never removed."""

    balancer: Annotated[str, Field(min_length=1, max_length=128)]
    group: Annotated[str, Field(min_length=1, max_length=128)]


def refuse_opsworks(content: Any) -> Any:
    """Raises ValueError for the way that AWS has closed."""
    if isinstance(content, dict) and "opsworks" in content:
        raise ValueError(OPSWORKS)
    return content


def one_way(given: dict[str, object]) -> None:
    """Raises ValueError unless exactly one way is given."""
    named = [way for way in (*WAYS, "kept") if given.get(way) is not None]
    if len(named) != 1:
        said = f"not {' and '.join(named)}" if named else "and has none"
        raise ValueError(f"the candidate needs exactly one of {', '.join(WAYS[:-1])} or {WAYS[-1]}, {said}")
