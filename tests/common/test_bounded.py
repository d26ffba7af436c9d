"""Work of others ends, whatever it does."""

import os

import pytest

from generator.common.bounded import TooMuchError, bounded


def test_result_and_errors_come_back() -> None:
    """As if the work were done here."""
    assert bounded(lambda: {"pid": os.getpid() != os.getppid()}, 5, 100) == {"pid": True}
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, 5, 100)


def test_memory_is_bounded() -> None:
    """A text that is too long is refused at once."""
    with pytest.raises(MemoryError):
        bounded(lambda: "x" * 10**10, 5, 100)


def test_time_is_bounded() -> None:
    """In a loop, and in one long step of the interpreter, which nothing can interrupt."""

    def loop() -> None:
        while True:
            pass

    with pytest.raises(TooMuchError, match="takes more than 1 s"):
        bounded(loop, 1, 100)
    with pytest.raises(TooMuchError, match="takes more than 1 s"):
        bounded(lambda: len(str(3 ** (10**9 + os.getpid()))), 1, 2000)
