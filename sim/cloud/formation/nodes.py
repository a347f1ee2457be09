"""What templates and their values are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sim.cloud.formation.reading import invalid

Note = Callable[[str], None]
Node = Any
"""A piece of a template, or of what it became."""

SUBSTITUTE = re.compile(r"\$\{([^}]*)\}")
"""What Fn::Sub replaces."""
PARTS = 3
"""How many parts a text has that nobody knows: as many as lists of subnets mostly have."""


class Open(str):
    """A text that nobody can know in a rehearsal: what another stack exports, what a resource that is passed over
    would answer. Taken apart it gives more of the same, as many as asked for."""

    __slots__ = ()


class _NoValue:
    """AWS::NoValue: the key, or the element, that has it is not there."""


NO_VALUE = _NoValue()


def text(value: Node) -> str:
    """As CloudFormation turns a value into text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise invalid("Template error: every value of a text must be a string")
    if value is NO_VALUE:
        return ""
    return value if isinstance(value, str) else str(value)


def stand_in_image(name: str) -> str:
    """An AMI id for a public parameter: the same for the same name."""
    return f"ami-{sum(ord(c) * 31**i for i, c in enumerate(name)) % 16**17:017x}"
