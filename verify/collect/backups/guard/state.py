"""The state of a set that was proved last: kept beside the set, and put back where a run has spoiled what it found.

What the engine writes of a set in small files (manifest, offsets.db, snapshot of groups) it writes anew in each run, with
nothing said where a full volume has swallowed it. Segments it never writes over; what nobody lists any more is left alone.

Manifests are written last: whoever is interrupted has left one that does not fit, and the next look begins anew.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from verify.collect.backups import manifest as backup_manifest
from verify.collect.backups import state as backup_state
from verify.collect.backups.guard.pruned import forgotten, without_pruned
from verify.collect.backups.guard.writer import NoRoomError, Writer, small
from verify.collect.backups.manifest import (
    GROUPS,
    MANIFEST,
    STATE,
    FaultError,
    Segment,
    SetManifest,
)
from verify.collect.backups.segment import compared
from verify.collect.backups.store import Stored

_KEPT = "strimzi-gitops-proved-"
"""What the names of copies begin with."""
_NAMED = 3


class Settled(NamedTuple):
    """What a set is once it was looked at."""

    manifest: SetManifest | None
    """What it lists now; None where there is no set."""
    wrong: tuple[str, ...] = ()
    """What is the matter with it, for people."""
    put_back: bool = False
    """Whether it is again what it was when it was proved last."""


class SetState:
    """The set of a run, with what is kept of it."""

    def __init__(self, writer: Writer, backup_id: str, deadline: float, *, retention: bool) -> None:
        """`retention` says that the engine may have dropped segments; `deadline` is in terms of time.monotonic()."""
        self._writer, self._id, self._deadline = writer, backup_id, deadline
        self._retention = retention

    def settle(self, distrusted: Iterable[str] = ()) -> Settled:
        """Keep what the set is now when it holds up, else put back what was proved last.

        `distrusted` is what speaks against a set that has changed since, whatever its files say.

        Raises:
            FaultError: when it has no manifest that can be read, and none is kept.
            NoRoomError: when there is no room to keep it.
            NoAnswerError: when the storage does not answer.
        """
        distrusted = list(distrusted)
        now, kept = self._read(MANIFEST), self._read(_KEPT + MANIFEST)
        before = None
        if kept:
            try:
                before = self._manifest(kept)
            except FaultError:
                kept = None
        if kept is None:
            return self._adopted(now, distrusted)
        files = self._writer.files(self._id)
        if now == (kept or None):
            wrong = [*_damage(before.segments if before else (), files), *self._small_files()]
            return Settled(before, tuple(wrong))
        try:
            said = self._manifest(now)
            wrong = [*distrusted, *self._new_faults(said, before, now or b"", kept, files)]
        except FaultError as error:
            said, wrong = None, [*distrusted, f"{MANIFEST} {error}"]
        if wrong:
            self._put_back(kept, files)
            return Settled(before, tuple(wrong), put_back=True)
        old = [*_damage(before.segments if before else (), files, said), *self._small_files()]
        self._keep(now or b"")
        return Settled(said, tuple(old))

    def begin_empty(self) -> None:
        """Remember that nothing was there: what a first run leaves that does not hold up is put back to that."""
        if self._read(_KEPT + MANIFEST) is None:
            self._writer.put(self._key(_KEPT + MANIFEST), b"")

    def listed(self) -> SetManifest | None:
        """What the manifest says, as long as it can be read."""
        with suppress(FaultError):
            return self._manifest(self._read(MANIFEST))
        return None

    def absent(self, *names: str) -> list[str]:
        """Those of the small files that are not there."""
        return [f"{name} is not there" for name in names if name and self._read(name) is None]

    def manifest_sum(self) -> str:
        """The SHA-256 of the manifest."""
        return sha256(self._read(MANIFEST) or b"").hexdigest()

    def small_bytes(self) -> int:
        """What the files take that each run writes anew."""
        return sum(len(self._read(name) or b"") for name in (MANIFEST, STATE, GROUPS))

    def _adopted(self, now: bytes | None, distrusted: list[str]) -> Settled:
        """A set that nobody has guarded so far; its segments are only held against their sizes, however many there are.

        What is distrusted is nobody's to adopt.
        """
        if now is None or distrusted:
            return Settled(None if now is None else self._manifest(now), tuple(distrusted))
        said = self._manifest(now)
        wrong = [*_damage(said.segments, self._writer.files(self._id)), *self._small_files()]
        self._keep(now)
        return Settled(said, tuple(wrong))

    def _manifest(self, content: bytes | None) -> SetManifest:
        if content is None:
            raise FaultError("is not there any more")
        return backup_manifest.manifest(content, self._id)

    def _new_faults(
        self, said: SetManifest, before: SetManifest | None, now: bytes, kept: bytes,
        files: Mapping[str, Stored],
    ) -> Iterator[str]:  # fmt: skip
        """What a run has spoiled: what was proved before is not its doing."""
        proved = {(each.key, each.sha256) for each in before.segments} if before else set()
        new = [each for each in said.segments if (each.key, each.sha256) not in proved]
        yield from _damage(new, files)
        for each in new:
            if each.key in files and files[each.key].size == each.size:
                content = bytearray()
                for piece in self._writer.pieces(each.key, each.size):
                    content += piece
                if why := compared(each, content, self._deadline)[0]:
                    yield f"{each.key} {why}"
        old = set(before.contradictions.first) if before else set()
        yield from (each for each in said.contradictions.first if each not in old)
        lost = forgotten(kept, now) if kept else []
        if lost:
            yield f"{MANIFEST} no longer lists {_some(lost)}"
        yield from _breaks(said, before)

    def _small_files(self) -> Iterator[str]:
        """What is wrong with the others, each of which is put back by itself: the engine could not go on with it."""
        for name in (STATE, GROUPS):
            content = self._read(name)
            if content is None:
                continue
            try:
                if name == STATE:
                    backup_state.state(content, self._id, time.monotonic() + 60)
                else:
                    backup_manifest.groups(content)
            except FaultError as error:
                yield f"{name} {error}"
                self._put_back_one(name)

    def _keep(self, manifest: bytes) -> None:
        for name in (STATE, GROUPS):
            if (content := self._read(name)) is not None:
                self._writer.put(self._key(_KEPT + name), content)
        self._writer.put(self._key(_KEPT + MANIFEST), manifest)

    def _put_back(self, kept: bytes, files: Mapping[str, Stored]) -> None:
        for name in (STATE, GROUPS):
            self._put_back_one(name)
        if not kept:
            self._writer.remove(self._key(MANIFEST))
            return
        lasting = without_pruned(kept, files) if self._retention else kept
        if lasting != kept:
            # Without room, what retention has dropped is told as missing.
            with suppress(NoRoomError):
                self._writer.put(self._key(_KEPT + MANIFEST), lasting)
        self._writer.put_back(self._key(_KEPT + MANIFEST), self._key(MANIFEST))

    def _put_back_one(self, name: str) -> None:
        if self._read(_KEPT + name) is None:
            self._writer.remove(self._key(name))
        else:
            self._writer.put_back(self._key(_KEPT + name), self._key(name))

    def _read(self, name: str) -> bytes | None:
        return small(self._writer, self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._id}/{name}"


def _damage(
    segments: Iterable[Segment], files: Mapping[str, Stored], still: SetManifest | None = None
) -> Iterator[str]:
    """Segments that are not there, or not in their size; with `still`, of those only that it lists."""
    listed = None if still is None else {each.key for each in still.segments}
    mine = [each for each in segments if listed is None or each.key in listed]
    missing = [each.key for each in mine if each.key not in files]
    if missing:
        yield f"{_some(missing)} {'are' if len(missing) > 1 else 'is'} not there"
    short = [each.key for each in mine if each.key in files and files[each.key].size != each.size]
    if short:
        yield f"{_some(short)} {'have' if len(short) > 1 else 'has'} another size than the manifest says"


def _breaks(said: SetManifest, before: SetManifest | None) -> Iterator[str]:
    """Offsets that are in no segment, or in two, as two runs at once leave them."""
    for topic, found in sorted(said.topics.items()):
        old = before.topics.get(topic) if before else None
        for number, partition in sorted(found.partitions.items()):
            known = old.partitions.get(number) if old else None
            for what, ranges, told in (
                ("no segment", partition.holes, known.holes if known else ()),
                ("two segments", partition.overlaps, known.overlaps if known else ()),
            ):
                for each in sorted(set(ranges) - set(told), key=lambda one: one.first)[:1]:
                    yield f"offsets {each.first} to {each.last} of {topic}[{number}] are in {what}"


def _some(names: list[str]) -> str:
    """So many segments, the first of them by name."""
    more = len(names) - _NAMED
    shown = ", ".join(sorted(names)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{len(names)} segment{'s' if len(names) > 1 else ''} ({shown})"
