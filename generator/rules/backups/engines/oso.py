"""What is wrong with objects of kafka.oso.sh (kafka-backup-operator 1.2.1), whoever wrote them."""

import re
from collections.abc import Iterator

from generator.common.finding import Path, did_you_mean
from generator.model.approvals import ORDERS
from generator.rules.backups._operator_kinds import Ignored, Said, ignored, said, storages
from generator.rules.registry import Flaw
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
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

_RUNS = ("KafkaBackup", "KafkaRestore")
_STUB = "the operator says Completed at once, and has looked at nothing"
_IGNORED = (
    *(Ignored((kind,), ("dryRun",), _STUB, harmless=False) for kind in ORDERS),
    Ignored(("KafkaRestore",), ("rollback",), "nothing is saved before, and nothing rolled back"),
    Ignored(("KafkaOffsetReset",), ("snapshotBeforeReset",),
             "the snapshot is gone with the operator's memory", harmless=False),
    Ignored(("KafkaOffsetReset",), ("parallelism",), "groups are moved one after the other"),
    Ignored(_RUNS, ("circuitBreaker",), "the engine is never told"),
    Ignored(("KafkaBackup",), ("rateLimiting", "recordsPerSec"), "backups are not slowed down", 0),
    Ignored(("KafkaBackup",), ("rateLimiting", "bytesPerSec"), "backups are not slowed down", 0),
    Ignored(("KafkaBackup",), ("checkpoint", "storage"), "every run begins anew"),
    *(
        Ignored(("KafkaBackup",), ("metrics", key), "metrics are the operator's, on its own port")
        for key in ("port", "path", "bindAddress", "updateIntervalMs", "maxPartitionLabels")
    ),
)  # fmt: skip


def refused(each: Said, restricted: bool) -> Iterator[Flaw]:
    """What fails in the object's status."""
    del restricted  # it has no pods besides its own
    yield from _azure(each)
    yield from _any(each)
    if each.kind in _OF_KIND:
        yield from _OF_KIND[each.kind](each)


def _azure(each: Said) -> Iterator[Flaw]:
    for path, body in storages(each):
        logins = [key for key in _AZURE_LOGINS if (body.get("azure") or {}).get(key)]
        if len(logins) > 1:
            yield each.flaw((*path, "azure"), f"it names {' and '.join(logins)}", "keep one")


def _any(each: Said) -> Iterator[Flaw]:
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


def _backup(each: Said) -> Iterator[Flaw]:
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


def _restore(each: Said) -> Iterator[Flaw]:
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


def _reset(each: Said) -> Iterator[Flaw]:
    if not each.get("consumerGroups"):
        yield each.flaw(("consumerGroups",), "it names no group")
    needed = _NEEDS.get(each.get("resetStrategy"), "")
    if needed and each.get(needed) is None:
        yield each.flaw(("resetStrategy",), f"{each.get('resetStrategy')} needs {needed}",
                        f"add {needed}:")  # fmt: skip


def _rollback(each: Said) -> Iterator[Flaw]:
    if not each.get("snapshotRef", "path"):
        yield each.flaw(("snapshotRef",), "by its name alone no snapshot is found",
                        "add path: with the file in the operator's pod")  # fmt: skip


_OF_KIND = {
    "KafkaBackup": _backup,
    "KafkaRestore": _restore,
    "KafkaOffsetReset": _reset,
    "KafkaOffsetRollback": _rollback,
}


def schedule(each: Said, path: Path, text: str) -> Iterator[Flaw]:
    """Six fields with seconds first, in UTC, and a week that begins with 1 on Sunday."""
    fields = text.split()
    if len(fields) not in (6, 7):
        yield each.flaw(path, f"it has {len(fields)} fields, and {each.group} reads six, seconds first",
                        f"write 0 {text}" if len(fields) == 5 else "")  # fmt: skip
    elif day := re.search(r"[0-9]", fields[5].partition("/")[0]):
        place = int(day[0]) - 1
        name = _DAYS[place] if place in range(len(_DAYS)) else "no day"
        yield each.flaw(
            path, f"day {day[0]} of the week is {name} here", "write days by their names"
        )


def security(each: Said) -> Iterator[Flaw]:
    """How it logs in and encrypts: a word that it does not know becomes none."""
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


def no_effect(each: Said) -> Iterator[Flaw]:
    """What it ignores, and what it has words for and cannot do."""
    yield from ignored(each, _IGNORED)
    for path, body in storages(each):
        if (body.get("pvc") or {}).get("create"):
            yield each.flaw((*path, "pvc", "create"), "it has no effect: no claim is made",
                            "make the claim in the operator's namespace")  # fmt: skip
        if body.get("storageType") == "gcs":
            yield each.flaw((*path, "gcs"), "it cannot log in: the key itself is taken for a file's name",
                            "write another storage")  # fmt: skip
    place = each.get("storage", "s3") or {}
    if each.get("retention", "enabled") and (place.get("pathStyle") or place.get("allowHttp")):
        yield each.flaw(("retention",), "it fails on this storage: it knows neither pathStyle nor"
                        " allowHttp", "drop it, and let a rule of the bucket delete old sets")  # fmt: skip


def unsafe_backup(each: Said) -> Iterator[Flaw]:
    """What deletes every other backup."""
    retention = each.get("retention") or {}
    if (
        retention.get("enabled")
        and not retention.get("dryRun")
        and retention.get("keepLast", 1) < 2
    ):
        yield each.flaw(("retention", "keepLast"), "one set stays, and it may be the broken one",
                        "keep at least 2")  # fmt: skip


def unsafe_restore(each: Said, system: System) -> Iterator[Flaw]:
    """A restore into the cluster from which the backup was taken."""
    servers = each.get("kafkaCluster", "bootstrapServers")
    for source in said(system, "KafkaBackup"):
        same = source.get("kafkaCluster", "bootstrapServers") == servers
        mine = source.group == each.group and each.get("backupRef", "name") == source.manifest.name
        if same and mine:
            yield each.flaw(("kafkaCluster", "bootstrapServers"),
                            "it restores into the cluster from which the backup was taken",
                            "try it on another cluster first")  # fmt: skip


def unencrypted(each: Said) -> Iterator[Flaw]:
    """A way to the brokers on which everybody reads along."""
    protocol = each.get("kafkaCluster", "securityProtocol") or "PLAINTEXT"
    if each.get("kafkaCluster") and "PLAINTEXT" in protocol.upper():
        yield each.flaw(("kafkaCluster", "securityProtocol"), f"{protocol} is not encrypted",
                        "write SSL")  # fmt: skip
