"""`strimzi-verify explain`: one check in full."""

import click

from generator.terminal.options import no_such
from verify.cli.target_options import echo


@click.command("explain")
@click.argument("check")
def command(check: str) -> None:
    """Tell what a check compares, why, and what to do when it fails.

    \b
    Example:
      strimzi-verify explain partitions-min-isr
    """
    from verify.checks.registry import all_checks
    from verify.checks.registry.docs import as_page

    known = all_checks()
    if check not in known:
        raise no_such("check", check, known)
    echo(as_page(known[check]))
