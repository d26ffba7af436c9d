"""Intent -> manifests in the words of each engine: one module for each, with the same functions."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from generator.documents.manifest import Body, Manifest
from generator.model.backups.backups import Backup
from generator.model.backups.engines.cron_job import CronJob
from generator.model.backups.engines.engine import Engine, Operator
from generator.model.backups.engines.oso import Oso
from generator.model.backups.engines.strimzi import Strimzi
from generator.model.backups.offset_resets import OffsetReset
from generator.model.backups.restores import Restore
from generator.model.environment import Environment
from generator.resources.backups.engines import cron_job, oso, strimzi


class Renderer(Protocol):
    """What is rendered for an engine."""

    def backup(self, environment: Environment, backup: Backup) -> Iterator[Manifest]:
        """What runs a backup."""
        ...

    def restore(self, environment: Environment, restore: Restore) -> Iterator[Manifest]:
        """What carries out a restore, and all that goes with it."""
        ...

    def reset(self, environment: Environment, reset: OffsetReset) -> Iterator[Manifest]:
        """What carries out a reset of offsets, and all that goes with it."""
        ...


class OperatorRenderer(Renderer, Protocol):
    """What is rendered for an operator."""

    def chart_values(self, sharing: Sequence[Environment]) -> dict[str, list[Body]]:
        """Helm's values that come from the backups of all environments that share it; lists add up."""
        ...


_OPERATORS: dict[str, OperatorRenderer] = {Oso.group: oso, Strimzi.group: strimzi}
_ALL: dict[str, Renderer] = {CronJob.group: cron_job, **_OPERATORS}


def renderer_of(engine: Engine) -> Renderer:
    """The renderer of an engine."""
    return _ALL[engine.group]


def operator_renderer_of(operator: Operator) -> OperatorRenderer:
    """The renderer of an operator."""
    return _OPERATORS[operator.group]
