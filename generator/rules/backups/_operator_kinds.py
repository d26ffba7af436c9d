"""Manifests of the backup operators' kinds, whoever wrote them, and where things stand in them."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from generator.common.finding import Path
from generator.documents.manifest import Body, Manifest
from generator.model.backups.backup_operator import KINDS
from generator.model.backups.backups import SECTION
from generator.model.backups.engines import OPERATORS
from generator.model.backups.engines.engine import Operator
from generator.model.backups.offset_resets import SECTION as OFFSET_RESETS
from generator.model.backups.restores import SECTION as RESTORES
from generator.rules.registry import Flaw
from generator.system.system import System


class Said(NamedTuple):
    """One object; its schema has been held to be right."""

    manifest: Manifest
    operator: type[Operator]
    """The operator that acts on it."""

    @property
    def group(self) -> str:
        return self.operator.group

    @property
    def kind(self) -> str:
        return self.manifest.kind

    @property
    def rendered(self) -> bool:
        """True for what comes from `backups:`."""
        return self.manifest.origin[:1] == (SECTION,)

    @property
    def asked(self) -> bool:
        """True for the orders of `restores:` and `offsetResets:`, which somebody has approved."""
        return self.manifest.origin[:1] in ((RESTORES,), (OFFSET_RESETS,))

    def get(self, *path: str) -> Any:
        """What stands at a path of the spec; None where nothing does."""
        node: Any = self.manifest.body["spec"]
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def flaw(self, path: Path, message: str, fix: str = "") -> Flaw:
        """A flaw at a path of the spec, or at the key above that is there."""
        node: Any = self.manifest.body["spec"]
        for place, key in enumerate(path):
            if not isinstance(node, dict) or key not in node:
                return Flaw(("spec", *path[:place]), message, fix, on=self.manifest, on_key=True)
            node = node[key]
        return Flaw(("spec", *path), message, fix, on=self.manifest, on_key=True)


class Ignored(NamedTuple):
    """A field without effect; `harmless` is the value that says the same as nothing."""

    kinds: tuple[str, ...]
    path: tuple[str, ...]
    why: str
    harmless: Any = None


def said(system: System, *kinds: str) -> Iterator[Said]:
    """The objects of these kinds, or of all, whichever operator they are of."""
    for kind in kinds or KINDS:
        for manifest in system.others.get(kind, ()):
            operator = OPERATORS.get(manifest.identity[0])
            if operator is not None:
                yield Said(manifest, operator)


def ignored(each: Said, rows: Iterable[Ignored]) -> Iterator[Flaw]:
    """Fields of an object that its operator does not read."""
    for row in rows:
        if each.kind in row.kinds and each.get(*row.path) not in (None, row.harmless):
            yield each.flaw(row.path, f"{'.'.join(row.path)} has no effect: {row.why}")


def storages(each: Said) -> Iterator[tuple[Path, Body]]:
    """Every storage of an object, with its path in the spec."""
    for path in each.operator.storage_paths:
        body = each.get(*(str(key) for key in path))
        if isinstance(body, dict):
            yield path, body
