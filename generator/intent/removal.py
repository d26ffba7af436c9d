"""environments/NAME/tombstone.yaml: an environment that is to go, why, and who answers for it."""

from collections.abc import Iterator
from pathlib import Path as File

from generator.common.finding import Finding, FindingsError
from generator.common.paths import ENVIRONMENTS, REMOVAL_FILE, removals
from generator.documents.source import Source, read_text

_KEYS = ("reason", "owner")
_FIX = "write reason: and owner:, both text"


def check(root: File) -> Iterator[Finding]:
    """What is wrong with the tombstones of a project."""
    for name in removals(root):
        path = f"{ENVIRONMENTS}/{name}/{REMOVAL_FILE}"
        try:
            source = Source(path, read_text(root / path, path))
            data = source.data
        except FindingsError as error:
            yield from error.findings
            continue
        if not isinstance(data, dict):
            yield Finding(path, 1, 1, "tombstone", "is no mapping", _FIX)
            continue
        for key in _KEYS:
            if not isinstance(data.get(key), str) or not data[key]:
                yield Finding(path, 1, 1, "tombstone", f"'{key}' is missing or no text", _FIX)
        for key in data.keys() - set(_KEYS):
            line, column = source.strict.place((key,), on_key=True)
            yield Finding(path, line, column, "unknown-key", f"unknown key '{key}'", _FIX)
