"""A URL that takes messages."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.notify.base import Way
from bluegreen.units import PositiveDuration, parse_duration
from bluegreen.web import Headers, a_url

Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Webhook(Way):
    """A POST of JSON. Its field `text` is what Slack, Mattermost and Teams' workflows show."""

    kind: Literal["webhook"] = "webhook"
    url: Annotated[str, Field(pattern=r"^(https?://[^/]+.*)?$")] = ""
    url_from: Annotated[Variable | None, Field(exclude_if=lambda value: value is None)] = None
    """Instead of `url`: the name of an environment variable of the engine with the URL in it. Chats' webhooks need
    nothing else to be written to: their URLs are secrets."""
    headers: Headers = {}
    secret_from: Variable | None = None
    """The name of an environment variable of the engine; its value is sent as `Authorization: Bearer ...`. Secrets do
    not belong into rollout files."""
    timeout: PositiveDuration = parse_duration("10s")

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if bool(self.url) == bool(self.url_from):
            raise ValueError("give either `url`, or `url_from` with the name of an environment variable")
        if self.url:
            a_url(self.url)
        return self
