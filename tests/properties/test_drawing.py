"""What is drawn: every kind of every registry, valid files, and a file that gives the same scenario again."""

import importlib
import pkgutil

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import sim.testing
from bluegreen.gates.base import Gate
from bluegreen.plan import Plan
from bluegreen.registry import examples_of, kinds
from bluegreen.strategies.base import Strategy
from bluegreen.traffic.base import Mover
from sim.demand import DemandSpec
from sim.faults.base import Fault, OnSlot
from sim.scenario import SUFFIX, built_in, load_scenario
from sim.scenefile import save_scenario, scenario_text
from sim.testing import (
    changes,
    clouds,
    demands,
    faults,
    numbers,
    people,
    plans,
    rollout_files,
    scenarios,
    timelines,
    worlds,
)
from sim.testing.files import SHOP, written
from sim.testing.knobs import knobs
from sim.testing.plugin import SUFFIX as COLLECTED
from sim.worldspec import WorldSpec

REGISTRIES = [
    (package, kind)
    for package, base in (("bluegreen.gates", Gate), ("bluegreen.strategies", Strategy), ("bluegreen.traffic", Mover))
    for kind in kinds(package, base).values()
]
quiet = settings(max_examples=60, derandomize=True, database=None)


@pytest.mark.parametrize(("package", "kind"), REGISTRIES, ids=lambda each: getattr(each, "__name__", each))
def test_every_kind_brings_an_example_of_how_it_is_written(package, kind):
    assert examples_of(kind)
    for example in examples_of(kind):
        assert type(kind.model_validate(example)) is kind


@pytest.mark.parametrize("kind", kinds("sim.faults", Fault))
def test_every_kind_of_fault_is_drawn(kind):
    assert find(faults(), lambda fault: fault.kind == kind, settings=settings(max_examples=5000, database=None))


@pytest.mark.parametrize("gate", [one["kind"] for one in written("bluegreen.gates", Gate)])
def test_every_kind_of_gate_is_drawn_in_a_file_that_is_valid(gate):
    def has_it(plan):
        return any(each.kind == gate for each in plan.gates)

    assert find(plans(0), has_it, settings=settings(max_examples=2000, database=None, phases=[Phase.generate]))


@quiet
@given(rollout_files())
def test_drawn_rollout_files_are_valid(content):
    Plan.model_validate(content)


@quiet
@given(numbers(SHOP))
def test_other_numbers_for_a_file_leave_alone_what_it_is_of(change):
    assert not {"service", "live", "candidate", "guard"} & set(change)


def test_any_number_that_stands_in_a_file_may_be_another_one():
    assert find(numbers(SHOP), lambda change: change.get("bake") == "20m")
    assert find(numbers(SHOP), lambda change: "gates" in change and change["gates"][0]["below"] == "0.5%")


def test_the_smallest_of_each_is_nothing_at_all():
    nothing = settings(database=None, phases=[Phase.generate])
    for parts, smallest in ((timelines(), ()), (people(), ()), (worlds(), {}), (changes(), {}), (clouds(), {})):
        assert find(parts, lambda drawn: True, settings=nothing) == smallest


def test_a_zone_and_full_others_shrink_to_the_zone_alone():
    found = find(timelines(), lambda drawn: any(each.kind == "az_loss" for each in drawn))
    assert [fault.kind for fault in found] == ["az_loss"]


@quiet
@given(timelines(3, of_candidate=True))
def test_faults_of_a_bad_version_leave_the_live_slot_alone(drawn):
    assert all(isinstance(fault, OnSlot) and fault.slot is None for fault in drawn)


@quiet
@given(demands())
def test_drawn_demands_are_valid(content):
    DemandSpec.model_validate(content)


def test_every_section_of_a_world_has_knobs():
    sections = {knob.path[0] for knob in knobs(WorldSpec())}
    assert sections == set(WorldSpec.model_fields)


@quiet
@given(drawn=scenarios(SHOP, change=changes(), cloud=clouds()), stem=st.sampled_from(["a", "b"]))
def test_a_saved_scenario_is_read_as_the_same_with_the_same_plan(drawn, stem, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "saved" / (stem + SUFFIX)
    save_scenario(drawn, path, "why\nit was kept")
    again = load_scenario(path)
    assert (path.parent / again.rollout).resolve() == SHOP
    same = {"name": "", "rollout": None}
    assert scenario_text(again.model_copy(update=same)) == scenario_text(drawn.model_copy(update=same))
    assert path.read_text().startswith("# why\n# it was kept\n")


@pytest.mark.parametrize("name", built_in())
def test_every_scenario_of_the_catalogue_survives_being_written(name, tmp_path):
    there = load_scenario(built_in()[name])
    save_scenario(there, tmp_path / (name + SUFFIX))
    assert load_scenario(tmp_path / (name + SUFFIX)) == there


def test_no_module_hides_a_public_name():
    modules = {module.name for module in pkgutil.iter_modules(sim.testing.__path__)}
    assert not modules & set(sim.testing.__all__)
    for name in set(sim.testing.__all__) - {"SMALL"}:
        assert getattr(sim.testing, name).__module__.startswith(("sim.testing", "hypothesis")), name
    assert importlib.import_module("sim.testing.plugin").SUFFIX == SUFFIX == COLLECTED
