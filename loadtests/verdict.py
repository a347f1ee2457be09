"""Limits on locust's command line, and at the end the verdict: as exit code, and as JSON, CSV and HTML."""

from __future__ import annotations

import csv
import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import WorkerRunner
from pydantic import ValidationError

from bluegreen.checks.limits import PERCENTILES, Figures, Limits, LoadRun, Outcome, Ruling, rule
from bluegreen.errors import UserError
from bluegreen.yamlfile import load
from loadtests.options import telling
from loadtests.page import page
from loadtests.watch import Watch, watch

EXIT = {Outcome.GOOD: 0, Outcome.BROKEN: 1, Outcome.INVALID: 2}
HELP = {
    "failures_below": ("SHARE", "the share of requests that may fail; default 1%%"),
    **{f"{name}_below": ("TIME", f"limit of the {name[1:]}th percentile, like 800ms") for name in PERCENTILES},
    "rate_at_least": ("NUMBER", "requests a second that must be made"),
    "reached_at_least": ("SHARE", "the share of the requests asked for by --pace that must be made; default 90%%"),
    "requests_at_least": ("NUMBER", "fewer say nothing; default 100"),
}


@events.init_command_line_parser.add_listener
def _limits(parser: LocustArgumentParser) -> None:
    ours = parser.add_argument_group("Limits and verdict (bluegreen)")
    ours.add_argument("--limits", default="", metavar="FILE", help="a YAML file with limits; options come before it")
    for name, (kind, words) in HELP.items():
        ours.add_argument(f"--{name.replace('_', '-')}", default="", metavar=kind, help=words)
    words = "write NAME.verdict.json, .csv and .html"
    ours.add_argument("--verdict", default="", metavar="NAME", help=words)


@events.init.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    seen = watch(environment)
    options = environment.parsed_options
    if options is None or isinstance(environment.runner, WorkerRunner):
        return
    with telling():
        limits = limits_of(options)
    environment.events.quitting.add_listener(lambda **_: _end(environment, seen, limits, options.verdict))


def limits_of(options: Namespace) -> Limits:
    """Those of the file, and the options on top. Raises UserError."""
    given = {name: getattr(options, name) for name in HELP if getattr(options, name)}
    numbers = {name: float(text) if _number(text) else text for name, text in given.items() if "below" not in name}
    kept = load(Path(options.limits), Limits).model_dump(exclude_unset=True) if options.limits else {}
    try:
        return Limits.model_validate({**kept, **given, **numbers})
    except ValidationError as error:
        told = [f"--{str(each['loc'][0]).replace('_', '-')}: {each['msg']}" for each in error.errors()]
        raise UserError("\n".join(told)) from error


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _end(environment: Environment, seen: Watch, limits: Limits, name: str) -> None:
    run = LoadRun(figures_of(environment, seen), seen.generator())
    ruling = rule(limits, run)
    if name:
        _write(Path(name), {**asdict(ruling), **asdict(run), "users": seen.tally()}, ruling)
    said = "; ".join(ruling.why)
    sys.stderr.write(f"verdict: {ruling.outcome}{': ' if said else ''}{said}\n")
    environment.process_exit_code = EXIT[ruling.outcome]


def figures_of(environment: Environment, seen: Watch) -> Figures:
    """What locust counted in all workers."""
    total = environment.stats.total
    made = total.num_requests
    speed = {name: float(total.get_response_time_percentile(part)) for name, part in PERCENTILES.items() if made}
    return Figures(made, total.num_failures, total.total_rps, speed, seen.asked or None)


def _write(path: Path, told: dict[str, Any], ruling: Ruling) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(path.name + ".verdict.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    path.with_name(path.name + ".verdict.html").write_text(page(told, ruling), encoding="utf-8")
    with path.with_name(path.name + ".verdict.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["limit", "about", "at", "seen", "kept"])
        table.writerows([line.name, line.about, line.limit, line.seen, line.kept] for line in ruling.lines)
