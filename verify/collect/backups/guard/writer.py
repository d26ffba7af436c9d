"""Writes the few small files that are kept beside a set. Every other reader of backups only reads.

Each file is there in full or as it was before, whatever is interrupted: in a folder it is written beside its place and
moved there, in an object store it is one request.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path as File
from typing import Protocol

from generator.contract.settings import BackupStorage
from verify.collect.backups.bucket import Bucket
from verify.collect.backups.folder import Folder
from verify.collect.backups.manifest import FaultError
from verify.collect.backups.store import GONE, Store
from verify.live.gap import Cause, NoAnswerError

SMALL_BYTES = 256 * 2**20
"""What a manifest may take, the largest of the files that are kept: four hundred thousand segments."""
_LOCK_BYTES = 512
"""A lock is always as long: written over in its place it needs no room, and is never cut short."""
_TRIES = 5
_HALF_WRITTEN = re.compile(r"\..+\.(?:kb-tmp-\d+-\d+|\d+)")
"""How the engine calls a file before it has its name (kafka-backup-core 0.25.2, storage/filesystem.rs), and how we do."""
_OF_RESTORES = "restore-checkpoints"

Change = Callable[[bytes], bytes]
"""What a file should hold instead of what it does; of one that is not there, that is nothing."""


class NoRoomError(Exception):
    """The file system, or somebody's share of it, is full."""


class Writer(Store, Protocol):
    """A store that can be written to; all of it raises NoAnswerError where no answer comes."""

    def put(self, key: str, content: bytes) -> None:
        """Write a file, in full or not at all; NoRoomError when there is no room."""

    def put_back(self, kept: str, key: str) -> None:
        """Let a file be what another one is, also where there is no room left."""

    def remove(self, key: str) -> None:
        """Remove a file, which need not be there."""

    def tidy(self, folder: str) -> None:
        """Remove what writers of a set that were killed have left half written; nobody may be at it now."""

    def swap(self, key: str, change: Change) -> bool:
        """Write a small file; False when somebody else could come between our look at it and what we write.

        What `change` raises leaves it as it is.
        """


def writer(
    storage: BackupStorage, timeout_s: float, deadline: float, credentials: Mapping[str, str]
) -> Writer:
    """Where a backup is kept, as its own pods see it.

    Raises:
        NoAnswerError: when it cannot be opened.
    """
    if storage.backend == "filesystem":
        return WritableFolder(File(storage.path), deadline)
    return WritableBucket(storage, timeout_s, deadline, credentials)


class WritableFolder(Folder):
    """A folder of this machine."""

    def put(self, key: str, content: bytes) -> None:
        """As a Writer."""
        file = self.root / key
        with self._writing():
            file.parent.mkdir(parents=True, exist_ok=True)
            with self._beside(file) as unfinished:
                with unfinished.open("xb") as opened:
                    opened.write(content)
                    opened.flush()
                    os.fsync(opened.fileno())
                unfinished.replace(file)
            _settle(file.parent)

    def put_back(self, kept: str, key: str) -> None:
        """As a Writer: a second name of the same file takes no room."""
        file = self.root / key
        with self._writing():
            try:
                with self._beside(file) as unfinished:
                    unfinished.hardlink_to(self.root / kept)
                    unfinished.replace(file)
            except OSError:
                # Not every file system knows second names; the next good run keeps it anew.
                (self.root / kept).replace(file)
            _settle(file.parent)

    def remove(self, key: str) -> None:
        """As a Writer."""
        with self._writing():
            (self.root / key).unlink(missing_ok=True)

    def tidy(self, folder: str) -> None:
        """As a Writer; restores are not kept out by a set's lock, so that what they write stays."""
        with self._writing():
            for file in (self.root / folder).rglob(".*"):
                if _HALF_WRITTEN.fullmatch(file.name) and _OF_RESTORES not in file.parts:
                    file.unlink(missing_ok=True)

    def swap(self, key: str, change: Change) -> bool:
        """As a Writer: who is killed lets go of it, and the file itself always stays."""
        file = self.root / key
        with self._writing():
            file.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o664)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX)
                content = change(os.pread(opened, 8 * _LOCK_BYTES, 0).strip(b"\0 \n"))
                os.pwrite(opened, content.ljust(_LOCK_BYTES), 0)
                os.fsync(opened)
            finally:
                os.close(opened)
        return True

    @contextmanager
    def _beside(self, file: File) -> Iterator[File]:
        """A name beside a file that goes, whatever happens."""
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        unfinished.unlink(missing_ok=True)
        try:
            yield unfinished
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._answering():
                yield
        except NoAnswerError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in (ENOSPC, EDQUOT):
                raise NoRoomError(error.gap.reason) from error
            raise


def _settle(folder: File) -> None:
    """A name is only as lasting as the folder in which it stands; not every file system can say so."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


_UNKNOWN = re.compile(r"status code: 501|501 Not Implemented|NotImplemented")
"""What stores say that speak as S3 does, and know no conditional writes."""


class WritableBucket(Bucket):
    """A place in an object store."""

    def put(self, key: str, content: bytes) -> None:
        """As a Writer."""
        with self._answering():
            self._obstore.put(self._store, self._prefix + key, content)

    def put_back(self, kept: str, key: str) -> None:
        """As a Writer."""
        self.put(key, self.whole(kept, SMALL_BYTES))

    def remove(self, key: str) -> None:
        """As a Writer."""
        with self._answering(), suppress(self._obstore.exceptions.NotFoundError, FileNotFoundError):
            self._obstore.delete(self._store, self._prefix + key)

    def tidy(self, folder: str) -> None:
        """As a Writer: in an object store nothing is half written."""

    def swap(self, key: str, change: Change) -> bool:
        """As a Writer: written under the condition that it is still the one that was read."""
        late = (
            self._obstore.exceptions.AlreadyExistsError,
            self._obstore.exceptions.PreconditionError,
        )
        for _ in range(_TRIES):
            content, mark = self._marked(self._prefix + key)
            new = change(content.strip())
            try:
                with self._answering():
                    mode = {"e_tag": mark} if mark else "create"
                    self._obstore.put(self._store, self._prefix + key, new, mode=mode)
            except NoAnswerError as error:
                if _UNKNOWN.search(error.gap.reason):
                    self.put(key, new)
                    return False
                if not isinstance(error.__cause__, late):
                    raise
            else:
                return True
        raise NoAnswerError(Cause.UNREACHABLE, f"{self.place}/{key} is written over and over")

    def _marked(self, name: str) -> tuple[bytes, str]:
        """A file, and the mark by which the store knows it; nothing where it is not there."""
        try:
            with self._answering():
                answer = self._obstore.get(self._store, name)
                return bytes(answer.bytes()), str(answer.meta["e_tag"] or "")
        except NoAnswerError as error:
            if isinstance(error.__cause__, (self._obstore.exceptions.NotFoundError, FileNotFoundError)):  # fmt: skip
                return b"", ""
            raise


def small(store: Store, key: str) -> bytes | None:
    """A small file; None where it is not there.

    Raises:
        FaultError: when it is too large.
    """
    try:
        return store.whole(key, SMALL_BYTES)
    except FaultError as error:
        if str(error) == GONE:
            return None
        raise
