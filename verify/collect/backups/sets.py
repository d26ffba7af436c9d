"""Read the sets of all backups -> `verify.live.BackupSet` by run, and why some could not be read.

Of each set its small files are read, its folder is listed, and a few of its segments are read
record by record. Nothing is ever written, and nothing outside of the set's folder is asked for.
"""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path as File

from generator.contract.settings import BackupRun
from verify.collect.backups import manifest as backup_manifest
from verify.collect.backups import state
from verify.collect.backups.bucket import Bucket
from verify.collect.backups.folder import Folder
from verify.collect.backups.integrity import integrity
from verify.collect.backups.look import FILES, Look, credentials
from verify.collect.backups.manifest import (
    GROUPS,
    IDENTITY,
    MANIFEST,
    PROVED_GROUPS,
    STATE,
    FaultError,
    Segment,
    SetManifest,
)
from verify.collect.backups.store import Store, Stored
from verify.collect.thread_pool import side_by_side
from verify.live.backups import BackupSet, NewerSet, few
from verify.live.gap import Cause, Gap, NoAnswerError

_SMALL_BYTES = 64 * 2**20
"""A hundred thousand segments; a larger one would not fit into the pod beside what it says."""
_AT_ONCE = 2
"""Each with a manifest that may take a hundred MiB of the pod's memory."""
_SETS = 5
"""How many full sets are looked into for one that is complete."""
_SHARE = 0.5
"""How much of what is left of a round backups may take."""

Differences = tuple[set[str], set[str], set[str]]
"""Segments that are not there, that are not as long as they should be, and that nobody lists."""


def collect(
    asked: Mapping[str, BackupRun], look: Look, now_s: float, deadline: float
) -> tuple[dict[str, BackupSet], dict[str, Gap]]:
    """What can be read of every run's set until the deadline, in terms of time.monotonic()."""
    if not asked:
        return {}, {"backups": Gap(Cause.NOT_ASKED, "no backup is rendered for this environment")}
    until = time.monotonic() + (deadline - time.monotonic()) * _SHARE
    found: dict[str, BackupSet] = {}
    gaps: dict[str, Gap] = {}

    def read(name: str) -> None:
        try:
            found[name] = _SetReader(name, asked[name], look, now_s, until).read()
        except NoAnswerError as error:
            gaps[f"backups.{name}"] = error.gap

    with side_by_side(min(_AT_ONCE, len(asked))) as pool:
        list(pool.map(read, sorted(asked)))
    return dict(sorted(found.items())), dict(sorted(gaps.items()))


class _SetReader:
    """Reads the set of one run; use it once."""

    def __init__(
        self, name: str, asked: BackupRun, look: Look, now_s: float, deadline: float
    ) -> None:
        self._asked = asked
        self._look = look
        self._now_s = now_s
        self._deadline = deadline
        self._copied = name in look.paths
        self._store = store_of(name, asked, look, deadline)
        self._seen: dict[str, tuple[list[Segment], dict[str, Stored]]] = {}
        """Segments and files of sets whose manifest can be used."""

    def read(self) -> BackupSet:
        """The run's one set; of full ones the newest that is complete.

        Raises:
            NoAnswerError: when the storage does not answer.
        """
        found = self._chosen()
        if found.backup_id in self._seen:
            found.integrity = integrity(
                self._store, *self._seen[found.backup_id], self._look, self._now_s, self._deadline
            )
        return found

    def _chosen(self) -> BackupSet:
        if self._asked.incremental:
            return self._set(self._asked.backup_id)
        folders = newest_first(self._asked.backup_id, self._store.folders())
        newest: BackupSet | None = None
        newer: dict[str, NewerSet] = {}
        for place, folder in enumerate(folders[:_SETS]):
            found = self._set(folder)
            newest = newest or found
            if not found.fault and not found.unfinished:
                found.newer, found.older = newer, few(folders[place + 1 :])
                return found
            newer[folder] = NewerSet(found.fault, found.state)
        if newest is None:
            return BackupSet(self._store.place, self._asked.backup_id, copied=self._copied,
                             fault="is not there: no run has begun a set", room=self._store.room())  # fmt: skip
        newest.older = few(folders[1:])
        return newest

    def _set(self, folder: str) -> BackupSet:
        found = BackupSet(
            f"{self._store.place}/{folder}", folder, copied=self._copied, room=self._store.room()
        )
        try:
            said, files, differs = self._settled(found)
        except FaultError as error:
            found.fault = str(error)
            return found
        found.missing, found.sizes, found.unlisted = map(few, differs)
        found.topics, found.missing_topics = said.topics, said.missing_topics
        found.contradictions = said.contradictions
        found.segments = len(said.segments)
        newest = max(said.segments, key=lambda each: (each.uploaded_at_s, each.key), default=None)
        if newest is not None:
            found.uploaded_at_s = newest.uploaded_at_s
            found.stored_at_s = files[newest.key].modified_s if newest.key in files else 0
        self._small_files(found, files)
        self._seen[folder] = said.segments, files
        return found

    def _settled(self, found: BackupSet) -> tuple[SetManifest, dict[str, Stored], Differences]:
        """Manifest and files; of their differences those that are there when one looks again.

        A run, or its retention, may be at work between the list and the manifest.
        """
        said, files = self._both(found)
        differs = _differences(said, files, found.manifest_at_s)
        if any(differs):
            said, files = self._both(found)
            again = _differences(said, files, found.manifest_at_s)
            differs = (differs[0] & again[0], differs[1] & again[1], differs[2] & again[2])
        return said, files, differs

    def _both(self, found: BackupSet) -> tuple[SetManifest, dict[str, Stored]]:
        """The manifest of a set, and all files that lie there."""
        folder = found.backup_id
        files = self._store.files(folder)
        found.files, found.bytes = len(files), sum(each.size for each in files.values())
        key = f"{folder}/{MANIFEST}"
        if key not in files:
            raise FaultError("is not there" if files else "is not there, and nothing else either")
        found.manifest_at_s = files[key].modified_s
        raw = self._store.whole(key, _SMALL_BYTES)
        return backup_manifest.manifest(raw, folder), files

    def _small_files(self, found: BackupSet, files: Mapping[str, Stored]) -> None:
        folder = found.backup_id
        try:
            found.groups = backup_manifest.groups(self._small(folder, GROUPS, files))
        except FaultError as error:
            found.groups_fault = str(error)
        if found.groups is not None and f"{folder}/{PROVED_GROUPS}" in files:
            with suppress(FaultError):
                proved = backup_manifest.groups(self._small(folder, PROVED_GROUPS, files))
                same_time = proved.taken_at_s == found.groups.taken_at_s
                found.groups_altered = same_time and proved != found.groups
        if f"{folder}/{IDENTITY}" in files:
            try:
                found.identity = backup_manifest.identity(self._small(folder, IDENTITY, files))
            except FaultError as error:
                found.identity_fault = str(error)
        try:
            raw = self._small(folder, STATE, files)
            found.state = state.state(raw, folder, self._deadline)
        except FaultError as error:
            found.state_fault = str(error)

    def _small(self, folder: str, name: str, files: Mapping[str, Stored]) -> bytes:
        if f"{folder}/{name}" not in files:
            raise FaultError("is not there")
        return self._store.whole(f"{folder}/{name}", _SMALL_BYTES)


def _differences(
    said: SetManifest, files: Mapping[str, Stored], manifest_at_s: float
) -> Differences:
    listed = {each.key: each.size for each in said.segments}
    sizes = {
        f"{key} has {files[key].size} bytes, not {size}"
        for key, size in listed.items()
        if key in files and files[key].size != size
    }
    # What a run has brought since will be in its next manifest.
    unlisted = {
        key
        for key, each in files.items()
        if "/topics/" in key and key not in listed and each.modified_s < manifest_at_s
    }
    return listed.keys() - files.keys(), sizes, unlisted


def newest_first(backup_id: str, folders: list[str]) -> list[str]:
    """Folders of full sets, the newest first.

    Kubernetes numbers the Jobs of a CronJob by minutes; an operator writes the time as two numbers.
    """
    fits = re.compile(re.escape(backup_id) + r"([0-9]+)(?:-([0-9]+))?")
    found = [(match, each) for each in folders if (match := fits.fullmatch(each))]
    numbered = [((int(m[1]), int(m[2] or 0)), each) for m, each in found]
    return [each for _, each in sorted(numbered, reverse=True)]


def store_of(name: str, asked: BackupRun, look: Look, deadline: float) -> Store:
    """The storage, or the folder that somebody named in its place.

    Raises:
        NoAnswerError: when it cannot be reached from here.
    """
    if name in look.paths:
        return Folder(look.paths[name], deadline)
    mounted = look.mounted / asked.backup if look.mounted is not None else None
    if mounted is not None and not asked.readable:
        reason = (
            f"the pod of verification cannot read {_told(asked)}: run strimzi-verify where it can"
            " be read, or on a copy with --backup-path"
        )
        raise NoAnswerError(Cause.NOT_ASKED, reason)
    if asked.storage.backend == "filesystem":
        if mounted is None:
            reason = f"{_told(asked)} can be read by pods only: give --backup-path {name}=DIR"
            raise NoAnswerError(Cause.NOT_ASKED, reason)
        return Folder(mounted, deadline)
    held = _credentials(mounted) if look.credentials is None else look.credentials
    return Bucket(asked.storage, look.timeout_s, deadline, held)


def _told(asked: BackupRun) -> str:
    storage = asked.storage
    return f"the claim {storage.claim}" if storage.claim else f"the {storage.backend} storage"


def _credentials(mounted: File | None) -> dict[str, str]:
    """What a mounted Secret holds; nothing where there is none, as with an identity in a cloud."""
    if mounted is None:
        return {}
    try:
        return credentials(
            {
                name: (mounted / name).read_text().strip()
                for name in FILES
                if (mounted / name).is_file()
            }
        )
    except (OSError, ValueError) as error:
        reason = f"{mounted} cannot be read: {type(error).__name__}"
        raise NoAnswerError(Cause.REFUSED, reason) from error
