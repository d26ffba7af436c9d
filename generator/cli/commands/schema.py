"""`strimzi-gitops schema`: the intent's JSON Schema."""

import click


@click.command("schema")
def command() -> None:
    """Print the intent's JSON Schema, for completion and checks in editors.

    \b
    Example:
      strimzi-gitops schema > intent.schema.json
      and as a file's first line: # yaml-language-server: $schema=../../intent.schema.json
    """
    from generator.intent.schema import intent_schema_text

    click.echo(intent_schema_text(), nl=False)
