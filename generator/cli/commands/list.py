"""`strimzi-gitops list`: environments, clusters, topics or applications."""

from pathlib import Path as File

import click

from generator.cli.looking import OUTPUT, models
from generator.terminal.console import show
from generator.terminal.options import ENV


@click.command("list")
@click.argument("thing", type=click.Choice(["environments", "clusters", "topics", "applications"]))
@click.argument("environments", nargs=-1, type=ENV)
@click.option("--match", metavar="GLOB", help="Only names that fit, for instance 'llm-*'.")
@click.option("--owner", metavar="TEAM", help="Only what this team owns.")
@OUTPUT
@click.pass_obj
def command(root: File, thing: str, environments: tuple[str, ...], match: str | None,
          owner: str | None, form: str) -> None:  # fmt: skip
    """List environments, clusters, topics or applications as they will be deployed.

    \b
    Examples:
      strimzi-gitops list environments
      strimzi-gitops list topics prod --match 'llm-*'
      strimzi-gitops list applications --owner team-billing -o json
    """
    from generator.cli.inventory import LISTS, filtered

    rows_of, columns = LISTS[thing]
    rows = [row for model in models(root, environments) for row in rows_of(model)]
    click.echo(show(filtered(rows, thing, match, owner), form, columns), nl=False)
