"""Work of others that may take any time and memory, done where neither harms: in a copy of this process."""

import os
import pickle
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

_STATUS = "/proc/self/statm"


class TooMuchError(Exception):
    """The work took more time or memory than it may; the message says which."""


def bounded(work: Callable[[], Any], seconds: int, megabytes: int) -> Any:
    """What the work returns; what it raises is raised here.

    Within the work `TooMuchError` is raised when its time is up, and `MemoryError` when its memory is.

    Raises:
        TooMuchError: when the work ends without a word: it is in one long step of the interpreter.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _limit(seconds, megabytes)
            told = (True, work())
        except BaseException as error:  # noqa: BLE001 (it is raised again where it belongs)
            error.__traceback__ = None
            told = (False, error)
        try:
            with os.fdopen(writing, "wb") as out:
                pickle.dump(told, out)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as answer:
            content = answer.read()
    finally:
        os.waitpid(child, 0)
    if not content:
        raise TooMuchError(f"takes more than {seconds} s")
    is_fine, result = pickle.loads(content)  # noqa: S301 (our own copy said it)
    if not is_fine:
        raise result
    return result


def _limit(seconds: int, megabytes: int) -> None:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TooMuchError(f"takes more than {seconds} s")

    signal.signal(signal.SIGXCPU, late)
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, spent + seconds + 1))
    try:
        with open(_STATUS, encoding="ascii") as status:  # noqa: PTH123 (no file of ours)
            size = int(status.read().split()[0]) * resource.getpagesize()
    except OSError:
        size = 2**30  # another system, which does not say
    with suppress(OSError, ValueError):  # some systems have no such limit
        resource.setrlimit(resource.RLIMIT_AS, (size + megabytes * 2**20,) * 2)
