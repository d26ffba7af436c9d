"""What the commands that only look share."""

from collections.abc import Iterator, Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.terminal.options import (
    chosen,
)

if TYPE_CHECKING:
    from generator.model.environment import Environment

OUTPUT = click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
                      default="table", show_default=True)  # fmt: skip


def models(root: File, environments: Sequence[str]) -> Iterator["Environment"]:
    """The models of the environments asked for, or of all; wrong intent ends the command."""
    from generator.intent.layers import Project
    from generator.render import model_of

    project = Project(root)
    for name in chosen(root, environments):
        yield model_of(project, name)[1]
