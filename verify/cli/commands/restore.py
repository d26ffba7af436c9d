"""`strimzi-verify restore`: the steps around the engine's restore that the rendered Job takes."""

import os
from pathlib import Path as File

import click

from verify.cli.job_options import form, settings
from verify.cli.target_options import echo


@click.group("restore")
def command() -> None:
    """Look before records are restored, and let groups follow them.

    \b
    The Job that `restores:` renders runs, one after the other:
      strimzi-verify restore look     target and sets are asked what would go wrong; nothing is written
      kafka-backup restore            the engine writes the records
      strimzi-verify restore groups   each group goes on at the record that it was to read next
      strimzi-verify restore judge    records are counted beside the sets; says until when they reach
    """


@command.command()
@settings("order.json")
@form
def look(settings: File, form: str) -> None:
    """Say what would keep a restore from ending well; exit 5 if something does.

    \b
    Asked are rights, partitions and emptiness of the targets, room and quotas, segments and their sums, and
    what an earlier try has left.

    \b
    Example:
      strimzi-verify restore look --settings /etc/strimzi-verify/config/order.json
    """
    from verify.jobs.restore_look import look as look_
    from verify.jobs.restore_look import text

    found = look_(settings, os.environ)
    _end(found, found.exit_code, form, text(found))


@command.command()
@settings("order.json")
@form
def groups(settings: File, form: str) -> None:
    """Let groups go on at the record that they were to read next; exit 5 if one cannot.

    \b
    Where a group was is what it had committed before the restore began, else what the backup's snapshot says.
    It may be done again after any end.

    \b
    Example:
      strimzi-verify restore groups --settings /etc/strimzi-verify/config/order.json
    """
    from verify.jobs.restore_groups import move, text

    found = move(settings, os.environ)
    _end(found, found.exit_code, form, text(found))


@command.command()
@settings("order.json")
@form
def judge(settings: File, form: str) -> None:
    """Compare what is there with the sets that it came from; exit 5 if a record is missing or too many.

    \b
    Example:
      strimzi-verify restore judge --settings /etc/strimzi-verify/config/order.json
    """
    from verify.jobs.restore_judge import judge as judge_
    from verify.report.restored import text

    found = judge_(settings, os.environ)
    _end(found, found.exit_code, form, text(found))


def _end(found: object, code: int, form: str, page: str) -> None:
    import msgspec

    if form == "json":
        page = msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"
    echo(page)
    raise click.exceptions.Exit(code)
