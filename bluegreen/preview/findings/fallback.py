"""Whether users would see the page for when neither slot can serve."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bluegreen.answers import normal
from bluegreen.checks.http import Http
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_duration


@finding(
    "fallback-speaks-no-https",
    Severity.WARNING,
    fact="Amazon S3 User Guide, website endpoints: they support HTTP only; a browser that asks by https gets no"
    " connection",
)
def no_https(case: Case) -> Iterator[Hit]:
    """A fallback page for a service that is asked by https, as its checks or its listeners (--account) tell."""
    fallback = case.plan.fallback
    if fallback is not None and (told := _asked_by_https(case)):
        what = f"{told}; who types https://{fallback.name} gets an error of the browser, not the page"
        yield Hit(("fallback",), what, "answer http too, without HSTS, or put CloudFront before both slots")


def _asked_by_https(case: Case) -> str:
    """What tells so, or nothing. Listeners know better than checks."""
    if case.known.listens:
        plain = {"HTTP", "TCP"} & set(case.known.listens)
        return "" if plain else f"the live balancer listens to {' and '.join(case.known.listens)} alone"
    asked = [check for _, _, check in case.checks if isinstance(check, Http)]
    schemes = {check.name: _scheme(case, check) for check in asked}
    if case.plan.fallback is not None and "protocol" in case.plan.fallback.probe.model_fields_set:
        schemes["fallback.probe"] = case.plan.fallback.probe.protocol
    secure = [name for name, scheme in schemes.items() if scheme == "https"]
    return f"{secure[0]} asks the service by https" if secure and "http" not in schemes.values() else ""


def _scheme(case: Case, check: Http) -> str:
    """By which scheme a check asks this service; empty: it asks somebody else."""
    if not check.url:
        return check.scheme
    url, fallback = urlsplit(check.url), case.plan.fallback
    ours = {normal(case.plan.service.record), normal(fallback.name) if fallback else ""}
    return url.scheme if normal(url.hostname or "") in ours else ""


@finding(
    "probe-slower-than-the-bake",
    Severity.WARNING,
    fact="Route 53 Developer Guide, health checks: each checker changes its mind after FailureThreshold answers,"
    " RequestInterval apart; with 30 s and 3 most have after about 85 s, and caches follow a TTL later",
)
def slow_probe(case: Case) -> Iterator[Hit]:
    """The old slot is let go before Route 53's health checks and caches could take users off a slot that failed."""
    plan = case.plan
    if plan.fallback is None or plan.service.records != "cname":
        return
    needed = plan.fallback.probe.every * plan.fallback.probe.failures + plan.answers_live_for
    if plan.bake < needed:
        what = f"Route 53 and caches take {show_duration(needed)}; the bake lasts {show_duration(plan.bake)}"
        yield Hit(("fallback", "probe"), what, f"bake for {show_duration(needed)} or longer, or probe every 10s")
