"""The structure that everything rests on: directions of import, light starts, docstrings."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY

PACKAGE = REPOSITORY / "generator"
MODULES = sorted(PACKAGE.rglob("*.py"))
VERIFY = REPOSITORY / "verify"
VERIFY_MODULES = sorted(VERIFY.rglob("*.py"))
CHECKS = sorted((VERIFY / "checks").rglob("*.py"))

LEAVES = {"finding", "exit_code", "units", "progress", "layout", "topic_words", "live_access", "schedule",
          "time_zones",
          "__init__"}  # fmt: skip
ORDER = [
    {"strict_yaml", "manifest", "schema_error", "report", "change"},
    {"approval_reach"},
    {"source"},
    {"intent_schema", "tombstone"},
    {"cache", "rendered_files"},
    {"resolved"},
    {"inherit"},
    {"intent"},
    {"approvals", "connection", "storages"},
    {"approval_text"},
    {"backup_effects", "backup_operator", "backup_quotas", "backup_topics"},
    {"backups"},
    {"drills"},
    {"verify_backups"},
    {"verification"},
    {"offset_resets", "restores"},
    {"unfinished"},
    {"build_approvals", "build_cluster", "build_topics", "build_applications", "build_backups",
     "build_backup_operator", "build_drills", "build_offset_resets", "build_operator_orders", "build_restores",
     "build_verify",
     "monitoring", "acls", "explain",
     "overrides", "cel", "differences", "kafka_model", "grants", "topic_index"},
    {"model", "schema", "resources", "runbook", "runbook_restore", "runbook_storage", "argocd", "argocd_operators",
     "extra", "unread", "write", "console", "cel_verdicts", "explain_text", "settings", "field_diff"},
    {"references", "inventory"},
    {"system"},
    {"build_system", "capacity", "backup_coverage", "release"},
    {"rules", "capacity_text", "impact"},
    {"own_rules", "rules_text", "sync_order"},
    {"judgement"},
    {"backup_proof"},
    {"backup_gate"},
    {"approval_findings", "guard_rules"},
    {"render", "guard"},
    {"incremental", "plan", "upgrades"},
    {"apply", "kubeconform", "backup_live", "states", "plan_data", "plan_text", "plan_html"},
    {"promotion"},
    {"cli_options", "cli_inspect", "cli_rules", "cli_plan"},
    {"cli"},
    {"__main__"},
]  # fmt: skip
"""Lower rows know nothing of higher ones."""

VERIFY_LEAVES = {"drill", "live", "live_backup", "live_gap", "live_kafka", "outcome", "settings", "printable",
                 "access", "side_by_side", "__init__"}  # fmt: skip
VERIFY_ORDER = [
    {"charts", "desired", "dump", "pem", "wire", "kubernetes_access", "backup_manifest"},
    {"checks", "backup_state"},
    {"kafka_ends", "kafka_questions", "kafka_groups", "collect_backup_store", "kubernetes_around", "collect_ask"},
    {"collect_clients", "collect_own", "collect_step", "collect_redis"},
    {"collect_formats", "collect_load", "collect_transaction"},
    {"collect_backup_bucket", "collect_backup_folder"},
    {"collect_backup", "collect_drill", "collect_flow", "collect_kafka", "collect_kubernetes", "collect_listeners",
     "collect_probe"},
    {"reach"},
    {"collect"},
    {"checks_text", "tables", "report_charts"},
    {"report", "report_ci", "report_html"},
    {"metrics", "watch"},
    {"run"},
    {"cli_backup"},
    {"cli_where"},
    {"rehearsal"},
    {"cli_drill", "cli_look"},
    {"cli"},
    {"__main__"},
]  # fmt: skip
"""Checks stand below every collector: they judge what was collected, and know nobody who did it."""

LENT = {"__version__", "cli_options", "console", "exit_code", "finding", "layout", "live_access",
        "rendered_files", "report", "schedule", "units"}  # fmt: skip
"""All that verify takes of generator."""

CLIENTS = {"kubernetes", "confluent_kafka", "kafka", "obstore", "redis", "socket", "ssl", "urllib3"}
HEAVY = CLIENTS - {"socket", "ssl"} | {"cryptography", "jinja2", "rich"}


def _rank(name: str) -> int:
    if name in LEAVES:
        return -1
    return next(rank for rank, row in enumerate(ORDER) if name in row)


def _imports(path: Path, package: str = "generator") -> set[str]:
    """Names of a package's modules that a module imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == package:
            parts = str(node.module).split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith(f"{package}.")}
    return found - ({"__version__"} if package == path.relative_to(REPOSITORY).parts[0] else set())


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
    forbidden = {*CLIENTS, "verify", "urllib", "http", "requests", "time", "datetime", "random",
                 "uuid", "secrets"}  # fmt: skip
    forbidden -= {"datetime"} if path.name == "cli_options.py" else set()
    assert not _packages(path) & forbidden


@pytest.mark.parametrize("path", [*MODULES, *VERIFY_MODULES], ids=_id)
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
        "import sys; from generator.cli.main import run;"
        f"code = run(['--root', {str(tmp_path)!r}, 'validate']);"
        "print(sorted({'celpy', 'jinja2', 'rich', 'yaml', 'jsonschema_rs'} & sys.modules.keys()));"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "['jsonschema_rs']\n"), done.stderr


def _verify_rank(name: str) -> int:
    if name in VERIFY_LEAVES:
        return -1
    ranks = [rank for rank, row in enumerate(VERIFY_ORDER) if name in row]
    assert ranks, f"verify/{name}.py has no place in VERIFY_ORDER yet"
    return ranks[0]


@pytest.mark.parametrize("path", VERIFY_MODULES, ids=_id)
def test_imports_of_verify_point_one_way(path: Path) -> None:
    """As in generator; leaves know leaves only."""
    name = path.relative_to(VERIFY).parts[0].removesuffix(".py")
    for imported in _imports(path, "verify") - {name}:
        assert _verify_rank(imported) <= _verify_rank(name), f"{name} imports {imported}"
        assert name not in VERIFY_LEAVES or imported in VERIFY_LEAVES


def test_verify_takes_little_of_generator() -> None:
    """Exactly what is named above, none of which knows the flow from intent to manifests."""
    taken: set[str] = set().union(*(_imports(path, "generator") for path in VERIFY_MODULES))

    assert taken == LENT


@pytest.mark.parametrize("path", VERIFY_MODULES, ids=_id)
def test_only_collectors_talk_to_a_cluster(path: Path) -> None:
    """Nobody else imports a client; `access.py` prepares what a TLS connection needs."""
    talks = path.name == "wire.py" or path.name.startswith(("collect_", "kubernetes_", "kafka_"))
    allowed = CLIENTS if talks else {"ssl"} if path.name == "access.py" else set()

    assert not _packages(path) & (CLIENTS - allowed)


@pytest.mark.parametrize("path", CHECKS, ids=_id)
def test_checks_are_pure(path: Path) -> None:
    """The same desired and live say the same: no clock, no file, no network, no chance."""
    allowed = {"base64", "collections", "dataclasses", "datetime", "functools", "generator", "re",
               "typing", "verify"}  # fmt: skip
    if path.name == "__init__.py":
        allowed |= {"importlib", "inspect", "pkgutil"}  # finds the checks
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
