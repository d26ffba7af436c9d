"""What a file system and a person can do to a command, and how it ends."""

import os
import random
from pathlib import Path

import pytest
from mutants import intent
from support import Cli, Project

from generator.cli.main import run
from generator.common.finding import Finding


@pytest.mark.parametrize(
    "place",
    [
        "environments/x.fifo",
        "environments/dev/x.yaml",
        "environments/dev/notes.md",
        "environments/dev/extra/x.yaml",
        "environments/dev/extra/x.yaml.j2",
        "environments/dev/.hidden",
        "rendered/dev/x.yaml",
    ],
)
def test_pipe_is_not_waited_for(project: Project, cli: Cli, place: str) -> None:
    """Nobody will ever write into it."""
    project.environment()
    assert cli("render")[0] == 0
    path = project.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)

    assert cli("validate")[0] in (0, 1)
    assert cli("render")[0] in (0, 1)


def test_long_value_is_not_printed_whole(project: Project, cli: Cli) -> None:
    """Neither one that is wrong, nor a key, nor a name."""
    long = "x" * 100_000
    project.environment(
        f"topics: {{a: {{partitions: {long}, {long}: 1}}, {long}: {{}}}}\n{long}: 1\n"
    )

    code, out, _ = cli("validate")

    assert code == 1
    assert max(map(len, out.splitlines())) < 5000


def test_finding_keeps_both_ends_of_a_long_message() -> None:
    """The end says what was expected."""
    message = Finding("a", 1, 1, "b", "x" * 50_000 + " is not y").message

    assert message.endswith(" is not y")
    assert len(message) < 2000


def test_vanished_folder_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a file that nobody named."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    code = run(["validate"])

    assert code == 1
    said = "the current folder has been removed; cd to one that is there, or give --root"
    assert said in capsys.readouterr().err


def test_null_bootstrap_is_none(project: Project) -> None:
    """A listener whose bootstrap says nothing is like one that does not have it."""
    project.environment()
    path = project.root / "environments/dev/environment.yaml"
    text = path.read_text().replace(
        "authentication: tls}", "authentication: tls, configuration: {bootstrap: null}}"
    )
    path.write_text(text)

    assert project.findings() == []


def test_mutants_of_intent_end_well() -> None:
    """A few of those that a weekly job tries a million of."""
    *bugs, tried = intent.bugs(random.Random(3).randrange(1000), 0, 40, 60)

    assert (bugs, tried) == ([], 40)


def test_bug_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What raises anything but findings is one."""

    def broken(_arguments: list[str]) -> int:
        raise KeyError("topics")

    monkeypatch.setattr(intent, "run", broken)
    bug, tried = intent.bugs(1, 0, 1, 60)

    assert tried == 1
    assert isinstance(bug, intent.Bug)
    assert bug.error == "KeyError: 'topics'"
