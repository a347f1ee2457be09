"""Escape detection: inside a simulated run nothing may reach real time, real chance or the real network.

    with watching():
        ...the run...

What would make a rehearsal slow, or different each time, raises `Escaped` where it is called:

    by anyone               sleeping, opening sockets, looking up names, starting threads
    by us and our users     reading the machine's clocks; chance that no seed decides

Libraries (the standard library, site-packages) may read clocks and draw: on the moto tier their time is the world's
and their seeds are the run's. `bluegreen`, `sim` and a user's own modules may not.

The guards are put in once, when this module is imported, so that modules imported later cannot get past them with
`from time import sleep`; outside of a run they only pass on. The wall clock is guarded inside the interpreter, by
time_machine, so that `datetime.now` is seen too. Not seen: a generator that was made unseeded before the run, the
order of sets, other processes, and a user's module that was installed as a package and reads a clock.
"""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import get_ident
from types import FrameType
from typing import Any

import numpy as np
import time_machine

OURS = frozenset({"bluegreen", "sim"})
THROUGH = frozenset({"random", "secrets", "uuid", __name__})
"""Modules that only hand chance on: who called them is asked."""

CLOCK = "ask the clock that the run was given (bluegreen.ports.Clock); in the world, the environment"
CHANCE = "draw from World.rng(name), or from a generator made with a seed"
NETWORK = "a simulated run has no network: use the clients of the session that the run was given"
THREADS = "a simulated run is one thread: waiting is a process of the environment"

SLEEPS = ("time.sleep",)
CLOCKS = ("time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns")
SOCKETS = (
    *(f"socket.socket.{name}" for name in ("connect", "connect_ex", "sendto", "bind")),
    *(f"socket.{name}" for name in ("create_connection", "getaddrinfo", "gethostbyname")),
)
STARTS = ("threading.Thread.start",)
ENTROPY = ("os.urandom", "random._urandom", "os.getrandom")
"""Here pass secrets, uuid4, SystemRandom, and numpy's generators when they are given no seed (its old RandomState
even when it is given one: it begins without)."""
SEEDS = ("random.seed", "random.Random.seed", "numpy.random.default_rng")
"""Chance when called without a value; `random.Random()` passes here too."""


class Escaped(BaseException):
    """Something inside a simulated run reached for the real world. No `except Exception` may hide it."""


_inside: dict[int, int] = {}
"""Threads that are inside a run, and how deeply."""
_library: dict[str, bool] = {}
"""What was found out about modules, by name."""


@contextmanager
def watching() -> Iterator[None]:
    """Inside, this thread must not escape. May be nested. Enter it last: after travelling in time has begun."""
    thread = get_ident()
    travel = time_machine.travel(0, tick=False)
    inner = time_machine.traveller_stack[-1] if time_machine.traveller_stack else None
    travel.start()
    # The stack is not documented: time_machine is pinned, and tests watch over it.
    time_machine.traveller_stack[-1] = _Watch(inner)
    _inside[thread] = _inside.get(thread, 0) + 1
    try:
        yield
    finally:
        _leave(thread)
        travel.stop()


@contextmanager
def unwatched() -> Iterator[None]:
    """Inside a run, for what is no part of it: a display that keeps pace with a watching human."""
    depth = _inside.pop(get_ident(), 0)
    try:
        yield
    finally:
        if depth:
            _inside[get_ident()] = depth


def _leave(thread: int) -> None:
    _inside[thread] -= 1
    if not _inside[thread]:
        del _inside[thread]


class _Watch(time_machine.Traveller):
    """Time as it was before, for those who may ask."""

    def __init__(self, inner: time_machine.Traveller | None) -> None:
        super().__init__(0, None, False)
        self._time_ns: Callable[[], int] = inner.time_ns if inner else time_machine.escape_hatch.time.time_ns

    def time_ns(self) -> int:
        if get_ident() in _inside:
            _refuse_ours(sys._getframe(1), "the wall clock was read", CLOCK)
        return self._time_ns()


# -- who calls --------------------------------------------------------------------------------------------------


def _refuse_ours(frame: FrameType | None, what: str, advice: str) -> None:
    """Raise Escaped, unless a library called."""
    while frame is not None and _module(frame) in THROUGH:
        what, frame = f"{_module(frame)}.{frame.f_code.co_qualname} was called", frame.f_back
    if frame is not None and not _is_library(frame):
        _refuse(frame, what, advice)


def _refuse(frame: FrameType | None, what: str, advice: str) -> None:
    """Raise Escaped; it names the line of ours that led here, when there is one."""
    caller = frame
    while frame is not None and _is_library(frame):
        frame = frame.f_back
    at = frame or caller
    where = f"{at.f_code.co_filename}:{at.f_lineno}" if at else "somewhere"
    raise Escaped(f"{where}: {what} inside a simulated run; {advice}")


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_library(frame: FrameType) -> bool:
    name = _module(frame)
    known = _library.get(name)
    if known is None:
        file = str(frame.f_globals.get("__file__") or frame.f_code.co_filename)
        known = _library[name] = name.partition(".")[0] not in OURS and _is_library_file(file)
    return known


def _is_library_file(file: str) -> bool:
    if file.startswith("<"):
        return file.startswith("<frozen")
    parts = Path(file).parts
    return file.startswith(_STANDARD) or "site-packages" in parts or "dist-packages" in parts


_STANDARD = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))


# -- the guards -------------------------------------------------------------------------------------------------


def _put_in() -> None:
    for name in SLEEPS:
        _guard(name, _refuse, CLOCK)
    for name in SOCKETS:
        _guard(name, _refuse, NETWORK)
    for name in STARTS:
        _guard(name, _refuse, THREADS)
    for name in CLOCKS:
        _guard(name, _refuse_ours, CLOCK)
    for name in (*ENTROPY, *_shared_generators()):
        _guard(name, _refuse_ours, CHANCE)
    for name in SEEDS:
        _guard(name, _refuse_ours, CHANCE, only_if=_unseeded)


def _guard(
    name: str,
    refuse: Callable[[FrameType | None, str, str], None],
    advice: str,
    only_if: Callable[..., bool] = lambda *given, **named: True,
) -> None:
    """Replace the function of that name by one that first asks who calls, when this thread is inside a run."""
    owner, attribute = _owner(name)
    genuine = getattr(owner, attribute)

    @functools.wraps(genuine)
    def guarded(*given: Any, **named: Any) -> Any:
        if get_ident() in _inside and only_if(*given, **named):
            refuse(sys._getframe(1), f"{name} was called", advice)
        return genuine(*given, **named)

    setattr(owner, attribute, guarded)


def _owner(name: str) -> tuple[Any, str]:
    """The module or class in which the name is looked up, and its last part."""
    path = name.split(".")
    module = "numpy.random" if name.startswith("numpy.") else path[0]
    owner: Any = import_module(module)
    for part in path[module.count(".") + 1 : -1]:
        owner = getattr(owner, part)
    return owner, path[-1]


def _shared_generators() -> Iterator[str]:
    """Functions that draw from the one generator that the whole process shares."""
    random = import_module("random")
    for name in random.__all__:
        if getattr(getattr(random, name), "__self__", None) is random._inst and name not in _STATE:
            yield f"random.{name}"
    for name in np.random.__all__:
        if isinstance(getattr(getattr(np.random, name), "__self__", None), np.random.RandomState) and (
            name not in _STATE
        ):
            yield f"numpy.random.{name}"


_STATE = frozenset({"seed", "getstate", "setstate", "get_state", "set_state"})


def _unseeded(*given: Any, **named: Any) -> bool:
    """Of the arguments of a function of SEEDS: is there no value? A method is given its generator first."""
    values = [value for value in (*given, *named.values()) if not isinstance(value, _GENERATOR)]
    return not values or values[0] is None


_GENERATOR = import_module("random").Random

_put_in()
