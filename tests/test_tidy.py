"""House rules that a machine can check."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = [p for folder in ("bluegreen", "sim", "stage") for p in sorted((ROOT / folder).rglob("*.py"))]
TEXT = [
    p
    for p in (
        ROOT / line
        for line in subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    )
    if p.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".lock", ".j2", ""} and p.is_file()
]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """Absolute names imported anywhere in the file, type-checking blocks left out."""
    found: set[str] = set()
    tree = ast.parse(path.read_text())
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for child in branch.body
        for node in ast.walk(child)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def users_of(package: str) -> set[str]:
    return {name(p) for p in OURS if any(i == package or i.startswith(package + ".") for i in imports(p))}


def under(folder: str) -> set[str]:
    return {name(p) for p in OURS if name(p).startswith(folder)}


def test_bluegreen_never_imports_sim():
    assert not users_of("sim") & under("bluegreen/")


def test_nobody_imports_the_stage():
    assert users_of("stage") <= under("stage/")


def test_nobody_imports_what_is_for_tests():
    assert users_of("sim.testing") <= under("sim/testing/")


def test_nothing_of_ours_knows_that_it_can_be_broken_on_purpose():
    assert not users_of("power")


def test_the_model_imports_nothing_of_ours():
    files = sorted((ROOT / "bluegreen/model").glob("*.py"))
    strangers = [
        f"{name(path)} imports {i}"
        for path in files
        for i in sorted(imports(path))
        if i.split(".")[0] in {"bluegreen", "sim"} and not i.startswith("bluegreen.model")
    ]
    assert files and not strangers


@pytest.mark.parametrize(
    "folder", ["bluegreen/decide/", "bluegreen/gates/", "bluegreen/strategies/", "bluegreen/journal/"]
)
def test_what_decides_and_judges_never_sees_aws_or_the_command_line(folder):
    assert not (users_of("bluegreen.aws") | users_of("bluegreen.cli") | users_of("bluegreen.engine")) & under(folder)


def test_only_the_command_line_and_aws_itself_know_aws():
    assert users_of("bluegreen.aws") & under("bluegreen/") <= under("bluegreen/aws/") | under("bluegreen/cli/")


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("time", {"bluegreen/clock.py", "stage/pace.py", "sim/testing/aside.py"}),
        ("random", set()),
        ("boto3", {"bluegreen/aws/session.py", "sim/cloud/", "stage/cloud/"}),
        ("botocore", {"bluegreen/aws/session.py", "sim/cloud/", "stage/cloud/"}),
        ("moto", {"sim/cloud/", "stage/cloud/"}),
        ("time_machine", {"sim/cloud/", "sim/escape.py", "stage/pace.py"}),
        ("simpy", {"sim/"}),
        ("numpy", {"sim/", "stage/"}),
        ("altair", {"bluegreen/report/"}),
        ("vl_convert", {"bluegreen/report/"}),
        ("jinja2", {"bluegreen/report/", "sim/explore/"}),
        ("distributed", {"sim/workers/dask.py"}),
        ("starlette", {"bluegreen/live/site.py"}),
        ("uvicorn", {"bluegreen/live/server.py"}),
        ("rich", {"bluegreen/live/terminal.py", "sim/cli/"}),
        ("ruamel", {"bluegreen/yamlfile.py"}),
        ("psycopg", {"bluegreen/schema/databases/", "bluegreen/sync/relational/"}),
        ("sqlite3", {"bluegreen/schema/databases/"}),
        ("click", {"bluegreen/cli/", "sim/cli/", "stage/cli/"}),
        ("hypothesis", {"sim/testing/"}),
        ("pytest", {"sim/testing/"}),
    ],
)
def test_a_package_is_imported_only_where_it_belongs(package, allowed):
    strangers = {user for user in users_of(package) if not user.startswith(tuple(allowed) or ("-",))}
    assert not strangers


def test_the_wall_clock_is_read_only_by_the_system_clock():
    readers = {
        name(p)
        for p in OURS
        for node in ast.walk(ast.parse(p.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in {"utcnow", "today"})
        or (
            isinstance(node, ast.Attribute)
            and node.attr == "now"
            and ast.unparse(node.value) in {"datetime", "datetime.datetime"}
        )
    }
    assert readers <= {"bluegreen/clock.py"}


def test_nothing_catches_everything():
    catchers = [
        f"{name(p)}:{node.lineno}"
        for p in OURS
        for node in ast.walk(ast.parse(p.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]
    assert not catchers


def test_the_engine_sleeps_in_one_place_only():
    sleeps = [
        f"{name(p)}:{node.lineno}"
        for p in OURS
        if name(p).startswith("bluegreen/") and name(p) != "bluegreen/clock.py"
        for node in ast.walk(ast.parse(p.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
    ]
    assert len(sleeps) == 1 and sleeps[0].startswith("bluegreen/engine.py:")


def test_importing_the_engine_loads_nothing_heavy():
    heavy = [
        "boto3",
        "botocore",
        "moto",
        "numpy",
        "simpy",
        "locust",
        "altair",
        "vl_convert",
        "jinja2",
        "psycopg",
        "sqlite3",
        "rich",
        "starlette",
        "uvicorn",
    ]
    ours = "bluegreen, bluegreen.engine, bluegreen.plan, bluegreen.cli"
    code = f"import sys, {ours}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_and_functions_stay_small():
    """A ratchet: these bounds only ever go down."""
    long_files = [name(p) for p in OURS if len(p.read_text().splitlines()) > 400]
    long_functions = [
        f"{name(p)}:{node.lineno} {node.name}"
        for p in OURS
        for node in ast.walk(ast.parse(p.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno > 45
    ]
    assert not long_files and not long_functions


def test_every_file_says_what_it_is_for():
    assert not [name(p) for p in OURS if p.stat().st_size and not ast.get_docstring(ast.parse(p.read_text()))]


def test_no_registry_host_and_no_machine_path_is_committed():
    hosts = ["pythonhosted" + ".org", "pypi" + ".org", "registry." + "npmjs", "deb." + "debian.org"]
    paths = [f"{q}/{top}/" for top in ("work", "root", "farm") for q in (" ", '"', "'", "(", "=")]
    guilty = [name(p) for p in TEXT for word in hosts + paths if word in p.read_text(errors="replace")]
    assert not guilty


def test_every_pinned_package_has_a_hash():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [i for i, line in enumerate(lines) if "==" in line]
    assert pins and all("--hash=sha256:" in lines[i + 1] for i in pins)


def test_no_file_of_ours_imports_itself_through_others():
    modules = {name(p).removesuffix(".py").removesuffix("/__init__").replace("/", "."): p for p in OURS}
    graph = {module: sorted(i for i in imports(p) if i in modules and i != module) for module, p in modules.items()}
    order = TopologicalSorter(graph)
    order.prepare()  # raises CycleError with the cycle
    assert order.is_active()


LOADTESTS = sorted((ROOT / "loadtests").glob("*.py"))


def test_load_tests_are_imported_only_in_locusts_own_process():
    """locust replaces sockets, threads and time of whatever imports it."""
    locusts_own = ("loadtests", "locust", "gevent", "geventhttpclient")
    elsewhere = [path for path in TEXT if path.suffix == ".py" and path not in LOADTESTS]
    strangers = [
        f"{name(path)} imports {i}"
        for path in elsewhere
        for i in sorted(imports(path))
        if i.split(".")[0] in locusts_own
    ]
    assert not strangers


def test_load_tests_need_little_of_ours():
    needed = {i for path in LOADTESTS for i in imports(path) if i.split(".")[0] in {"bluegreen", "sim", "stage"}}
    modules = {i for i in needed if (ROOT / (i.replace(".", "/") + ".py")).exists()}
    assert modules == {
        *("bluegreen.checks.limits", "bluegreen.errors", "bluegreen.units", "bluegreen.yamlfile", "sim.recorded")
    }


def test_load_tests_are_short_and_say_what_they_are_for():
    assert not [name(p) for p in LOADTESTS if len(p.read_text().splitlines()) > 250]
    assert not [name(p) for p in LOADTESTS if not ast.get_docstring(ast.parse(p.read_text()))]
