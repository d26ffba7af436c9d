"""How much the sets of a backup are expected to hold, from what the intent says of their topics.

Of an incremental set that drops by age it is what producers write in that time, of any other what its topics hold when
they are full. Nobody knows how well records pack: a retention by size of the set, which counts packed bytes, bounds
nothing here, and what topics hold is as it lies on disk.
"""

from generator.common.units import parse_duration_ms
from generator.contract.recovery import Expected
from generator.model.backups.backup_topics import is_pattern
from generator.model.backups.backups import Backup
from generator.system.capacity import held_bytes, written_bytes
from generator.system.effective_settings import TopicSettings
from generator.system.system import System


def expected_sizes(system: System | None) -> dict[str, Expected]:
    """What each backup of a system holds, by its name; nothing where there is no system."""
    return {each.name: expected(system, each) for each in system.backups} if system else {}


def expected(system: System, backup: Backup) -> Expected:
    """What all sets of a backup hold together; topics whose size nobody says are named, and count for nothing."""
    age = backup.settings.get("retention", {}).get("age") if backup.incremental else None
    age_ms = None if age is None else parse_duration_ms(age)
    size_bytes, unsaid = 0, []
    for name in backup.topics:
        topic = system.by_topic.get(name)
        size = None if topic is None else _size_bytes(topic.settings, age_ms)
        if size is None:
            unsaid.append(name)
        else:
            size_bytes += size
    is_open = any(is_pattern(each) for run in backup.runs for each in run.include)
    return Expected(size_bytes, tuple(unsaid), is_open, grows=backup.incremental and age is None)


def _size_bytes(settings: TopicSettings, age_ms: int | None) -> int | None:
    if age_ms is None:
        return held_bytes(settings)
    # What a topic keeps for a shorter time than the set says nothing of the set.
    written = written_bytes(settings, age_ms)
    return held_bytes(settings) if written is None and _keeps(settings, age_ms) else written


def _keeps(settings: TopicSettings, age_ms: int) -> bool:
    """Whether a topic keeps at least what is younger."""
    retention_ms = settings.number("retention.ms")
    return retention_ms < 0 or retention_ms >= age_ms
