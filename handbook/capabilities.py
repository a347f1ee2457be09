"""What the engine can do, by the numbers that scenarios use: a title, and the page that tells more."""

CAPABILITIES = {
    "A1": ("Stand up the other slot, and remove what it made", "environments.md"),
    "A2": ("Say clearly what is no longer possible (OpsWorks)", "environments.md"),
    "A3": ("Check the new version before any user sees it", "checks.md"),
    "A4": ("Have the capacity before the traffic", "capacity.md"),
    "A5": ("Move traffic by Route 53 weights, and see it move", "traffic.md"),
    "A6": ("Move traffic in other ways", "traffic.md"),
    "A7": ("Judge each step by evidence", "gates.md"),
    "A8": ("Go back, safely", "behaviour.md"),
    "A9": ("Let the old slot go when nobody uses it", "capacity.md"),
    "A10": ("Be steered from another terminal", "operate.md"),
    "A11": ("Survive the engine's own death", "operate.md"),
    "A12": ("One engine per service", "operate.md"),
    "A13": ("A page for users when both slots are broken", "fallback.md"),
    "A14": ("Preview a rollout, and find what is wrong with its file", "preview.md"),
    "A15": ("Test alarms and metrics before they are trusted", "checks.md"),
    "A16": ("Tell people, and let them have a say", "hooks.md"),
    "B1": ("Make sure that both versions use one database", "data.md"),
    "B2": ("Expand the schema first, contract it when nobody reaches old code", "data.md"),
    "B3": ("Check that old and new code both work with each state of the schema", "schema.md"),
    "B4": ("Promote a replica that has everything", "data.md"),
    "B5": ("Watch two stores that are kept together, and go back only with what both have", "data.md"),
    "B6": ("Switch a database over, and know that it does not come back", "data.md"),
}
ELSEWHERE = {"A2": "tests/plan/test_plan.py", "A14": "tests/preview"}
"""Capabilities that no rollout in a world can show, and the tests that do."""
