"""`strimzi-gitops rules`: what the rules demand."""

import click

from generator.terminal.console import show
from generator.terminal.options import no_such


@click.command("rules")
@click.argument("name", required=False)
@click.option("-o", "--output", "form", type=click.Choice(["text", "json", "yaml", "markdown"]),
              default="text", show_default=True)  # fmt: skip
def command(name: str | None, form: str) -> None:
    """Tell what the rules demand, why, and how to mend what breaks them.

    \b
    Examples:
      strimzi-gitops rules
      strimzi-gitops rules topic-min-insync-replicas
      strimzi-gitops rules -o markdown > rules.md
    """
    from generator.rules.registry import all_rules
    from generator.rules.registry.docs import as_data, as_markdown, as_page, as_table

    known = all_rules()
    if name is not None and name not in known:
        raise no_such("rule", name, known)
    chosen = [known[name]] if name else list(known.values())
    if form == "markdown":
        text = as_markdown(chosen)
    elif form == "text":
        text = as_page(chosen[0]) if name else as_table(chosen)
    else:
        text = show(as_data(chosen), form)
    click.echo(text, nl=False)
