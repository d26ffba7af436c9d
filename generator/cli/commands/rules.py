"""`strimzi-gitops rules`: what the rules demand."""

from pathlib import Path as File
from typing import Any

import click

from generator.terminal.console import show
from generator.terminal.options import no_such


@click.command("rules")
@click.argument("name", required=False)
@click.option("-o", "--output", "form", type=click.Choice(["text", "json", "yaml", "markdown"]),
              default="text", show_default=True)  # fmt: skip
@click.pass_obj
def command(root: File, name: str | None, form: str) -> None:
    """Tell what the rules demand, why, and how to mend what breaks them; your own are among them.

    As markdown only those that are built in.

    \b
    Examples:
      strimzi-gitops rules
      strimzi-gitops rules topic-min-insync-replicas
      strimzi-gitops rules -o markdown > rules.md
    """
    from generator.rules.registry import all_rules
    from generator.rules.registry.docs import as_data, as_markdown, as_page, as_table

    known = {**all_rules(), **_own(root)}
    if name is not None and name not in known:
        raise no_such("rule", name, known)
    chosen = [known[name]] if name else list(known.values())
    if form == "markdown":
        text = as_markdown(chosen if name else list(all_rules().values()))
    elif form == "text":
        text = as_page(chosen[0]) if name else as_table(chosen)
    else:
        text = show(as_data(chosen), form)
    click.echo(text, nl=False)


def _own(root: File) -> dict[str, Any]:
    """The rules of the project's own policies; of an environment that cannot be read none is known."""
    from generator.common.finding import FindingsError
    from generator.common.paths import environment_names
    from generator.intent.layers import Project
    from generator.rules.registry.custom import own_rules

    project, policies = Project(root), {}
    for name in environment_names(root):
        try:
            policies[name] = project.resolve(name, go_on=True).data["policy"]
        except FindingsError:
            click.echo(f"own rules of {name} are left out: see strimzi-gitops validate", err=True)
    return own_rules(policies)
