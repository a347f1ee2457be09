"""What an engine tells on the terminal. Whoever read along may be gone: it goes on, and its journal has everything."""

from __future__ import annotations

import os
import sys

import click


def tell(text: str, *, err: bool = False) -> None:
    """A line; nowhere, once its reader is gone."""
    try:
        click.echo(text, err=err)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())  # what is buffered goes there, too
        os.close(nowhere)
