"""`strimzi-gitops show`: one thing in full."""

from pathlib import Path as File

import click

from generator.cli.looking import OUTPUT, models
from generator.terminal.console import show
from generator.terminal.options import ENV, no_such


@click.command("show")
@click.argument("thing", type=click.Choice(["environment", "cluster", "topic", "application"]))
@click.argument("environment", type=ENV)
@click.argument("name", required=False)
@OUTPUT
@click.pass_obj
def command(root: File, thing: str, environment: str, name: str | None, form: str) -> None:
    """Show one thing in full: a topic with who uses it, an application with its ACLs.

    \b
    Examples:
      strimzi-gitops show topic prod orders.order.created
      strimzi-gitops show application prod billing -o json
      strimzi-gitops show cluster dev
    """
    from generator.cli import inventory

    (model,) = models(root, [environment])
    if thing in ("environment", "cluster"):
        (row,) = (inventory.environments if thing == "environment" else inventory.clusters)(model)
        click.echo(show(row, form), nl=False)
        return
    applications = {each.name: each for each in model.applications}
    things = model.topics if thing == "topic" else applications
    if name is None or name not in things:
        if not name:
            raise click.UsageError(f"give the {thing}'s name; 'list {thing}s' prints them")
        raise no_such(thing, name, things, f" in {environment}")
    if thing == "topic":
        row = inventory.topic_details(model, model.topics[name])
    else:
        row = inventory.application_details(model, applications[name])
    click.echo(show(row, form), nl=False)
