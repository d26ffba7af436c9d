"""The lock of a set: whose it is, for how long, and that nobody comes between a look and what is written."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from pathlib import Path
from threading import Barrier

import pytest

from verify.collect.backups.guard.lock import LOCK, HeldError, keep, release, take
from verify.collect.backups.guard.writer import NoRoomError, WritableFolder, Writer

_NOW = 1_700_000_000.0


def _folder(root: Path) -> Writer:
    return WritableFolder(root, time.monotonic() + 60)


def _take(root: Path, job: str, now_s: float = _NOW) -> None:
    take(_folder(root), "business", job, now_s + 100, now_s)


def test_one_job_holds_it(tmp_path: Path) -> None:
    """Another one is told who does, and until when."""
    _take(tmp_path, "backup-business-1")
    with pytest.raises(HeldError, match="the Job backup-business-1 is at work in business until 2023-11-14T22:15:00Z"):  # fmt: skip
        _take(tmp_path, "manual")
    keep(_folder(tmp_path), "business", "backup-business-1")
    with pytest.raises(HeldError, match="is no longer that of manual, but of backup-business-1"):
        keep(_folder(tmp_path), "business", "manual")


def test_next_try_of_the_job_takes_it_over_and_holds_it_no_longer(tmp_path: Path) -> None:
    """The Job's own end does not move with its tries."""
    _take(tmp_path, "one")
    _take(tmp_path, "one", _NOW + 90)
    with pytest.raises(HeldError):
        _take(tmp_path, "two", _NOW + 99)
    _take(tmp_path, "two", _NOW + 101)


def test_released_lock_is_anybodys(tmp_path: Path) -> None:
    """And who does not hold it releases nothing."""
    _take(tmp_path, "one")
    release(_folder(tmp_path), "business", "two")
    with pytest.raises(HeldError):
        _take(tmp_path, "two")
    release(_folder(tmp_path), "business", "one")
    _take(tmp_path, "two")


@pytest.mark.parametrize("begin", [None, "released", "lapsed"])
def test_of_many_at_once_one_gets_it(tmp_path: Path, begin: str | None) -> None:
    """Whether there was none, or it was let go of, or it had lapsed."""
    if begin:
        _take(tmp_path, "old", _NOW - 1000)
    if begin == "released":
        release(_folder(tmp_path), "business", "old")
    together = Barrier(8)

    def attempt(number: int) -> bool:
        together.wait()
        try:
            _take(tmp_path, f"job-{number}")
        except HeldError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_file_that_was_made_and_never_written_is_nobodys(tmp_path: Path) -> None:
    """Who was killed between the two holds nothing."""
    (tmp_path / "business").mkdir()
    (tmp_path / "business" / LOCK).touch()
    _take(tmp_path, "one")


def test_what_is_no_lock_is_not_taken(tmp_path: Path) -> None:
    """A newer program may have written it."""
    (tmp_path / "business").mkdir()
    (tmp_path / "business" / LOCK).write_text("held")
    with pytest.raises(HeldError, match="is no lock that this program wrote"):
        _take(tmp_path, "one")


def test_without_room_there_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said as what it is."""

    def full(*_: object) -> int:
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(NoRoomError, match="no space left"):
            _take(tmp_path, "one")
    _take(tmp_path, "two")
