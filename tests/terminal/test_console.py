"""The terminal: a progress bar only for long work that somebody watches; tables that line up."""

import os
import pty
import subprocess
import sys

import pytest

from generator.terminal import console

SCRIPT = (
    "from generator.terminal.console import track; print(sum(track(range({count}), 'proving dev')))"
)


def _on_a_terminal(count: int) -> str:
    """What a person sees on stderr while so many items are worked on."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", SCRIPT.format(count=count)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    subprocess.run(command, stderr=theirs, stdout=subprocess.DEVNULL, env=environment, check=True)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # the terminal's other end is closed
        pass
    os.close(ours)
    return seen.decode(errors="replace")


def test_long_work_on_a_terminal_shows_progress() -> None:
    """Many items and somebody who watches: a bar with a title."""
    assert "proving dev" in _on_a_terminal(50_000)


def test_short_work_shows_nothing() -> None:
    """A bar that flashes by is noise."""
    assert _on_a_terminal(100) == ""


def test_nobody_watching_shows_nothing() -> None:
    """In a pipe or a job log there is no bar, however long the work."""
    command = [sys.executable, "-c", SCRIPT.format(count=50_000)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("1249975000\n", "")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "NAME  COUNT\n"),
        ([{"name": "a", "count": 5}, {"name": "long", "count": 12}],
         "NAME  COUNT\na         5\nlong     12\n"),
        ([{"name": None, "count": True}], "NAME  COUNT\n-     yes\n"),
        ([{"name": ["x", "y"], "count": ""}], "NAME  COUNT\nx, y  -\n"),
    ],
)  # fmt: skip
def test_tables_line_up(
    rows: list[dict[str, object]], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers to the right, everything else to the left, nothing trailing."""
    monkeypatch.setattr("click.style", lambda text, **_: text)

    assert console.table(rows, ("name", "count")) == expected
