"""How long work may show its progress without knowing of any terminal. A leaf."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """Wraps a sequence so that going through it may show progress under a title."""

    def __call__(self, items: Sequence[Item], title: str, /) -> Iterable[Item]:
        """The same items."""


def untracked(items: Sequence[Item], _title: str) -> Iterable[Item]:
    """The items themselves: nobody watches."""
    return items
