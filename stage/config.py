"""What the drill tells the process that plays AWS: the first line of its standard input, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from stage.pace import Pace


@dataclass(frozen=True, slots=True)
class Config:
    """Paths of the plan and the scenario as they are rehearsed, and where everything is."""

    plan: str
    scenario: str
    seed: int
    pace: str
    block: str
    port: int
    dns_port: int
    home: str
    """Folder of the drill: journal, trace, logs."""
    account: str

    @classmethod
    def load(cls, text: str) -> Config:
        return cls(**json.loads(text))

    @property
    def clock(self) -> Pace:
        return Pace.parse(self.pace)

    @property
    def folder(self) -> Path:
        return Path(self.home)

    @property
    def journal(self) -> Path:
        return self.folder / "rollout.journal"
