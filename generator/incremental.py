"""The short way: when only settings of existing topics changed, only those topics are rendered.

It takes the last faultless run of the same environments as known, and gives up (None) at the
least doubt: another kind of change, any finding, any topic whose dead-letter or retry topics may
change. A test holds it against the long way in `render.py` over random changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from generator.cache import Cache
from generator.finding import FindingsError
from generator.inherit import Project
from generator.intent_schema import check
from generator.layout import ENVIRONMENTS, EXTRA, SHARED
from generator.manifest import Manifest
from generator.model import build
from generator.overrides import apply
from generator.resources import kafka_topic
from generator.schema import Schemas
from generator.source import YAML_SUFFIXES, Source, read_text

_STRUCTURAL = ("profile", "deadLetter", "retries")
"""Topic settings that decide which topics there are besides the topic itself."""


class UnknownContentError(Exception):
    """A file of the last run is not as that run left it, so its content must be rendered again."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A manifest of the last faultless run, of which only the digest is known."""

    digest: bytes

    def content(self) -> bytes:
        """Nobody knows without rendering it.

        Raises:
            UnknownContentError: always.
        """
        raise UnknownContentError


Folders = dict[str, dict[str, Manifest | Unchanged]]


def render_changed(
    root: File, names: Sequence[str], files: Mapping[str, str], schemas: Schemas, cache: Cache
) -> Folders | None:
    """The folders of rendered/ with every file, or None when the long way must be taken.

    `files` are the digests of all files below environments/; `names` may hold SHARED.
    """
    last = cache.last(names)
    if last is None or not last.folders or last.files.keys() != files.keys():
        return None
    changed = sorted(name for name, known in last.files.items() if files[name] != known)
    topics: set[str] = set()
    try:
        for name in changed:
            found = _changed_topics(root, name, last.files[name], cache)
            if found is None:
                return None
            topics |= found
        return _with_topics(root, names, topics, last.folders, schemas, cache)
    except FindingsError:
        return None


def _changed_topics(root: File, name: str, known: str, cache: Cache) -> set[str] | None:
    """Topics whose settings differ in one file of intent; None when anything else differs."""
    layer, _, inside = name.partition("/")
    if not layer or inside.startswith(f"{EXTRA}/") or not name.endswith(YAML_SUFFIXES):
        return None
    path = f"{ENVIRONMENTS}/{name}"
    before = cache.data_before(path, known)
    checked = check(Source(path, read_text(root / path, path)))
    after = checked.data
    if before is None or checked.nulls or before.keys() != after.keys():
        return None
    if any(before[section] != after[section] for section in after if section != "topics"):
        return None
    old, new = before.get("topics", {}), after.get("topics", {})
    if old.keys() != new.keys():
        return None
    changed = {topic for topic, own in new.items() if own != old[topic]}
    for topic in changed:
        if any(new[topic].get(key) != old[topic].get(key) for key in _STRUCTURAL):
            return None
    return changed


def _with_topics(
    root: File,
    names: Sequence[str],
    topics: set[str],
    known: Mapping[str, Mapping[str, bytes]],
    schemas: Schemas,
    cache: Cache,
) -> Folders | None:
    """The known folders with these topics rendered anew."""
    project = Project(root, cache)
    folders: Folders = {
        folder: {file: Unchanged(digest) for file, digest in files.items()}
        for folder, files in known.items()
    }
    for name in names:
        if name == SHARED:
            continue
        resolved = project.resolve(name)
        everything = resolved.data.get("topics", {})
        mine = {topic: everything[topic] for topic in topics if topic in everything}
        alone: dict[str, Any] = {**resolved.data, "topics": mine, "applications": {}, "users": {}}
        environment, problems = build(resolved.with_data(alone))
        manifests, _ = apply(environment, kafka_topic.render(environment))
        if problems or resolved.problems:
            return None
        for manifest in manifests:
            if manifest.file not in folders[name] or any(schemas.check(manifest)):
                return None
            folders[name][manifest.file] = manifest
    return folders
