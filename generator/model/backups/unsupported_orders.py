"""What an operator cannot do of what `restores` and `offsetResets` ask for, so that nothing is silently left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean
from generator.model.approvals import RUN, approved
from generator.model.backups import offset_resets, restores
from generator.model.backups.backup_operator import (
    OSO,
    SECTION,
    STRIMZI,
    BackupOperator,
    backup_operator,
    is_asked_for,
)
from generator.model.backups.offset_resets import is_ordered, said_of
from generator.model.connection import login_listener
from generator.model.environment import Environment, Json

_DROP = "drop it"
_IN_OPERATOR = "the engine runs inside the operator"
_NO_SNAPSHOT = "the operator takes no snapshot that anybody could go back to"
_ONCE = "it is tried once: the operator keeps no checkpoint"
_OF_RESTORE: dict[str, dict[tuple[str, ...], str]] = {
    OSO: {
        ("partitions",): "it has no word for it, and restores all of them",
        ("stripHeaders",): "it adds the headers to every record",
        ("groups", "strategy"): "it adds the headers to every record, and has no word for more",
        ("groups", "image"): _NO_SNAPSHOT,
        ("deadline",): "it stops no restore",
        ("retries",): _ONCE,
        ("image",): _IN_OPERATOR,
        ("resources",): _IN_OPERATOR,
    },
    STRIMZI: {
        ("stripHeaders",): "it has no word for it",
        ("groups", "image"): _NO_SNAPSHOT,
        ("deadline",): "its Job has no end",
        ("retries",): _ONCE,
    },
}
"""Settings of a restore that have no effect, by the operator's group, and why.

Source: kafka-backup-operator 1.2.1 (adapters/core_integration.rs) and strimzi-backup-operator 0.2.18
(adapters/restore_config.rs, jobs/restore_job.rs)."""

_OF_RESET: dict[tuple[str, ...], str] = {
    ("parallelism",): "groups are moved one after the other",
    ("deadline",): "the operator stops no reset",
    ("image",): _IN_OPERATOR,
    ("resources",): _IN_OPERATOR,
}
"""The same of a reset: kafka-backup-operator 1.2.1, reconcilers/offset_reset.rs."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that the operator would refuse, ignore or be unable to do of the orders to it."""
    for name, said in sorted(environment.section(restores.SECTION).items()):
        operator = restores.carrier(environment, said)
        if operator is not None:
            yield from _restore(environment, said, (restores.SECTION, name), operator)
    for name, said in sorted(environment.section(offset_resets.SECTION).items()):
        path: Path = (offset_resets.SECTION, name)
        if is_ordered(said):
            yield from _reset(environment, name, said, path)
        elif said_of(said.get("to", ""), "path") is not None:
            yield Problem((*path, "to", "path"), "it has no effect: the snapshot is a group in Kafka",
                          "no-effect", "drop it, or write engine: operator", on_key=True)  # fmt: skip


def _ignored(
    said: Json, path: Path, settings: Mapping[tuple[str, ...], str], fix: str = _DROP
) -> Iterator[Problem]:
    """Settings that nobody reads."""
    for keys, why in settings.items():
        node: Any = said
        for key in keys:
            node = None if node is None else node.get(key)
        if node is not None:
            yield Problem((*path, *keys), f"it has no effect: {why}", "no-effect", fix,
                          on_key=True)  # fmt: skip


def _restore(
    environment: Environment, said: Json, path: Path, operator: BackupOperator
) -> Iterator[Problem]:
    yield from _ignored(said, path, _OF_RESTORE[operator.api])
    if operator.api != OSO:
        return
    if "listener" in said:
        yield from _login(environment, path, said["listener"])
    for source, target in sorted(said.get("topics", {}).items()):
        if source == target and not said.get("purge"):
            yield Problem((*path, "topics", source), f"{OSO} wants every topic to have a new name, unless"
                          " topics are purged", "backup-operator",
                          "name another topic, or write purge: true where what it holds shall be"
                          " lost")  # fmt: skip


def _login(environment: Environment, path: Path, named: str | None) -> Iterator[Problem]:
    listener = login_listener(environment, named)
    if listener is not None and listener.authentication != "tls":
        yield Problem(path if named is None else (*path, "listener"),
                      f"{OSO} logs in with a certificate of Strimzi's only", "backup-listener",
                      "name an internal listener with the authentication tls",
                      on_key=named is None)  # fmt: skip


def _reset(environment: Environment, name: str, said: Json, path: Path) -> Iterator[Problem]:
    api = backup_operator(environment).api
    if api != OSO:
        yield Problem((*path, "engine"), f"{api} has no kind for it; {OSO} has", "backup-operator",
                      "write engine: cli")  # fmt: skip
        return
    if not is_asked_for(environment):
        yield Problem((*path, "engine"), "nobody asks for the operator", "backup-operator",
                      f"add {SECTION}: {{}}, or write engine: cli")  # fmt: skip
    yield from _ignored(said, path, _OF_RESET, "drop it, or write engine: cli")
    yield from _login(environment, path, said.get("listener"))
    different = {*offset_resets.topics_of(environment, said).values()}
    if offset_resets.kind_of(said) == offset_resets.RESET and len(different) > 1 and all(different):
        yield Problem((*path, "groups"), "they consume different topics, and the operator moves every group"
                      " on all of them", "backup-operator", "add topics:, or write several resets",
                      on_key=True)  # fmt: skip
    to = said.get("to")
    if not isinstance(to, Mapping):
        return
    here = (*path, "to")
    if "snapshot" in to and "path" not in to:
        yield Problem((*here, "snapshot"), f"by its name alone {OSO} finds no snapshot", "missing-key",
                      "add path: with the snapshot's file in the operator's pod; no snapshot of"
                      " a reset is kept in one", on_key=True)  # fmt: skip
    if "offsets" in to and not _is_one(environment, to["offsets"]):
        yield Problem((*here, "offsets"), f"{OSO} moves every partition to one and the same offset",
                      "backup-operator", "write the same offset for all partitions of the topics, or"
                      " engine: cli", on_key=True)  # fmt: skip
    if "mapping" in to:
        yield from _mapping(environment, name, said, (*here, "mapping"))


def _is_one(environment: Environment, offsets: Json) -> bool:
    """True when every partition of the topics has the same offset, and none is left out."""
    different = {offset for partitions in offsets.values() for offset in partitions.values()}
    whole = all(
        len(partitions) == environment.topics[topic].partitions
        for topic, partitions in offsets.items()
        if topic in environment.topics
    )
    return len(different) == 1 and whole


def _mapping(environment: Environment, name: str, said: Json, path: Path) -> Iterator[Problem]:
    """The file in the operator's pod in which a restore has written down where records went."""
    known = environment.section(restores.SECTION)
    restore = said["to"]["mapping"]
    if restore not in known:
        yield Problem(path, f"there is no restore '{restore}'", "unknown-restore",
                      did_you_mean(restore, known) or f"add it to {restores.SECTION}:")  # fmt: skip
        return
    source = known[restore]
    if restores.carrier(environment, source) is None:
        yield Problem(path, f"no operator carries out the restore {restore}", "restore-mapping",
                      f"name the groups at {restores.SECTION}.{restore}.groups, which moves them along")  # fmt: skip
        return
    if not source.get("groups", {}).get("names"):
        yield Problem(path, f"the restore {restore} moves no group, and so writes no mapping down",
                      "restore-mapping", f"name the groups at {restores.SECTION}.{restore}.groups")  # fmt: skip
    waits = restores.object_of(environment, restore)
    mine = approved(environment, offset_resets.object_of(name, said), RUN)
    if mine and not approved(environment, waits, restores.word_of(source)):
        yield Problem(path, f"{waits} is not approved, so that it has restored nothing",
                      "restore-mapping", "approve the reset once the restore has Completed")  # fmt: skip
    targets = {*source.get("topics", {}).values()}
    for index, topic in enumerate(said.get("topics", ())):
        if topic not in targets:
            place = (offset_resets.SECTION, name, "topics", index)
            yield Problem(place, f"the restore {restore} writes nothing to {topic}", "wrong-value",
                          did_you_mean(topic, targets))  # fmt: skip
