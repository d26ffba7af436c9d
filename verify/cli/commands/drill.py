"""`strimzi-verify drill`: the two steps around the engine's restore that the rendered CronJob takes."""

import os
from pathlib import Path as File

import click

from generator.terminal.console import say
from verify.cli.job_options import form, settings, work
from verify.cli.target_options import echo


@click.group("drill")
def command() -> None:
    """Prove that a backup can be restored, with scratch topics that are removed again.

    \b
    The CronJob that `backups: {NAME: {drill: ...}}` renders runs, one after the other:
      strimzi-verify drill prepare    the set is proved; empty scratch topics, and what the engine is told
      kafka-backup restore            the engine restores the topics whose turn it is into them
      strimzi-verify drill judge      counts and checksums beside manifest and source; exit 5 if wrong

    Of a good drill that restored 64 MiB or more, judge tells how fast the engine was, as restoreRate takes it.
    """


@command.command()
@settings("drill.json")
@work
def prepare(settings: File, work: File) -> None:
    """Prove the newest set, make scratch topics, and tell the engine what has its turn.

    \b
    Example:
      strimzi-verify drill prepare --settings /etc/strimzi-verify/config/drill.json --work /drill
    """
    from verify.jobs.drill import make_ready
    from verify.jobs.steps import StepError

    try:
        made = make_ready(settings, work, os.environ)
    except StepError as error:
        say(f"the drill cannot begin: {error}")
        raise click.exceptions.Exit(error.exit_code) from None
    ready = "topic is" if len(made.topics) == 1 else "topics are"
    say(f"{made.name}: {len(made.topics)} scratch {ready} ready under {made.prefix}")


@command.command()
@settings("drill.json")
@work
@form
def judge(settings: File, work: File, form: str) -> None:
    """Compare what was restored with its source and the manifest, then remove the scratch topics.

    \b
    Example:
      strimzi-verify drill judge --settings /etc/strimzi-verify/config/drill.json --work /drill
    """
    from generator.contract.drill import as_json, text
    from verify.jobs.drill import judge as judge_

    verdict = judge_(settings, work, os.environ)
    echo(as_json(verdict) if form == "json" else text(verdict))
    raise click.exceptions.Exit(verdict.exit_code)
