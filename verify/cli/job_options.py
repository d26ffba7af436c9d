"""The options of steps that run in the pods of rendered Jobs."""

from collections.abc import Callable
from pathlib import Path as File

import click

from generator.terminal.options import Decorated


def settings(name: str) -> Callable[[Decorated], Decorated]:
    """What is ordered, in a file of this name."""
    return click.option(
        "--settings", type=click.Path(exists=True, dir_okay=False, path_type=File), required=True, metavar="FILE",
        help=f"{name}; files of the engine lie beside it, user/ and cluster-ca/ beside its folder.",
    )  # fmt: skip


work = click.option(
    "--work", type=click.Path(exists=True, file_okay=False, path_type=File), required=True, metavar="DIR",
    help="What all steps share.",
)  # fmt: skip
form = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                    help="How the verdict is printed.")  # fmt: skip
