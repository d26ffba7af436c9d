"""How a verification's report is asked for, and printed."""

from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.common.finding import Finding, FindingsError
from generator.terminal.console import say
from generator.terminal.options import Decorated, output_option, write_outputs
from verify.cli.target_options import echo

if TYPE_CHECKING:
    from verify.report.report import Report

_FORMATS = ("text", "json", "junit", "markdown", "html")


def format_option(command: Decorated) -> Decorated:
    """The options --format and --out."""
    command = output_option(_FORMATS)(command)
    return click.option("--format", "form", type=click.Choice(_FORMATS), default="text",
                        show_default=True, help="How the report is printed.")(command)  # fmt: skip


def print_report(report: "Report", form: str, outputs: list[tuple[str, File]]) -> None:
    """Print a report, and write it to every file asked for; what cannot be written is told."""
    import msgspec

    from verify.report.formats import FORMATS
    from verify.report.text import coloured

    debug = bool(click.get_current_context().find_root().params.get("debug"))
    report = msgspec.structs.replace(report, debug=debug)
    text = FORMATS[form](report)
    echo(coloured(text) if form == "text" else text)
    for output in outputs:
        try:
            write_outputs([output], lambda other: FORMATS[other](report))
        except FindingsError as error:
            # The verdict stands, as it does where metrics cannot be pushed.
            tell(error)


def writable(outputs: list[tuple[str, File]]) -> None:
    """Return when every file can be written, so that no verdict is lost in the end.

    Raises:
        FindingsError: when one cannot.
    """
    for _, file in outputs:
        if file.exists() and not file.is_file() and not file.is_dir():
            continue  # a pipe would wait for its reader
        is_new = not file.exists()
        try:
            file.open("ab").close()
        except OSError as error:
            raise FindingsError(
                [Finding(str(file), 0, 0, "unwritable", f"cannot be written: {error.strerror}",
                         "give another file to --out")]
            ) from error  # fmt: skip
        if is_new:
            file.unlink(missing_ok=True)


def push_to(url: str, report: "Report") -> None:
    """Give a report's metrics to a Pushgateway."""
    from verify.report.metrics import PushError, metrics, push

    try:
        push(url, metrics(report), report.environment)
    except PushError as error:
        # The verdict stands; that nobody could be told is no reason to change it.
        say(f"metrics were not pushed: {error}")


def tell(error: FindingsError) -> None:
    """Say what went wrong on stderr."""
    from generator.terminal.reports.text import report

    click.echo(report(error.findings), nl=False, err=True)
