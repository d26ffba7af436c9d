"""What the operators for backups refuse or misread after the merge, in their status alone."""

import re
from collections.abc import Iterator

from generator.common.finding import did_you_mean
from generator.model.backups.backup_operator import OSO, STRIMZI
from generator.rules.backups._operator_kinds import Said, said, storages
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_COMPRESSIONS = ("none", "lz4", "zstd")
_AZURE_LOGINS = (
    "credentialsSecret", "sasTokenSecret", "servicePrincipalSecret", "useWorkloadIdentity"
)  # fmt: skip
_ABOVE_ZERO = (
    ("segmentMaxBytes",), ("segmentMaxIntervalMs",), ("rateLimiting", "maxConcurrentPartitions"),
    ("kafkaCluster", "connection", "connectionsPerBroker"), ("produceBatchSize",),
    ("produceTimeoutMs",), ("parallelism",),
)  # fmt: skip
_NEEDS = {
    "to-timestamp": "resetTimestamp",
    "to-offset": "resetOffset",
    "from-mapping": "offsetMappingRef",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@rule("backup-operator-refused")
def refused(system: System) -> Iterator[Flaw]:
    """The operator accepts what it is told.

    Why: its CustomResourceDefinitions check next to nothing, so that everybody accepts the object, and
        it fails in its status, where nobody looks.
    Fix: write what the message names.
    Source: kafka-backup-operator 1.2.1 (its validation of specs); strimzi-backup-operator 0.2.18,
        adapters/*_config.rs and strimzi/kafka_user.rs; Kubernetes 1.34, Pod Security Admission.
    """
    restricted = system.environment.namespace if system.environment else None
    for each in said(system):
        if each.group == STRIMZI and each.manifest.identity[2] == restricted:
            yield from _pod(each)
        checks = _OF_OSO if each.group == OSO else _OF_STRIMZI
        yield from _storage(each)
        for check in (checks[""], checks.get(each.kind)):
            if check is not None:
                yield from check(each)


def _storage(each: Said) -> Iterator[Flaw]:
    word = "storageType" if each.group == OSO else "type"
    kinds = (
        ("pvc", "s3", "azure", "gcs") if each.group == OSO else ("s3", "azure", "gcs", "filesystem")
    )
    for path, body in storages(each):
        kind = body.get(word, "pvc")
        if kind not in kinds:
            yield each.flaw(
                (*path, word), f"there is no {word} '{kind}'", did_you_mean(kind, kinds)
            )
        elif kind not in body:
            yield each.flaw(path, f"it says {word} {kind}, and nothing of {kind}", f"add {kind}:")
        if each.group == OSO:
            logins = [key for key in _AZURE_LOGINS if (body.get("azure") or {}).get(key)]
            if len(logins) > 1:
                yield each.flaw((*path, "azure"), f"it names {' and '.join(logins)}", "keep one")


def _pod(each: Said) -> Iterator[Flaw]:
    """The operator's own pods say nothing of what a restricted namespace demands."""
    for part in ("pod", "container"):
        if not each.get("template", part, "securityContext"):
            yield each.flaw(("template", part), f"the namespace admits no {part} without a securityContext",
                            f"add template: {{{part}: {{securityContext: ...}}}} as in the restricted Pod"
                            " Security Standard")  # fmt: skip


def _any_of_oso(each: Said) -> Iterator[Flaw]:
    cluster = each.get("kafkaCluster") or {}
    if cluster and not cluster["bootstrapServers"]:
        yield each.flaw(("kafkaCluster", "bootstrapServers"), "it names no broker")
    encrypted = cluster.get("securityProtocol") in ("SSL", "SASL_SSL")
    if encrypted and not {"tlsSecret", "caSecret"} & cluster.keys():
        yield each.flaw(("kafkaCluster", "securityProtocol"), "it names no certificate authority",
                        "add caSecret: with the Secret CLUSTER-cluster-ca-cert")  # fmt: skip
    for path in _ABOVE_ZERO:
        value = each.get(*path)
        if value is not None and value <= 0:
            yield each.flaw(path, f"{path[-1]} is {value}", "write at least 1")


def _backup_of_oso(each: Said) -> Iterator[Flaw]:
    if not each.get("topics"):
        yield each.flaw(("topics",), "it names no topic")
    compression = each.get("compression")
    if compression is not None and compression not in _COMPRESSIONS:
        yield each.flaw(("compression",), f"there is no compression '{compression}'",
                        f"write one of {', '.join(_COMPRESSIONS)}")  # fmt: skip
    level = each.get("compressionLevel")
    if level is not None and not 1 <= level <= 22:
        yield each.flaw(("compressionLevel",), f"{level} is no level from 1 to 22")
    if each.get("continuous") and each.get("stopAtCurrentOffsets"):
        yield each.flaw(("continuous",), "it cannot go on and stop, too: stopAtCurrentOffsets")
    retention = each.get("retention") or {}
    if retention.get("enabled"):
        if not {"maxAgeDays", "keepLast"} & retention.keys():
            yield each.flaw(("retention",), "it says neither maxAgeDays nor keepLast")
        for key in ("maxAgeDays", "keepLast"):
            if retention.get(key) == 0:
                yield each.flaw(("retention", key), f"{key} is 0", "write at least 1")


def _restore_of_oso(each: Said) -> Iterator[Flaw]:
    if not each.get("backupRef", "name") and not each.get("backupRef", "storage"):
        yield each.flaw(("backupRef",), "it names no backup")
    for first, last in (("startTimestamp", "endTimestamp"), ("startTime", "endTime")):
        start, end = each.get("pitr", first), each.get("pitr", last)
        if start is not None and end is not None and start >= end:
            yield each.flaw(("pitr", last), f"it ends before it begins: {first} {start}")
    acks = each.get("produceAcks")
    if acks not in (None, -1, 0, 1):
        yield each.flaw(("produceAcks",), f"{acks} is none of -1, 0 and 1", "write -1")
    if each.get("purgeTopics") or each.get("dryRun"):
        return
    topics, mapping = each.get("topics") or (), each.get("topicMapping") or {}
    same = [name for name in topics if mapping.get(name, name) == name]
    if not topics:
        yield each.flaw(
            ("topics",), "it names no topic", "name them, each with a new name in topicMapping"
        )
    elif same:
        yield each.flaw(("topics",), f"{', '.join(same)} would be written to where it came from",
                        "map it to another name in topicMapping")  # fmt: skip


def _reset_of_oso(each: Said) -> Iterator[Flaw]:
    if not each.get("consumerGroups"):
        yield each.flaw(("consumerGroups",), "it names no group")
    needed = _NEEDS.get(each.get("resetStrategy"), "")
    if needed and each.get(needed) is None:
        yield each.flaw(("resetStrategy",), f"{each.get('resetStrategy')} needs {needed}",
                        f"add {needed}:")  # fmt: skip


def _rollback_of_oso(each: Said) -> Iterator[Flaw]:
    if not each.get("snapshotRef", "path"):
        yield each.flaw(("snapshotRef",), "by its name alone no snapshot is found",
                        "add path: with the file in the operator's pod")  # fmt: skip


def _any_of_strimzi(each: Said) -> Iterator[Flaw]:
    login = each.get("authentication") or {}
    ways = [{"kafkaUserRef"}, {"certificateAndKey"}]
    if login.get("type") == "scram-sha-512":
        ways[1] = {"username", "passwordSecret"}
    if login and not any(way <= login.keys() for way in ways):
        yield each.flaw(("authentication",), f"{login['type']} needs {' and '.join(sorted(ways[1]))}, or a"
                        " KafkaUser", "add kafkaUserRef: {name: ...}")  # fmt: skip


def _restore_of_strimzi(each: Said) -> Iterator[Flaw]:
    if each.get("restore", "existingTopicPolicy") == "fail":
        yield each.flaw(("restore", "existingTopicPolicy"), "the engine cannot fail on topics that exist",
                        "write append, or overwrite to delete what they hold")  # fmt: skip
    if each.get("pointInTime", "offsetFromEnd") is not None:
        yield each.flaw(
            ("pointInTime", "offsetFromEnd"), "the engine knows times only", "write timestamp"
        )
    for key in ("startTimestamp", "timestamp"):
        time = each.get("pointInTime", key)
        if time is not None and not _TIME.fullmatch(time):
            yield each.flaw(("pointInTime", key), f"{time} is no time such as 2026-11-21T12:00:00Z")
    groups = each.get("consumerGroups") or {}
    if not groups.get("restore"):
        return
    if not groups.get("groups") and not groups.get("mapping") and not groups.get("auto"):
        yield each.flaw(("consumerGroups",), "it names no group", "add groups:, or auto: true")
    for pair in groups.get("mapping") or ():
        if pair["sourceGroup"] != pair["targetGroup"]:
            yield each.flaw(("consumerGroups", "mapping"), f"the engine cannot rename {pair['sourceGroup']}",
                            "name the groups in groups:")  # fmt: skip


_OF_OSO = {
    "": _any_of_oso,
    "KafkaBackup": _backup_of_oso,
    "KafkaRestore": _restore_of_oso,
    "KafkaOffsetReset": _reset_of_oso,
    "KafkaOffsetRollback": _rollback_of_oso,
}
_OF_STRIMZI = {"": _any_of_strimzi, "KafkaRestore": _restore_of_strimzi}


@rule("backup-operator-reference")
def reference(system: System) -> Iterator[Flaw]:
    """What an object of the operators refers to is there.

    Why: the operator looks it up when it runs; a restore that finds no backup fails on the day on which
        it is needed.
    Fix: correct the name, or say where the backup is stored: backupRef.storage.
    Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18 (backupRef, strimziClusterRef).
    """
    clusters = {manifest.name for manifest in system.others.get("Kafka", ())}
    for each in said(system):
        backups = {other.manifest.name for other in said(system, "KafkaBackup", group=each.group)}
        ref = each.get("backupRef") or {}
        elsewhere = {"storage", "namespace"} & ref.keys()
        if ref.get("name") and not elsewhere and ref["name"] not in backups:
            yield each.flaw(("backupRef", "name"), f"there is no KafkaBackup '{ref['name']}' of {each.group}",
                            did_you_mean(ref["name"], backups))  # fmt: skip
        cluster = each.get("strimziClusterRef") or {}
        if cluster and "namespace" not in cluster and cluster["name"] not in clusters:
            yield each.flaw(("strimziClusterRef", "name"), f"there is no Kafka '{cluster['name']}'",
                            did_you_mean(cluster["name"], clusters))  # fmt: skip


@rule("backup-operator-schedule")
def schedule(system: System) -> Iterator[Flaw]:
    """A schedule is in the words of the operator that reads it.

    Why: kafka.oso.sh has six fields with seconds first, in UTC, and its week begins with 1 on Sunday;
        kafkabackup.com has Kubernetes' five. The other's fails, or runs at another time.
    Fix: write 0 0 2 * * MON for kafka.oso.sh and 0 2 * * MON for kafkabackup.com.
    Source: kafka-backup-operator 1.2.1 (crate cron 0.12); strimzi-backup-operator 0.2.18 (a CronJob).
    """
    for each in said(system, "KafkaBackup", "KafkaBackupValidation"):
        text = each.get("schedule", "cron") if each.group == STRIMZI else each.get("schedule")
        if text is None:
            continue
        path = ("schedule", "cron") if each.group == STRIMZI else ("schedule",)
        fields = text.split()
        if each.group == STRIMZI and len(fields) != 5:
            yield each.flaw(path, f"it has {len(fields)} fields, and {STRIMZI} reads five",
                            "drop the seconds" if len(fields) == 6 else "")  # fmt: skip
        elif each.group == OSO and len(fields) not in (6, 7):
            yield each.flaw(path, f"it has {len(fields)} fields, and {OSO} reads six, seconds first",
                            f"write 0 {text}" if len(fields) == 5 else "")  # fmt: skip
        elif each.group == OSO and (day := re.search(r"[0-9]", fields[5].partition("/")[0])):
            place = int(day[0]) - 1
            name = _DAYS[place] if place in range(len(_DAYS)) else "no day"
            yield each.flaw(
                path, f"day {day[0]} of the week is {name} here", "write days by their names"
            )


@rule("backup-operator-security")
def security(system: System) -> Iterator[Flaw]:
    """kafka.oso.sh logs in, and encrypts, as it is told.

    Why: a word that it does not know becomes PLAINTEXT, or no login at all; a tlsSecret without the keys
        of certificate and key shows no certificate, which a tls listener refuses.
    Fix: write SSL with caSecret and tlsSecret: {name, certKey: user.crt, keyKey: user.key}.
    Source: kafka-backup-operator 1.2.1, adapters (securityProtocol, saslSecret, tlsSecret).
    """
    for each in said(system, group=OSO):
        cluster = each.get("kafkaCluster") or {}
        protocol = str(cluster.get("securityProtocol", "PLAINTEXT"))
        mechanism = (cluster.get("saslSecret") or {}).get("mechanism", _MECHANISMS[0])
        if protocol.upper() not in _PROTOCOLS:
            yield each.flaw(("kafkaCluster", "securityProtocol"), f"{protocol} would become PLAINTEXT",
                            did_you_mean(protocol, _PROTOCOLS))  # fmt: skip
        if mechanism.upper() not in _MECHANISMS:
            yield each.flaw(("kafkaCluster", "saslSecret", "mechanism"), f"{mechanism} would become none",
                            f"write one of {', '.join(_MECHANISMS)}")  # fmt: skip
        if protocol.upper().startswith("SASL") and "saslSecret" not in cluster:
            yield each.flaw(("kafkaCluster", "securityProtocol"), f"{protocol} has no saslSecret")
        secret = cluster.get("tlsSecret")
        if secret is not None and not {"certKey", "keyKey"} <= secret.keys():
            yield each.flaw(("kafkaCluster", "tlsSecret"), "it shows no certificate: certKey and keyKey are"
                            " both needed")  # fmt: skip
