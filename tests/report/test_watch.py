"""What a person sees while a verification runs."""

import io
import re
import sys

import pytest
from rich.console import Console
from verify_reports import HOSTILE, RESULTS, one

from generator.contract.report import fail
from verify.report.watch import Lines, Table, Watch, watching


def _drawn(table: Table) -> str:
    """The table as text."""
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as captured:
        console.print(table.drawn())
    return re.sub(r" +\n", "\n", captured.get())


def test_table() -> None:
    """Parts with the time they take, then what is not fine, the worst first, then the countdown."""
    out = io.StringIO()
    with Table("prod", Console(file=out, force_terminal=True, width=80)) as table:
        table.collecting("kafka")
        table.collecting("kubernetes")
        table.collected("kafka", 1.25)
        assert _drawn(table) == "prod\n✓  kafka       1.2 s\n…  kubernetes  0.0 s\n"

        table.collected("kubernetes", 2)
        table.judged(RESULTS)
        table.waiting(1, 5)
        assert _drawn(table) == (
            "prod: 2 pass, 1 skip, 1 warn, 1 unknown, 1 fail; round 2 in 5 s\n"
            "✓  kafka       1.2 s\n"
            "✓  kubernetes  2.0 s\n"
            "fail     topics-exist  orders.0, orders.1, orders.2, orders.3, orders.4, orders…\n"
            "unknown  group-lag     billing: no answer within 8 s\n"
            "warn     topic-config  invoices: retention.ms is 86400000, Git says 604800000\n"
        )
        table.collecting("kafka")
        assert "round 2" not in _drawn(table)
    # What was drawn is wiped, so that the report stands alone.
    assert "\x1b[2K" in out.getvalue().rpartition("kafka")[2]


def test_table_is_bounded_and_keeps_names_apart() -> None:
    """Hundreds of failures do not fill the screen, and no name colours it or is markup."""
    table = Table("prod", Console(file=io.StringIO(), force_terminal=True, width=80))
    table.judged(
        [one(fail("x" * 200), check=f"[red]check-{number}\x1b[31m") for number in range(40)]
    )
    table.collecting(HOSTILE)
    text = _drawn(table)

    assert "… and 28 more" in text
    assert "\x1b" not in text
    assert "[red]check-0" in text
    assert max(map(len, text.splitlines())) <= 80


def test_lines_say_one_thing_a_round(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, and nothing at all where one round was enough."""
    with Lines() as lines:
        lines.collecting("kafka")
        lines.collected("kafka", 1)
        lines.judged(RESULTS)
        assert capsys.readouterr() == ("", "")
        lines.waiting(1, 5)

    assert capsys.readouterr() == (
        "", "round 1: 2 pass, 1 skip, 1 warn, 1 unknown, 1 fail; again in 5 s\n",
    )  # fmt: skip


def test_what_suits_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table on a terminal, lines in a pipe, and silence where it is wanted."""
    assert type(watching("prod")) is Lines
    assert type(watching("prod", quiet=True)) is Watch

    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert type(watching("prod")) is Table
    monkeypatch.setattr(sys, "stderr", None)
    assert type(watching("prod")) is Lines


def test_silence_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes everything that the others take."""
    with Watch() as silent:
        silent.collecting("kafka")
        silent.collected("kafka", 1)
        silent.judged(RESULTS)
        silent.waiting(1, 5)

    assert capsys.readouterr() == ("", "")


def test_table_ends_with_an_error() -> None:
    """What went wrong inside goes on outside."""
    with (
        pytest.raises(ValueError, match="x"),
        Table("prod", Console(file=io.StringIO(), force_terminal=True)),
    ):
        raise ValueError("x")
