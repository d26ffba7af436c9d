"""What tests share beside fixtures: a project on disk, and where the real tools are."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from generator.common.cache import Cache
from generator.common.finding import Finding, FindingsError
from generator.common.paths import environment_names
from generator.common.strimzi.releases import newest, since
from generator.render import RenderedProject, render_all
from generator.rules.registry import all_rules
from generator.validate.schemas import Schemas, schema_folders

REPOSITORY = Path(__file__).resolve().parent.parent
GOLDEN = REPOSITORY / "tests/golden"

RULES_OFF = "policy: {severities: {" + ": ignore, ".join(all_rules()) + ": ignore}}\n"
"""For tests that are about something else."""

LOCAL_CRDS = [
    f"--local-crds={REPOSITORY}/schemas/{folder}"
    for folder in ("crds", f"strimzi/{newest().version}/crds")
]
"""What kubectl-validate is told of."""

Cli = Callable[..., tuple[int, str, str]]
"""Runs `strimzi-gitops` with arguments; gives exit code, stdout and stderr."""

ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners: {tls: {port: 9093, authentication: tls}}
"""
"""The least that makes an environment; it ends on line 6, so what is added starts on line 7."""


def crd_files(strimzi: str = "") -> list[Path]:
    """The CustomResourceDefinitions of a release of Strimzi (the newest) and of what is around it."""
    folders = [f"strimzi/{each.version}/crds" for each in since(strimzi or newest().version)]
    files = {
        file.name: file
        for folder in ("crds", *reversed(folders))
        for file in (REPOSITORY / "schemas" / folder).glob("*.yaml")
    }
    return [files[name] for name in sorted(files)]


@dataclass
class Project:
    """A project in a temporary folder."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project; returns its path."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def environment(
        self, more: str = "", name: str = "dev", text: str = ENVIRONMENT, rules: bool = False
    ) -> None:
        """Write an environment's file: the least there must be, and more; without `rules` none is on."""
        if not rules:
            self.write(f"environments/{name}/rules.yaml", RULES_OFF)
        body = text.replace("environment: dev", f"environment: {name}")
        body = body.replace("namespace: kafka-dev", f"namespace: kafka-{name}")
        self.write(f"environments/{name}/environment.yaml", body + dedent(more))

    def everything(self, *names: str) -> RenderedProject:
        """Render in memory."""
        schemas = Schemas(schema_folders())
        known = environment_names(self.root)
        return render_all(self.root, list(names) or known, schemas, not names, Cache())

    def findings(self) -> list[str]:
        """All findings of the environment dev as `file:line:column [rule] message`."""
        try:
            found: list[Finding] = self.everything("dev").findings
        except FindingsError as error:
            found = error.findings
        return [
            f"{each.file.removeprefix('environments/dev/')}:{each.line}:{each.column}"
            f" [{each.rule}] {each.message}"
            for each in found
        ]

    def body(self, file: str, name: str = "dev") -> dict[str, object]:
        """The data of one rendered file of an environment."""
        everything = self.everything(name)
        assert everything.findings == []
        return dict(everything.folders()[name][file].body)

    def objects(self, more: str, text: str = ENVIRONMENT) -> dict[str, Any]:
        """The bodies of all objects of the environment dev by `Kind/name`; nothing is wrong with it."""
        self.environment(more, text=text)
        everything = self.everything("dev")
        assert everything.findings == []
        return {
            f"{each.kind}/{each.name}": each.body for each in everything.environments[0].manifests
        }

    def rendered(self) -> dict[str, bytes]:
        """Every file below rendered/ with its bytes."""
        folder = self.root / "rendered"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def find_tool(name: str) -> str | None:
    """A program on PATH or among the tools that CI keeps in the user's cache."""
    cache = Path(os.environ.get("STRIMZI_GITOPS_TOOLS", Path.home() / ".cache/strimzi-gitops/bin"))
    return shutil.which(name) or shutil.which(name, path=str(cache))


def need_tool(name: str, how: str) -> str:
    """The program's path; the test is skipped, saying how to get it, where it is missing."""
    found = find_tool(name)
    if found is None:
        pytest.skip(f"{name} is not installed ({how})")
    return found
