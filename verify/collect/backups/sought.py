"""What a set makes worth asking Kafka: where it has records of these times -> times by partition."""

from collections.abc import Iterable

from generator.contract.rights import COMMITS
from verify.collect.kafka.partition_offsets import EVERY
from verify.live.backups import BackupSet, Mark

_MOST = 3
"""Records of a partition that are looked for: its oldest, its newest, and one between them."""


def sought(sets: Iterable[BackupSet]) -> dict[tuple[str, int], tuple[int, ...]]:
    """Times in milliseconds by topic and partition."""
    found: dict[tuple[str, int], set[int]] = {}
    for each in sets:
        for at, marks in each.integrity.marks.items():
            topic, _, number = at.rpartition("-")
            # To Kafka, times before 1970 mean something else.
            times = {mark.time_ms for mark in _few(marks) if mark.time_ms >= 0}
            found.setdefault((topic, int(number)), set()).update(times)
        if each.groups is not None:
            found.setdefault((COMMITS, EVERY), set()).add(each.groups.settled_ms)
    return {at: tuple(sorted(times)) for at, times in found.items()}


def _few(marks: tuple[Mark, ...]) -> set[Mark]:
    last = len(marks) - 1
    return {marks[last * step // (_MOST - 1)] for step in range(_MOST)}
