"""The live page as people meet it: a command, a real browser, a hand on the button."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bluegreen.report import write_report
from bluegreen.report.page import told
from bluegreen.report.trace import read_trace

from .conftest import TALE, Served

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
LIMIT = 120
"""Seconds of patience: a limit, not an expectation."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium is installed: the page was not opened in a browser"),
]


class Rehearsal:
    """`bluegreen rehearse` at a speed, in a process of its own, with a page."""

    def __init__(self, room, speed):
        self.room = room
        command = [str(Path(sys.executable).with_name("bluegreen")), "rehearse", "--scenario", "all-well"]
        options = ["--tier", "memory", "--speed", speed, "--bind", "127.0.0.1", "--reports", str(room)]
        env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self.process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
        )
        first = self.process.stdout.readline()
        self.url = re.fullmatch(r"the live page: (http://127\.0\.0\.1:\d+/\?token=\S+)\n", first)[1]

    def end(self):
        """What it said; it must end by itself."""
        said, _ = self.process.communicate(timeout=LIMIT)
        return said

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def rehearsing(tmp_path):
    started = []

    def start(speed):
        started.append(Rehearsal(tmp_path, speed))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()


class Tab:
    """A page in the browser; complaints and requests are written down."""

    def __init__(self, browser, url, **options):
        self.page = browser.new_page(**options)
        self.page.set_default_timeout(LIMIT * 1000)
        self.complaints, self.asked = [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)

    def share(self):
        """The candidate's share by weight, as the page shows it."""
        text = self.page.locator(".share b").first.text_content()
        return float(re.search(r"green ([\d.]+)%", text)[1])

    def until(self, happened):
        end = time.monotonic() + LIMIT
        while not (seen := happened()):
            assert time.monotonic() < end, "it did not happen"
            self.page.wait_for_timeout(100)
        return seen

    def picture(self):
        return self.page.locator("#living svg").inner_html()


def commands(room):
    lines = [json.loads(line) for line in (room / "all-well-1.trace.jsonl").read_text().splitlines()]
    return [command for line in lines if line["kind"] == "decided" for command in line["seen"].get("commands", [])]


def test_weights_move_on_the_page_an_abort_takes_them_back_and_the_journal_knows_who_and_why(
    browser, rehearsing, tmp_path
):
    run = rehearsing("250x")
    tab = Tab(browser, run.url)
    tab.page.wait_for_selector(".share")
    assert tab.share() == 0
    first = tab.until(lambda: tab.share() >= 10 and tab.picture())
    tab.until(lambda: tab.share() >= 20 and tab.picture() != first)
    tab.page.click("button.abort")
    assert not commands_sent(tab), "without a reason nothing is sent"
    tab.page.fill("[name=who]", "ann")
    tab.page.fill("[name=why]", "orders look wrong")
    tab.page.click("button.abort")
    tab.until(lambda: tab.share() == 0)
    tab.page.wait_for_selector("#state.over")
    assert tab.page.text_content("#state") == f"The report: {tmp_path / 'all-well-1.html'}"
    assert "aborted" in tab.page.text_content("#head") and tab.page.locator("#ask").count() == 0
    assert "ann aborted: orders look wrong" in tab.page.text_content("#story")
    run.end()
    assert run.process.returncode == 1, "the scenario expected it to go well"
    [command] = commands(tmp_path)
    assert (command["verb"], command["who"], command["why"]) == ("abort", "ann", "orders look wrong")
    trace = read_trace(tmp_path / "all-well-1.trace.jsonl")
    assert trace.ended == "aborted"
    assert tab.page.text_content("#head h1") == told(trace)["summary"].headline
    assert tab.page.text_content("#head h1") in (tmp_path / "all-well-1.html").read_text()
    assert tab.complaints == []
    assert all(url.startswith(run.url.partition("?")[0]) for url in tab.asked), "nobody else was asked"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_words_are_not_broken_into_letters(browser, tmp_path, scheme):
    page = write_report(TALE, tmp_path / "page.html")
    tab = Tab(browser, page.as_uri(), viewport={"width": 390, "height": 800}, color_scheme=scheme)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.page.evaluate(wide) == 0
    whys = tab.page.eval_on_selector_all(".story td:last-child", "cells => cells.map(cell => cell.clientWidth)")
    assert whys and min(whys) > 200
    assert tab.page.eval_on_selector("#living svg", "picture => picture.clientWidth") > 700, (
        "it is scrolled, not shrunk"
    )
    assert tab.complaints == []


def commands_sent(tab):
    return [url for url in tab.asked if url.endswith("/ask")]


def test_the_last_picture_on_the_page_is_the_reports(browser, rehearsing, tmp_path):
    run = rehearsing("1000x")
    tab = Tab(browser, run.url)
    tab.page.wait_for_selector("#state.over")
    run.end()
    report = Tab(browser, (tmp_path / "all-well-1.html").as_uri())
    report.page.wait_for_selector(".alive #living svg")
    tab.until(lambda: without_ids(tab.picture()) == without_ids(report.picture()))
    for part in ("h1", ".tiles", "figcaption"):
        assert words(tab, part) == words(report, part)
    assert sorted(tab.page.locator(".story tr").all_inner_texts()) == sorted(
        report.page.locator(".story tr").all_inner_texts()
    )
    assert tab.complaints == report.complaints == []


def words(tab, part):
    return " ".join(tab.page.locator(part).inner_text().split())


def without_ids(svg):
    """Vega counts the pictures of a page in the names of its clips and gradients."""
    return re.sub(r"(clip|gradient|mark-|vg-)[\w-]*\d+", r"\1", svg)


def test_two_who_watch_see_the_same_pause_and_either_can_end_it(browser, rehearsing):
    run = rehearsing("150x")
    one, two = Tab(browser, run.url), Tab(browser, run.url, color_scheme="dark", viewport={"width": 420, "height": 900})
    one.page.wait_for_selector(".share")
    assert one.page.locator("button.resume").is_disabled()
    one.page.fill("[name=why]", "lunch")
    one.page.fill("[name=who]", "bob")
    one.page.click("button.pause")
    for tab in (one, two):
        assert "by bob: lunch" in tab.page.locator(".row-paused").text_content()
        tab.until(lambda tab=tab: tab.page.locator("button.pause").is_disabled())
    assert "accepted: nothing is changed from now on" in one.page.locator(".row-asked").text_content()
    two.page.reload()
    assert "by bob: lunch" in two.page.locator(".row-paused").text_content()
    two.page.fill("[name=why]", "back again")
    two.page.click("button.resume")
    one.until(lambda: one.page.locator(".row-paused").count() == 0)
    assert one.complaints == two.complaints == []


def test_ctrl_c_ends_it_at_once_and_says_so_on_the_page(browser, rehearsing):
    run = rehearsing("30x")
    tab = Tab(browser, run.url)
    tab.page.wait_for_selector(".share")
    run.process.send_signal(signal.SIGINT)
    assert "interrupted" in run.end() and run.process.returncode == 130
    tab.page.wait_for_selector("#state.over")
    assert tab.page.text_content("#state") == "This page is not served any more."
    assert tab.page.locator(".share").count() == 2, "what was seen stays there"


def test_a_page_that_was_cut_off_comes_back_and_misses_nothing(browser):
    with Served() as served:
        served.tell(TALE[:60])
        tab = Tab(browser, served.server.url)
        tab.page.wait_for_selector(".story tr")
        before = tab.page.locator(".story tr").count()
        opened = tab.page.locator(".story details").first
        opened.locator("summary").click()
        served.cut_off()
        tab.page.wait_for_selector("#state.stale")
        served.tell(TALE[60:120])
        tab.page.wait_for_selector("#state.fine")
        tab.until(lambda: tab.page.locator(".story tr").count() > before)
        assert tab.page.locator(".story details[open]").count() == 1, "what was open stays open"
        tab.page.close()


def test_a_page_that_loses_its_server_says_that_it_is_old(browser, rehearsing):
    run = rehearsing("30x")
    tab = Tab(browser, run.url)
    tab.page.wait_for_selector(".share")
    run.kill()
    tab.page.wait_for_selector("#state.stale")
    assert "What is shown is old" in tab.page.text_content("#state")
