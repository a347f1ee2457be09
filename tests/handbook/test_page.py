"""The page of behaviour says what the engine and the catalogue say."""

from pathlib import Path

import pytest

from bluegreen.decide.transitions import WAYS
from bluegreen.model import End
from handbook.capabilities import CAPABILITIES, ELSEWHERE
from handbook.page import page
from handbook.phases import diagram
from sim.scenario import built_in, load_scenario

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = {name: load_scenario(path) for name, path in built_in().items()}
SHOWN = [each for scenario in CATALOGUE.values() for each in scenario.shows]


def test_the_page_is_what_the_tables_give_today():
    """If not: `make handbook`, and read what has changed."""
    assert (ROOT / "docs" / "behaviour.md").read_text() == page()


@pytest.mark.parametrize("number", CAPABILITIES)
def test_every_capability_has_a_page_and_is_shown(number):
    _, link = CAPABILITIES[number]
    assert (ROOT / "docs" / link).is_file()
    elsewhere = ELSEWHERE.get(number)
    assert number in SHOWN or (elsewhere and (ROOT / elsewhere).exists())


def test_scenarios_number_only_capabilities_that_there_are():
    assert {each for each in SHOWN if "#" not in each} <= set(CAPABILITIES)


def test_at_least_fifteen_complaints_about_other_tools_have_their_scenario():
    assert len({each for each in SHOWN if "#" in each}) >= 15


def test_the_diagram_has_every_way_and_every_end():
    drawn = diagram()
    assert drawn.count("-->") == 1 + sum(map(len, WAYS.values())) + len(End) - 1


@pytest.mark.slow
def test_the_catalogue_goes_every_way_that_there_is_but_a_few(came_of):
    """Those that no scenario goes are named: a way that nobody rehearses is a way that nobody knows."""
    gone = {tuple(way) for each in came_of.values() for way in each["ways"]}
    assert {(old, new) for old, ways in WAYS.items() for new in ways} - gone == NOT_REHEARSED


NOT_REHEARSED = {("drain candidate", End.ABORTED)}
