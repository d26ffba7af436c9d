"""What the operators for backups take and ignore, what they do at once, and what is dangerous of it."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.model.approvals import ORDERS
from generator.model.backups.backup_operator import SECTION
from generator.rules.backups._operator_kinds import Said, said, storages
from generator.rules.backups.engines import judge_of
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_OPTIONS = "argocd.argoproj.io/sync-options"


@rule("backup-operator-no-effect")
def no_effect(system: System) -> Iterator[Flaw]:
    """No field is written that the operator ignores.

    Why: the fields are in its CustomResourceDefinitions and its examples, and nothing in the operator
        reads them: who counts on one has nothing.
    Fix: drop it.
    Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18 (their source; what reads a
        field).
    """
    for each in said(system):
        yield from judge_of(each).no_effect(each)
    values = (
        system.environment.data.get(SECTION, {}).get("values", {}) if system.environment else {}
    )
    if "leaderElection" in values:
        yield Flaw((SECTION, "values", "leaderElection"), "it has no effect: neither operator elects a"
                   " leader in these versions", on_key=True)  # fmt: skip


@rule("backup-operator-unsafe", Severity.WARNING)
def unsafe(system: System) -> Iterator[Flaw]:
    """Backups and restores are run so that they neither lose nor show what they hold.

    Why: each of these is a legal value that loses records, makes topics that nobody manages, deletes
        every other backup, or sends everything in the clear.
    Fix: write what the message names; suppress this rule, with the reason, where it is meant.
    Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18; kafka-backup-core 0.25.2,
        config.rs; Strimzi 1.2.0, Topic Operator.
    """
    for each in said(system, "KafkaBackup"):
        yield from _unsafe_backup(each)
    for each in said(system, "KafkaRestore"):
        if not each.asked:  # the rules of restores: know more of those
            yield from _unsafe_restore(each, system)
    for each in said(system):
        yield from judge_of(each).unencrypted(each)
        for path, body in storages(each):
            if (body.get("s3") or {}).get("allowHttp") and not each.rendered:
                yield each.flaw((*path, "s3", "allowHttp"), "the storage is not encrypted on its way",
                                "write an https:// endpoint")  # fmt: skip


def _unsafe_backup(each: Said) -> Iterator[Flaw]:
    path = each.operator.continuous_path
    if each.get(*path) and each.get("schedule"):
        yield each.flaw(
            path, "it never ends, and the schedule starts it again", "drop one of the two"
        )
    yield from judge_of(each).unsafe_backup(each)


def _unsafe_restore(each: Said, system: System) -> Iterator[Flaw]:
    above = each.operator.restore_path
    acks, factor = (each.get(*above, word) for word in ("produceAcks", "defaultReplicationFactor"))
    if acks in (0, 1):
        yield each.flaw((*above, "produceAcks"), f"acks {acks} loses records when a broker fails",
                        "write -1")  # fmt: skip
    word = each.operator.create_topics
    if each.get(*above, word) in (True, "auto"):
        few = (
            ""
            if factor is not None and factor > 1
            else ", with a single replica or as the brokers say"
        )
        yield each.flaw((*above, word), f"it makes topics that no KafkaTopic manages{few}",
                        "declare the topics instead, and let the Topic Operator make them")  # fmt: skip
    mapping = each.get(*above, "partitionMapping") or {}
    targets = list(mapping.values()) if isinstance(mapping, dict) else [
        pair["targetPartition"] for pair in mapping
    ]  # fmt: skip
    if len({*targets}) < len(targets):
        yield each.flaw((*above, "partitionMapping"), "several partitions become one: their order is lost",
                        "give each a partition of its own")  # fmt: skip
    yield from judge_of(each).unsafe_restore(each, system)


@rule("backup-operator-once", Severity.INFO)
def once(system: System) -> Iterator[Flaw]:
    """An order to an operator leaves Git once it is carried out.

    Why: it is carried out again by every change of its spec, and at once by every cluster that is made
        from Git: a rebuilt one would begin with an old restore.
    Fix: remove it in the merge after it has Completed; what it has done stays.
    Source: kafka-backup-operator 1.2.1 (once for each metadata.generation); strimzi-backup-operator
        0.2.18 (as long as no Job of it is there).
    """
    for each in said(system, *ORDERS):
        if each.asked:
            continue  # job-approved says it, at the line to remove
        yield Flaw(("kind",), f"{each.kind} {each.manifest.name} is carried out as soon as it is there",
                   on=each.manifest, on_key=True)  # fmt: skip


@rule("backup-operator-replace")
def replace(system: System) -> Iterator[Flaw]:
    """Argo CD never deletes an order to an operator to make it again.

    Why: with Force and Replace it does so at every sync of a change, and what is made again is carried
        out again: a new label would restore once more. Replace alone is an update.
    Fix: drop Replace=true and Force=true.
    Source: Argo CD 3.5.1, sync-options.md ("Replace Resource Instead Of Applying Changes", "Force Sync");
        kafka-backup-operator 1.2.1 (once for each metadata.generation).
    """
    for each in said(system, "KafkaBackup", *ORDERS):
        annotations = each.manifest.body["metadata"].get("annotations") or {}
        options = annotations.get(_OPTIONS, "").replace(" ", "").split(",")
        if each.kind == "KafkaBackup" and each.get("schedule"):
            continue
        if {"Replace=true", "Force=true"} <= {*options}:
            yield Flaw(("metadata", "annotations", _OPTIONS),
                       "Replace=true with Force=true would carry it out again", on=each.manifest)  # fmt: skip
