"""What an adapter needs to be allowed, on what, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from bluegreen.preview.policy.arns import Arns

Condition = Mapping[str, Mapping[str, str | tuple[str, ...]]]
"""IAM's operator -> key -> values."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement of the policy."""

    sid: str
    """Letters and digits only (IAM User Guide, policy grammar)."""
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: Condition = field(default_factory=dict)
    implied: Mapping[str, str] = field(default_factory=dict)
    """Actions that no adapter calls, and why they are needed all the same: AWS asks for them on behalf of another."""


Grants = Callable[["Plan", "Arns"], Iterator[Grant]]
"""What each file of a part defines, under the name `grants`."""
