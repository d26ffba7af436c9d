"""The commands that show: tables, dumps, and what checks there are."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import click

from generator.common.exit_codes import ExitCode
from generator.terminal.console import say, show
from generator.terminal.options import no_such
from verify.cli.backup_options import backups
from verify.cli.target_options import echo, plan_of, where


def _table(name: str, told: str) -> click.Command:
    @click.command(name, help=told)
    @where
    @click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
                  default="table", show_default=True)  # fmt: skip
    @click.pass_context
    def command(context: click.Context, /, environment: str, form: str, **options: Any) -> None:
        from verify.report import tables

        desired, live = _kafka_of(context.obj, environment, options, name == "groups")
        rows = getattr(tables, name)(desired, live)
        columns = {"topics": tables.TOPIC_COLUMNS, "groups": tables.GROUP_COLUMNS,
                   "acls": tables.ACL_COLUMNS}[name]  # fmt: skip
        echo(show(rows, form, columns))

    return command


_TABLES = {
    "topics": "Show topics: live beside desired.",
    "groups": "Show consumer groups with what they did over --timeout.",
    "acls": "Show access rules: live beside desired.",
}


def _kafka_of(root: File | None, environment: str, options: Any, watch_groups: bool) -> Any:
    """Both sides of a table; ends the command when Kafka does not answer."""
    from verify.collect.round import Round
    from verify.live.live import Cause
    from verify.report.watch import watching

    window = options["timeout"] if watch_groups else 0
    plan = replace(plan_of(root, environment, options, frozenset({"kafka"})), window_s=window)
    with watching(f"verifying {environment}") as observer:
        each = Round(plan, _soon(), observer)
        each.collect()
    if each.live.kafka is None or each.is_other_cluster:
        gap = each.live.gap("kafka")
        say(gap.reason if gap else "this is not the cluster that is meant")
        late = gap is not None and gap.cause is Cause.TIMED_OUT
        raise click.exceptions.Exit(ExitCode.TIMED_OUT if late else ExitCode.UNREACHABLE)
    return each.desired, each.live


def _soon() -> float:
    import time

    return time.monotonic() + 120


@click.command("dump")
@where
@backups
@click.argument("file", type=click.Path(dir_okay=False, path_type=File))
@click.pass_context
def dump_(context: click.Context, /, environment: str, file: File, **options: Any) -> None:
    """Write all that a live environment says to a file, for `run --from-dump` and `--since`.

    Secrets are reduced to their keys and what their certificates say. The probe is not run.

    \b
    Example:
      strimzi-verify dump prod prod.json
    """
    from verify.collect.round import Round
    from verify.live import dump
    from verify.live.live import Cause, Gap
    from verify.report.watch import watching

    parts = frozenset({"kubernetes", "kafka", "listeners", "backups"})
    plan = plan_of(context.obj, environment, options, parts)
    with watching(f"verifying {environment}") as observer:
        each = Round(plan, _soon(), observer)
        each.collect()
    for part in ("probe", "flow", "redis"):
        each.live.gaps.setdefault(part, Gap(Cause.NOT_ASKED, f"a dump holds no {part}"))
    dump.write(file, each.live)
    missing = [gap for part, gap in each.live.gaps.items() if gap.cause is not Cause.NOT_ASKED]
    for gap in missing:
        say(f"missing: {gap.reason}")
    say(f"{file}: what {environment} is like")
    raise click.exceptions.Exit(ExitCode.UNREACHABLE if missing else ExitCode.FINE)


@click.command("list")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json", "yaml", "markdown"]),
              default="text", show_default=True)  # fmt: skip
def list_(form: str) -> None:
    """List all checks.

    \b
    Example:
      strimzi-verify list
    """
    from verify.checks.registry import all_checks
    from verify.checks.registry.docs import as_data, as_markdown, as_table

    checks = list(all_checks().values())
    if form == "markdown":
        text = as_markdown()
    else:
        text = as_table(checks) if form == "text" else show(as_data(checks), form)
    echo(text)


@click.command()
@click.argument("check")
def explain(check: str) -> None:
    """Tell what a check compares, why, and what to do when it fails.

    \b
    Example:
      strimzi-verify explain partitions-min-isr
    """
    from verify.checks.registry import all_checks
    from verify.checks.registry.docs import as_page

    known = all_checks()
    if check not in known:
        raise no_such("check", check, known)
    echo(as_page(known[check]))


LOOKING: Sequence[click.Command] = (
    *(_table(name, told) for name, told in _TABLES.items()),
    dump_,
    list_,
    explain,
)
