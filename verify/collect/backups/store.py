"""A storage that holds backup sets, as the collector asks it: whatever it is, one of these."""

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from verify.collect.backups.manifest import FaultError
from verify.live.backups import Room
from verify.live.gap import Cause, NoAnswerError

CHUNK_BYTES = 8 * 2**20
"""What is asked for at once, so that no single question takes long, nor much memory."""
GONE = "is not there"
_MOST_FILES = 300_000


class Stored(NamedTuple):
    """A file as the storage lists it."""

    size: int
    modified_s: float


class Store(Protocol):
    """Where sets lie; keys are those of the engine, which begin with the id of a set.

    All that it is asked raises NoAnswerError where no answer comes.
    """

    @property
    def place(self) -> str:
        """What people call it."""

    def folders(self) -> list[str]:
        """What lies directly in it and has something below."""

    def files(self, folder: str) -> dict[str, Stored]:
        """Everything below a folder, by key."""

    def whole(self, key: str, most_bytes: int) -> bytes:
        """A file as it is at one moment; FaultError when it is not there, or larger than that."""

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """The content of a file that nobody changes any more, piece by piece."""

    def room(self) -> Room | None:
        """How large the file system is, where it is one."""


def no_larger(content: bytes, most_bytes: int, size: int = 0) -> bytes:
    """The content, or FaultError when it is larger than that."""
    if max(size, len(content)) > most_bytes:
        raise FaultError(f"is larger than {most_bytes // 2**20} MiB")
    return content


def in_time(deadline: float) -> None:
    """Return while there is time, or NoAnswerError."""
    if time.monotonic() >= deadline:
        raise NoAnswerError(Cause.TIMED_OUT, "no time was left to read on")


def bounded(found: Mapping[str, Stored], deadline: float) -> None:
    """The same, and while there are not too many files."""
    in_time(deadline)
    if len(found) > _MOST_FILES:
        reason = f"there are more than {_MOST_FILES} files: keep fewer sets, or larger segments"
        raise NoAnswerError(Cause.UNREACHABLE, reason)
