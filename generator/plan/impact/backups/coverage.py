"""What a change takes from the protection of records: backups that go or come more rarely, drills that end.

Two systems, before and after the change -> effects. Where nobody knows the intent, the worst is taken for true.
"""

from collections.abc import Iterator, Mapping

from generator.common.schedule import fault, gaps_s
from generator.common.units import format_duration_ms
from generator.documents.manifest import Manifest
from generator.model.backups.labels import LABEL, LABEL_OF_DRILL
from generator.plan.change import Effect, Impact
from generator.system.system import System

RUNS = ("CronJob", "KafkaBackup", "KafkaBackupValidation")
"""Kinds that make backups or prove them."""
_SHOWN = 3


def gone(manifest: Manifest, old: System | None, new: System | None) -> Iterator[Effect]:
    """What goes with an object that makes backups or proves them; what is stored stays.

    Source: tests/live/test_backup_coverage.py, tests/live/test_drill.py.
    """
    if proves(manifest):
        if not _proved(_of(manifest), new):
            text = "no drill proves any more that what is stored can be restored"
            yield Effect(Impact.PROTECTION_LOSS, text)
        else:
            yield Effect(Impact.DYNAMIC, "another drill of the same backup goes on")
        return
    name = _of(manifest)
    lost = uncovered(old, new, name)
    stays = new is not None and any(each.name == name for each in new.backups)
    if stays and not lost:
        yield Effect(Impact.DYNAMIC, "other runs go on with its topics; what is stored stays")
    else:
        yield Effect(Impact.PROTECTION_LOSS, "it backs nothing up any more; what is stored stays")
    yield from _in_no_backup(lost)


def left_out(name: str | None, old: System | None, new: System | None) -> Iterator[Effect]:
    """Topics of a backup that no backup holds any more."""
    yield from _in_no_backup(uncovered(old, new, name))


def uncovered(old: System | None, new: System | None, name: str | None) -> list[str]:
    """Topics that a backup held and that are still there, but in no backup."""
    if old is None or new is None or new.environment is None:
        return []
    held = {topic for each in old.backups if each.name == name for topic in each.topics}
    there = {topic.name for topic in new.topics}
    return sorted((held & there) - new.backups_of_topic.keys())


def paused(drill: bool) -> Effect:
    """No run begins any more.

    Source: Kubernetes 1.34, "CronJob" (suspend).
    """
    what = "no drill proves that it can be restored" if drill else "it backs nothing up"
    return Effect(Impact.PROTECTION_LOSS, f"no run begins any more: {what}; what is stored stays")


def rarer(before: object, after: object, drill: bool) -> Iterator[Effect]:
    """What it means that runs come more rarely; nothing when they do not.

    Source: Kubernetes 1.34, "CronJob" (schedule).
    """
    old, new = _pause_s(before), _pause_s(after)
    if old is None or new is None:
        yield Effect(Impact.PROTECTION_LOSS, "it runs at times that nobody here can compare")
    elif new > old:
        what = "is proved to be restorable" if drill else "is stored"
        yield Effect(Impact.PROTECTION_LOSS, f"up to {format_duration_ms(new * 1000)} instead of"
                  f" {format_duration_ms(old * 1000)} pass until what is new {what}")  # fmt: skip


def proves(manifest: Manifest) -> bool:
    """True for what shows that backups can be restored, and makes none."""
    return manifest.kind == "KafkaBackupValidation" or LABEL_OF_DRILL in labels_of(manifest)


def labels_of(manifest: Manifest | None) -> Mapping[str, str]:
    """The labels of an object; none where there is no object."""
    return (manifest.body["metadata"].get("labels") or {}) if manifest else {}


def _of(manifest: Manifest) -> str | None:
    """The backup that it belongs to, where it is one of ours."""
    labels = labels_of(manifest)
    return labels.get(LABEL_OF_DRILL, labels.get(LABEL))


def _proved(name: str | None, new: System | None) -> bool:
    """True when something still proves a backup."""
    return new is not None and any(
        proves(each) and _of(each) == name for kind in RUNS for each in new.others.get(kind, ())
    )


def _in_no_backup(topics: list[str]) -> Iterator[Effect]:
    """Topics that only this backup held.

    Source: generator/model/backups/backups.py: what the backups of both sides hold.
    """
    if topics:
        more = f" and {len(topics) - _SHOWN} more" if len(topics) > _SHOWN else ""
        verb = "are" if len(topics) > 1 else "is"
        names = ", ".join(topics[:_SHOWN])
        yield Effect(Impact.PROTECTION_LOSS, f"{names}{more} {verb} in no backup any more")


def _pause_s(schedule: object) -> int | None:
    """The longest time between two runs; None when nobody knows."""
    text = str(schedule)
    words = text.split()
    if len(words) == 6 and words[0] == "0":
        text = " ".join(words[1:])  # with seconds
    if not isinstance(schedule, str) or fault(text):
        return None
    gaps = gaps_s(text)
    return gaps[1] if gaps else None
