"""Which topics a backup holds, and how they are dealt out to its runs."""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256

from generator.intent.sections import BackupSection
from generator.model.environment import Topic

REQUIRED, EXCLUDED = "required", "excluded"
"""What a topic says of backups; `optional`, which it is when it says nothing, needs no word here."""

_RIGHT_BYTES, _MOST_BYTES = 150, 1_000_000
"""What a rule takes beside the topic's name, and what all may: etcd refuses objects of 1.5 MiB."""


def patterns(settings: BackupSection) -> list[str]:
    """The patterns and names that a backup includes."""
    return list(settings.get("topics", {}).get("include", ()))


def takes_marked(settings: BackupSection) -> bool:
    """True when it takes topics because they say `backup: required`."""
    said = settings.get("topics", {})
    return bool(said.get("required", not said.get("include")))


def selected(settings: BackupSection, topics: Iterable[Topic]) -> list[str]:
    """The declared topics that a backup holds, sorted."""
    fits = matcher(patterns(settings))
    leaves_out = matcher(settings.get("topics", {}).get("exclude", ()))
    marked = takes_marked(settings)
    return sorted(
        topic.name
        for topic in topics
        if ((marked and topic.backup == REQUIRED) or fits(topic.name))
        and topic.backup != EXCLUDED
        and not leaves_out(topic.name)
    )


def matcher(globs: Iterable[str]) -> Callable[[str], object]:
    """Whether a name fits one of the patterns, in which the engine knows `*` and `?` only."""
    texts = [
        "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in glob)
        for glob in globs
    ]
    if not texts:
        return lambda _: False
    return re.compile("|".join(f"(?:{text})" for text in texts), re.DOTALL).fullmatch


def shards(topics: Iterable[str], count: int) -> list[list[str]]:
    """The topics dealt out by their names alone: a new one moves no other (rendezvous hashing)."""
    parts: list[list[str]] = [[] for _ in range(count)]
    for topic in topics:
        place = 0
        if count > 1:
            place = max(range(count), key=lambda each: sha256(f"{each}/{topic}".encode()).digest())
        parts[place].append(topic)
    return parts


def is_pattern(text: str) -> bool:
    """True for what the engine takes for a pattern."""
    return "*" in text or "?" in text


def rights_fit(topics: Iterable[str]) -> bool:
    """True when a KafkaUser can hold a rule for each of these topics."""
    return sum(len(topic) + _RIGHT_BYTES for topic in topics) <= _MOST_BYTES
