"""`strimzi-verify flow`: what applications do all day, done once."""

from dataclasses import replace
from pathlib import Path as File
from typing import Unpack

import click

from verify.cli.options import Options
from verify.cli.report_options import format_option, print_report, writable
from verify.cli.target_options import plan_of, selection, where


@click.command("flow")
@where
@format_option
@click.pass_context
def command(context: click.Context, /, environment: str, form: str,
         outputs: list[tuple[str, File]], **options: Unpack[Options]) -> None:  # fmt: skip
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
    print_report(report, form, outputs)
    raise click.exceptions.Exit(report.exit_code)
