"""Work in threads that a Ctrl-C does not have to wait for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def side_by_side(most: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of at most so many threads; all have ended after it, unless an exception passes through.

    Then what has begun goes on until its own time limit, and nobody waits for it.
    """
    pool = ThreadPoolExecutor(max(1, most))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
