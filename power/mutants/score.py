"""What the last run of the mutants gave, kept beside the code: the page tells of it, and so does the list of survivors
that change nothing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from power.mutants.session import Mutant, Outcome

HERE = Path(__file__).parent
SCORE, EQUIVALENT = HERE / "score.json", HERE / "equivalent.toml"


@dataclass(frozen=True, slots=True)
class Score:
    """`survivors` are those of the sample that the tests do not notice; `at_first` counts those that were noticed
    before tests were written for the others."""

    all: int
    tried: int
    seed: int
    at_first: int
    survivors: tuple[Mutant, ...]

    @property
    def killed(self) -> int:
        return self.tried - len(self.survivors)

    def unexplained(self, explained: Mapping[str, str]) -> tuple[Mutant, ...]:
        """Survivors that nobody has said anything about."""
        return tuple(mutant for mutant in self.survivors if key(mutant) not in explained)


def key(mutant: Mutant) -> str:
    """What a mutant is called in the list: its file and its change, so that the list survives other lines' changes."""
    return f"{mutant.module}: {mutant.change}"


def equivalent() -> Mapping[str, str]:
    """Why survivors change nothing that anybody could notice, by key."""
    listed = tomllib.loads(EQUIVALENT.read_text())["mutant"]
    return {f"{each['module']}: {each['before']} -> {each['after']}": each["why"] for each in listed}


def read() -> Score:
    """The last run's."""
    data = json.loads(SCORE.read_text())
    return Score(**{**data, "survivors": tuple(Mutant(**each) for each in data["survivors"])})


def write(outcome: Outcome, seed: int) -> Score:
    """Keep it."""
    tried = len(outcome.tried)
    return _kept(Score(outcome.all, tried, seed, tried - len(outcome.survived), outcome.survived))


def without(score: Score, killed: Sequence[Mutant]) -> Score:
    """After survivors were tried again, against tests that were written since."""
    left = tuple(mutant for mutant in score.survivors if mutant not in killed)
    return _kept(replace(score, survivors=left))


def _kept(score: Score) -> Score:
    SCORE.write_text(json.dumps(asdict(score), indent=1) + "\n")
    return score
