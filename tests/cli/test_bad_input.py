"""Every command, given what it cannot take: it says so in a line, with exit code 4, and never with a traceback."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = (ROOT / "scenarios/rollouts/shop.rollout.yaml").read_text()

FILES = {
    "missing": None,
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00bad\x80",
    "a list": b"- a\n- b\n",
    "not YAML": b"a: [b\n",
    "nested too deep": b"a: " + 2000 * b"[" + 2000 * b"]",
    "two documents": b"a: 1\n---\nb: 2\n",
    "a key twice": b"a: 1\na: 2\n",
    "of nothing known": b"a: 1\n",
}
COMMANDS = (
    ("lint",),
    ("plan",),
    ("policy",),
    ("rehearse", "--tier", "memory"),
    ("explore", "--runs", "1", "--jobs", "1"),
    ("survive", "--jobs", "1"),
    ("drill",),
    ("deploy",),
    ("status",),
    ("history",),
    ("pause", "--why", "lunch"),
    ("resume",),
    ("undo",),
    ("schema-check",),
    ("sync", "run"),
    ("sync", "compare"),
)


def put(path, content, *, folder):
    """What stands at `path`: a folder, these bytes, or nothing."""
    if folder:
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("what", [*FILES, "a folder"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_cannot_be_taken_is_named(typed, tmp_path, command, what):
    path = put(tmp_path / "bad.yaml", FILES.get(what), folder=what == "a folder")
    code, out, err = typed(*command, path)
    assert (code, out) == (4, "")
    assert err.startswith("error: ") and "bad.yaml" in err


def _trace(*lines):
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


HEADER = {"kind": "header", "at": "2030-01-01T00:00:00+00:00"}
TRACES = {
    "missing": None,
    "empty": b"",
    "not UTF-8": b"\xff\xfe\n",
    "not UTF-8 later": _trace(HEADER, b"\xff\xfe\n"),
    "not JSON": _trace(HEADER, b"{\n", HEADER),
    "nested too deep": _trace(HEADER, 100_000 * b"[" + b"\n", HEADER),
    "nested too deep at once": 100_000 * b"[" + b"\n" + _trace(HEADER),
    "without a time that is one": _trace(HEADER, {"kind": "decided", "at": "noon"}),
    "without a time zone": _trace(HEADER, {"kind": "decided", "at": "2030-01-01T00:00:00"}),
    "of something else": _trace({"level": "info", "at": "2030-01-01T00:00:00+00:00"}),
}


@pytest.mark.parametrize("what", [*TRACES, "a folder"])
@pytest.mark.parametrize("command", [("status",), ("compare", "bad.jsonl")], ids=lambda words: words[0])
def test_a_trace_that_cannot_be_read_is_named(typed, tmp_path, command, what):
    path = put(tmp_path / "bad.jsonl", TRACES.get(what), folder=what == "a folder")
    code, out, err = typed(*command, path)
    assert (code, out) == (4, "")
    assert err.startswith("error: ") and "bad.jsonl" in err and "Errno" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lint", "FILE", "--boot", "5"), "'5' is not a length of time"),
        (("lint", "FILE", "--boot", "999999999h"), "longer than 36500d"),
        (("lint", "FILE", "--error-rate", "abc"), "'abc' is not a percentage"),
        (("lint", "FILE", "--requests-per-minute", "nan"), "nan"),
        (("plan", "FILE", "--requests-per-minute", "inf"), "inf"),
        (("plan", "FILE", "--price", "nan"), "nan"),
        (("plan", "FILE", "--lcu-price", "inf"), "inf"),
        (("compare", "a", "b", "--share-within", "5"), "'5' is not a percentage"),
        (("compare", "a", "b", "--failed-within", "-1%"), "'-1%' is not a percentage"),
        (("compare", "a", "b", "--times-within", "soon"), "'soon' is not a length of time"),
        (("explore", "--for", "5"), "'5' is not a length of time"),
        (("pause", "FILE", "--why", "x", "--wait", "5"), "'5' is not a length of time"),
        (("rehearse", "--seed", "abc"), "'abc' is not"),
        (("rehearse", "--speed", "nanx"), "like 60x"),
        (("drill", "FILE", "--port", "99999"), "99999 is not in the range"),
        (("drill", "FILE", "--dns-port", "-1"), "-1 is not in the range"),
        (("drill", "FILE", "--pace", "nan"), "from 1 (real time) to 20"),
        (("rehears",), "did you mean rehearse?"),
        (("history", "nowhere"), "nowhere: is not a folder with journals"),
        (("history", "FILE.txt"), "FILE.txt: is not a folder with journals"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_option_that_cannot_be_taken_is_named_with_what_was_possible(typed, tmp_path, words, said):
    (tmp_path / "FILE").write_text(SHOP)
    (tmp_path / "FILE.txt").write_text(SHOP)
    code, out, err = typed(*words)
    assert (code, out) == (4, "") and said in err
