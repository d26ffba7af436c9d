"""Fixtures that tests share: projects on disk, the command line, golden files, real tools."""

import os
from pathlib import Path

import pytest
from support import Cli, Project, need_tool

from generator.cli.main import run


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` rewrites golden files; the rewriting run still fails."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees another's cache, nor the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
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
