"""Write docs/validation.md and its plots. `--measure` runs the real programs anew first; else the page tells of the
recorded run, so that the same models give the same page on every machine."""

import importlib
import sys
from pathlib import Path

from validation.page import page
from validation.sections import SECTIONS

DOCS = Path("docs")


def main(arguments: list[str]) -> None:
    if arguments == ["--measure"]:
        importlib.import_module("validation.resolver").measure()
    elif arguments:
        sys.exit("usage: python -m validation [--measure]")
    for name, text in page([importlib.import_module(f"validation.{name}").section() for name in SECTIONS]).items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
