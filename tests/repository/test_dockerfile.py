"""The image of strimzi-verify: what it begins with, who runs in it, and its steps without a builder."""

import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from support import REPOSITORY, need_tool

Step = tuple[str, str]
"""An instruction and what follows it."""

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
PINNED = re.compile(r"python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}")


def _stages() -> list[list[Step]]:
    """The steps of every stage, comments gone and continued lines joined."""
    text = (REPOSITORY / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    stages: list[list[Step]] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            if word == "FROM":
                stages.append([])
            stages[-1].append((word, " ".join(rest.split())))
    return stages


def _said(stage: list[Step], word: str) -> list[str]:
    return [rest for instruction, rest in stage if instruction == word]


def test_base_is_pinned_and_the_same() -> None:
    """A digest decides, a tag tells people, and dependabot raises both."""
    bases = [_said(stage, "FROM")[0].partition(" AS ")[0] for stage in _stages()]

    assert len(set(bases)) == 1
    assert PINNED.fullmatch(bases[0]), bases[0]
    updates = yaml.safe_load((REPOSITORY / ".github/dependabot.yml").read_text())["updates"]
    assert "docker" in {update["package-ecosystem"] for update in updates}


def test_base_is_a_python_that_the_project_takes() -> None:
    """The image's Python is no older than `requires-python`."""
    (match,) = {
        re.search(r"python:3\.(\d+)", _said(stage, "FROM")[0])[1]  # type: ignore[index]
        for stage in _stages()
    }

    assert int(match) >= int(PROJECT["project"]["requires-python"].rpartition(".")[2])


def test_nobody_runs_in_it() -> None:
    """The last stage ends as the user that the rendered pods have, by number."""
    *_, last = _stages()

    assert _said(last, "USER") == ["65532:65532"]
    assert last.index(("USER", "65532:65532")) > max(
        place for place, (word, _) in enumerate(last) if word in ("RUN", "COPY", "ADD")
    )


def test_last_stage_adds_nothing_but_the_environment() -> None:
    """No package manager runs and nothing of the checkout is copied: only what the first stage made."""
    *_, last = _stages()

    assert _said(last, "RUN") == _said(last, "ADD") == []
    assert _said(last, "COPY") == ["--from=build /opt/strimzi-verify /opt/strimzi-verify"]
    assert "PYTHONDONTWRITEBYTECODE=1" in " ".join(_said(last, "ENV"))


def test_entrypoint_is_one_of_our_commands() -> None:
    """In the form without a shell, so that signals arrive and arguments stay apart."""
    *_, last = _stages()

    (entrypoint,) = _said(last, "ENTRYPOINT")
    (command,) = yaml.safe_load(entrypoint)
    assert command in PROJECT["project"]["scripts"]
    assert _said(last, "CMD") == []


def test_what_is_copied_is_there_and_sent() -> None:
    """Every copied path exists, is let through by .dockerignore, and makes a whole wheel."""
    ignore = (REPOSITORY / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in ignore if line.startswith("!")}
    copied: set[str] = set()
    for rest in _said(_stages()[0], "COPY"):
        *sources, _ = rest.split()
        copied |= set(sources)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["only-include"]}
    needed |= {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"], "pyproject.toml"}

    assert ignore[1] == "*"
    assert copied == sent
    assert all((REPOSITORY / path).exists() for path in copied)
    assert {path.partition("/")[0] for path in needed} <= copied
    assert not any(fnmatch(path, pattern) for path in copied for pattern in ("tests*", "rendered*"))


def test_what_is_installed_is_locked() -> None:
    """Packages come from the lock, and the wheel by its file, which brings nothing along."""
    installs = re.findall(r"pip (?:install|wheel) ([^&]*)", " && ".join(_said(_stages()[0], "RUN")))

    assert [each.strip() for each in installs] == [
        "-r requirements.txt",
        "--no-build-isolation --no-deps --wheel-dir /wheels .",
        "-r requirements-verify.txt",
        "--no-deps /wheels/strimzi_gitops-*.whl",
    ]


@pytest.mark.live
def test_steps_work_without_a_builder(tmp_path: Path) -> None:
    """The first stage's own commands, in folders of our own: the command starts, writing nothing."""
    source, wheels, made = tmp_path / "src", tmp_path / "wheels", tmp_path / "opt/strimzi-verify"
    source.mkdir()
    for rest in _said(_stages()[0], "COPY"):
        *sources, _ = rest.split()
        for each in sources:
            subprocess.run(["cp", "-r", REPOSITORY / each, source], check=True)
    folder = Path(sys.executable).parent
    for rest in _said(_stages()[0], "RUN"):
        command = rest.replace("/wheels", shlex.quote(str(wheels)))
        command = command.replace("/opt/strimzi-verify", shlex.quote(str(made)))
        script = f'set -eu; PATH="{folder}:$PATH"; {command}'
        subprocess.run(["sh", "-c", script], cwd=source, check=True)
    before = sorted(path for path in made.rglob("*") if "__pycache__" not in path.parts)

    done = subprocess.run(
        [made / "bin/strimzi-verify", "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": f"{made}/bin"},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout
    assert before == sorted(path for path in made.rglob("*") if "__pycache__" not in path.parts)
    assert not list(made.glob("lib/python*/site-packages/pip"))


@pytest.mark.live
def test_image_runs_with_a_read_only_root() -> None:
    """A real builder makes it, and it starts as nobody, without network and without a disk."""
    docker = need_tool("docker", "docs.docker.com/engine/install")
    if subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker daemon answers")
    tag = "strimzi-verify:test"
    subprocess.run([docker, "build", "--quiet", "--tag", tag, REPOSITORY], check=True)

    done = subprocess.run(
        [docker, "run", "--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", tag,
         "--help"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
