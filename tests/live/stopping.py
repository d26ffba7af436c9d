"""Servers of tests that are stopped in the end, whatever happened."""

from contextlib import ExitStack
from types import TracebackType


class Stopping:
    """What has all that it started in a stack, and is left by unwinding it."""

    _cleanup: ExitStack

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all of it."""
        self._cleanup.close()
