"""The commands that only look: explain, list, show, connection, capacity, schema."""

from collections.abc import Iterator, Sequence
from pathlib import Path as File
from typing import Any

import click

from generator.common.exit_codes import ExitCode
from generator.terminal.console import say, show
from generator.terminal.options import ENV, chosen, no_such


@click.command()
@click.argument("environment", type=ENV)
@click.argument("path")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.pass_obj
def explain(root: File, environment: str, path: str, form: str) -> None:
    """Tell where a value comes from: every layer that says it, and which one wins.

    \b
    Examples:
      strimzi-gitops explain prod cluster.kafkaVersion
      strimzi-gitops explain prod topics.orders.order.created.retention
      strimzi-gitops explain dev cluster.config.min.insync.replicas
    """
    from generator.cli.explain_text import as_data, as_text
    from generator.intent.explain import UnknownPathError
    from generator.intent.explain import explain as tell
    from generator.intent.layers import Project

    chosen(root, [environment])
    resolved = Project(root).resolve(environment)
    try:
        explanation = tell(resolved, path)
    except UnknownPathError as error:
        raise click.UsageError(str(error)) from error
    click.echo(show(as_data(explanation), "json") if form == "json" else as_text(explanation),
               nl=False)  # fmt: skip


OUTPUT = click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
                      default="table", show_default=True)  # fmt: skip


@click.command("list")
@click.argument("thing", type=click.Choice(["environments", "clusters", "topics", "applications"]))
@click.argument("environments", nargs=-1, type=ENV)
@click.option("--match", metavar="GLOB", help="Only names that fit, for instance 'llm-*'.")
@click.option("--owner", metavar="TEAM", help="Only what this team owns.")
@OUTPUT
@click.pass_obj
def list_(root: File, thing: str, environments: tuple[str, ...], match: str | None,
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


def models(root: File, environments: Sequence[str]) -> Iterator[Any]:
    """The models of the environments asked for, or of all; wrong intent ends the command."""
    from generator.intent.layers import Project
    from generator.render import model_of

    project = Project(root)
    for name in chosen(root, environments):
        yield model_of(project, name)[1]


@click.command("show")
@click.argument("thing", type=click.Choice(["environment", "cluster", "topic", "application"]))
@click.argument("environment", type=ENV)
@click.argument("name", required=False)
@OUTPUT
@click.pass_obj
def show_(root: File, thing: str, environment: str, name: str | None, form: str) -> None:
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
    things = model.topics if thing == "topic" else {each.name: each for each in model.applications}
    if name not in things:
        if not name:
            raise click.UsageError(f"give the {thing}'s name; 'list {thing}s' prints them")
        raise no_such(thing, name, things, f" in {environment}")
    details = inventory.topic_details if thing == "topic" else inventory.application_details
    click.echo(show(details(model, things[name]), form), nl=False)


@click.command()
@click.argument("environment", type=ENV)
@click.option("--application", metavar="NAME", help="For this application: its user and settings.")
@click.option("-o", "--output", "form", default="table", show_default=True,
              type=click.Choice(["table", "json", "yaml", "env"]))  # fmt: skip
@click.pass_obj
def connection(root: File, environment: str, application: str | None, form: str) -> None:
    """Print how to connect: addresses, protocols, names of the Secrets. No secret itself.

    \b
    Examples:
      strimzi-gitops connection prod
      strimzi-gitops connection prod --application billing -o env
    """
    from generator.model.connection import advice, listener_rows

    (model,) = models(root, [environment])
    if application is None and form == "table":
        columns = ("listener", "bootstrap", "protocol", "authentication", "reach")
        click.echo(show(listener_rows(model), form, columns), nl=False)
        return
    names = {each.name: each for each in model.applications}
    if application is not None and application not in names:
        raise no_such("application", application, names)
    data = advice(model, names.get(application or ""))
    if form == "env":
        click.echo("".join(f"{key}={value}\n" for key, value in sorted(data.items())
                           if key.isupper()), nl=False)  # fmt: skip
    else:
        click.echo(show(data, form), nl=False)


@click.command()
@click.argument("environment", type=ENV)
@click.option("--base", metavar="REF",
              help="Also tell how much more is asked than at a branch, tag or commit.")  # fmt: skip
@OUTPUT
@click.pass_obj
def capacity(root: File, environment: str, base: str | None, form: str) -> None:
    """Tell how much of the cluster the topics use, and what it costs.

    Exit 6 when it is more than there is, or than a team may use. Prices come from policy.prices.

    \b
    Examples:
      strimzi-gitops capacity prod
      strimzi-gitops capacity prod --base origin/main
      strimzi-gitops capacity prod -o json
    """
    from generator.cli.capacity_text import as_data, as_text
    from generator.common.cache import Cache
    from generator.plan.sides import at_ref, of_project
    from generator.system.capacity import capacity as measure

    def measured_at(folder: File) -> Any:
        system = of_project(folder, [environment], Cache()).states[environment].system
        if system is None:
            raise click.UsageError(f"{environment} renders no Kafka")
        return measure(system)

    chosen(root, [environment])
    measured, before = measured_at(root), None
    if base is not None:
        with at_ref(root, base) as folder:
            chosen(folder, [environment])
            before = measured_at(folder)
    text = as_text(measured, before) if form == "table" else show(as_data(measured, before), form)
    click.echo(text, nl=False)
    if measured.exceeded:
        say("more is asked than there is: add brokers or disks, ask for less, or raise a budget")
        raise click.exceptions.Exit(ExitCode.NOT_ENOUGH_RESOURCES)


@click.command()
def schema() -> None:
    """Print the intent's JSON Schema, for completion and checks in editors.

    \b
    Example:
      strimzi-gitops schema > intent.schema.json
      and as a file's first line: # yaml-language-server: $schema=../../intent.schema.json
    """
    from generator.intent.schema import intent_schema_text

    click.echo(intent_schema_text(), nl=False)


COMMANDS = (explain, list_, show_, connection, capacity, schema)
"""In the order of their telling."""
