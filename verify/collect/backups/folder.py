"""Backup sets in a folder of this machine: a mounted claim, or a copy."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path as File
from typing import BinaryIO

from verify.collect.backups.manifest import FaultError
from verify.collect.backups.store import CHUNK_BYTES, GONE, Stored, bounded, in_time, no_larger
from verify.live.backups import Room
from verify.live.gap import Cause, NoAnswerError

_TEMPORARY = ".kb-tmp-"
"""What the engine's unfinished files have in their names (kafka-backup-core 0.25.2, filesystem.rs)."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine; what is no plain file in it does not count."""

    root: File
    deadline: float

    @property
    def place(self) -> str:
        """Its path."""
        return str(self.root)

    def folders(self) -> list[str]:
        """As a Store."""
        with self._answering():
            return sorted(each.name for each in os.scandir(self.root)
                          if each.is_dir(follow_symlinks=False))  # fmt: skip

    def files(self, folder: str) -> dict[str, Stored]:
        """As a Store."""
        found: dict[str, Stored] = {}
        with self._answering():
            self.root.stat()
            top = self.root / folder
            if top.is_symlink():
                return {}
            for where, folders, names in os.walk(top, onerror=_raise_unless_gone):
                folders.sort()
                for name in names:
                    file = File(where, name)
                    if _TEMPORARY in name:
                        continue
                    with suppress(FileNotFoundError):  # retention deletes while we look
                        told = file.lstat()
                        if stat.S_ISREG(told.st_mode):
                            key = _readable(file.relative_to(self.root))
                            found[key] = Stored(told.st_size, told.st_mtime)
                    bounded(found, self.deadline)  # one folder may hold all of them
                in_time(self.deadline)
        return found

    def whole(self, key: str, most_bytes: int) -> bytes:
        """As a Store."""
        try:
            with self._answering(), self._opened(key) as opened:
                return no_larger(opened.read(most_bytes + 1), most_bytes)
        except NoAnswerError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise FaultError(GONE) from error
            raise

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """As a Store."""
        with self._answering(), self._opened(key) as opened:
            left = size
            while left > 0 and (piece := opened.read(min(left, CHUNK_BYTES))):
                left -= len(piece)
                yield piece
                in_time(self.deadline)

    def room(self) -> Room | None:
        """As a Store."""
        with self._answering():
            told = os.statvfs(self.root)
            return Room(told.f_blocks * told.f_frsize, told.f_bavail * told.f_frsize)

    def _opened(self, key: str) -> BinaryIO:
        # Since it was listed a link or a pipe may have taken its place.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        return os.fdopen(os.open(self.root / key, flags), "rb")

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise NoAnswerError(Cause.REFUSED, f"{error.filename}: we may not read it") from error
        except OSError as error:
            said = error.strerror or type(error).__name__
            where = error.filename or self.root
            raise NoAnswerError(Cause.UNREACHABLE, f"{where}: {said.lower()}") from error


def _readable(file: File) -> str:
    """Its key; of a name that is no UTF-8, which no manifest can say, the bytes are spelled out."""
    return os.fsencode(file.as_posix()).decode("utf-8", "backslashreplace")


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
