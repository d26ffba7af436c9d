"""What the operators for backups refuse or misread after the merge, in their status alone."""

from collections.abc import Iterator

from generator.common.finding import did_you_mean
from generator.rules.backups._operator_kinds import Said, said, storages
from generator.rules.backups.engines import judge_of
from generator.rules.registry import Flaw, rule
from generator.system.system import System


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
        yield from _storage(each)
        yield from judge_of(each).refused(each, each.manifest.identity[2] == restricted)


def _storage(each: Said) -> Iterator[Flaw]:
    word, kinds = each.operator.storage_word, each.operator.storage_kinds
    for path, body in storages(each):
        kind = body.get(word, "pvc")
        if kind not in kinds:
            yield each.flaw(
                (*path, word), f"there is no {word} '{kind}'", did_you_mean(kind, kinds)
            )
        elif kind not in body:
            yield each.flaw(path, f"it says {word} {kind}, and nothing of {kind}", f"add {kind}:")


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
        backups = {other.manifest.name for other in said(system, "KafkaBackup")
                   if other.group == each.group}  # fmt: skip
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
        path = each.operator.schedule_path
        text = each.get(*path)
        if text is not None:
            yield from judge_of(each).schedule(each, path, text)


@rule("backup-operator-security")
def security(system: System) -> Iterator[Flaw]:
    """kafka.oso.sh logs in, and encrypts, as it is told.

    Why: a word that it does not know becomes PLAINTEXT, or no login at all; a tlsSecret without the keys
        of certificate and key shows no certificate, which a tls listener refuses.
    Fix: write SSL with caSecret and tlsSecret: {name, certKey: user.crt, keyKey: user.key}.
    Source: kafka-backup-operator 1.2.1, adapters (securityProtocol, saslSecret, tlsSecret).
    """
    for each in said(system):
        yield from judge_of(each).security(each)
