"""The command `strimzi-verify`: parse options, call one function, choose the exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path as File
from types import FrameType
from typing import Any

import click
from click.core import ParameterSource

from generator import __version__
from generator.common.exit_codes import MEANINGS, ExitCode
from generator.common.finding import FindingsError
from generator.terminal.console import say
from generator.terminal.options import output_option, write_outputs
from verify.cli.backup_options import backups
from verify.cli.drill import drill
from verify.cli.look import LOOKING
from verify.cli.target_options import (
    echo,
    known_checks,
    needs_a_way,
    plan_of,
    push_to,
    redis_addresses,
    seconds,
    selection,
    what_git_says,
    where,
    writable,
)

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_FORMATS = ("text", "json", "junit", "markdown", "html")
_EPILOG = "Exit codes:\n\n\b\n" + "\n".join(
    f"  {code.value:>2}  {meaning}" for code, meaning in MEANINGS.items()
)


@click.group(
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
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
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


def _patience(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--wait", default="0s", callback=seconds, metavar="DURATION",
                         help="Ask again until all is well, for so long. [default: ask once]"),
            click.option("--stable", default="0s", callback=seconds, metavar="DURATION",
                         help="With --wait: how long it has to stay well."),
            click.option("--round-timeout", default="2m", show_default=True, callback=seconds,
                         metavar="DURATION", help="For all questions of one round."),
            click.option("--strict", is_flag=True, help="Warnings fail."),
            click.option("--group-window", default="75s", show_default=True, callback=seconds,
                         metavar="DURATION", help="How long groups that lag are watched."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def _format(command: Any) -> Any:
    command = output_option(_FORMATS)(command)
    return click.option("--format", "form", type=click.Choice(_FORMATS), default="text",
                        show_default=True, help="How the report is printed.")(command)  # fmt: skip


@main.command("run")
@where
@backups
@click.option("--only", multiple=True, metavar="NAME",
              help="Only these checks or groups; repeatable, or with commas.")  # fmt: skip
@click.option("--skip", "leave_out", multiple=True, metavar="NAME",
              help="Not these; repeatable, or with commas.")  # fmt: skip
@_patience
@_format
@click.option("--from-dump", type=click.Path(exists=True, dir_okay=False, path_type=File),
              metavar="FILE", help="Judge what `dump` wrote; nobody is asked.")  # fmt: skip
@click.option("--since", type=click.Path(exists=True, dir_okay=False, path_type=File),
              metavar="FILE", help="An earlier dump: topics must still be the same ones.")  # fmt: skip
@click.option("--redis", multiple=True, metavar="URL", callback=redis_addresses,
              help="A Redis beside Kafka.")  # fmt: skip
@click.option("--push", default="", metavar="URL", help="A Pushgateway for metrics.")
@click.pass_context
def run_(context: click.Context, /, environment: str, only: Sequence[str], leave_out: Sequence[str],
         form: str, outputs: list[tuple[str, File]], from_dump: File | None, since: File | None,
         redis: Sequence[str], push: str, **options: Any) -> None:  # fmt: skip
    """Ask a live environment everything, and judge it.

    \b
    Examples:
      strimzi-verify run prod --wait 10m --stable 60s
      strimzi-verify run prod --only topics --only users
      strimzi-verify run dev --no-kubernetes --bootstrap localhost:9092 --skip probe,flow
      strimzi-verify run prod --out html=report.html --out junit=report.xml
    """
    from verify.live import dump
    from verify.report.watch import watching
    from verify.run import Patience, offline, parts_of, verify, watches_groups

    writable(outputs)
    # Who says --wait 0s, as the rendered Job may, knows what it does.
    if options["stable"] and context.get_parameter_source("wait") is ParameterSource.DEFAULT:
        raise click.UsageError("--stable needs --wait")
    if from_dump is not None:
        if redis:
            raise click.UsageError("--redis asks somebody, and --from-dump nobody")
        desired, live = _dumped(context.obj, environment, from_dump)
        live.before = dump.topic_ids(since) if since else live.before
        checks = selection(only, leave_out)
        report = offline(live, desired, checks, strict=options["strict"])
    else:
        patience = Patience(
            options["round_timeout"], options["wait"], options["stable"], options["strict"]
        )
        with watching(f"verifying {environment}") as observer:
            plan = plan_of(context.obj, environment, options, frozenset())
            skipped = known_checks(plan.settings.skip if plan.settings else ())
            checks = selection(only, [*leave_out, *skipped])
            before = dump.topic_ids(since) if since else {}
            plan = replace(plan, parts=parts_of(checks), redis=tuple(redis), before=before,
                           window_s=options["group_window"] if watches_groups(checks) else 0)  # fmt: skip
            needs_a_way(plan)
            report = verify(plan, checks, patience, observer)
    _print(report, form, outputs)
    if push:
        push_to(push, report)
    raise click.exceptions.Exit(report.exit_code)


def _dumped(root: File | None, environment: str, file: File) -> tuple[Any, Any]:
    """What Git says and what a dump holds; without rendered/ the dump's own resources are Git."""
    from generator.contract.settings import Settings
    from verify.desired import of_cluster
    from verify.live import dump

    live = dump.read(file)
    if live.environment != environment:
        raise click.UsageError(f"{file} is a dump of environment {live.environment}")
    try:
        desired, _ = what_git_says(root, environment, in_cluster=False)
    except FindingsError:
        if live.kubernetes is None:
            raise
        desired = of_cluster(environment, live.kubernetes, Settings(environment=environment))
    return desired, live


def _print(report: Any, form: str, outputs: list[tuple[str, File]]) -> None:
    from verify.report.report import FORMATS, coloured

    text = FORMATS[form](report)
    echo(coloured(text) if form == "text" else text)
    for output in outputs:
        try:
            write_outputs([output], lambda other: FORMATS[other](report))
        except FindingsError as error:
            # The verdict stands, as it does where metrics cannot be pushed.
            _tell(error)


def _tell(error: FindingsError) -> None:
    from generator.terminal.reports import text

    click.echo(text(error.findings), nl=False, err=True)


@main.command()
@where
@click.pass_context
def drift(context: click.Context, /, environment: str, **options: Any) -> None:
    """Tell what differs from Git; exit 7 when something does.

    \b
    Example:
      strimzi-verify drift prod
    """
    from verify.checks.registry import all_checks
    from verify.report.report import closing, coloured, text
    from verify.report.watch import watching
    from verify.run import IDENTITY, Patience, differences, parts_of, verify

    checks = [each for each in all_checks().values() if each.drift or each.group == IDENTITY]
    plan = replace(plan_of(context.obj, environment, options, parts_of(checks)), window_s=0)
    with watching(f"verifying {environment}") as observer:
        report = verify(plan, checks, Patience(), observer)
    code = differences(report.results)
    whole = text(report)
    echo(coloured(whole[: -len(closing(report)) - 1]))
    words = {ExitCode.FINE: "live is what Git says", ExitCode.DIFFERENT: "live differs from Git"}
    say(f"{environment}: {words.get(code, MEANINGS[code])} (exit {int(code)})")
    raise click.exceptions.Exit(code)


@main.command()
@where
@_format
@click.pass_context
def flow(context: click.Context, /, environment: str, form: str,
         outputs: list[tuple[str, File]], **options: Any) -> None:  # fmt: skip
    """Send records through: the probe, a transaction, dead letters, formats, a bounded load.

    \b
    Example:
      strimzi-verify flow staging
    """
    from verify.report.watch import watching
    from verify.run import Patience, parts_of, verify

    writable(outputs)
    checks = selection(["identity", "probe", "flow"], [])
    plan = replace(plan_of(context.obj, environment, options, parts_of(checks)), window_s=0)
    with watching(f"verifying {environment}") as observer:
        report = verify(plan, checks, Patience(), observer)
    _print(report, form, outputs)
    raise click.exceptions.Exit(report.exit_code)


for _command in (*LOOKING, drill):
    main.add_command(_command)


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
        _tell(error)
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
