"""Smoke requests against the candidate's own balancer, before users come."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from bluegreen.checks.base import Check
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from bluegreen.web import Headers, a_url


class Request(Spec):
    """One request, and what its answer must be."""

    path: Annotated[str, Field(pattern=r"^/")] = "/"
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] = "GET"
    headers: Headers = {}
    body: str = ""
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = (200,)
    """Any of these."""
    contains: str = ""
    """Text in the answer's body."""
    matches: str = ""
    """A regular expression that must be found in the body."""
    has: dict[str, str] = {}
    """Headers of the answer, by name: the text must be in the value; an empty text asks only for the header."""
    within: PositiveDuration = parse_duration("5s")
    """From asking until the last byte."""

    @field_validator("matches")
    @classmethod
    def _is_an_expression(cls, text: str) -> str:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"{text!r} is no regular expression: {error}") from error
        return text

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Http(Check):
    """Every request must be answered as expected, in order. The balancer is asked by its own name, with the service's
    name in the Host header (and in TLS's server name), as users' browsers will do. No answer at all is unknown."""

    kind: Literal["http"] = "http"
    scheme: Literal["http", "https"] = "http"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Default: 80 or 443."""
    url: str = ""
    """Somewhere else than the candidate's balancer: a hook of another system. `https://crm.example.com/deployed`."""
    requests: Annotated[tuple[Request, ...], Field(min_length=1)] = (Request(),)
    rounds: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How often all of them are made: a balancer's every instance gets its turn."""
    verify_tls: bool = True

    @property
    def asks_candidate(self) -> bool:
        return not self.url

    @model_validator(mode="after")
    def _where(self) -> Self:
        if self.url:
            a_url(self.url)
        if self.url and self.port is not None:
            raise ValueError("a url has its port in itself; leave out port")
        return self
