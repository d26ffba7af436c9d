"""Topics as a backup's engine is told them: names, and patterns."""

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

_PATTERN = re.compile(r"[*?\[]")


class Names(NamedTuple):
    """Topics as the engine is told them."""

    plain: frozenset[str]
    patterns: tuple[str, ...]

    def match(self, topic: str) -> bool:
        """Whether a topic is one of them."""
        return topic in self.plain or any(fnmatchcase(topic, each) for each in self.patterns)


def names(said: list[str]) -> Names:
    """Names apart from patterns."""
    patterns = tuple(filter(_PATTERN.search, said))
    return Names(frozenset(said).difference(patterns), patterns)
