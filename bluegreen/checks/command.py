"""Any command, by its exit code: a test suite, a script, JMeter, Selenium."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bluegreen.checks.base import Check


class CommandCheck(Check):
    """Exit code 0 passes, one of `unknown_codes` is unknown, any other fails. It is told the facts in its environment
    (BLUEGREEN_CANDIDATE_URL, BLUEGREEN_SHARE ...). At the time limit it is killed with all that it started."""

    kind: Literal["command"] = "command"
    run: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Program and arguments, one by one: no shell looks at them. With one: [sh, -c, "..."]."""
    folder: Path | None = None
    """Where it runs. Default: where the engine was started."""
    environment: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = {}
    """Added to the engine's own."""
    unknown_codes: tuple[Annotated[int, Field(ge=1, le=255)], ...] = (75,)
    """Exit codes that say "try again later" (75 is EX_TEMPFAIL of sysexits.h)."""
