"""What a change of what a backup's CronJob runs does to its set, as the engine's config tells it."""

from collections.abc import Iterator, Mapping

from generator.common.changes import MISSING
from generator.common.units import parse_duration_ms
from generator.plan.change import Effect, FieldChange, Impact
from generator.system.engine_config import engine_config, said_in

NOTHING = Effect(Impact.NO_EFFECT, "only how topics are backed up or restored; no effect on Kafka")
"""Source: tests/live/test_engine.py: a run reads as a consumer without a group."""
_NEW_SET = Effect(Impact.DYNAMIC, "the next run begins a new set; the one there is stays as it is")
"""Source: kafka-backup 0.25.2, config.rs (backup_id, storage); tests/live/test_backup_storage.py."""
_SET = ("backup_id", "storage")
"""What decides in an engine's config to which set a run adds."""
_KEPT = ("max_age", "max_total_bytes", "keep_segments")
_CLAIM = ("persistentVolumeClaim", "claimName")
_SHOWN = 3


def of_config(field: FieldChange) -> Iterator[Effect]:
    """What the next run does differently, as its config before and after says.

    Source: kafka-backup 0.25.2, config.rs; tests/live/test_engine.py.
    """
    old, new = (
        engine_config(each) if isinstance(each, str) else {} for each in (field.before, field.after)
    )
    if "backup_id" not in {**old, **new}:
        return  # what steps of ours read
    if any(old.get(key) != new.get(key) for key in _SET):
        yield _NEW_SET
    elif old.get("mode") == new.get("mode") == "backup":
        yield from _topics(old, new)
        yield from _retention(_kept_of(old), _kept_of(new))


def of_steps(field: FieldChange) -> Iterator[Effect]:
    """What stands around the engine comes or goes with the next run.

    Source: tests/live/test_engine_guard.py.
    """
    if field.path[-1:] == ("initContainers",):
        if field.after is MISSING:
            text = ("nothing guards its runs any more: a full volume, a topic that was made again, or two runs at once"
                    " spoil the set, and nobody is told")  # fmt: skip
            yield Effect(Impact.PROTECTION_LOSS, text)
        elif field.before is MISSING:
            yield Effect(Impact.DYNAMIC, "from the next run on it is guarded: refused where it would spoil the set, and"
                         " proved before it counts")  # fmt: skip


def of_claim(field: FieldChange) -> Iterator[Effect]:
    """Another volume holds nothing of the set.

    Source: tests/live/test_backup_storage.py.
    """
    if field.path[-2:] == _CLAIM and MISSING not in (field.before, field.after):
        yield _NEW_SET


def _topics(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Effect]:
    """Topics that come into a set, and those that leave it.

    Source: kafka-backup 0.25.2, config.rs (source.topics); tests/live/test_engine.py.
    """
    before, after = (
        {str(each) for each in said_in(config, "source", "topics", "include") or ()}
        for config in (old, new)
    )
    gone, come = sorted(before - after), sorted(after - before)
    if gone:
        yield Effect(
            Impact.DYNAMIC, f"{_some(gone)} not added to this set any more; what it has stays"
        )
    if come:
        yield Effect(Impact.DYNAMIC, f"{_some(come)} read from the beginning by the next run")


def _kept_of(config: Mapping[str, object]) -> dict[str, str]:
    said = said_in(config, "backup", "retention") or {}
    return {key: str(said[key]) for key in _KEPT if key in said}


def _retention(old: dict[str, str], new: dict[str, str]) -> Iterator[Effect]:
    """Drops segments unless it plainly keeps as many of them as before.

    Source: kafka-backup 0.25.2, prune.rs.
    """
    if not new and old:
        yield Effect(Impact.DYNAMIC, "no segment is dropped any more")
    elif any(_kept(key, new) < _kept(key, old) for key in ("max_age", "max_total_bytes")) or (
        old and _kept("keep_segments", new) < _kept("keep_segments", old)
    ):
        yield Effect(Impact.DATA_LOSS, "after the next run, segments that are older or more than that"
                     " are dropped from the set", reversible=False)  # fmt: skip
    elif new != old:
        yield Effect(Impact.DYNAMIC, "it keeps more segments than before")


def _kept(key: str, said: dict[str, str]) -> float:
    """How much is kept, in the key's unit; without a bound, all of it."""
    if key not in said:
        return float("inf")
    return parse_duration_ms(said[key]) if key == "max_age" else int(said[key])


def _some(topics: list[str]) -> str:
    more = len(topics) - _SHOWN
    named = ", ".join(topics[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"{named} {'are' if len(topics) > 1 else 'is'}"
