"""Another system is asked over HTTP."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from bluegreen.checks.http import Http, Request
from bluegreen.gates.asked import AskedGate
from bluegreen.registry import examples
from bluegreen.web import Url


class Webhook(AskedGate):
    """An answer as expected passes, another answer fails, none is unknown."""

    model_config = examples({"url": "https://partner.example.com/release/ok"})

    kind: Literal["webhook"] = "webhook"
    url: Url
    request: Request = Request()
    """How it is asked, and what the answer must be."""
    verify_tls: bool = True

    @model_validator(mode="before")
    @classmethod
    def _name_from_kind(cls, data: Any) -> Any:
        return {"name": "webhook", **data} if isinstance(data, dict) else data

    def check(self) -> Http:
        return Http(
            name=self.name,
            url=self.url,
            requests=(self.request,),
            timeout=self.timeout,
            verify_tls=self.verify_tls,
        )
