"""The command `strimzi-gitops`: parse options, call one function, choose the exit code."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path as File

import click

from generator import __version__
from generator.cli.inspect import COMMANDS
from generator.cli.plan import diff, plan
from generator.cli.rules import rules
from generator.common.exit_codes import MEANINGS, ExitCode
from generator.common.finding import FindingsError, has_errors
from generator.common.paths import ENVIRONMENTS, SHARED
from generator.terminal.console import say, track
from generator.terminal.options import chosen, find_root, finish, proving, report

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_EPILOG = "Exit codes:\n\n\b\n" + "\n".join(
    f"  {code.value:>2}  {meaning}" for code, meaning in MEANINGS.items()
)


@click.group(
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


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 7 and list what differs.")
@click.option("-v", "--verbose", is_flag=True, help="List every file written or removed.")
@proving
@click.pass_obj
def render(root: File, environments: tuple[str, ...], check: bool, verbose: bool, use_cache: bool,
           folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]],
           today: str) -> None:  # fmt: skip
    """Render environments into rendered/, once they are proved.

    Without names all environments are rendered, and rendered/argocd/ with what they share; what
    belonged to environments that are gone is removed. Bad intent changes nothing on disk.

    \b
    Examples:
      strimzi-gitops render
      strimzi-gitops render prod -v
      strimzi-gitops render --check
    """
    from generator.common.cache import Cache
    from generator.pipeline.project import render_to_disk
    from generator.validate.schemas import Schemas, schema_folders

    names = chosen(root, environments)
    cache = Cache(root if use_cache else None, folders)
    schemas = Schemas(schema_folders(folders))
    outcome = render_to_disk(root, names, not environments, check, schemas, cache, track,
                             today=today)  # fmt: skip
    report(outcome.findings, form, outputs, names)
    if has_errors(outcome.findings):
        finish(outcome.findings, "")
    for line in outcome.lines(verbose or check):
        click.echo(line)
    say(outcome.summary())
    if check and outcome.differs:
        raise click.exceptions.Exit(ExitCode.DIFFERENT)


@main.command()
@click.option("--kubeconform", "with_kubeconform", is_flag=True,
              help="Also ask kubeconform, which must be installed.")  # fmt: skip
@proving
@click.pass_obj
def validate(root: File, environments: tuple[str, ...], with_kubeconform: bool, use_cache: bool,
             folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]],
             today: str) -> None:  # fmt: skip
    """Prove the intent and every manifest it renders to, offline. Writes nothing.

    \b
    Examples:
      strimzi-gitops validate
      strimzi-gitops validate prod --format github --out sarif=findings.sarif
      strimzi-gitops validate --kubeconform
    """
    from generator.common.cache import Cache, digests_of_files

    names = chosen(root, environments)
    scope = names if environments else [*names, SHARED]
    cache = Cache(root if use_cache else None, folders)
    last = None if with_kubeconform else cache.last(scope)
    if last and last.day == today and last.files == digests_of_files(root / ENVIRONMENTS):
        report([], form, outputs)
        finish([], fine(names, last.manifests))
        return
    from generator.pipeline.project import prove_all
    from generator.validate.schemas import Schemas, schema_folders

    schemas = Schemas(schema_folders(folders))
    proved = prove_all(root, names, not environments, schemas, cache, track, today=today,
                       anew=with_kubeconform)  # fmt: skip
    findings = proved.findings
    cache.save()
    if with_kubeconform and not has_errors(findings):
        from generator.validate.kubeconform import ToolMissingError, check

        try:
            findings = [*findings, *check(proved.folders, schemas.folders)]
        except ToolMissingError as error:
            say(str(error))
            raise click.exceptions.Exit(ExitCode.TOOL_MISSING) from error
    report(findings, form, outputs, names)
    finish(findings, fine(names, proved.count))


def fine(names: Sequence[str], count: int) -> str:
    """What to say when nothing is wrong."""
    return f"{', '.join(names)}: {count} manifests"


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script for a shell.

    \b
    Example:
      strimzi-gitops completion bash > ~/.local/share/bash-completion/completions/strimzi-gitops
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        variable = "_STRIMZI_GITOPS_COMPLETE"
        click.echo(kind(main, {}, "strimzi-gitops", variable).source())


for inspecting in (*COMMANDS, rules, plan, diff):
    main.add_command(inspecting)


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
        say(f"cannot go on: {error.strerror}")
        return int(ExitCode.FINDINGS)
    except Exception as error:
        if "--debug" in (arguments or sys.argv):
            raise
        say(f"this is a bug in strimzi-gitops: {type(error).__name__}: {error}")
        say("please report it with what --debug prints: strimzi-gitops --debug ...")
        return int(ExitCode.BUG)
    return int(code or ExitCode.FINE)
