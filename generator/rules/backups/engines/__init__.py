"""What is wrong with objects of each operator: one module for each, with the same functions."""

from collections.abc import Iterator
from typing import Protocol

from generator.common.finding import Path
from generator.model.backups.engines.oso import Oso
from generator.model.backups.engines.strimzi import Strimzi
from generator.rules.backups._operator_kinds import Said
from generator.rules.backups.engines import oso, strimzi
from generator.rules.registry import Flaw
from generator.system.system import System


class Judge(Protocol):
    """What rules have to know of an operator."""

    def refused(self, each: Said, restricted: bool) -> Iterator[Flaw]:
        """What fails after the merge; is its namespace `restricted`?"""
        ...

    def schedule(self, each: Said, path: Path, text: str) -> Iterator[Flaw]:
        """A schedule that it reads otherwise than it is meant."""
        ...

    def security(self, each: Said) -> Iterator[Flaw]:
        """Words of logins and encryption that it does not know."""
        ...

    def no_effect(self, each: Said) -> Iterator[Flaw]:
        """What it reads and cannot do."""
        ...

    def unsafe_backup(self, each: Said) -> Iterator[Flaw]:
        """What loses backups."""
        ...

    def unsafe_restore(self, each: Said, system: System) -> Iterator[Flaw]:
        """What loses records of the target."""
        ...

    def unencrypted(self, each: Said) -> Iterator[Flaw]:
        """A way to the brokers on which everybody reads along."""
        ...


_ALL: dict[str, Judge] = {Oso.group: oso, Strimzi.group: strimzi}


def judge_of(each: Said) -> Judge:
    """What rules have to know of the operator that an object is for."""
    return _ALL[each.group]
