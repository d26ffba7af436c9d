"""`strimzi-verify drill`: the two steps around the engine's restore that the rendered CronJob takes."""

import os
from pathlib import Path as File

import click

from generator.terminal.console import say
from generator.terminal.options import Decorated
from verify.cli.target_options import echo

_FILE = click.Path(exists=True, dir_okay=False, path_type=File)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=File)


@click.group("drill")
def command() -> None:
    """Prove that a backup can be restored, with scratch topics that are removed again.

    \b
    The CronJob that `backups: {NAME: {drill: ...}}` renders runs, one after the other:
      strimzi-verify drill prepare    empty scratch topics, and the newest set's id for the engine
      kafka-backup restore            the engine restores a sample into them
      strimzi-verify drill judge      counts and checksums beside manifest and source; exit 5 if wrong
    """


def _where(step: Decorated) -> Decorated:
    for option in (
        click.option("--work", type=_FOLDER, required=True, metavar="DIR",
                     help="What both steps and the engine share."),
        click.option("--settings", type=_FILE, required=True, metavar="FILE",
                     help="drill.json; the engine's files lie beside it, user/ and cluster-ca/ beside"
                          " its folder."),
    ):  # fmt: skip
        step = option(step)
    return step


@command.command()
@_where
def prepare(settings: File, work: File) -> None:
    """Make scratch topics, and fill the newest set's id into the engine's files.

    \b
    Example:
      strimzi-verify drill prepare --settings /etc/strimzi-verify/config/drill.json --work /drill
    """
    from verify.drill_job import DrillError, make_ready

    try:
        made = make_ready(settings, work, os.environ)
    except DrillError as error:
        say(f"the drill cannot begin: {error}")
        raise click.exceptions.Exit(error.exit_code) from None
    ready = "topic is" if len(made.topics) == 1 else "topics are"
    say(f"{made.name}: {len(made.topics)} scratch {ready} ready under {made.prefix}")


@command.command()
@_where
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True, help="How the verdict is printed.")  # fmt: skip
def judge(settings: File, work: File, form: str) -> None:
    """Compare what was restored with its source and the manifest, then remove the scratch topics.

    \b
    Example:
      strimzi-verify drill judge --settings /etc/strimzi-verify/config/drill.json --work /drill
    """
    from generator.contract.drill import as_json, text
    from verify.drill_job import judge as judge_

    verdict = judge_(settings, work, os.environ)
    echo(as_json(verdict) if form == "json" else text(verdict))
    raise click.exceptions.Exit(verdict.exit_code)
