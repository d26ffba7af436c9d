"""Everything of a restore: a Job that waits for its approval, or once approved an order to an operator."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.model.backups.restores import restores
from generator.model.environment import Environment
from generator.resources.backups.engines import renderer_of


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every restore, by its name."""
    for restore in restores(environment):
        if restore.is_there:
            yield from renderer_of(restore.engine).restore(environment, restore)
