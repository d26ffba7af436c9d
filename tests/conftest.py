"""Fixtures that tests share: projects on disk, the command line, golden files, real tools.

With STRIMZI_GITOPS_LIVE_SECONDS live tests that would begin later than that are skipped, and say so.
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, settings
from second_opinion import Both
from support import Cli, Project, need_tool
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from generator.cli.main import run
from generator.intent import schema as intent_schema
from generator.validate import schemas

if TYPE_CHECKING:
    from operators.site import Strimzi

# A busy machine is no failure.
settings.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` rewrites golden files; the rewriting run still fails."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files")
    parser.addoption(
        "--share", type=int, default=1, help="run one in so many of the tests marked lot"
    )
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    parser.addoption("--seed", default=today, help="what the lot falls by; today when not said")


def pytest_report_header(config: pytest.Config) -> str | None:
    """What lot a run can be repeated by."""
    share, seed = config.getoption("share"), config.getoption("seed")
    return f"one in {share} of many alike: --share {share} --seed {seed}" if share > 1 else None


@cache
def _without_engine() -> str:
    """Why no pod of the engine can run here; empty when one can."""
    from live.engine_pod import pods_run_here
    from live.engine_store import moto
    from live.jars import MissingError, class_path, java

    try:
        for part in (java, class_path, pods_run_here, moto):
            part()
    except MissingError as error:
        return f"no backup to run: {error}"
    return ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the lot has not fallen on: as much of each file."""
    share, seed = config.getoption("share"), config.getoption("seed")
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("lot"):
            files.setdefault(item.path, []).append(item)
    left_out = {
        item.nodeid
        for each in files.values()
        for item in Random(seed).sample(each, len(each) - -(-len(each) // share))
    }
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """As many workers as there are cores, for a whole quick run; anything else is one process.

    Live tests share servers and ports, updates write, and starting workers takes longer than a
    few tests do. `-n 2` asks for workers whatever is run.
    """
    narrowed = any(config.getoption(each, False) for each in _NARROWED)
    folders = all(Path(each.partition("::")[0]).is_dir() for each in config.args)
    return None if _is_quick(config) and folders and not narrowed else 0


_NARROWED = ("keyword", "update_golden", "collectonly", "lf", "failedfirst")
"""Options that ask for less than everything, or write; the last two are of a plugin."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A quick run does not even read live tests: every worker would import clients for them."""
    return True if collection_path in _LIVE and _is_quick(config) else None


_LIVE = [Path(__file__).parent / name for name in ("argocd", "live")]


def _is_quick(config: pytest.Config) -> bool:
    markers: str = config.option.markexpr
    return markers == "not live"


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Deals out files, so that their fixtures are made once, and folders that need one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return str(file.parent if file.parent.name in _ONE_PROCESS else file)


_ONE_PROCESS = ("browser", "checks")
"""One Chromium serves all pages; what checks were seen saying is looked at by the last of them."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduling:
    """Groups by marks (`--dist loadgroup`) are lost with pytest 9.2, names of files are not."""
    return _Scheduling(config, log)


_BUDGET_S = float(os.environ.get("STRIMZI_GITOPS_LIVE_SECONDS") or "inf")
_BEGAN = time.monotonic()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what has no part to run on, and on a slow machine what it has no time for, instead of all that comes after."""
    if item.get_closest_marker("engine") and (missing := _without_engine()):
        pytest.skip(missing)
    if item.get_closest_marker("live") and time.monotonic() - _BEGAN > _BUDGET_S:
        pytest.skip(f"the {_BUDGET_S:.0f} s for live tests are spent")


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not there yet, each another one."""
    folder = tmp_path_factory.mktemp("caches")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_cache(_caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees another's cache, nor the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(next(_caches)))
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path / "project")


@pytest.fixture
def cli(project: Project, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `strimzi-gitops` on the project; gives exit code, stdout and stderr."""

    def call(*arguments: str, root: Path | None = None) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--root", str(root or project.root), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def second_opinion(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Both]]:
    """Whatever is held to a schema is judged by both libraries, which have to agree."""
    for remembered in (intent_schema._compiled, schemas.compiled):
        remembered.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(jsonschema_rs, "validator_for", Both)
        yield Both
    for remembered in (intent_schema._compiled, schemas.compiled):
        remembered.cache_clear()


@pytest.fixture
def kubeconform(monkeypatch: pytest.MonkeyPatch) -> str:
    """Kubeconform on PATH."""
    how = "go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
    path = need_tool("kubeconform", how)
    monkeypatch.setenv("PATH", f"{Path(path).parent}{os.pathsep}{os.environ['PATH']}")
    return path


@pytest.fixture
def kubectl_validate() -> str:
    """kubectl-validate's path."""
    return need_tool("kubectl-validate", "go install sigs.k8s.io/kubectl-validate@v0.0.4")


@pytest.fixture(scope="session")
def strimzi(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Strimzi]":
    """Kubernetes with Strimzi's operators, and pods that run; tests keep apart by namespaces."""
    # Quick tests need no clients.
    from live.jars import MissingError
    from operators.site import Strimzi

    try:
        site = Strimzi(tmp_path_factory.mktemp("strimzi"))
    except MissingError as error:
        pytest.skip(f"no operators to start: {error}")
    with site:
        yield site
