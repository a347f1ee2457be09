"""What a command wrote, as far as it may stand in a journal: no secrets, and nothing that a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE_KEY", re.IGNORECASE)
"""Names of environment variables whose values are nobody's business."""
IN_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/@\s:]*:([^/@\s]+)@")
SHORTEST = 6
"""Shorter values would be found in ordinary words."""
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours, moves of the cursor, titles of windows (ECMA-48)."""


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Values that must not be shown, the longest first."""
    found = {value for name, value in environment.items() if SECRET.search(name)}
    found |= {word for value in environment.values() for word in _passwords(value)}
    found = {value for value in found if len(value) >= SHORTEST}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _passwords(value: str) -> tuple[str, ...]:
    """Of a URL like postgresql://user:password@host/name, as it is written and as it is meant."""
    match = IN_URL.match(value)
    return (match[1], unquote(match[1])) if match else ()


def shown(text: str, secrets: Sequence[str]) -> str:
    """The same without them. Line ends stay."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return "".join(letter for letter in ESCAPES.sub("", text) if letter.isprintable() or letter in "\n\r")
