"""`strimzi-verify dump`: all that was collected, in a file."""

from pathlib import Path as File
from typing import Unpack

import click

from generator.common.exit_codes import ExitCode
from generator.terminal.console import say
from verify.cli.backup_options import backups
from verify.cli.options import Options
from verify.cli.target_options import credentials, plan_of, soon, where


@click.command("dump")
@where
@backups
@credentials
@click.argument("file", type=click.Path(dir_okay=False, path_type=File))
@click.pass_context
def command(
    context: click.Context, /, environment: str, file: File, **options: Unpack[Options]
) -> None:
    """Write all that a live environment says to a file, for `run --from-dump` and `--since`.

    Secrets are reduced to their keys and what their certificates say. The probe is not run.

    \b
    Example:
      strimzi-verify dump prod prod.json
    """
    from verify.collect.round import Round
    from verify.live import dump
    from verify.live.live import Cause
    from verify.report.watch import watching

    plan = plan_of(context.obj, environment, options, dump.HELD)
    with watching(f"verifying {environment}") as observer:
        each = Round(plan, soon(), observer)
        each.collect()
    dump.write(file, each.live)
    missing = [gap for part, gap in each.live.gaps.items() if gap.cause is not Cause.NOT_ASKED]
    for gap in missing:
        say(f"missing: {gap.reason}")
    say(f"{file}: what {environment} is like")
    raise click.exceptions.Exit(ExitCode.UNREACHABLE if missing else ExitCode.FINE)
