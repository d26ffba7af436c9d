"""`strimzi-gitops capacity`: whether what is asked fits, and what it costs."""

from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.cli.looking import OUTPUT
from generator.common.exit_codes import ExitCode
from generator.terminal.console import say, show
from generator.terminal.options import ENV, chosen

if TYPE_CHECKING:
    from generator.system.capacity import Capacity


@click.command("capacity")
@click.argument("environment", type=ENV)
@click.option("--base", metavar="REF",
              help="Also tell how much more is asked than at a branch, tag or commit.")  # fmt: skip
@OUTPUT
@click.pass_obj
def command(root: File, environment: str, base: str | None, form: str) -> None:
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

    def measured_at(folder: File) -> "Capacity":
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
