"""What squawk, a linter of PostgreSQL migrations, says of SQL files. A team's own `.squawk.toml` counts, as ever.

Left out are its rules of taste, and those that ask whether old code bears a change: that is tried by a schema check,
and not guessed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bluegreen.errors import OperatingError

NOT_ASKED = ("prefer-", "ban-char-field", "identifier-too-long", "ban-drop-", "renaming-")
"""How the names of rules begin that are left out."""
LIMIT = 60.0
"""Seconds; it takes a few hundredths."""
RULES = "squawkhq.com/docs"


@dataclass(frozen=True, slots=True)
class Remark:
    """One of its findings. `line` counts from 1."""

    file: Path
    line: int
    rule: str
    message: str
    help: str

    @property
    def mend(self) -> str:
        """What to do about it."""
        return f"{self.help.rstrip('.') or 'see'} ({RULES}/{self.rule})"


def linter() -> Path | None:
    """Where it is: beside this Python, or on the path."""
    beside = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("squawk")
    return Path(found) if found else None


def remarks(program: Path, files: Sequence[Path]) -> tuple[Remark, ...]:
    """What it finds in files, in their order. Raises OperatingError when it does not answer."""
    try:
        done = subprocess.run(
            [program, "--reporter", "json", *files],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        told = json.loads(done.stdout)
        found = [
            Remark(Path(each["file"]), each["line"] + 1, each["rule_name"], each["message"], each["help"] or "")
            for each in told
        ]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise OperatingError(f"squawk did not answer: {error}") from error
    kept = [remark for remark in found if not remark.rule.startswith(NOT_ASKED)]
    order = list(files)
    return tuple(sorted(kept, key=lambda each: (order.index(each.file) if each.file in order else 0, each.line)))
