"""The structure that everything rests on: directions of import, light starts, docstrings."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY

PACKAGE = REPOSITORY / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))

LEAVES = {"finding", "exit_code", "units", "progress", "layout", "topic_words", "live_access",
          "__init__"}  # fmt: skip
ORDER = [
    {"strict_yaml", "manifest", "schema_error", "report", "change"},
    {"source"},
    {"intent_schema", "tombstone"},
    {"cache", "rendered_files"},
    {"resolved"},
    {"inherit"},
    {"intent"},
    {"build_cluster", "build_topics", "build_applications", "build_verify", "verification", "acls",
     "connection", "explain",
     "overrides", "cel", "differences", "kafka_model", "grants", "topic_index"},
    {"model", "schema", "resources", "argocd", "extra", "write", "console", "cel_verdicts",
     "explain_text", "settings", "field_diff"},
    {"references", "inventory"},
    {"system"},
    {"build_system", "capacity"},
    {"rules", "capacity_text", "impact"},
    {"own_rules", "rules_text", "sync_order"},
    {"judgement"},
    {"render", "guard"},
    {"incremental", "plan", "upgrades"},
    {"apply", "kubeconform", "states", "plan_data", "plan_text", "plan_html"},
    {"promotion"},
    {"cli_options", "cli_inspect", "cli_rules", "cli_plan"},
    {"cli"},
    {"__main__"},
]  # fmt: skip
"""Lower rows know nothing of higher ones."""


def _rank(name: str) -> int:
    if name in LEAVES:
        return -1
    return next(rank for rank, row in enumerate(ORDER) if name in row)


def _imports(path: Path) -> set[str]:
    """Names of our modules that a module imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator"):
            parts = str(node.module).split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("generator.")}
    return found - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    """A module imports only from rows below its own, or beside it in the same row."""
    relative = path.relative_to(PACKAGE)
    name = relative.parts[0].removesuffix(".py")
    for imported in _imports(path) - {name}:
        assert _rank(imported) <= _rank(name), f"{name} imports {imported}"
        assert name not in LEAVES or imported in LEAVES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_cluster_client_and_no_clock(path: Path) -> None:
    """The generator knows no cluster, no network and no chance; the clock only to tell the day."""
    forbidden = {"kubernetes", "confluent_kafka", "kafka", "verify", "socket", "urllib", "http",
                 "requests", "time", "datetime", "random", "uuid", "secrets"}  # fmt: skip
    forbidden -= {"datetime"} if path.name == "cli_options.py" else set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        assert not {name.split(".")[0] for name in names} & forbidden


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_are_small_enough_to_read(path: Path) -> None:
    """Past 300 lines a module holds more than one subject."""
    assert len(path.read_text().splitlines()) <= 300


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
        "import sys; from generator.cli import run;"
        f"code = run(['--root', {str(tmp_path)!r}, 'validate']);"
        "print(sorted({'celpy', 'jinja2', 'rich', 'yaml', 'jsonschema_rs'} & sys.modules.keys()));"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "['jsonschema_rs']\n"), done.stderr
