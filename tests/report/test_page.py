"""The page: complete, alone, and safe."""

import html
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import altair as alt
import pytest

from bluegreen.report import summary_text, write_report
from bluegreen.report.charts import picture
from bluegreen.report.page import render
from bluegreen.report.story import story
from bluegreen.report.trace import read_trace
from tests.report import golden, synthetic

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def bad_page(tmp_path_factory):
    return write_report(synthetic.bad(), tmp_path_factory.mktemp("page") / "bad.html")


def hostile():
    runs = {HOSTILE: {"state": HOSTILE, "detail": HOSTILE}}
    looks = [golden.decided(60 * n, "hold", HOSTILE + str(n), runs=runs) for n in range(1, 4)]
    return [
        golden.started(),
        golden.line("header", scenario=HOSTILE, about=HOSTILE, assumptions=[HOSTILE], notes=[HOSTILE], seed=1),
        *looks,
        golden.sample(60),
        golden.sample(200),
        golden.line("fault", 70, fault=HOSTILE, change="strikes", about=HOSTILE),
        golden.line("broken", 80, invariant=HOSTILE, why=HOSTILE),
        golden.line("end", 200, end="", verdict=HOSTILE, expectations=[{"name": HOSTILE, "wanted": 1, "met": False}]),
    ]


def without_scripts(page):
    return re.sub(r"<script.*?</script>", "", page.read_text(), flags=re.DOTALL)


def test_a_page_loads_nothing_from_elsewhere(bad_page):
    text = without_scripts(bad_page)
    assert not re.findall(r"<(?:link|iframe|object|embed|img|base)\b", text)
    assert not re.findall(r"\s(?:src|href|xlink:href|action|data)\s*=", text)
    assert not re.findall(r"url\(|@import", text)
    assert "default-src 'none'" in text
    assert "src=" not in "".join(re.findall(r"<script[^>]*>", bad_page.read_text()))


def test_a_page_tells_each_reason(bad_page):
    text = html.unescape(without_scripts(bad_page))
    for line in map(json.loads, synthetic.bad()):
        if line["kind"] == "decided":
            assert line["decision"]["why"] in text
            assert all(judgement["why"] in text for judgement in line["decision"]["judgements"])


def test_a_page_tells_what_was_assumed_passed_over_and_checked(bad_page):
    text = html.unescape(without_scripts(bad_page))
    header = json.loads(synthetic.bad()[0])
    for told in (*header["assumptions"], *header["notes"], *header["invariants"], "--seed 7"):
        assert told in text


def test_hostile_words_stay_words(tmp_path):
    page = write_report(hostile(), tmp_path / "page.html")
    text = page.read_text()
    assert len(re.findall(r"</script>", text)) == 3
    assert "<img" not in without_scripts(page)
    assert "onerror=alert" in html.unescape(text)


def test_a_page_tells_what_each_check_said_line_by_line(tmp_path):
    runs = {
        "verify/schema": {"state": "passed", "detail": "both work / old code works / new code works"},
        "hook/before-shift/migrate": {"state": "failed", "detail": ""},
    }
    tale = [golden.started(), golden.decided(60, "verify", "waits"), golden.decided(120, "verify", "waits", runs=runs)]
    page = write_report(tale, tmp_path / "page.html").read_text()
    asked = re.sub(r"\s+", " ", page.partition("<h2>Checked</h2>")[2].partition("</section>")[0])
    assert (
        '<li class="held"><b>passed</b> <span>verify/schema: both work<br>old code works<br>new code works</span>'
        in asked
    )
    assert '<li class="missed"><b>failed</b> <span>hook/before-shift/migrate</span>' in asked
    assert "<h2>Checked</h2>" not in write_report(tale[:2], tmp_path / "page.html").read_text()


@pytest.mark.parametrize("tale", [synthetic.deployed, lambda: [golden.started()], golden.rolled_back])
def test_a_page_can_be_written_of_any_trace(tale, tmp_path):
    assert "<h1>" in write_report(tale(), tmp_path / "new folder" / "page.html").read_text()


def test_a_journal_alone_shows_the_engines_own_measurements(tmp_path):
    text = write_report(synthetic.deployed(), tmp_path / "page.html").read_text()
    assert "Healthy instances" in text
    assert "Measured by CloudWatch" in text


def test_the_same_trace_gives_the_same_bytes(bad_page, tmp_path):
    trace = tmp_path / "trace.jsonl"
    trace.write_text("\n".join(synthetic.bad()) + "\n")
    assert write_report(trace, tmp_path / "again.html").read_bytes() == bad_page.read_bytes()


def test_the_picture_is_valid_vega_lite():
    trace = read_trace(synthetic.bad())
    alt.VConcatChart.from_dict(picture(trace, trace.samples, story(trace)), validate=True)


def test_a_moment_is_a_diamond_and_no_shade(tmp_path):
    def page(change):
        deed = golden.line("fault", 130, fault="by hand", change=change, about="weights")
        lines = [line for line in golden.rolled_back() if '"bad release"' not in line]
        return write_report([*lines, deed], tmp_path / f"{change}.html").read_text()

    moment, fault = page("happens"), page("strikes")
    assert "by hand happens" in moment and "by hand strikes" in fault
    assert "A diamond" in moment and "A diamond" not in fault
    assert "Shaded" in fault and "Shaded" not in moment
    assert ('"shape":"diamond"' in moment, '"shape":"diamond"' in fault) == (True, False)


def test_many_samples_do_not_make_a_large_page(tmp_path):
    lines = [golden.started(), *(golden.sample(30 * n) for n in range(1, 3000))]
    assert write_report(lines, tmp_path / "page.html").stat().st_size < 1_500_000


def test_charts_are_loaded_only_when_a_page_is_written():
    code = "import sys, bluegreen.report; print({'altair', 'vl_convert', 'jinja2'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def in_browser(page, profile):
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        " --disable-component-update --disable-sync --virtual-time-budget=8000 --enable-logging=stderr --dump-dom"
    )
    command = [CHROMIUM, *flags.split(), f"--user-data-dir={profile}", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no chromium is installed: the page was not opened in a browser")
def test_a_browser_draws_the_living_picture_and_complains_of_nothing(bad_page, tmp_path):
    told = in_browser(bad_page, tmp_path)
    assert 'class="alive"' in told.stdout
    assert "CONSOLE" not in told.stderr
    assert re.search(r'<div id="living"[^>]*><svg', told.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no chromium is installed: the page was not opened in a browser")
def test_hostile_words_do_nothing_in_a_browser(tmp_path):
    told = in_browser(write_report(hostile(), tmp_path / "page.html"), tmp_path / "profile")
    assert 'class="alive"' in told.stdout
    assert "<title>owned" not in told.stdout
    assert "CONSOLE" not in told.stderr


def test_users_who_got_the_page_are_drawn_beside_those_whose_requests_failed():
    """By a line of its own, known without colour too; and nothing is said of it where there is none."""
    samples = [replace(each, page=400.0 if 60 < each.at < 600 else 0.0) for each in read_trace(synthetic.bad()).samples]
    trace = replace(read_trace(synthetic.bad()), samples=tuple(samples))
    page, other = render(trace), render(read_trace(synthetic.bad()))
    assert "Requests per second that failed, or got the page of the fallback" in page
    assert "shown the page" in page and "shown the page" not in other
    assert "got the page of the fallback" in without_tags(page).split("decided")[0]


def without_tags(text):
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", text, flags=re.DOTALL)


def test_a_drill_is_called_one_and_not_a_rehearsal(tmp_path):
    """What it tells was measured, not assumed."""
    lines = [line.replace('"kind": "header"', '"kind": "header", "stage": "local"') for line in golden.rolled_back()]
    drill = without_tags(write_report(lines, tmp_path / "drill.html").read_text())
    other = without_tags(write_report(golden.rolled_back(), tmp_path / "other.html").read_text())
    assert "Blue/green drill" in drill and "what the stage's balancers really answered" in html.unescape(drill)
    assert "Blue/green rehearsal" in other and "what simulated users really met" in other
    assert "drill of tiny" in summary_text(lines) and "rehearsal of tiny" in summary_text(golden.rolled_back())
