"""Commands that show a table: both sides, live beside desired."""

from dataclasses import replace
from pathlib import Path as File
from typing import TYPE_CHECKING, Unpack

import click

from generator.common.exit_codes import ExitCode
from generator.terminal.console import say, show
from verify.cli.options import Options
from verify.cli.target_options import (
    echo,
    plan_of,
    soon,
    where,
)

if TYPE_CHECKING:
    from verify.desired import Desired
    from verify.live.live import Live


def table_command(name: str, told: str) -> click.Command:
    """The command that shows the rows that `verify.report.tables` has under this name."""

    @click.command(name, help=told)
    @where
    @click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
                  default="table", show_default=True)  # fmt: skip
    @click.pass_context
    def command(
        context: click.Context, /, environment: str, form: str, **options: Unpack[Options]
    ) -> None:
        from verify.report import tables

        desired, live = _kafka_of(context.obj, environment, options, name == "groups")
        rows = getattr(tables, name)(desired, live)
        columns = {"topics": tables.TOPIC_COLUMNS, "groups": tables.GROUP_COLUMNS,
                   "acls": tables.ACL_COLUMNS}[name]  # fmt: skip
        echo(show(rows, form, columns))

    return command


def _kafka_of(
    root: File | None, environment: str, options: Options, watch_groups: bool
) -> tuple["Desired", "Live"]:
    """Both sides of a table; ends the command when Kafka does not answer."""
    from verify.collect.round import Round
    from verify.live.live import Cause
    from verify.report.watch import watching

    window = options["timeout"] if watch_groups else 0
    plan = replace(plan_of(root, environment, options, frozenset({"kafka"})), window_s=window)
    with watching(f"verifying {environment}") as observer:
        each = Round(plan, soon(), observer)
        each.collect()
    if each.live.kafka is None or each.is_other_cluster:
        gap = each.live.gap("kafka")
        say(gap.reason if gap else "this is not the cluster that is meant")
        late = gap is not None and gap.cause is Cause.TIMED_OUT
        raise click.exceptions.Exit(ExitCode.TIMED_OUT if late else ExitCode.UNREACHABLE)
    return each.desired, each.live
