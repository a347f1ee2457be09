"""Checks, messages and load tests that ask the wrong one, or in a way that says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from bluegreen.answers import normal
from bluegreen.checks.base import Check
from bluegreen.checks.http import Http
from bluegreen.checks.locust import Locust
from bluegreen.hooks.spec import Stage
from bluegreen.notify.webhook import Webhook
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_duration

BEFORE_USERS: tuple[Stage | None, ...] = (None, "before-provision", "before-verify", "before-shift")
"""Stages at which nobody is on the candidate; None is VERIFY itself."""


@finding(
    "check-asks-the-live-slot",
    Severity.WARNING,
    fact="before the first step every answer for the service's name leads to the live slot",
)
def live(case: Case) -> Iterator[Hit]:
    """A check or load test before the shift asks the service by its public name: it tests what serves already."""
    plan = case.plan
    ours = {normal(plan.service.record), *([normal(plan.fallback.name)] if plan.fallback else [])}
    for place, stage, check in case.checks:
        if stage in BEFORE_USERS and normal(_host(check)) in ours:
            what = f"{check.name} asks {_host(check)}, which leads to {plan.live.slot} alone then"
            yield Hit(place, what, "leave the address out: then the candidate's own balancer is asked, under that name")


def _host(check: Check) -> str:
    url = check.url if isinstance(check, Http) else check.host if isinstance(check, Locust) else ""
    return urlsplit(url).hostname or ""


@finding(
    "certificate-not-verified",
    Severity.WARNING,
    fact="RFC 9110, 4.3.4: a client must verify that the certificate fits the name; users' browsers do",
)
def unverified(case: Case) -> Iterator[Hit]:
    """A check of the candidate accepts any certificate: users would meet the one that it let through."""
    for place, _, check in case.checks:
        if isinstance(check, Http) and not check.verify_tls and (check.scheme == "https" or check.url):
            what = f"{check.name} passes with a certificate that is expired or of another name"
            yield Hit((*place, "verify_tls"), what, "leave it out: the name that is verified is the service's own")


@finding(
    "secret-in-the-clear",
    Severity.WARNING,
    fact="RFC 6750, 5.3: bearer tokens must be sent over TLS; whoever is on the way can read and use them",
)
def in_the_clear(case: Case) -> Iterator[Hit]:
    """A webhook sends its secret over plain http."""
    for number, way in enumerate(case.plan.notify):
        if isinstance(way, Webhook) and way.secret_from and way.url.startswith("http:"):
            what = f"the value of {way.secret_from} goes unencrypted to {urlsplit(way.url).hostname}"
            yield Hit(("notify", number), what, "use an https URL")


@finding(
    "load-test-never-at-full-load",
    Severity.WARNING,
    fact="locust documentation, configuration: users are started at spawn-rate a second until there are as many as"
    " asked for; run-time counts from the beginning",
)
def ramp(case: Case) -> Iterator[Hit]:
    """A load test is over before, or soon after, the last of its users has begun."""
    for place, _, check in case.checks:
        if isinstance(check, Locust) and (takes := timedelta(seconds=check.users / check.spawn_rate)) > check.lasts / 2:
            what = (
                f"{check.users} users at {check.spawn_rate:g}/s are there after {show_duration(takes)}; it lasts"
                f" {show_duration(check.lasts)}"
            )
            yield Hit(place, what, "start them faster (spawn_rate), or let it last twice as long as that")
