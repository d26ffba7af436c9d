"""Everything of a backup: CronJobs with their configs, the user, its rights and ways, and a claim."""

from collections.abc import Iterator
from typing import Any

from generator.acls import acls_of_backup
from generator.backups import LABEL, SECTION, Backup, Run, backups
from generator.intent import Environment, Json
from generator.manifest import Manifest
from generator.resources._backup_config import CONFIG_KEY, config
from generator.resources._backup_pod import job_spec, labels_of
from generator.resources._metadata import metadata
from generator.resources.kafka_user import authorization, quotas
from generator.units import parse_bytes, quantity

AREA = "backup"
_IGNORED = {"argocd.argoproj.io/ignore-healthcheck": "true"}
_KEPT = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
_DNS = 53


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every backup, by its name."""
    for backup in backups(environment):
        for run in backup.runs:
            yield _cron_job(environment, backup, run)
            text = {"data": {CONFIG_KEY: config(environment, backup, run)}}
            yield _manifest(environment, backup, "ConfigMap", text, name=run.object_name)
        yield _account(environment, backup)
        yield _user(environment, backup)
        yield _network(environment, backup)
        if "size" in backup.storage.settings:
            yield _claim(environment, backup)


def _manifest(
    environment: Environment,
    backup: Backup,
    kind: str,
    body: Json,
    *,
    api: str = "v1",
    name: str = "",
    annotations: Json | None = None,
) -> Manifest:
    """An object of a backup; strimzi.io/cluster is left to what the operator cares for."""
    about = metadata(
        environment, kind, name or backup.user, owner=backup.settings.get("owner"),
        description=backup.settings.get("description"), labels=labels_of(backup),
        annotations=annotations, of_cluster=kind == "KafkaUser",
    )  # fmt: skip
    head = {"apiVersion": api, "kind": kind, "metadata": about}
    return Manifest(AREA, {**head, **body}, (SECTION, backup.name))


def _cron_job(environment: Environment, backup: Backup, run: Run) -> Manifest:
    """One run at a time; its last failure is an alert's matter, and must not keep Argo CD from syncing."""
    settings = backup.settings
    spec: dict[str, Any] = {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": settings["history"]["failed"],
        "jobTemplate": {"spec": job_spec(environment, backup, run)},
        "schedule": run.schedule,
        "startingDeadlineSeconds": backup.starting_deadline_s,
        "successfulJobsHistoryLimit": settings["history"]["successful"],
        "timeZone": settings["timeZone"],
    }
    if settings["suspend"]:
        spec["suspend"] = True
    return _manifest(environment, backup, "CronJob", {"spec": spec}, api="batch/v1",
                     name=run.object_name, annotations=_IGNORED)  # fmt: skip


def _account(environment: Environment, backup: Backup) -> Manifest:
    """A ServiceAccount that may do nothing here; a cloud may know it."""
    body = {"automountServiceAccountToken": False}
    annotations = backup.storage.annotations
    return _manifest(environment, backup, "ServiceAccount", body, annotations=annotations)


def _user(environment: Environment, backup: Backup) -> Manifest:
    spec: dict[str, Any] = {"authentication": {"type": backup.listener.authentication}}
    spec |= authorization(acls_of_backup(backup), environment)
    spec |= quotas(backup.settings)
    api = "kafka.strimzi.io/v1"
    return _manifest(environment, backup, "KafkaUser", {"spec": spec}, api=api)


def _network(environment: Environment, backup: Backup) -> Manifest:
    """Out to names, to the brokers' one listener and to the storage; nobody comes in."""
    brokers = {"strimzi.io/cluster": environment.cluster.name, "strimzi.io/kind": "Kafka"}
    egress: list[dict[str, Any]] = [
        {"ports": [{"port": _DNS, "protocol": protocol} for protocol in ("TCP", "UDP")]},
        {"ports": _tcp(backup.listener.port), "to": [{"podSelector": {"matchLabels": brokers}}]},
    ]
    if backup.storage.ports:
        # Object stores have many addresses, which no selector can name.
        egress.append({"ports": _tcp(*backup.storage.ports)})
    egress += [
        {"ports": _tcp(port), "to": [{"ipBlock": {"cidr": address}}]}
        for address, port in backup.storage.identity_servers
    ]
    spec = {
        "egress": egress,
        "podSelector": {"matchLabels": {LABEL: backup.name}},
        "policyTypes": ["Egress", "Ingress"],
    }
    api = "networking.k8s.io/v1"
    return _manifest(environment, backup, "NetworkPolicy", {"spec": spec}, api=api)


def _claim(environment: Environment, backup: Backup) -> Manifest:
    """The volume; it outlives the backup, and is bound only once the first run asks for it."""
    said = backup.storage.settings
    spec: dict[str, Any] = {
        "accessModes": [said.get("accessMode", "ReadWriteOnce")],
        "resources": {"requests": {"storage": quantity(parse_bytes(said["size"]))}},
    }
    if "storageClass" in said:
        spec["storageClassName"] = said["storageClass"]
    return _manifest(environment, backup, "PersistentVolumeClaim", {"spec": spec},
                     annotations={**_KEPT, **_IGNORED})  # fmt: skip


def _tcp(*ports: int) -> list[dict[str, Any]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]
