"""The scenario file: which rollout, in which world, what goes wrong, and how it should end."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bluegreen.errors import UserError
from bluegreen.model import End, Slot
from bluegreen.plan import Plan, with_template_beside
from bluegreen.possible import instead
from bluegreen.registry import Spec, one_of
from bluegreen.units import PositiveDuration, Share, parse_duration
from bluegreen.yamlfile import check, load, read_yaml
from sim.checks import CheckAnswer
from sim.cloudspec import CloudSpec
from sim.data.history import Wrong
from sim.faults.base import Fault
from sim.worldspec import WorldSpec

SUFFIX = ".scenario.yaml"
SHOWN = r"^([A-D]\d+|[\w.-]+#\d+)$"

if TYPE_CHECKING:
    AnyFault = Fault
else:
    AnyFault = one_of("sim.faults", Fault)


class Expect(Spec):
    """How the run should go. What is left out is not checked."""

    end: End | None = None
    because: str = ""
    """Words that the reason of the way back or of the end must hold."""
    detect_within: PositiveDuration | None = None
    recover_within: PositiveDuration | None = None
    finish_within: PositiveDuration | None = None
    failed_below: Share | None = None
    """The share of all requests that failed."""
    failed_above: Share | None = None
    page_above: Share | None = None
    """The share of all requests that got the fallback's page."""
    page_left: bool = False
    """In the end no answer names the page, and nearly nobody still goes there."""
    highest_share: Share | None = None
    """The candidate's weight was never above this share."""
    shrank_to: dict[Slot, int] = {}
    """At some moment the slot had no more healthy machines than this: the fault did bite."""
    begun: dict[str, int] = {}
    """How often checks and hooks were run, by name."""
    still_there: tuple[Slot, ...] = ()
    """Slots that can still serve at the end."""
    lost_writes_below: Annotated[int, Field(ge=1)] | None = None
    """Acknowledged writes that the database which everybody uses in the end does not have."""
    lost_writes_above: Annotated[int, Field(ge=0)] | None = None
    conflicts_above: Annotated[int, Field(ge=0)] | None = None
    """Tracked keys that were written in both databases after they had parted; of two stores that are kept together,
    writes to what the other side had just changed."""
    stale_reads_below: Annotated[int, Field(ge=1)] | None = None
    """Answers that lacked what the other database had taken before."""
    stale_reads_above: Annotated[int, Field(ge=0)] | None = None
    history_shows: tuple[Wrong, ...] = ()
    """What is wrong with the tracked keys, of all that is looked for; left out: nobody asks."""
    not_removed_before: PositiveDuration | None = None
    """The slot that lost was not removed earlier than this after its weight became zero."""


class Scenario(Spec):
    """A whole scenario file."""

    name: str = ""
    about: str
    shows: tuple[Annotated[str, Field(pattern=SHOWN)], ...] = ()
    """What it is an example of: capabilities by number (`A8`), and what users of other tools complained about
    (`argo-rollouts#3888`). docs/behaviour.md lists both."""
    rollout: Path | None = None
    """The rollout file, from the scenario's own folder. Left out: the one given on the command line, or the
    catalogue's shop."""
    change: dict[str, Any] = {}
    """Changes to the rollout file, merged into it key by key."""
    world: WorldSpec = WorldSpec()
    cloud: CloudSpec = CloudSpec()
    faults: tuple[AnyFault, ...] = ()
    checks: dict[str, CheckAnswer] = {}
    """How checks and hooks fare, by name."""
    notices: Literal["arrive", "fail"] = "arrive"
    """What becomes of messages to people."""
    expect: Expect = Expect()
    seed: Annotated[int, Field(ge=0)] = 1
    """What it is rehearsed with when nobody asks for another: what was found by chance is found again."""
    give_up_after: PositiveDuration = Field(default=parse_duration("24h"))
    """A rollout that has not ended by then did not converge."""


def catalogue() -> Path:
    """The folder of the built-in scenarios: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "catalogue"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "scenarios"


def built_in() -> dict[str, Path]:
    """The catalogue's scenario files by name, sorted."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(catalogue().glob("*" + SUFFIX))}


def first() -> Path:
    """What runs when nothing was asked for: everything goes well."""
    return built_in()["all-well"]


def find_scenario(name_or_file: str) -> Path:
    """A scenario of the catalogue by name, or a file. Raises UserError."""
    known = built_in()
    if name_or_file in known:
        return known[name_or_file]
    path = Path(name_or_file)
    if path.is_file():
        return path
    near = instead(name_or_file, known)
    raise UserError(
        f"there is no scenario and no file {name_or_file!r} (`bluegreen scenarios` lists all {len(known)}){near}"
    )


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises UserError with one line for each problem."""
    scenario = load(path, Scenario)
    named = scenario if scenario.name else scenario.model_copy(update={"name": path.name.removesuffix(SUFFIX)})
    recorded = scenario.world.demand.recorded
    if recorded is None:
        return named
    demand = scenario.world.demand.model_copy(update={"recorded": path.parent / recorded})
    return named.model_copy(update={"world": scenario.world.model_copy(update={"demand": demand})})


def plan_of(scenario: Scenario, scenario_path: Path, rollout: Path | None) -> Plan:
    """The plan a scenario rehearses: the given rollout file, else the scenario's own, else the catalogue's shop, with
    the scenario's changes. Raises UserError with one line for each problem."""
    own = scenario_path.parent / scenario.rollout if scenario.rollout else None
    path = rollout or own or catalogue() / "rollouts" / "shop.rollout.yaml"
    content = read_yaml(path)
    # A rollout file given by hand is rehearsed as it is, unless the scenario brings its own to change.
    if not scenario.change or rollout is not None:
        return with_template_beside(check(content, Plan, path), path)
    try:
        plan = check(merge(content, scenario.change), Plan, path)
    except UserError as error:
        raise UserError(f"{scenario_path}: its `change` makes this of {path.name}:\n{error}") from error
    return with_template_beside(plan, path)


def merge(content: Any, change: Mapping[str, Any]) -> Any:
    """`content` with `change` laid over it, mapping by mapping. A changed `kind` replaces its whole mapping, since
    another kind has other keys."""
    merged = deepcopy(content)
    for key, value in change.items():
        old = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(old, Mapping)
        if both and value.get("kind", old.get("kind")) == old.get("kind"):
            merged[key] = merge(old, value)
        else:
            merged[key] = value
    return merged
