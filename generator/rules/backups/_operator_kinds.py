"""Manifests of the backup operators' kinds, whoever wrote them, and where things stand in them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.finding import Path
from generator.documents.manifest import Manifest
from generator.model.backups.backup_operator import GROUPS, KINDS, OSO
from generator.model.backups.backups import SECTION
from generator.model.backups.offset_resets import SECTION as OFFSET_RESETS
from generator.model.backups.restores import SECTION as RESTORES
from generator.rules.registry import Flaw
from generator.system.system import System


class Said(NamedTuple):
    """One object; its schema has been held to be right."""

    manifest: Manifest
    group: str

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


def said(system: System, *kinds: str, group: str = "") -> Iterator[Said]:
    """The objects of these kinds, or of all; of one group, or of both."""
    for kind in kinds or KINDS:
        for manifest in system.others.get(kind, ()):
            found = manifest.identity[0]
            if found in GROUPS and group in ("", found):
                yield Said(manifest, found)


def storages(each: Said) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every storage of an object, with its path in the spec."""
    places: list[Path] = [("storage",), ("backupRef", "storage"), ("evidence", "storage")]
    for path in places if each.group == OSO else places[:1]:
        body = each.get(*(str(key) for key in path))
        if isinstance(body, dict):
            yield path, body
