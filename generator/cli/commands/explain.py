"""`strimzi-gitops explain`: where a value comes from."""

from pathlib import Path as File

import click

from generator.terminal.console import show
from generator.terminal.options import ENV, chosen


@click.command("explain")
@click.argument("environment", type=ENV)
@click.argument("path")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.pass_obj
def command(root: File, environment: str, path: str, form: str) -> None:
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
