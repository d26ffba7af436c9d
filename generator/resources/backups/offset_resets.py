"""Everything of a reset of offsets: a Job that waits for its approval, or once approved an order."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.model.backups.offset_resets import offset_resets
from generator.model.environment import Environment
from generator.resources.backups.engines import renderer_of


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every reset, by its name."""
    for reset in offset_resets(environment):
        if reset.is_there:
            yield from renderer_of(reset.engine).reset(environment, reset)
