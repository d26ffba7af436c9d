"""The command `strimzi-verify`: parse options, call one function, choose the exit code."""

import os
import signal
import sys
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path as File
from types import FrameType

import click

from generator import __version__
from generator.common.exit_codes import MEANINGS, ExitCode
from generator.common.finding import FindingsError
from generator.terminal.commands import CommandFiles
from generator.terminal.console import say
from verify.cli.report_options import tell

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_EPILOG = "Exit codes:\n\n\b\n" + "\n".join(
    f"  {code.value:>2}  {meaning}" for code, meaning in MEANINGS.items()
)


@click.group(
    cls=CommandFiles,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "STRIMZI_VERIFY",
    },
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="strimzi-verify", message="%(prog)s %(version)s")
@click.option("--root", type=click.Path(file_okay=False, path_type=File), metavar="DIR",
              help="The project: the folder that holds rendered/. [default: the nearest one above"
                   " the current folder]")  # fmt: skip
@click.option("--color/--no-color", default=None, help="Colour or none. [default: on a terminal]")
@click.option(
    "--debug",
    is_flag=True,
    help="Show the traceback of a bug, and what client libraries said in their own words.",
)
@click.pass_context
def main(context: click.Context, root: File | None, color: bool | None, debug: bool) -> None:  # noqa: ARG001 (run looks for it)
    """Prove that a live Kafka on Kubernetes is what Git says, and works.

    \b
    After a deploy:
      strimzi-verify run prod --wait 10m --stable 60s    all checks, until the verdict holds
      strimzi-verify drift prod                          what differs from Git?
      strimzi-verify topics prod                         live beside desired
      strimzi-verify explain partitions-min-isr
    """
    context.obj = root
    context.color = False if color is None and os.environ.get("NO_COLOR") else color


class _TerminatedError(BaseException):
    """Somebody asked this process to end; what it made is removed on the way out."""


def _terminate(_: int, __: FrameType | None) -> None:
    raise _TerminatedError


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises."""
    with suppress(ValueError):  # only the main thread may say what a signal does
        signal.signal(signal.SIGTERM, _terminate)
    try:
        # click hands back the code of an Exit that a command raised.
        code = main.main(arguments, prog_name="strimzi-verify", standalone_mode=False)
    except FindingsError as error:
        tell(error)
        return int(ExitCode.FINDINGS)
    except click.exceptions.Exit as exit_:
        return int(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort) as error:
        say("interrupted; what the probe made is removed")
        for note in getattr(error, "__notes__", ()):
            say(note)
        return INTERRUPTED
    except _TerminatedError as error:
        say("terminated; what the probe made is removed")
        for note in getattr(error, "__notes__", ()):
            say(note)
        return 128 + signal.SIGTERM
    except ImportError as error:
        say(f"{error}; install what this command needs: pip install 'strimzi-gitops[verify]'")
        return int(ExitCode.TOOL_MISSING)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == ENOSPC:
            say(f"the output cannot be written: {error.strerror}")
            return int(ExitCode.FINDINGS)
        if "--debug" in (arguments or sys.argv):
            raise
        say(f"this is a bug in strimzi-verify: {type(error).__name__}: {error}")
        say("please report it with what --debug prints: strimzi-verify --debug ...")
        return int(ExitCode.BUG)
    return int(code or ExitCode.FINE)
