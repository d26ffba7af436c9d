"""What a person sees while a verification runs: a live table on a terminal, else a line a round."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from generator.common.sanitize import one_line
from generator.contract.report import Result, Status
from generator.terminal.console import say
from verify.report.report import short

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_MAX_ROWS = 12
"""How many checks that are not fine the table shows."""
_COLOURS = {
    Status.PASS: "green", Status.SKIP: "blue", Status.WARN: "yellow",
    Status.UNKNOWN: "magenta", Status.FAIL: "red",
}  # fmt: skip


class Watch:
    """Follows a run and says nothing; what the others have in common."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        return

    def collecting(self, part: str) -> None:
        """A part, such as `kafka`, is being asked for."""

    def collected(self, part: str, took_s: float) -> None:
        """It has been answered, or has not and never will."""

    def judged(self, results: Sequence[Result]) -> None:
        """The checks have been judged."""

    def waiting(self, round_: int, until_s: float) -> None:
        """After this round, counted from 1, the next begins in so many seconds."""


class Lines(Watch):
    """One line a round, and nothing for a run that needs one round only."""

    def __init__(self) -> None:
        self._told = ""

    def judged(self, results: Sequence[Result]) -> None:
        """Remember what to say of the round."""
        self._told = told(results)

    def waiting(self, round_: int, until_s: float) -> None:
        """Say how the round went."""
        say(f"round {round_}: {self._told}; again in {until_s:.0f} s")


class Table(Watch):
    """A table that redraws itself and is gone when the run is over."""

    def __init__(self, title: str, console: "Console | None" = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._title = one_line(title)
        self._since: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._results: Sequence[Result] = ()
        self._next: tuple[int, float] | None = None
        console = console or Console(stderr=True)
        self._live = Live(get_renderable=self.drawn, console=console, transient=True,
                          refresh_per_second=4, redirect_stdout=False, redirect_stderr=False)  # fmt: skip

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def collecting(self, part: str) -> None:
        """Show the part as asked for."""
        self._next = None
        self._took.pop(part, None)
        self._since[part] = time.monotonic()

    def collected(self, part: str, took_s: float) -> None:
        """Show how long the part took."""
        self._took[part] = took_s

    def judged(self, results: Sequence[Result]) -> None:
        """Show what is not fine."""
        self._results = tuple(results)

    def waiting(self, round_: int, until_s: float) -> None:
        """Count down to the next round."""
        self._next = (round_, time.monotonic() + until_s)

    def drawn(self) -> "RenderableType":
        """The table as it stands now."""
        from rich.console import Group
        from rich.table import Table as RichTable
        from rich.text import Text

        # Parts are collected by threads of their own: what changes while it is drawn is copied first.
        parts = RichTable.grid(padding=(0, 2))
        for part, since in list(self._since.items()):
            took = self._took.get(part)
            seconds = time.monotonic() - since if took is None else took
            sign = Text("…", "yellow") if took is None else Text("✓", "green")
            parts.add_row(sign, Text(one_line(part)), Text(f"{seconds:.1f} s", "dim"))
        checks = RichTable.grid(padding=(0, 2))
        worst = sorted(self._results, key=lambda result: -result.status.badness)
        bad = [each for each in worst if each.status.badness >= Status.WARN.badness]
        for each in bad[:_MAX_ROWS]:
            status = Text(str(each.status), f"bold {_COLOURS[each.status]}")
            checks.add_row(
                status,
                Text(one_line(each.check)),
                Text(short(each), overflow="ellipsis", no_wrap=True),
            )
        if len(bad) > _MAX_ROWS:
            checks.add_row("", Text(f"… and {len(bad) - _MAX_ROWS} more", "dim"), "")
        tables = [each for each in (parts, checks) if each.row_count]
        return Group(Text(self._headline(), "bold"), *tables)

    def _headline(self) -> str:
        line = self._title
        if self._results:
            line += f": {told(self._results)}"
        if self._next:
            round_, at = self._next
            line += f"; round {round_ + 1} in {max(0, at - time.monotonic()):.0f} s"
        return line


def told(results: Sequence[Result]) -> str:
    """How many checks ended how: `48 pass, 1 fail`."""
    counts = Counter(result.status for result in results)
    return ", ".join(f"{counts[each]} {each}" for each in Status if counts[each]) or "nothing yet"


def watching(title: str, *, quiet: bool = False) -> Watch:
    """What suits stderr: the table on a terminal, lines elsewhere, nothing where nobody wants any."""
    if quiet:
        return Watch()
    # Whoever started us may have closed it.
    return Table(title) if sys.stderr is not None and sys.stderr.isatty() else Lines()
