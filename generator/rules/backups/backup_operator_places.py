"""Where operators keep backups, and how many operators there are."""

from collections.abc import Iterator
from typing import Any

from generator.common.finding import Severity
from generator.model.backups.backup_operator import SECTION, backup_operator, is_asked_for
from generator.model.backups.engines import OPERATORS
from generator.model.backups.engines.oso import Oso
from generator.model.environment import destination_id
from generator.rules.backups._operator_kinds import Said, said, storages
from generator.rules.registry import Flaw, rule
from generator.system.system import System, Systems


@rule("backup-operator-claim")
def claim(system: System) -> Iterator[Flaw]:
    """Every claim that kafka.oso.sh is told to write to is mounted by its pod.

    Why: it writes to /data/CLAIM in its own pod, and nothing mounts a claim there but the chart; without,
        the run fails, or the backups go with the pod.
    Fix: write engine: operator with storage.pvc.claim, or add the claim to backupOperator.values:
        extraVolumes and extraVolumeMounts.
    Source: kafka-backup-operator 1.2.1, adapters/storage_config.rs (/data/CLAIM).
    """
    values = (
        system.environment.data.get(SECTION, {}).get("values", {}) if system.environment else {}
    )
    mounted = {
        str(each.get("mountPath", "")).rstrip("/") for each in values.get("extraVolumeMounts", ())
    }
    mounted |= {each.engine.mount_of(each.storage.claim) for each in system.backups}
    for each in said(system):
        for path, body in storages(each):
            name = (body.get("pvc") or {}).get("claimName")
            kind = body.get(each.operator.storage_word, "pvc")
            place = each.operator.mount_of(name) if name and kind == "pvc" else ""
            if place and place not in mounted:
                yield each.flaw((*path, "pvc", "claimName"), f"nothing mounts {place}")


@rule("backup-operator-claim-race", Severity.WARNING)
def claim_race(system: System) -> Iterator[Flaw]:
    """One backup at most is kept on a volume by kafka.oso.sh.

    Why: for every run on a volume it changes the working directory of its whole process: of two at once,
        one writes to the other's.
    Fix: keep the others in a bucket, or write engine: cli.
    Source: kafka-backup-operator 1.2.1 (the working directory is set for each run).
    """
    on_volumes = [each for each in said(system, "KafkaBackup") if not each.operator.has_pods
                  and each.get("storage", each.operator.storage_word) in (None, "pvc")]  # fmt: skip
    for each in on_volumes[1:]:
        yield each.flaw(("storage",), f"{on_volumes[0].manifest.name} is kept on a volume, too")


@rule("backup-operator-sets-shared")
def sets_shared(systems: Systems) -> Iterator[Flaw]:
    """Backups of one name are kept apart, in whatever namespace, environment or cluster.

    Why: kafka.oso.sh tells its sets by the backup's name alone: of two with the same name, bucket and
        prefix, the retention of each deletes the sets of the other.
    Fix: write a prefix of its own, or rename one.
    Source: kafka-backup-operator 1.2.1, retention (by name and time, in a prefix).
    """
    found: dict[tuple[Any, ...], list[Said]] = {}
    for name, system in sorted(systems.by_environment.items()):
        for each in said(system, "KafkaBackup"):
            if not each.operator.tells_sets_by_name:
                continue
            earlier = found.setdefault((each.manifest.name, *_place(each, name)), [])
            earlier.append(each)
            if len(earlier) == 1 or not any(other.get("retention", "enabled") for other in earlier):
                continue
            flaw = each.flaw(("storage",), f"KafkaBackup {each.manifest.name} of the namespace"
                             f" {earlier[0].manifest.identity[2]} keeps its sets in the same place")  # fmt: skip
            yield flaw._replace(environment=name)


def _place(each: Said, environment: str) -> tuple[Any, ...]:
    """What tells a storage from all others; a claim of the same name is another one elsewhere."""
    kind = each.get("storage", each.operator.storage_word) or "pvc"
    body = each.get("storage", kind) or {}
    words = ("endpoint", "bucket", "accountName", "container", "claimName", "subPath")
    own = environment if kind == "pvc" else ""
    return (kind, own, str(body.get("prefix", "")).strip("/"), *(body.get(word) for word in words))


@rule("backup-operator-replicas")
def replicas(system: System) -> Iterator[Flaw]:
    """One pod of the operator runs.

    Why: in these versions none is the leader, so that two run every backup, and every restore, twice.
    Fix: write replicaCount: 1.
    Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18 (leaderElection is not read).
    """
    values = (
        system.environment.data.get(SECTION, {}).get("values", {}) if system.environment else {}
    )
    if values.get("replicaCount", 1) != 1:
        yield Flaw((SECTION, "values", "replicaCount"), f"replicaCount is {values['replicaCount']}")
    for manifest in system.others.get("Application", ()):
        source = manifest.body["spec"].get("source") or {}
        said_there = (source.get("helm") or {}).get("valuesObject") or {}
        if source.get("chart") == Oso.CHART["name"] and said_there.get("replicaCount", 1) != 1:
            yield Flaw(("spec", "source", "helm", "valuesObject", "replicaCount"),
                       f"replicaCount is {said_there['replicaCount']}", on=manifest)  # fmt: skip


@rule("backup-operators-both", Severity.INFO)
def both(systems: Systems) -> Iterator[Flaw]:
    """A Kubernetes cluster has one of the two operators for backups.

    Why: their kinds have the same names and the same short names: kubectl get kb and kubectl get
        kafkabackup show those of one of them.
    Fix: use one, or name the group as well: kubectl get kafkabackups.kafka.oso.sh.
    Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18 (short names kb and kr).
    """
    found: dict[str, dict[str, str]] = {}
    for name, system in sorted(systems.by_environment.items()):
        environment = system.environment
        if environment is None:
            continue
        groups = {each.group for each in said(system)}
        if is_asked_for(environment):
            groups.add(backup_operator(environment).group)
        known = found.setdefault(destination_id(environment), {})
        news = sorted(groups - known.keys())
        for group in news:
            known[group] = name
        if news and len(known) == len(OPERATORS):
            others = ", ".join(f"{group} in {place}" for group, place in sorted(known.items()))
            where = (SECTION,) if SECTION in environment.data else ("environment",)
            yield Flaw(
                where,
                f"both operators are used on one Kubernetes cluster: {others}",
                environment=name,
            )
