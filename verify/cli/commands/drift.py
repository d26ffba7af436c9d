"""`strimzi-verify drift`: what differs from Git."""

from dataclasses import replace
from typing import Unpack

import click

from generator.common.exit_codes import MEANINGS, ExitCode
from generator.terminal.console import say
from verify.cli.options import Options
from verify.cli.target_options import (
    echo,
    plan_of,
    where,
)


@click.command("drift")
@where
@click.pass_context
def command(context: click.Context, /, environment: str, **options: Unpack[Options]) -> None:
    """Tell what differs from Git; exit 7 when something does.

    \b
    Example:
      strimzi-verify drift prod
    """
    from verify.checks.registry import all_checks
    from verify.report.report import closing
    from verify.report.text import coloured, text
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
