"""KafkaBackup of either operator: what runs at once, where it writes, and what it deletes."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.documents.manifest import Manifest
from generator.model.backups.engines import OPERATORS, USUAL
from generator.model.backups.engines.engine import Operator
from generator.model.backups.engines.strimzi import Strimzi
from generator.model.backups.labels import LABEL
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.plan.impact.backups.coverage import gone, labels_of, left_out, paused, rarer

KIND = "KafkaBackup"
_NOTHING = Effect(Impact.NO_EFFECT, "only how topics are backed up; no effect on Kafka")
"""Source: tests/live/test_engine.py: a run reads as a consumer without a group."""
_KEPT = ("keepLast", "maxAgeDays", "maxBackups", "maxAge")
"""How many sets stay, and how long, in the words of the two operators."""


def created(pair: Pair) -> Iterator[Effect]:
    """With a schedule it waits; without one it runs.

    Source: kafka-backup-operator 1.2.1, reconcilers/backup.rs; strimzi-backup-operator 0.2.18, reconcilers/backup.rs.
    """
    if _once(pair.after):
        yield Effect(Impact.DYNAMIC, "it runs at once, as it has no schedule")
    else:
        yield _NOTHING


def deleted(pair: Pair) -> Iterator[Effect]:
    """What is stored stays.

    Source: kafka-backup-operator 1.2.1, reconcilers/backup.rs; strimzi-backup-operator 0.2.18, reconcilers/backup.rs.
    """
    if pair.before is not None:
        yield from gone(pair.before, pair.old, pair.new)
    if _once(pair.before):
        yield Effect(Impact.DYNAMIC, "as it has no schedule, it would run again when it comes back")


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec.

    Source: kafka-backup-operator 1.2.1, reconcilers/backup.rs (observed_generation: a change runs it again);
    strimzi-backup-operator 0.2.18, reconcilers/backup.rs (a Job in any state keeps another one away).
    """
    operator, inside = _operator(pair), field.path[1:]
    if inside[: len(operator.suspend_path)] == operator.suspend_path:
        resumed = Effect(Impact.DYNAMIC, "runs begin again")
        yield paused(drill=False) if field.after is True else resumed
    elif inside and operator.schedule_path[: len(inside)] == inside:
        yield from list(rarer(field.before, field.after, drill=False)) or (_NOTHING,)
    elif field.path[:2] == ("spec", "topics"):
        yield from _topics(pair, field)
    elif field.path[:2] == ("spec", "storage"):
        yield Effect(
            Impact.DYNAMIC, "the next run begins a new set; the one there is stays as it is"
        )
    elif field.path[:2] == ("spec", "retention"):
        yield _retention(field)
    else:
        yield _NOTHING
    if _once(pair.after) and operator is Strimzi:
        yield Effect(
            Impact.IGNORED, "its Job is there, and a change starts no other one: give it a new name"
        )
    elif _once(pair.after):
        yield Effect(Impact.DYNAMIC, "it runs again: without a schedule every change starts it")


def _operator(pair: Pair) -> type[Operator]:
    """The operator that acts on it; the usual one where nobody knows it."""
    group = pair.after.identity[0] if pair.after else ""
    return OPERATORS.get(group, USUAL)


def _topics(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Topics that it no longer holds, where no other backup does.

    Source: generator/plan/impact/backups/coverage.py: what the model of both sides holds.
    """
    labels = labels_of(pair.after)
    if LABEL in labels:
        found = list(left_out(labels[LABEL], pair.old, pair.new))
    else:
        kept = field.after if isinstance(field.after, list) else ()
        before = field.before if isinstance(field.before, list) else ()
        lost = [str(each) for each in before if each not in kept]
        text = f"{', '.join(lost)}: not in this backup any more"
        found = [Effect(Impact.PROTECTION_LOSS, text)] if lost else []
    yield from found or (_NOTHING,)


def _once(manifest: Manifest | None) -> bool:
    return manifest is not None and "schedule" not in manifest.body["spec"]


def _retention(field: FieldChange) -> Effect:
    """Deletes sets unless it plainly keeps more of them than before.

    Source: kafka-backup-operator 1.2.1, reconcilers/backup.rs (retention); strimzi-backup-operator 0.2.18, reconcilers/backup.rs.
    """
    key, before, after = field.path[-1], field.before, field.after
    if after is MISSING or (key in ("enabled", "pruneOnSchedule") and after is False):
        return Effect(Impact.DYNAMIC, "no set is deleted any more")
    if key == "dryRun" and after is True:
        return Effect(Impact.DYNAMIC, "it only tells what it would delete")
    more = isinstance(before, int) and isinstance(after, int) and not isinstance(after, bool)
    if key in _KEPT and more and after > before:
        return Effect(Impact.DYNAMIC, "it keeps more sets than before")
    text = "after the next run, sets that are older or more than that are deleted"
    return Effect(Impact.DATA_LOSS, text, reversible=False)
