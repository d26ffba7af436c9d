"""The action for pull requests leaves the plan where the steps that follow it look for it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, Project

from generator.plan.formats.text import MARKER

SCRIPT = REPOSITORY / ".github/actions/plan/plan.sh"


class Run:
    """The script, in a project that is a Git repository."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project, self.folder = project, folder
        folder.mkdir()
        self.git("init", "--quiet", ".")

    def git(self, *arguments: str) -> str:
        """Run git in the project."""
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        return subprocess.run(["git", *who, *arguments], cwd=self.project.root, check=True,
                              capture_output=True, text=True).stdout.strip()  # fmt: skip

    def commit(self) -> str:
        """Commit everything; its name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")
        return self.git("rev-parse", "HEAD")

    def plan(
        self, base: str, environments: str = "", checks: str = "true"
    ) -> tuple[dict[str, str], str, str]:
        """The outputs, the summary and the log."""
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(SCRIPT), str(self.folder / "plan")], cwd=self.project.root,
            env={**os.environ, "PATH": path, "BASE": base, "ENVIRONMENTS": environments,
                 "CHECKS": checks, "GITHUB_OUTPUT": str(self.folder / "output"),
                 "GITHUB_STEP_SUMMARY": str(self.folder / "summary")},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0
        lines = (self.folder / "output").read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return outputs, (self.folder / "summary").read_text(), done.stdout


@pytest.fixture
def repository(project: Project, tmp_path: Path) -> Run:
    """A project with one environment, rendered and committed."""
    if shutil.which("strimzi-gitops", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("strimzi-gitops is not installed beside this Python")
    project.environment("topics: {orders: {retention: 7d}}\n")
    made = Run(project, tmp_path / "runner")
    subprocess.run([str(Path(sys.executable).parent / "strimzi-gitops"), "render"],
                   cwd=project.root, check=True, capture_output=True)  # fmt: skip
    made.commit()
    return made


def test_harmless_change_is_posted(repository: Run) -> None:
    """Everything is where the steps that follow look for it."""
    base = repository.git("rev-parse", "HEAD")
    repository.project.environment("topics: {orders: {retention: 14d}}\n")
    outputs, summary, log = repository.plan(base)

    assert outputs["code"] == "7"
    assert "::error title=rendered/ is stale::run strimzi-gitops render" in log
    assert Path(outputs["comment"]).read_text().startswith(f"{MARKER}\n## Plan\n")
    assert "records stay longer" in Path(outputs["page"]).read_text()
    assert json.loads(Path(outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert summary.startswith(f"{MARKER}\n## Plan\n")
    assert "| `strimzi-gitops render --check` | exit code 7 |" in summary
    assert "| `strimzi-gitops validate` | fine |" in summary


def test_blocked_change_decides_the_code(repository: Run) -> None:
    """Whatever the checks say, which can be left out."""
    base = repository.git("rev-parse", "HEAD")
    repository.project.environment("topics: {orders: {retention: 1d}}\n")

    outputs, _, _ = repository.plan(base)
    assert outputs["code"] == "8"
    assert outputs["page"] != ""

    outputs, summary, _ = repository.plan(base, environments="dev", checks="false")
    assert outputs["code"] == "8"
    assert "render --check" not in summary


def test_no_change_leaves_an_empty_comment(repository: Run) -> None:
    """By which the next step knows that the old one can go."""
    outputs, summary, _ = repository.plan("HEAD")

    assert (outputs["code"], outputs["page"]) == ("0", "")
    assert Path(outputs["comment"]).read_text() == ""
    assert summary.startswith("## Plan\n\nNothing changes.\n")


def test_wrong_intent_has_no_plan(repository: Run) -> None:
    """The comment says so, so that none stays that is about an earlier commit."""
    repository.project.environment("topics: {orders: {retentoin: 7d}}\n")
    outputs, summary, log = repository.plan("HEAD")

    assert (outputs["code"], outputs["page"]) == ("1", "")
    assert Path(outputs["comment"]).read_text() == summary[: summary.index("\n| Check")]
    assert "There is none: strimzi-gitops plan ended with exit code 1." in summary
    assert "title=unknown-key::unknown key" in log


def test_base_is_fetched_where_it_is_missing(repository: Run, tmp_path: Path) -> None:
    """A shallow clone, as actions/checkout makes it, has the last commit only."""
    base = repository.git("rev-parse", "HEAD")
    repository.project.environment("topics: {orders: {retention: 14d}}\n")
    repository.commit()
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Project(tmp_path / "clone")
    source = repository.project.root.as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", source, str(clone.root)], check=True)
    repository.project.root = clone.root

    outputs, summary, _ = repository.plan(base, checks="false")

    assert outputs["code"] == "0"
    assert "records stay longer" in summary


def test_without_a_base_it_says_what_to_give(repository: Run) -> None:
    """On other events than pull requests the input base is needed."""
    outputs, _, log = repository.plan("")

    assert outputs == {"code": "64"}
    assert log.startswith("::error::this is no pull request")


def test_strangers_give_no_commands(repository: Run) -> None:
    """What the programs print between the two tokens is no command to GitHub, whatever it says."""
    _, _, log = repository.plan("HEAD")
    lines = log.splitlines()
    starts = [line.rpartition("::")[2] for line in lines if line.startswith("::stop-commands::")]

    assert len(starts) == len(set(starts)) == 2
    assert all(len(token) == 32 and lines.count(f"::{token}::") == 1 for token in starts)
