"""Do one thing with many items on two processors where the system can, else on one."""

import marshal
import os
from collections.abc import Callable, Sequence
from typing import Any

from generator.progress import Track

MANY = 2_000
"""With fewer items a second process costs more than it brings."""


def each_of(
    items: Sequence[str], work: Callable[[str], Any], track: Track[str], title: str
) -> dict[str, Any]:
    """`work(item)` of every item; results must be plain data that marshal can write.

    Raises:
        OSError: whatever `work` raised, in either process.
    """
    if len(items) < MANY or not hasattr(os, "fork") or (os.cpu_count() or 1) < 2:
        return {item: work(item) for item in track(items, title)}
    middle = len(items) // 2
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _other_half(items[middle:], work, writing)
    os.close(writing)
    try:
        results = {item: work(item) for item in track(items[:middle], title)}
    finally:
        # Whatever happened here: the other process ends before this one goes on.
        with open(reading, "rb") as stream:
            content = stream.read()
        os.waitpid(child, 0)
    if not content:
        raise KeyboardInterrupt  # the other process was stopped in the middle
    failure, others = marshal.loads(content)  # noqa: S302 (written by our own other half)
    if failure:
        raise OSError(*failure)
    return {**results, **others}


def _other_half(items: Sequence[str], work: Callable[[str], Any], writing: int) -> None:
    """The second process; it never returns."""
    results: dict[str, Any] = {}
    failure: list[Any] = []
    status = 1
    try:
        try:
            for item in items:
                results[item] = work(item)
        except OSError as error:
            failure = [error.errno, error.strerror, error.filename]
        with open(writing, "wb") as stream:
            stream.write(marshal.dumps((failure, results)))
        status = 0
    finally:
        os._exit(status)
