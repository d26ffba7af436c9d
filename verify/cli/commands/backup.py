"""`strimzi-verify backup`: the two steps around the backup engine that the rendered CronJob takes."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path as File

import click

from generator.terminal.console import say
from verify.cli.job_options import settings, work


@click.group("backup")
def command() -> None:
    """Let a backup begin where it can end well, and prove it.

    \b
    The CronJob that `backups: {NAME: ...}` renders runs, one after the other:
      strimzi-verify backup begin    one run at a time, the same topics as before, room, a set that holds up
      kafka-backup backup            the engine reads what is new
      strimzi-verify backup prove    what it wrote is read again; else what was proved last is the set again
    """


@command.command()
@settings("guard.json")
@work
def begin(settings: File, work: File) -> None:
    """Lock the set, and refuse a run that would damage it, or find no room.

    Exit 1 while another Job is at work in it, 5 for a set of other topics or of another cluster, 6 for a volume without
    room; then nothing was changed.

    \b
    Example:
      strimzi-verify backup begin --settings /etc/strimzi-verify/config/guard.json --work /found
    """
    from verify.jobs.backup import begin as begin_

    _take(begin_, settings, work, "the backup cannot begin")


@command.command()
@settings("guard.json")
@work
def prove(settings: File, work: File) -> None:
    """Prove what the engine wrote, and keep that; else put back what was proved last. Then unlock the set.

    Exit 5 for a set that does not hold up or is not finished, 6 where the volume is full, too.

    \b
    Example:
      strimzi-verify backup prove --settings /etc/strimzi-verify/config/guard.json --work /found
    """
    from verify.jobs.backup import prove as prove_

    _take(prove_, settings, work, "the backup is not good")


def _take(
    step: Callable[[File, File, Mapping[str, str]], list[str]],
    settings: File,
    work: File,
    refused: str,
) -> None:
    from verify.jobs.steps import StepError

    try:
        for line in step(settings, work, os.environ):
            say(line)
    except StepError as error:
        say(f"{refused}: {error}")
        raise click.exceptions.Exit(error.exit_code) from None
