"""`strimzi-verify list`: what checks there are."""

import click

from generator.terminal.console import show
from verify.cli.target_options import echo


@click.command("list")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json", "yaml", "markdown"]),
              default="text", show_default=True)  # fmt: skip
def command(form: str) -> None:
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
