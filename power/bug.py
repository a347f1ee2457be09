"""A planted bug: one function of the engine replaced by a wrong one, for as long as a `with` block lasts.

The files in `power/bugs/` are one bug each: the docstring says the mistake and who made it in real life, `BUG` what is
replaced. What is replaced is replaced wherever the engine knows it by a name of its own (`from x import y`, and tables
of functions); the harness keeps the right one, so that it does not judge by the bug.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from types import ModuleType
from typing import Any

import power.bugs

Function = Callable[..., Any]


@dataclass(slots=True)
class Bug:
    """`owner` is a module or a class of the engine, `name` one of its functions. `wrong` gets the right function first,
    then what that would get."""

    owner: ModuleType | type
    name: str
    wrong: Function
    reached: int = field(default=0, init=False)
    """How often the wrong function was called."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The engine is broken inside the block, and as before after it."""
        right = getattr(self.owner, self.name)
        places = list(_known_as(right)) if isinstance(self.owner, ModuleType) else [(self.owner, self.name)]
        wrong = self._instead(right)
        for place, name in places:
            _put(place, name, wrong)
        try:
            yield
        finally:
            for place, name in places:
                _put(place, name, right)

    def _instead(self, right: Any) -> Any:
        function: Function = getattr(right, "fget", right)

        @wraps(function)
        def wrong(*args: Any, **kwargs: Any) -> Any:
            self.reached += 1
            return self.wrong(function, *args, **kwargs)

        return property(wrong) if isinstance(right, property) else wrong


def bugs() -> Mapping[str, Bug]:
    """All planted bugs by name, sorted."""
    return {name: _module(name).BUG for name in names()}


def names() -> list[str]:
    """Of all planted bugs, sorted."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(power.bugs.__path__))


def bug(name: str) -> Bug:
    """The one of that name."""
    found = _module(name).BUG
    assert isinstance(found, Bug)
    return found


def about(name: str) -> str:
    """Its docstring: the first line is the mistake, the rest who made it."""
    return (_module(name).__doc__ or "").strip()


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"power.bugs.{name.replace('-', '_')}")


def _known_as(right: object) -> Iterator[tuple[Any, Any]]:
    """Every module of the engine, and every table in one, that has it: the place, and by which name."""
    engine = [module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] == "bluegreen"]
    for module in engine:
        for name, value in list(vars(module).items()):
            if value is right:
                yield module, name
            elif isinstance(value, dict) and not name.startswith("__"):
                yield from ((value, key) for key, each in value.items() if each is right)


def _put(place: Any, name: Any, value: object) -> None:
    if isinstance(place, dict):
        place[name] = value
    else:
        setattr(place, name, value)
