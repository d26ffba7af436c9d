"""`strimzi-gitops connection`: how clients connect."""

from pathlib import Path as File

import click

from generator.cli.looking import models
from generator.terminal.console import show
from generator.terminal.options import ENV, no_such


@click.command("connection")
@click.argument("environment", type=ENV)
@click.option("--application", metavar="NAME", help="For this application: its user and settings.")
@click.option("-o", "--output", "form", default="table", show_default=True,
              type=click.Choice(["table", "json", "yaml", "env"]))  # fmt: skip
@click.pass_obj
def command(root: File, environment: str, application: str | None, form: str) -> None:
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
