"""URLs and headers in rollout files: what cannot be sent is refused when the file is read, not in the middle of a
rollout."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, 5.6.2)."""


def a_url(text: str) -> str:
    """Raises ValueError for what is no http or https URL."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = None
    if not whole or any(letter <= " " for letter in text):
        raise ValueError(f"{text!r} is not like https://crm.example.com/deployed")
    return text


def sendable(headers: dict[str, str]) -> dict[str, str]:
    """Raises ValueError for a header that HTTP cannot carry. Its value may be a secret, and is not shown."""
    for name, value in headers.items():
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if not can_be_sent(value):
            raise ValueError(f"the value of {name} cannot be sent: one line of Latin-1 letters can")
    return headers


def can_be_sent(value: str) -> bool:
    """Whether it can be the value of a header: Latin-1 without control characters but the tab (RFC 9110, 5.5)."""
    return all(letter == "\t" or (" " <= letter <= "\xff" and letter != "\x7f") for letter in value)


def shown(url: str) -> str:
    """A URL as far as it may be written down: paths and queries of chats' webhooks are their secret."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{host}{port}" + ("/..." if parts.path.strip("/") or parts.query else "")


Url = Annotated[str, AfterValidator(a_url)]
Headers = Annotated[dict[str, str], AfterValidator(sendable)]
