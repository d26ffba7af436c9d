"""KafkaBackup of either operator: what runs at once, where it writes, and what it deletes."""

from collections.abc import Iterator
from typing import Any

from generator.plan.change import MISSING, Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "KafkaBackup"
_KEPT = ("keepLast", "maxAgeDays", "maxBackups", "maxAge")
"""How many sets stay, and how long, in the words of the two operators."""


def created(pair: Pair) -> Iterator[Effect]:
    """With a schedule it waits; without one it runs."""
    if _once(pair.after):
        yield Effect(Impact.DYNAMIC, "it runs at once, as it has no schedule")
    else:
        yield Effect(Impact.NO_EFFECT, "only how topics are backed up; no effect on Kafka")


def deleted(_: Pair) -> Iterator[Effect]:
    """What is stored stays."""
    yield Effect(Impact.DYNAMIC, "it backs nothing up any more; what is stored stays, and one without a"
                 " schedule would run again when it comes back")  # fmt: skip


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    if field.path == ("spec", "suspend") or field.path[:3] == ("spec", "schedule", "suspend"):
        text = "no run begins any more; what is stored stays"
        yield Effect(Impact.DYNAMIC, text if field.after is True else "runs begin again")
    elif field.path[:2] == ("spec", "storage"):
        yield Effect(
            Impact.DYNAMIC, "the next run begins a new set; the one there is stays as it is"
        )
    elif field.path[:2] == ("spec", "retention"):
        yield _retention(field)
    else:
        yield Effect(Impact.NO_EFFECT, "only how topics are backed up; no effect on Kafka")
    if _once(pair.after):
        yield Effect(Impact.DYNAMIC, "it runs again: without a schedule every change starts it")


def _once(manifest: Any) -> bool:
    return manifest is not None and "schedule" not in manifest.body["spec"]


def _retention(field: FieldChange) -> Effect:
    """Deletes sets unless it plainly keeps more of them than before."""
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
