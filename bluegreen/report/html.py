"""Pages that need nothing else, neither a network nor another file: style, picture and scripts are in them.

A page shows a still picture first, for paper and for readers without scripts, and puts a living one in its place. A
content security policy lets only the two scripts written here run, whatever the trace says.

`live_page` is one whose picture and words come later, from where it came itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bluegreen.report.panels import VEGA_LITE, still
from bluegreen.report.words import clock, show

_START = """
const still = document.getElementById("still"), living = document.getElementById("living");
const spec = JSON.parse(document.getElementById("spec").textContent);
const look = {renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: {disableDefaultStyle: true}};
vegaEmbed(living, spec, look).then(() => document.documentElement.classList.add("alive"));
"""


def page(template: str, spec: dict[str, Any], **content: Any) -> str:
    """A template of this folder that extends `base.html.j2`, with a picture and what else it tells."""
    drawn = Markup(vl_convert.vegalite_to_svg(still(spec), vl_version=VEGA_LITE))  # Vega escapes the text in it
    frame = _frame([_library(), _START], ["page.css"])
    return part(template, still=drawn, spec=Markup(_for_script(spec)), **frame, **content)


def live_page(template: str, **content: Any) -> str:
    """A template of this folder that extends `base.html.j2`, with what draws pictures that come later."""
    script = (_HERE / "live.js").read_text(encoding="utf-8")
    return part(template, **_frame([_library(), script], ["page.css", "live.css"], "connect-src 'self'; "), **content)


def part(template: str, **content: Any) -> str:
    """What a template of this folder makes of the content."""
    text: str = _templates().get_template(template).render(**content)
    return text


def _frame(scripts: Sequence[str], styles: Sequence[str], more: str = "") -> dict[str, Any]:
    """What every page needs. `more`: what its policy allows beyond running these scripts."""
    digests = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return {
        "scripts": [Markup(script) for script in scripts],
        "style": Markup("".join((_HERE / name).read_text(encoding="utf-8") for name in styles)),
        "rules": Markup(
            f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; {more}"
            "base-uri 'none'; form-action 'none'"
        ),
    }


_HERE = Path(__file__).parent


@cache
def _templates() -> Environment:
    found = Environment(loader=FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.filters.update(clock=clock, show=show)
    return found


@cache
def _library() -> str:
    """Vega with all that it needs, as one script."""
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    return bundle.replace("\r\n", "\n").replace("</script", "<\\/script")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _for_script(spec: dict[str, Any]) -> str:
    """JSON that cannot end the script element in which it stands."""
    return json.dumps(spec, separators=(",", ":")).replace("<", "\\u003c")
