"""The command `strimzi-gitops`: parse options, call one function, choose the exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as File

import click

from generator import __version__
from generator.common.exit_codes import MEANINGS, ExitCode
from generator.common.finding import FindingsError
from generator.terminal.commands import CommandFiles
from generator.terminal.console import say
from generator.terminal.options import find_root, report

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_EPILOG = "Exit codes:\n\n\b\n" + "\n".join(
    f"  {code.value:>2}  {meaning}" for code, meaning in MEANINGS.items()
)


@click.group(
    cls=CommandFiles,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "STRIMZI_GITOPS",
    },
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="strimzi-gitops", message="%(prog)s %(version)s")
@click.option("--root", type=click.Path(file_okay=False, path_type=File), metavar="DIR",
              help="The project: the folder that holds environments/. [default: the nearest one"
                   " above the current folder]")  # fmt: skip
@click.option("--color/--no-color", default=None, help="Colour or none. [default: on a terminal]")
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
@click.pass_context
def main(context: click.Context, root: File | None, color: bool | None, debug: bool) -> None:  # noqa: ARG001 (run looks for it)
    """Kafka on Kubernetes from a few lines of intent: rendered, proved, explained. No cluster needed.

    \b
    The daily round:
      strimzi-gitops validate                 is what I wrote right?
      strimzi-gitops render                   write rendered/, for Argo CD to sync
      strimzi-gitops render --check           does rendered/ match? (pull requests)
      strimzi-gitops explain prod topics.orders.order.created.retention
    """
    context.obj = find_root(root)
    if color is None:
        color = None if not os.environ.get("NO_COLOR") else False
    context.color = color


@contextmanager
def _mended() -> Iterator[None]:
    """Turn what users can mend into a report instead of a traceback."""
    try:
        yield
    except FindingsError as error:
        report(error.findings, "text", [])
        errors = len(error.findings)
        say(f"{errors} error{'s' * (errors != 1)}")
        raise click.exceptions.Exit(ExitCode.FINDINGS) from error


def _failed(error: OSError) -> str:
    file = f"{error.filename}: " if error.filename else ""
    return f"{file}{error.strerror}" if error.strerror else str(error)


def _gone() -> str:
    """That the folder that we were started in is there no more, if so."""
    try:
        File.cwd()
    except OSError:
        return "the current folder has been removed; cd to one that is there, or give --root"
    return ""


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises."""
    try:
        with _mended():
            # click hands back the code of an Exit that a command raised.
            code = main.main(arguments, prog_name="strimzi-gitops", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return int(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        say("interrupted; whatever was written is whole, and the next run completes it")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; without this Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FINE)
    except OSError as error:
        say(f"cannot go on: {_gone() or _failed(error)}")
        return int(ExitCode.FINDINGS)
    except Exception as error:
        if "--debug" in (arguments or sys.argv):
            raise
        say(f"this is a bug in strimzi-gitops: {type(error).__name__}: {error}")
        say("please report it with what --debug prints: strimzi-gitops --debug ...")
        return int(ExitCode.BUG)
    return int(code or ExitCode.FINE)
