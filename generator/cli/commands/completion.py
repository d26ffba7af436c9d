"""`strimzi-gitops completion`: a completion script for a shell."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print a completion script for a shell.

    \b
    Example:
      strimzi-gitops completion bash > ~/.local/share/bash-completion/completions/strimzi-gitops
    """
    from click.shell_completion import get_completion_class

    from generator.cli.main import main

    kind = get_completion_class(shell)
    if kind is not None:
        variable = "_STRIMZI_GITOPS_COMPLETE"
        click.echo(kind(main, {}, "strimzi-gitops", variable).source())
