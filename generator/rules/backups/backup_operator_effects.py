"""What the operators for backups take and ignore, what they do at once, and what is dangerous of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.finding import Severity
from generator.model.approvals import ORDERS
from generator.model.backups.backup_operator import OSO, SECTION, STRIMZI
from generator.rules.backups._operator_kinds import Said, said, storages
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_OPTIONS = "argocd.argoproj.io/sync-options"


class _Ignored(NamedTuple):
    """A field without effect; `harmless` is the value that says the same as nothing."""

    group: str
    kinds: tuple[str, ...]
    path: tuple[str, ...]
    why: str
    harmless: Any = None


_RUNS = ("KafkaBackup", "KafkaRestore")
_STUB = "the operator says Completed at once, and has looked at nothing"
_IGNORED = (
    *(_Ignored(OSO, (kind,), ("dryRun",), _STUB, harmless=False) for kind in ORDERS),
    _Ignored(OSO, ("KafkaRestore",), ("rollback",), "nothing is saved before, and nothing rolled back"),
    _Ignored(OSO, ("KafkaOffsetReset",), ("snapshotBeforeReset",),
             "the snapshot is gone with the operator's memory", harmless=False),
    _Ignored(OSO, ("KafkaOffsetReset",), ("parallelism",), "groups are moved one after the other"),
    _Ignored(OSO, _RUNS, ("circuitBreaker",), "the engine is never told"),
    _Ignored(OSO, ("KafkaBackup",), ("rateLimiting", "recordsPerSec"), "backups are not slowed down", 0),
    _Ignored(OSO, ("KafkaBackup",), ("rateLimiting", "bytesPerSec"), "backups are not slowed down", 0),
    _Ignored(OSO, ("KafkaBackup",), ("checkpoint", "storage"), "every run begins anew"),
    *(
        _Ignored(OSO, ("KafkaBackup",), ("metrics", key), "metrics are the operator's, on its own port")
        for key in ("port", "path", "bindAddress", "updateIntervalMs", "maxPartitionLabels")
    ),
    _Ignored(STRIMZI, ("KafkaBackup",), ("consumerGroups",),
             "groups are kept all or none: backup.consumerGroupSnapshot"),
    _Ignored(STRIMZI, ("KafkaBackup",), ("backup", "checkpointIntervalSecs"),
             "the engine ignores it since 0.22"),
    _Ignored(STRIMZI, ("KafkaBackup",), ("offsetStorage", "s3Key"), "the engine ignores it since 0.22"),
)  # fmt: skip


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
        for row in _IGNORED:
            value = each.get(*row.path)
            if row.group == each.group and each.kind in row.kinds and value not in (
                None, row.harmless
            ):  # fmt: skip
                yield each.flaw(row.path, f"{'.'.join(row.path)} has no effect: {row.why}")
        yield from _storage(each)
        yield from _retention(each)
        files = each.get("authentication", "certificateAndKey") or {}
        if files and (files["certificate"], files["key"]) != ("user.crt", "user.key"):
            yield each.flaw(("authentication", "certificateAndKey"), "the names have no effect: the engine"
                            " reads user.crt and user.key of the Secret",
                            "name the Secret's entries so")  # fmt: skip
    values = system.environment.section(SECTION).get("values", {}) if system.environment else {}
    if "leaderElection" in values:
        yield Flaw((SECTION, "values", "leaderElection"), "it has no effect: neither operator elects a"
                   " leader in these versions", intent=True, on_key=True)  # fmt: skip


def _storage(each: Said) -> Iterator[Flaw]:
    """Places that the operator has words for and cannot write to."""
    for path, body in storages(each):
        if each.group == OSO and (body.get("pvc") or {}).get("create"):
            yield each.flaw((*path, "pvc", "create"), "it has no effect: no claim is made",
                            "make the claim in the operator's namespace")  # fmt: skip
        if each.group == OSO and body.get("storageType") == "gcs":
            yield each.flaw((*path, "gcs"), "it cannot log in: the key itself is taken for a file's name",
                            "write another storage")  # fmt: skip
        if each.group == STRIMZI and body.get("type") == "filesystem":
            yield each.flaw((*path, "filesystem"), "no volume is mounted: backups go with the pod",
                            "write s3, azure or gcs")  # fmt: skip


def _retention(each: Said) -> Iterator[Flaw]:
    retention = each.get("retention") or {}
    if each.group == STRIMZI and retention:
        if not (retention.get("pruneOnSchedule") and each.get("schedule")):
            yield each.flaw(("retention",), "it has no effect without a schedule and pruneOnSchedule",
                            "add pruneOnSchedule: true")  # fmt: skip
        if each.get("offsetStorage"):
            yield each.flaw(("retention",), "it deletes the one incremental set as a whole: sets go by the"
                            " time at which they began", "drop it, or offsetStorage")  # fmt: skip
    if each.group == OSO and retention.get("enabled"):
        place = each.get("storage", "s3") or {}
        if place.get("pathStyle") or place.get("allowHttp"):
            yield each.flaw(("retention",), "it fails on this storage: it knows neither pathStyle nor"
                            " allowHttp", "drop it, and let a rule of the bucket delete old sets")  # fmt: skip


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
    for each in said(system, group=OSO):
        protocol = each.get("kafkaCluster", "securityProtocol") or "PLAINTEXT"
        if each.get("kafkaCluster") and "PLAINTEXT" in protocol.upper():
            yield each.flaw(("kafkaCluster", "securityProtocol"), f"{protocol} is not encrypted",
                            "write SSL")  # fmt: skip
    for each in said(system):
        for path, body in storages(each):
            if (body.get("s3") or {}).get("allowHttp") and not each.rendered:
                yield each.flaw((*path, "s3", "allowHttp"), "the storage is not encrypted on its way",
                                "write an https:// endpoint")  # fmt: skip


def _unsafe_backup(each: Said) -> Iterator[Flaw]:
    path = ("continuous",) if each.group == OSO else ("backup", "continuous")
    if each.get(*path) and each.get("schedule"):
        yield each.flaw(
            path, "it never ends, and the schedule starts it again", "drop one of the two"
        )
    retention = each.get("retention") or {}
    if retention.get("enabled") and not retention.get("dryRun"):
        if retention.get("keepLast", 1) < 2:
            yield each.flaw(("retention", "keepLast"), "one set stays, and it may be the broken one",
                            "keep at least 2")  # fmt: skip
    elif each.group == STRIMZI and retention.get("maxBackups", 2) < 2:
        yield each.flaw(("retention", "maxBackups"), "one set stays, and it may be the broken one",
                        "keep at least 2")  # fmt: skip
    if each.group == STRIMZI and "image" not in each.manifest.body["spec"]:
        yield each.flaw(("image",), "it runs the operator's engine, v0.15.12, which misses much of what is"
                        " rendered here", "write an image of 0.25 or newer")  # fmt: skip


def _unsafe_restore(each: Said, system: System) -> Iterator[Flaw]:
    above = () if each.group == OSO else ("restore",)
    acks, factor = each.get(*above, "produceAcks"), each.get(*above, "defaultReplicationFactor")
    if acks in (0, 1):
        yield each.flaw((*above, "produceAcks"), f"acks {acks} loses records when a broker fails",
                        "write -1")  # fmt: skip
    word = "createTopics" if each.group == OSO else "topicCreation"
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
    servers = each.get("kafkaCluster", "bootstrapServers")
    for source in said(system, "KafkaBackup", group=OSO):
        same = source.get("kafkaCluster", "bootstrapServers") == servers
        if each.group == OSO and same and each.get("backupRef", "name") == source.manifest.name:
            yield each.flaw(("kafkaCluster", "bootstrapServers"),
                            "it restores into the cluster from which the backup was taken",
                            "try it on another cluster first")  # fmt: skip


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
    """Argo CD never replaces an order to an operator.

    Why: replaced is deleted and made again, and what is made again is carried out again: a sync without
        any change would restore once more.
    Fix: drop Replace=true and Force=true.
    Source: Argo CD 3.5, sync options; kafka-backup-operator 1.2.1 (once for each metadata.generation).
    """
    for each in said(system, "KafkaBackup", *ORDERS):
        annotations = each.manifest.body["metadata"].get("annotations") or {}
        options = annotations.get(_OPTIONS, "").replace(" ", "").split(",")
        if each.kind == "KafkaBackup" and each.get("schedule"):
            continue
        for option in {"Replace=true", "Force=true"} & {*options}:
            yield Flaw(("metadata", "annotations", _OPTIONS), f"{option} would carry it out again",
                       on=each.manifest)  # fmt: skip
