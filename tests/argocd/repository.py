"""A Git repository on disk that holds a project, and the person who works in it.

repository = Repository(folder, "dev")
repository.edit("environments/dev/topics.yaml", "topics: {...}")
repository.render()
repository.commit()
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from support import REPOSITORY

from generator.cli.main import run

_AUTHOR = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")


class Repository:
    """One branch, main, of which Argo CD sees what is committed."""

    def __init__(self, folder: Path) -> None:
        """An empty repository; Argo CD gets there by its `url`."""
        self.root = folder
        self.url = f"file://{folder}"
        folder.mkdir(parents=True)
        self._git("init", "-q", "-b", "main")
        self.commit()

    def take(self) -> None:
        """Take over the shipped environments, and say where they are now."""
        shutil.copytree(REPOSITORY / "environments", self.root / "environments")
        file = self.root / "environments/base/argocd.yaml"
        text = file.read_text(encoding="utf-8")
        (line,) = (each for each in text.splitlines() if each.lstrip().startswith("repoURL:"))
        self.edit("environments/base/argocd.yaml", line, f"  repoURL: {self.url}")

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace what stands in a file once."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} in {name}"
        self.write(name, text.replace(before, after))

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.root / name).unlink()

    def render(self) -> None:
        """`strimzi-gitops render`, which has to find nothing."""
        code = run(["--root", str(self.root), "render"])
        assert code == 0, f"render ended with {code}"

    def plan(self, environment: str, base: str = "HEAD") -> Any:
        """What `strimzi-gitops plan` says of an environment: its changes and Argo CD's order."""
        file = self.root.parent / f"{self.root.name}.plan.json"
        run(["--root", str(self.root), "plan", "--base", base, "--out", f"json={file}"])
        told = json.loads(file.read_text(encoding="utf-8"))["environments"]
        nothing: dict[str, Any] = {"changes": [], "order": []}
        return next((each for each in told if each["name"] == environment), nothing)

    def commit(self) -> str:
        """Commit everything; returns the commit."""
        self._git("add", "-A")
        self._git(*_AUTHOR, "commit", "-q", "--allow-empty", "-m", "a change")
        return self.revision

    @property
    def revision(self) -> str:
        """The last commit."""
        return self._git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """Go to a branch, which is made where it is not there."""
        self._git("switch", "-q", "-C", name)

    def manifests(self, folder: str) -> list[Any]:
        """What lies below rendered/FOLDER, one file after the other."""
        files = sorted((self.root / "rendered" / folder).rglob("*.yaml"))
        return [yaml.safe_load(file.read_bytes()) for file in files]

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
