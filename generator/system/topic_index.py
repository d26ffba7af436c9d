"""Topics by the beginning of their names, without trying every name."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Generic, Protocol, TypeVar


class _Owned(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str | None: ...


Owned = TypeVar("Owned", bound=_Owned)


class TopicIndex(Generic[Owned]):
    """The topics of a system, sorted by name."""

    def __init__(self, topics: Iterable[Owned]) -> None:
        self._topics = sorted(topics, key=attrgetter("name"))
        self._names = [topic.name for topic in self._topics]
        self._owners = [topic.owner for topic in self._topics]
        self._next_owner = self._ends_of_runs()

    def _ends_of_runs(self) -> list[int]:
        """For every topic, the place of the next one that another team owns."""
        ends = [len(self._owners)] * len(self._owners)
        for place in range(len(ends) - 2, -1, -1):
            same = self._owners[place] == self._owners[place + 1]
            ends[place] = ends[place + 1] if same else place + 1
        return ends

    def under(self, prefix: str) -> Iterator[Owned]:
        """Topics whose names begin with a prefix."""
        for place in range(bisect_left(self._names, prefix), len(self._names)):
            if not self._names[place].startswith(prefix):
                return
            yield self._topics[place]

    def of_others(self, prefix: str, team: str) -> Iterator[Owned]:
        """Topics whose names begin with a prefix and that another team owns."""
        place = bisect_left(self._names, prefix)
        while place < len(self._names) and self._names[place].startswith(prefix):
            if self._owners[place] in (None, team):
                place = self._next_owner[place]
            else:
                yield self._topics[place]
                place += 1
