"""An SNS topic."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.notify.base import Way


class Sns(Way):
    """A message to a topic: for people by mail or SMS, for chats through AWS Chatbot, for machines as its attribute
    `event`."""

    kind: Literal["sns"] = "sns"
    topic: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$")]
