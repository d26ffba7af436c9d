"""The structure that everything rests on: directions of import, light starts, docstrings."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from support import REPOSITORY

PACKAGE = REPOSITORY / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))
VERIFY = REPOSITORY / "verify"
VERIFY_MODULES = sorted(VERIFY.rglob("*.py"))
CHECKS = sorted((VERIFY / "checks").rglob("*.py"))

ROOMS = {
    "generator": (
        "common", "contract", "documents", "terminal", "intent", "model", "resources", "validate",
        "system", "rules", "pipeline render", "plan", "cli", "__main__",
    ),
    "verify": ("live", "desired", "checks", "collect", "report", "run jobs", "cli", "__main__"),
}  # fmt: skip
"""Rooms in their order: a lower one knows nothing of a higher one."""

LENT = {"common", "contract", "documents", "terminal"}
"""The rooms of generator that verify may use; none knows the flow from intent to manifests."""

MOST_MODULES = 16
"""What fits into a room beside its subfolders; where subjects stand side by side, more may."""
SUBJECTS = ("generator/resources", "generator/rules", "verify/checks")

CLIENTS = {"kubernetes", "confluent_kafka", "kafka", "obstore", "redis", "socket", "ssl", "urllib3"}
HEAVY = CLIENTS - {"socket", "ssl"} | {"cryptography", "jinja2", "rich"}


def _name(path: Path) -> str:
    """The module's name, a folder's for its __init__."""
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {_name(path): path for path in [*MODULES, *VERIFY_MODULES]}


@cache
def _imports(name: str) -> frozenset[str]:
    """Our modules that a module imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(NAMES[name].read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            whole = {f"{node.module}.{alias.name}" for alias in node.names} & NAMES.keys()
            named = len(whole) < len(node.names) and node.module in NAMES
            found |= whole | ({str(node.module)} if named else set())
        elif isinstance(node, ast.ImportFrom):
            pytest.fail(f"{name} imports relative to itself: write the whole name")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & NAMES.keys()
    return frozenset(found - {name})


def _room(name: str) -> int:
    """The place of a module's room in its package; packages themselves stand below all rooms."""
    package, _, inside = name.partition(".")
    for rank, row in enumerate(ROOMS[package]):
        if inside.partition(".")[0] in row.split():
            return rank
    assert not inside, f"{name} stands in no room"
    return -1


def _packages(path: Path) -> set[str]:
    """Names of all packages that a module imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
    return found


def _id(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("name", NAMES)
def test_imports_point_one_way(name: str) -> None:
    """A module imports only from its own room and from lower ones; verify from what it is lent."""
    package = name.partition(".")[0]
    for imported in _imports(name):
        if imported.partition(".")[0] == package:
            assert _room(imported) <= _room(name), f"{name} imports {imported}"
        else:
            lent = imported == "generator" or imported.split(".")[1] in LENT
            assert (package, lent) == ("verify", True), f"{name} imports {imported}"


def test_no_module_needs_itself() -> None:
    """No circle, counting what is imported inside functions too."""
    try:
        TopologicalSorter({name: _imports(name) for name in NAMES}).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_no_room_becomes_a_hall() -> None:
    """Who opens a room sees what is in it; subjects may stand side by side."""
    rooms = {path.parent for path in NAMES.values()}
    crowded = {
        _id(room): count
        for room in rooms - {REPOSITORY / each for each in SUBJECTS}
        if (count := len([*room.glob("[!_]*.py"), *room.glob("_[!_]*.py")])) > MOST_MODULES
    }
    assert crowded == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_cluster_client_and_no_clock(path: Path) -> None:
    """The generator knows no cluster, no network and no chance; the clock only to tell the day."""
    forbidden = {*CLIENTS, "verify", "urllib", "http", "requests", "time", "datetime", "random",
                 "uuid", "secrets"}  # fmt: skip
    forbidden -= {"datetime"} if path.name == "options.py" else set()
    assert not _packages(path) & forbidden


@pytest.mark.parametrize("path", [*MODULES, *VERIFY_MODULES], ids=_id)
def test_modules_are_small_enough_to_read(path: Path) -> None:
    """Past 300 lines a module holds more than one subject; what is generated is read by nobody."""
    text = path.read_text()
    assert len(text.splitlines()) <= 300 or "never by hand" in text.partition("\n")[0]


def test_validate_loads_only_what_it_needs(tmp_path: Path) -> None:
    """Proving a usual project starts neither cel-python, jinja2, rich nor PyYAML."""
    layer = tmp_path / "environments/dev"
    layer.mkdir(parents=True)
    (layer / "environment.yaml").write_text(
        "environment: dev\nnamespace: kafka-dev\nsize: large\ntopics: {a: {owner: x, description: words, throughput: 1Ki}}\n"
        "cluster: {name: e, listeners: {tls: {port: 9093, authentication: tls}}}\n"
        "applications: {b: {owner: x, produces: [a], consumes: [a]}}\n"
    )
    script = (
        "import sys; from generator.cli.main import run;"
        f"code = run(['--root', {str(tmp_path)!r}, 'validate']);"
        "print(sorted({'celpy', 'jinja2', 'rich', 'yaml', 'jsonschema_rs'} & sys.modules.keys()));"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "['jsonschema_rs']\n"), done.stderr


@pytest.mark.parametrize("path", VERIFY_MODULES, ids=_id)
def test_only_collectors_talk_to_a_cluster(path: Path) -> None:
    """Nobody else imports a client; `access.py` prepares what a TLS connection needs."""
    talks = VERIFY / "collect" in path.parents
    allowed = {"ssl"} if path.name == "access.py" else CLIENTS if talks else set()

    assert not _packages(path) & (CLIENTS - allowed)


@pytest.mark.parametrize("path", CHECKS, ids=_id)
def test_checks_are_pure(path: Path) -> None:
    """The same desired and live say the same: no clock, no file, no network, no chance."""
    allowed = {"base64", "collections", "dataclasses", "datetime", "functools", "generator", "math", "re", "shlex",
               "typing", "verify"}  # fmt: skip
    if path.parent.name == "registry":
        allowed |= {"click", "inspect", "sys"}  # finds the checks, and tells of them
    assert _packages(path) <= allowed

    calls = [
        node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    names = {
        call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls
    }
    assert not names & {"now", "today", "utcnow", "open", "print", "read_text", "read_bytes"}


def _loaded(*arguments: str) -> tuple[str, str]:
    """What a run of strimzi-verify has loaded of what takes long to load, and what went wrong."""
    script = (
        "import sys; from verify.cli.main import run;"
        f"run({list(arguments)!r}); print(*sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return done.stderr.strip(), done.stdout


@pytest.mark.parametrize(
    "arguments", [("--help",), ("run", "--help"), ("list",), ("explain", "quotas")], ids=" ".join
)
def test_verify_starts_light(arguments: tuple[str, ...]) -> None:
    """What asks nobody loads no client, and nothing that draws."""
    loaded, out = _loaded(*arguments)

    assert loaded == ""
    assert out


def test_judging_a_dump_loads_no_client(tmp_path: Path) -> None:
    """It works where none is installed."""
    dump = tmp_path / "dump.json"
    dump.write_text('{"environment": "dev", "taken_at_s": 0, "gaps": {}}')
    loaded, out = _loaded("run", "dev", "--from-dump", str(dump), "--only", "quotas")

    assert loaded == ""
    assert out
