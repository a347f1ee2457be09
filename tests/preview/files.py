"""A rollout file in which nothing is found, and changes to it."""

from pathlib import Path

CLEAN = """\
service:
  name: shop
  zone: example.com
  record: www.example.com
  records: alias
live: {balancer: shop-blue, group: shop-blue}
candidate: {clone: {image: ami-0abcdef0123456789}}
strategy: {kind: linear, step: 10%, hold: 5m}
gates:
  - {kind: threshold, measure: error_rate, below: 1%, min_requests: 1000}
  - {kind: threshold, measure: latency_p99, below: 800ms, min_requests: 1000}
bake: 10m
drain: {below: 0.1%}
guard: {accounts: ["123456789012"], regions: [us-east-1]}
"""

Change = tuple[str, str]


def changed(*changes: Change) -> str:
    """The clean file with each `old` replaced by its `new`; an empty `old` puts `new` at the end."""
    text = CLEAN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new) if old else text + new + "\n"
    return text


def written(folder: Path, *changes: Change) -> Path:
    """The page of a fallback is written beside it."""
    (folder / "page").mkdir(exist_ok=True)
    (folder / "page/index.html").write_text("<h1>sorry</h1>")
    path = folder / "mine.rollout.yaml"
    path.write_text(changed(*changes))
    return path
