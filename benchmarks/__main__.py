"""Run every benchmark of this folder, print its figures, write them to reports/bench.json."""

import importlib
import json
import pkgutil
from dataclasses import asdict
from pathlib import Path

import benchmarks


def main() -> None:
    figures = []
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module in ("__main__", "figure"):
            continue
        for figure in importlib.import_module(f"benchmarks.{module}").figures():
            print(figure, flush=True)
            figures.append(asdict(figure))
    out = Path("reports/bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n")


main()
