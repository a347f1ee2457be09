"""Where the file may act, and whom it asks."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.preview.finding import Case, Hit, Severity, finding


@finding(
    "guard-too-wide",
    Severity.WARNING,
    fact="balancers and groups are found by name in whatever listed account and region the credentials lead to",
)
def wide(case: Case) -> Iterator[Hit]:
    """The file may act in several accounts or regions: a wrong profile is not noticed."""
    guard = case.plan.guard
    for key, listed in (("accounts", guard.accounts), ("regions", guard.regions)):
        if len(set(listed)) > 1:
            what = f"{len(set(listed))} {key} are allowed, so the wrong one of them is not refused"
            yield Hit(("guard", key), what, "one file for each")
