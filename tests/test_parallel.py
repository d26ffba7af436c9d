"""Two processes do the same work as one, and fail as one."""

import os
from pathlib import Path

import pytest

from generator.parallel import MANY, each_of
from generator.progress import untracked

ITEMS = [f"item-{number}" for number in range(MANY + 1)]


def test_results_of_both_halves_come_together() -> None:
    """Every item has its result, and two processes took part."""
    results = each_of(ITEMS, lambda item: [item.upper(), os.getpid()], untracked, "")

    assert {item: result[0] for item, result in results.items()} == {i: i.upper() for i in ITEMS}
    assert len({result[1] for result in results.values()}) == 2


def test_few_items_need_no_second_process() -> None:
    """Little work stays in one process."""
    results = each_of(ITEMS[:9], lambda _: os.getpid(), untracked, "")

    assert set(results.values()) == {os.getpid()}


@pytest.mark.parametrize("index", [0, MANY])
def test_failure_of_either_half_is_raised(index: int) -> None:
    """An OS error keeps its number, text and file, wherever it happened."""

    def work(item: str) -> int:
        if item == ITEMS[index]:
            raise OSError(28, "No space left on device", item)
        return 1

    with pytest.raises(OSError, match="No space left on device") as caught:
        each_of(ITEMS, work, untracked, "")
    assert (caught.value.errno, caught.value.filename) == (28, ITEMS[index])


def test_stopped_half_counts_as_interrupt(tmp_path: Path) -> None:
    """When the second process is stopped, the whole is, and nothing waits for ever."""
    parent = os.getpid()

    def work(item: str) -> int:
        if os.getpid() != parent:
            raise KeyboardInterrupt
        (tmp_path / item).touch()
        return 1

    with pytest.raises(KeyboardInterrupt):
        each_of(ITEMS, work, untracked, "")
