"""`strimzi-gitops diff`: in what two environments differ."""

from pathlib import Path as File

import click

from generator.common.exit_codes import ExitCode
from generator.terminal.console import say, show
from generator.terminal.options import ENV, chosen


@click.command("diff")
@click.argument("environment", type=ENV)
@click.argument("other", type=ENV)
@click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
              default="table", show_default=True)  # fmt: skip
@click.pass_obj
def command(root: File, environment: str, other: str, form: str) -> None:
    """Tell in what two environments differ. Exit 7 when they do in something that is not meant.

    Differences that are meant stand in policy.differences of either environment, as `Kind/name
    field` with '*' for anything.

    \b
    Examples:
      strimzi-gitops diff staging prod
      strimzi-gitops diff staging prod -o json
    """
    from generator.common.cache import Cache
    from generator.plan.environment_diff import unmeant
    from generator.plan.sides import in_place_of
    from generator.terminal.console import table

    chosen(root, [environment, other])
    there, side = in_place_of(root, other, environment, Cache(root))
    rows, meant = unmeant(side.states[environment], there, environment, other)
    columns = ("object", "field", environment, other)
    click.echo(table(rows, columns) if form == "table" else show(rows, form), nl=False)
    say(f"{len(rows)} differences, {meant} more that are meant")
    if rows:
        raise click.exceptions.Exit(ExitCode.DIFFERENT)
