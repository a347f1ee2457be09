"""Each finding: a file in which it is found, and one in which it is not (the clean one, which differs in one point)."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.model import AlarmView
from bluegreen.preview.finding import Severity, findings, lint
from bluegreen.preview.findings_text import listing
from bluegreen.preview.known import Known

from .files import CLEAN, written

PAGE = Path(__file__).resolve().parents[2] / "docs/preview.md"
BUSY = Known(instances=10, requests_per_minute=120_000, error_rate=0.001)
MANY = Known(instances=10, requests_per_minute=10_000_000)

STEP = "{kind: linear, step: 10%, hold: 5m}"
ERRORS = "{kind: threshold, measure: error_rate, below: 1%, min_requests: 1000}"
LATENCY = "  - {kind: threshold, measure: latency_p99, below: 800ms, min_requests: 1000}\n"
CNAME = ("records: alias", "records: cname\n  ttl: 60s")


def steps(*shares, hold="5m"):
    listed = ", ".join(f"{{share: {share}, hold: {hold}}}" for share in shares)
    return (STEP, f"{{kind: custom, steps: [{listed}]}}")


CONTRACT = "data: {kind: schema, contract: {run: [c]}}"
OWN = "source: a, replica: b, fence: {run: [f]}, unfence: {run: [u]}"
REPLICA = f"data: {{kind: replica, {OWN}}}"
ELSEWHERE = f"data: {{kind: replica, {OWN}, region: eu-west-1}}"
KEYED = f"data: {{kind: replica, {OWN}, region: eu-west-1, kms_key: alias/aws/rds}}"
AT_HOME = f"data: {{kind: replica, {OWN}, region: us-east-1}}"
LAGGING = f"data: {{kind: replica, {OWN}, lag_at_most: 5s}}"
COUNTED = f"data: {{kind: replica, {OWN}, lost: {{run: [l]}}}}"
SWITCHED = "data: {kind: rds_blue_green, source: a}"
AT_ONCE = (STEP, "{kind: all_at_once, hold: 5m}")
ALARM = (LATENCY, LATENCY + "  - {kind: alarm, alarm: shop-errors}\n")
LAG = "{namespace: AWS/RDS, metric: ReplicaLag, dimensions: {DBInstanceIdentifier: b}}"
BEHIND = f"  - {{kind: metric, name: lag, metrics: {{lag: {LAG}}}, below: 5}}\n"
FOLLOWS = f"  - {{kind: metric, name: follows, metrics: {{lag: {LAG}}}, above: -0.5}}\n"
PEEKING = (LATENCY, LATENCY + "  - {kind: mann_whitney, measure: error_rate}\n")
FALLBACK = ("record: www.example.com", "record: slots.example.com")
PAGE_TOO = ("", "fallback: {name: www.example.com, page: page}")
SECURE = ("", "verify: {checks: [{kind: http, scheme: https}]}")
FAILED = AlarmView(
    "shop-errors",
    "OK",
    namespace="AWS/ApplicationELB",
    metric="HTTPCode_Target_5XX_Count",
    period=60,
    periods=3,
    datapoints=2,
    threshold=50.0,
    comparison=">",
    statistic="Sum",
)
HEALTHY = replace(FAILED, metric="HealthyHostCount", statistic="Minimum", comparison="<", threshold=1.0)


def told(**more):
    """What --account would tell of the alarm, beside what is known anyway."""
    return replace(BUSY, alarms=(replace(FAILED, **more),))


def load(**more):
    settings = ", ".join(f"{key}: {value}" for key, value in {"users": 100, **more}.items())
    return ("", f"verify: {{checks: [{{kind: locust, file: shop.py, {settings}}}]}}")


SCHEMAS = Path(__file__).parent / "schemas"


def schema(name):
    """A rollout that asks a schema check of the folder beside this file."""
    return ("", f"verify: {{checks: [{{kind: schema, file: '{SCHEMAS / name}.schema.yaml'}}]}}")


def expand(file):
    """A rollout that expands by a file of that folder."""
    return ("", f"data: {{kind: schema, expand: '{SCHEMAS / file}'}}")


# name -> changes to the clean file, what is known, the line at which it is found
FOUND = {
    "weight-granularity": ([steps("0.1%", "10%", "20%", "40%", "80%", "100%")], BUSY, 8),
    "few-resolvers-lumpy-share": ([("}}\n", "}, resolvers: 10}\n")], BUSY, 7),
    "step-outruns-the-balancer": ([steps("5%", "100%")], BUSY, 8),
    "hold-shorter-than-caches": ([("hold: 5m", "hold: 90s")], BUSY, 8),
    "ttl-slows-the-way-back": ([("records: alias", "records: cname\n  ttl: 3m")], BUSY, 6),
    "ttl-below-browsers": ([("records: alias", "records: cname\n  ttl: 20s")], BUSY, 6),
    "cname-has-no-health": ([CNAME], BUSY, 5),
    "cname-at-zone-apex": ([CNAME, ("record: www.", "record: ")], BUSY, 5),
    "record-outside-zone": ([("zone: example.com", "zone: example.org")], BUSY, 4),
    "step-below-capacity": ([("}}\n", "}, instances: 6}\n")], BUSY, 7),
    "no-margin": ([("}}\n", "}, margin: 0%}\n")], BUSY, 7),
    "launch-template-version-floats": ([("image: ami-0abcdef0123456789", "launch_template: shop")], BUSY, 7),
    "min-requests-never-reached": ([], Known(instances=10, requests_per_minute=5000), 10),
    "gate-never-passes": ([(ERRORS, ERRORS[:-1] + ", periods: 20, max_wait: 5m}")], BUSY, 10),
    "gate-window-longer-than-hold": ([(ERRORS, ERRORS[:-1] + ", periods: 8}")], BUSY, 10),
    "metric-lag-longer-than-hold": ([("hold: 5m", "hold: 2m30s")], BUSY, 8),
    "no-patience-with-late-metrics": ([(ERRORS, ERRORS[:-1] + ", max_wait: 1m}")], BUSY, 10),
    "no-stop-condition": ([("below: 1%", "below: 100%"), ("below: 800ms", "below: 1h")], BUSY, 9),
    "gate-can-never-fail": ([("below: 800ms", "below: 1h")], BUSY, 11),
    "errors-not-watched": ([(f"  - {ERRORS}\n", "")], BUSY, 9),
    "average-hides-tail": ([("latency_p99", "latency_avg")], BUSY, 11),
    "one-error-breaks-the-limit": ([("below: 1%, min_requests: 1000", "below: 1%, min_requests: 100")], Known(), 10),
    "percentile-of-too-few": ([("800ms, min_requests: 1000", "800ms, min_requests: 100")], Known(), 11),
    "false-abort-likely": ([("below: 1%", "below: 0.1%")], BUSY, 10),
    "alarm-can-never-see-the-candidate": ([(LATENCY, LATENCY + "  - {kind: alarm, alarm: shop-errors}\n")], BUSY, 12),
    "look-every-too-slow": ([("", "every: 3m")], BUSY, 15),
    "look-every-too-fast": ([("", "every: 10s")], BUSY, 15),
    "look-limit-too-low": ([("", "look_limit: 300")], BUSY, 15),
    "deadline-too-short": ([("", "deadlines: {scale: 2m}")], BUSY, 15),
    "deadline-tight": ([("", "deadlines: {scale: 4m}")], BUSY, 15),
    "rollback-deadline-shorter-than-boot": ([("", "deadlines: {rollback: 5m}")], BUSY, 15),
    "does-not-end-well": ([("", "moved: {within: 1m, if_not: rollback}")], BUSY, 1),
    "verify-shorter-than-health-checks": ([("", "verify: {healthy_for: 30s}")], BUSY, 15),
    "no-bake": ([("bake: 10m", "bake: 0s")], BUSY, 12),
    "bake-shorter-than-gate": ([("bake: 10m", "bake: 2m")], BUSY, 10),
    "drain-shorter-than-old-ttls": ([("below: 0.1%", "below: 0.1%, quiet: 30m, ceiling: 6m")], BUSY, 13),
    "drain-waits-for-the-last-client": ([("drain: {below: 0.1%}", "drain: {ceiling: 61m}")], MANY, 13),
    "drain-ceiling-below-keep-alive": ([("below: 0.1%", "below: 0.1%, ceiling: 50m")], BUSY, 13),
    "rollback-at-once-with-scaled-in-live": ([("", "rollback: {pace: at_once}")], BUSY, 15),
    "retire-removes-what-it-did-not-make": ([("", "retire: remove")], BUSY, 15),
    "asks-nobody": ([("", "on_unknown: ask")], BUSY, 15),
    "window-shorter-than-the-shift": ([("", "windows: {open: [{from: '09:00', to: '10:30'}]}")], BUSY, 15),
    "moved-within-shorter-than-caches": ([("", "moved: {within: 2m}")], BUSY, 15),
    "hook-without-way-back": (
        [("", "hooks:\n  - {at: before-shift, check: {kind: command, run: [migrate]}, irreversible: true}")],
        BUSY,
        16,
    ),
    "share-follows-machines": (
        [steps("10%", "100%"), ("", "traffic: {kind: group_swap}")],
        BUSY,
        8,
    ),
    "cookies-outlive-weights": ([("", "traffic: {kind: target_groups, stickiness: 4m}")], BUSY, 15),
    "first-step-is-large": ([steps("60%", "100%")], BUSY, 8),
    "gate-decides-nothing": ([("latency_p99, below: 800ms", "latency_p99, dry_run: true, below: 800ms")], BUSY, 11),
    "peeking-fails-good-candidates": (
        [(LATENCY, LATENCY + "  - {kind: mann_whitney, measure: error_rate}\n")],
        BUSY,
        12,
    ),
    "bake-shorter-than-health-checks": ([], replace(BUSY, unhealthy_after=timedelta(minutes=6)), 12),
    "way-back-in-steps-is-slow": ([("", "rollback: {pace: stepped, step: 5%}")], BUSY, 15),
    "silence-accepts": (
        [
            (
                "",
                "verify: {checks: [{kind: accept, who: [ann], at_limit: accept}]}\nnotify:\n"
                "  - {kind: webhook, url: 'https://x.example'}",
            )
        ],
        BUSY,
        15,
    ),
    "contract-with-users-on-old-code": ([("", CONTRACT)], BUSY, 13),
    "contract-is-repeated": ([("", "data: {kind: schema, contract: {run: [c], retries: 2}}")], BUSY, 15),
    "promotion-may-lose-writes": ([AT_ONCE, ("", LAGGING)], BUSY, 15),
    "replica-elsewhere-without-key": ([AT_ONCE, ("", ELSEWHERE)], BUSY, 15),
    "gate-takes-a-stopped-replica-for-good": ([(LATENCY, LATENCY + BEHIND)], BUSY, 12),
    "loss-nobody-counts": ([AT_ONCE, ("", REPLICA)], BUSY, 15),
    "data-asks-nobody": ([("", SWITCHED)], BUSY, 15),
    "irreversible-hook-is-repeated": (
        [("", "hooks:\n  - {at: before-retire, check: {kind: command, run: [rid], retries: 2}, irreversible: true}")],
        BUSY,
        16,
    ),
    "check-asks-the-live-slot": (
        [("", "verify: {checks: [{kind: http, url: 'https://www.example.com/'}]}")],
        BUSY,
        15,
    ),
    "certificate-not-verified": (
        [("", "verify: {checks: [{kind: http, scheme: https, verify_tls: false}]}")],
        BUSY,
        15,
    ),
    "secret-in-the-clear": (
        [("", "notify:\n  - {kind: webhook, url: 'http://chat.example.com/hook', secret_from: CHAT}")],
        BUSY,
        16,
    ),
    "load-test-never-at-full-load": ([load(lasts="60s", spawn_rate=1)], BUSY, 15),
    "fallback-speaks-no-https": ([FALLBACK, PAGE_TOO, SECURE], BUSY, 15),
    "probe-slower-than-the-bake": ([FALLBACK, PAGE_TOO, CNAME, ("bake: 10m", "bake: 2m")], BUSY, 16),
    "reservation-needs-quota": ([("", "prewarm: {kind: reservation, units: 200}")], BUSY, 15),
    "reservation-decreases-run-out": ([("", "prewarm: {kind: reservation, units: 200, also_live: true}")], BUSY, 15),
    "alarms-not-tested": ([ALARM, ("", "selftest: {alarms: off}")], BUSY, 16),
    "alarm-slower-than-the-bake": ([ALARM], told(period=300, periods=3, datapoints=3), 12),
    "alarm-quiet-without-data": ([ALARM], replace(BUSY, alarms=(HEALTHY,)), 12),
    "alarm-out-of-reach": ([ALARM], told(threshold=20_000.0), 12),
    "schema-check-cannot-run": ([schema("nowhere")], BUSY, 15),
    "migration-locks": ([schema("locks")], BUSY, 15),
    "schema-not-checked": ([("", "data: {kind: schema, expand: {run: [migrate]}}")], BUSY, 15),
    "migration-not-linted": ([schema("program")], BUSY, 15),
    "another-step-was-checked": ([schema("calm"), expand("locks.sql")], BUSY, 16),
    "guard-too-wide": ([("[us-east-1]", "[us-east-1, eu-west-1]")], BUSY, 14),
}


# Very like a finding's file, and nothing is wrong with it.
SILENT = {
    "contract-with-users-on-old-code": ([("", CONTRACT), ("below: 0.1%", "below: 0%")], BUSY),
    "contract-is-repeated": ([("", CONTRACT)], BUSY),
    "promotion-may-lose-writes": ([AT_ONCE, ("", REPLICA)], BUSY),
    "replica-elsewhere-without-key": ([AT_ONCE, ("", ELSEWHERE)], replace(BUSY, encrypted=False)),
    "gate-takes-a-stopped-replica-for-good": ([(LATENCY, LATENCY + BEHIND + FOLLOWS)], BUSY),
    "loss-nobody-counts": ([AT_ONCE, ("", COUNTED)], BUSY),
    "data-asks-nobody": ([("", SWITCHED), ("", "notify: [{kind: webhook, url: 'https://x.example'}]")], BUSY),
    "alarm-slower-than-the-bake": ([ALARM], told()),
    "alarm-quiet-without-data": ([ALARM], replace(BUSY, alarms=(replace(HEALTHY, missing="breaching"),))),
    "alarm-out-of-reach": ([ALARM], told()),
    "fallback-speaks-no-https": ([FALLBACK, PAGE_TOO, SECURE], replace(BUSY, listens=("HTTP", "HTTPS"))),
    "cname-has-no-health": ([FALLBACK, PAGE_TOO, CNAME], BUSY),
    "probe-slower-than-the-bake": ([FALLBACK, PAGE_TOO, CNAME], BUSY),
    "check-asks-the-live-slot": (
        [("", "hooks:\n  - {at: before-bake, check: {kind: http, url: 'https://www.example.com/'}}")],
        BUSY,
    ),
    "certificate-not-verified": ([("", "verify: {checks: [{kind: http, verify_tls: false}]}")], BUSY),
    "load-test-never-at-full-load": ([load(lasts="60s", spawn_rate=10)], BUSY),
    "first-step-is-large": ([steps("40%", "100%")], BUSY),
    "way-back-in-steps-is-slow": ([("", "rollback: {pace: stepped, step: 25%}")], BUSY),
    "peeking-fails-good-candidates": (
        [(LATENCY, LATENCY + "  - {kind: mann_whitney, measure: error_rate, dry_run: true}\n")],
        BUSY,
    ),
    "schema-check-cannot-run": ([schema("calm")], BUSY),
    "migration-locks": ([schema("sqlite")], BUSY),
    "migration-not-linted": ([schema("locks")], BUSY),
    "another-step-was-checked": ([schema("calm"), expand("calm.sql")], BUSY),
    "schema-not-checked": ([schema("calm"), ("", "data: {kind: schema, expand: {run: [migrate]}}")], BUSY),
    "share-follows-machines": ([("", "traffic: {kind: target_groups}")], BUSY),
    "weight-granularity": ([("", "traffic: {kind: target_groups}"), steps("0.5%", "10%", "100%")], BUSY),
}


@pytest.mark.parametrize("name", SILENT)
def test_it_is_not_found_where_nothing_is_wrong(tmp_path, name):
    changes, known = SILENT[name]
    assert name not in [found.finding.name for found in lint(written(tmp_path, *changes), known).found]


@pytest.mark.parametrize("data", [KEYED, AT_HOME])
def test_a_replica_elsewhere_with_a_key_and_one_at_home_need_none(tmp_path, data):
    names = [found.finding.name for found in lint(written(tmp_path, AT_ONCE, ("", data)), BUSY).found]
    assert "replica-elsewhere-without-key" not in names


@pytest.mark.parametrize("known", [BUSY, Known()])
def test_nothing_is_found_in_the_clean_file(tmp_path, known):
    assert [found.finding.name for found in lint(written(tmp_path), known).found] == []


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_where_it_is_with_what_to_do(tmp_path, name):
    changes, known, line = FOUND[name]
    hits = [found for found in lint(written(tmp_path, *changes), known).found if found.finding.name == name]
    assert hits, "not found"
    assert line is None or hits[0].line == line
    assert hits[0].hit.what and hits[0].hit.do


def test_a_lock_is_told_with_file_and_line_and_how_to_mend_it(tmp_path):
    (told,) = (each.hit for each in lint(written(tmp_path, schema("locks")), BUSY).found)
    assert f"{SCHEMAS.relative_to(Path.cwd())}/locks.sql:4: During normal index creation" in told.what
    assert "[require-concurrent-index-creation]" in told.what
    assert told.do.startswith("Use `concurrently`") and told.do.endswith("/require-concurrent-index-creation)")
    assert lint(written(tmp_path, schema("calm")), BUSY).found == ()


@pytest.mark.parametrize("checked", [[], [schema("locks")]])
def test_a_lock_of_the_rollouts_own_step_is_told_once_and_there(tmp_path, checked):
    found = lint(written(tmp_path, *checked, expand("locks.sql")), BUSY).found
    (told,) = (each for each in found if each.finding.name == "migration-locks")
    assert told.key == "data.expand" and "locks.sql:4: During normal index creation" in told.hit.what


def test_a_linter_that_is_not_installed_is_told_and_not_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr("bluegreen.preview.findings.migrations.linter", lambda: None)
    (told,) = lint(written(tmp_path, schema("locks")), BUSY).found
    assert told.finding.name == "migration-not-linted" and "squawk is not installed here" in told.hit.what


def test_a_linter_that_does_not_answer_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("bluegreen.preview.findings.migrations.linter", lambda: Path("/bin/true"))
    (told,) = lint(written(tmp_path, schema("locks")), BUSY).found
    assert "squawk did not answer" in told.hit.what


def test_the_catch_all_is_not_told_beside_an_error_that_explains_it(tmp_path):
    found = lint(written(tmp_path, ("", "deadlines: {scale: 2m}")), BUSY).found
    assert [each.finding.name for each in found] == ["deadline-too-short"]


def test_every_finding_has_such_a_file():
    assert {finding.name for finding in findings()} == set(FOUND)
    assert len(FOUND) >= 20


def test_every_finding_names_the_fact_it_rests_on_and_when_it_is_found():
    for finding in findings():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", finding.name)
        assert len(finding.fact) > 20 and finding.when.endswith("."), finding.name


def test_the_page_lists_all_findings_as_they_are():
    assert listing() in PAGE.read_text(), "paste the output of `bluegreen lint --list` into docs/preview.md"


def test_errors_come_first_in_the_list():
    order = [list(Severity).index(finding.severity) for finding in findings()]
    assert order == sorted(order)


def test_the_clean_file_is_the_one_in_the_docs():
    assert CLEAN.splitlines()[0] == "service:"
