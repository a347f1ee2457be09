"""One measured number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`goal` is what an issue or the docs ask for, in words; empty when it is only for information."""

    name: str
    value: float
    unit: str
    goal: str = ""

    def __str__(self) -> str:
        goal = f" ({self.goal})" if self.goal else ""
        return f"{self.name}: {self.value:.4g} {self.unit}{goal}"
