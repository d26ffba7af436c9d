"""What an operator cannot do of what `restores` and `offsetResets` ask for, so that nothing is silently left out."""

from collections.abc import Iterator, Mapping

from generator.common.finding import Path, Problem, did_you_mean
from generator.intent.sections import OffsetResetSection
from generator.model.approvals import RUN, approved
from generator.model.backups import offset_resets, restores
from generator.model.backups.backup_operator import (
    SECTION,
    backup_operator,
    is_asked_for,
    wants_operator,
)
from generator.model.backups.engines import CRON_JOB
from generator.model.backups.engines.oso import Oso
from generator.model.backups.offset_resets import said_of
from generator.model.backups.problems.shared import no_effect
from generator.model.environment import Environment


def problems(environment: Environment) -> Iterator[Problem]:
    """All that the operator would refuse, ignore or be unable to do of the orders to it.

    Source: kafka-backup-operator 1.2.1 (path is a file in its pod); kafka-backup 0.25.2, of which
    tests/live/test_offset_resets.py shows that a snapshot is a group.
    """
    for name, order in sorted(environment.data.get(restores.SECTION, {}).items()):
        path: Path = (restores.SECTION, name)
        engine = restores.carrier(environment, order)
        yield from no_effect(order, path, engine.unread_of_restore, "drop it")
        yield from engine.restore_problems(environment, order, path)
    for name, said in sorted(environment.data.get(offset_resets.SECTION, {}).items()):
        path = (offset_resets.SECTION, name)
        if wants_operator(said):
            yield from _reset(environment, name, said, path)
        elif said_of(said.get("to", ""), "path") is not None:
            yield Problem((*path, "to", "path"), "it has no effect: the snapshot is a group in Kafka",
                          "no-effect", "drop it, or write engine: operator", on_key=True)  # fmt: skip


def _reset(
    environment: Environment, name: str, said: OffsetResetSection, path: Path
) -> Iterator[Problem]:
    """What it would not do of a reset.

    Source: kafka-backup-operator 1.2.1, reconcilers/offset_reset.rs (every group on all topics, to one offset;
    a snapshot is found by its path alone); strimzi-backup-operator 0.2.18 (KafkaBackup and KafkaRestore only).
    """
    engine = backup_operator(environment)
    if not isinstance(engine, Oso):
        yield Problem((*path, "engine"), f"{engine.group} has no kind for it; {Oso.group} has",
                      "backup-operator", "write engine: cli")  # fmt: skip
        return
    if not is_asked_for(environment):
        yield Problem((*path, "engine"), "nobody asks for the operator", "backup-operator",
                      f"add {SECTION}: {{}}, or write engine: cli")  # fmt: skip
    yield from no_effect(said, path, engine.unread_of_reset, "drop it, or write engine: cli")
    yield from engine.login_problems(environment, path, said.get("listener"))
    different = {*offset_resets.topics_of(environment, said).values()}
    if offset_resets.kind_of(said) == offset_resets.RESET and len(different) > 1 and all(different):
        yield Problem((*path, "groups"), "they consume different topics, and the operator moves every group"
                      " on all of them", "backup-operator", "add topics:, or write several resets",
                      on_key=True)  # fmt: skip
    to = said.get("to")
    if to is None or isinstance(to, str):
        return
    here = (*path, "to")
    if "snapshot" in to and "path" not in to:
        yield Problem((*here, "snapshot"), f"by its name alone {engine.group} finds no snapshot",
                      "missing-key", "add path: with the snapshot's file in the operator's pod; no snapshot of"
                      " a reset is kept in one", on_key=True)  # fmt: skip
    if "offsets" in to and not _is_one(environment, to["offsets"]):
        yield Problem((*here, "offsets"), f"{engine.group} moves every partition to one and the same offset",
                      "backup-operator", "write the same offset for all partitions of the topics, or"
                      " engine: cli", on_key=True)  # fmt: skip
    if "mapping" in to:
        yield from _mapping(environment, name, said, to["mapping"], (*here, "mapping"))


def _is_one(environment: Environment, offsets: Mapping[str, Mapping[str, int]]) -> bool:
    """True when every partition of the topics has the same offset, and none is left out."""
    different = {offset for partitions in offsets.values() for offset in partitions.values()}
    whole = all(
        len(partitions) == environment.topics[topic].partitions
        for topic, partitions in offsets.items()
        if topic in environment.topics
    )
    return len(different) == 1 and whole


def _mapping(
    environment: Environment, name: str, said: OffsetResetSection, restore: str, path: Path
) -> Iterator[Problem]:
    """The file in the operator's pod in which a restore has written down where records went.

    Source: kafka-backup-operator 1.2.1, reconcilers/restore.rs and offset_reset.rs (offsetMappingRef).
    """
    known = environment.data.get(restores.SECTION, {})
    if restore not in known:
        yield Problem(path, f"there is no restore '{restore}'", "unknown-restore",
                      did_you_mean(restore, known) or f"add it to {restores.SECTION}:")  # fmt: skip
        return
    source = known[restore]
    if restores.carrier(environment, source) is CRON_JOB:
        yield Problem(path, f"no operator carries out the restore {restore}", "restore-mapping",
                      f"name the groups at {restores.SECTION}.{restore}.groups, which moves them along")  # fmt: skip
        return
    if not source.get("groups", {}).get("names"):
        yield Problem(path, f"the restore {restore} moves no group, and so writes no mapping down",
                      "restore-mapping", f"name the groups at {restores.SECTION}.{restore}.groups")  # fmt: skip
    waits = restores.object_of(environment, restore)
    mine = approved(environment, offset_resets.object_of(environment, name), RUN)
    if mine and not approved(environment, waits, restores.word_of(source)):
        yield Problem(path, f"{waits} is not approved, so that it has restored nothing",
                      "restore-mapping", "approve the reset once the restore has Completed")  # fmt: skip
    targets = {*source.get("topics", {}).values()}
    for index, topic in enumerate(said.get("topics", ())):
        if topic not in targets:
            place = (offset_resets.SECTION, name, "topics", index)
            yield Problem(place, f"the restore {restore} writes nothing to {topic}", "wrong-value",
                          did_you_mean(topic, targets))  # fmt: skip
