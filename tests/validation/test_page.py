"""The validation page tells the truth of today, and can tell bad news."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import validation
from validation import alarms, detection, hits, queues, spread, tail
from validation.page import Section, Table, page
from validation.plots import Axis, Plot, Series, drawn
from validation.sections import SECTIONS

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.slow
def test_the_page_is_what_the_models_give_today(monkeypatch):
    """If not: `make validate`, and read what has changed."""
    monkeypatch.chdir(DOCS.parent)
    files = page([importlib.import_module(f"validation.{name}").section() for name in SECTIONS])
    stale = [name for name, text in files.items() if (DOCS / name).read_text() != text]
    assert not stale
    drawings = {path.name for path in (DOCS / "validation").glob("*.svg")}
    assert drawings == {Path(name).name for name in files if name.endswith(".svg")}


def test_every_file_with_a_section_is_on_the_page():
    modules = [found.name for found in pkgutil.iter_modules(validation.__path__) if found.name not in HELPERS]
    with_section = {name for name in modules if hasattr(importlib.import_module(f"validation.{name}"), "section")}
    assert with_section == set(SECTIONS)


HELPERS = {"__main__", "lab"}


def test_every_picture_and_link_of_the_page_is_there():
    text = (DOCS / "validation.md").read_text()
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert targets
    assert all((DOCS / target).is_file() for target in targets)
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-")
        for line in text.splitlines()
        if line[:3] == "## "
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == anchors


@pytest.mark.parametrize("module", [alarms, hits], ids=["alarms", "hits"])
def test_a_section_gives_the_same_bytes_each_time(module):
    assert page([module.section()]) == page([module.section()])


def test_a_wrong_alarm_state_is_counted_and_shown(monkeypatch):
    monkeypatch.setattr(alarms, "evaluate", lambda points, periods, needed, mode, before: "OK")
    section = alarms.section()
    assert section.worst.startswith("15 of 26")
    assert "OK (AWS: ALARM)" in str(section.tables[0])


def test_a_wrong_hit_rate_is_counted(monkeypatch):
    monkeypatch.setattr(hits, "ours", lambda rate, ttl: 0.5)
    assert hits.section().worst.startswith("5.0e-01")


def test_the_references_give_the_golden_cases():
    assert hits.jung(0.1, 60) == pytest.approx(0.857143, abs=1e-6)
    assert hits.cache([10.0] * 60_000, 60) == pytest.approx(5 / 6, abs=1e-4)
    assert tail.closed_form(1, 300, 60) == pytest.approx(0.797342, abs=1e-6)
    assert queues.erlang(10, 9.0) == pytest.approx((0.668732, 0.668732), abs=1e-6)
    assert spread.formula(0.1, [0.01] * 100) == pytest.approx(0.03)
    assert detection.closed_form(30, 3, 14)[0] == pytest.approx(84.7, abs=0.05)
    assert detection.closed_form(10, 1, 3)[0] == pytest.approx(1.8, abs=0.05)
    assert detection.turning_points() == (14, 3)


def test_numbers_are_set_to_the_right_and_words_to_the_left():
    table = Table(("what", "how many"), [("a", "1.5 ± 0.1"), ("b", "-3")])
    assert str(table).splitlines()[1] == "| --- | ---: |"


def test_a_plot_says_what_one_sees_and_names_its_lines():
    line = Series("a line", [(0, 0), (1, 1)])
    dots = Series("dots", [(0.5, 0.5)], "marks", error=[0.1])
    plot = Plot("p", "A title", "it rises", Axis("x", 0, 1), Axis("y", 0, 1), [line, dots])
    svg = drawn(plot)
    assert svg == drawn(plot)
    assert all(words in svg for words in ("A title", "a line", "dots"))
    text = page([Section("T", "about", (), "none", "good", (plot,))])["validation.md"]
    assert "![A title: it rises](validation/p.svg)" in text
