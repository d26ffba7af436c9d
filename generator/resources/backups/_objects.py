"""What goes with every pod that works with backups: its account, its user and its ways."""

from collections.abc import Mapping

from generator.documents.manifest import Body, Manifest
from generator.model.acls import Acl
from generator.model.backups.backup_quotas import quotas_of_backup
from generator.model.backups.backups import SECTION, Backup
from generator.model.backups.labels import LABEL, LABEL_OF_RESET, LABEL_OF_RESTORE
from generator.model.backups.offset_resets import SECTION as OFFSET_RESETS
from generator.model.backups.offset_resets import OffsetReset
from generator.model.backups.restores import SECTION as RESTORES
from generator.model.backups.restores import Restore
from generator.model.environment import Environment
from generator.resources._metadata import metadata
from generator.resources.backups._pod import Worker
from generator.resources.users import authorization

AREA = "backup"
IGNORED = {"argocd.argoproj.io/ignore-healthcheck": "true"}
_DNS = 53


def worker_of(backup: Backup) -> Worker:
    """Who does a backup's work."""
    return Worker(backup.user, (LABEL, backup.name), (SECTION, backup.name), backup.settings,
                  backup.listener, backup.storage)  # fmt: skip


def worker_of_restore(restore: Restore) -> Worker:
    """Who carries out a restore."""
    return Worker(restore.job, (LABEL_OF_RESTORE, restore.name), (RESTORES, restore.name),
                  restore.settings, restore.listener, restore.storage)  # fmt: skip


def worker_of_reset(reset: OffsetReset) -> Worker:
    """Who carries out a reset of offsets."""
    return Worker(reset.job, (LABEL_OF_RESET, reset.name), (OFFSET_RESETS, reset.name),
                  reset.settings, reset.listener)  # fmt: skip


def made(
    environment: Environment,
    worker: Worker,
    kind: str,
    body: Body,
    *,
    api: str = "v1",
    name: str = "",
    annotations: Mapping[str, str] | None = None,
) -> Manifest:
    """An object of a worker; strimzi.io/cluster is left to what the operator cares for."""
    about = metadata(
        environment, kind, name or worker.name, owner=worker.settings.get("owner"),
        description=worker.settings.get("description"), labels=worker.labels,
        annotations=annotations, of_cluster=kind == "KafkaUser",
    )  # fmt: skip
    head = {"apiVersion": api, "kind": kind, "metadata": about}
    return Manifest(AREA, {**head, **body}, worker.origin)


def account(environment: Environment, worker: Worker) -> Manifest:
    """A ServiceAccount that may do nothing here; a cloud may know it."""
    body = {"automountServiceAccountToken": False}
    annotations = worker.storage.annotations if worker.storage else None
    return made(environment, worker, "ServiceAccount", body, annotations=annotations)


def user(
    environment: Environment, worker: Worker, acls: list[Acl], quotas: Body | None = None
) -> Manifest:
    """The KafkaUser, with exactly these rights, and held up by no quotas but these."""
    spec: Body = {"authentication": {"type": worker.listener.authentication}}
    spec |= authorization(acls, environment)
    if said := {**quotas_of_backup(environment), **(quotas or {})}:
        spec["quotas"] = said
    return made(environment, worker, "KafkaUser", {"spec": spec}, api=environment.strimzi_api)


def network(environment: Environment, worker: Worker) -> Manifest:
    """Out to names, to the brokers' one listener and to the storage; nobody comes in."""
    brokers = {"strimzi.io/cluster": environment.cluster.name, "strimzi.io/kind": "Kafka"}
    egress: list[Body] = [
        {"ports": [{"port": _DNS, "protocol": protocol} for protocol in ("TCP", "UDP")]},
        {"ports": _tcp(worker.listener.port), "to": [{"podSelector": {"matchLabels": brokers}}]},
    ]
    storage = worker.storage
    if storage and storage.ports:
        # Object stores have many addresses, which no selector can name.
        egress.append({"ports": _tcp(*storage.ports)})
    egress += [
        {"ports": _tcp(port), "to": [{"ipBlock": {"cidr": address}}]}
        for address, port in (storage.identity_servers if storage else ())
    ]
    key, value = worker.label
    spec = {
        "egress": egress,
        "podSelector": {"matchLabels": {key: value}},
        "policyTypes": ["Egress", "Ingress"],
    }
    api = "networking.k8s.io/v1"
    return made(environment, worker, "NetworkPolicy", {"spec": spec}, api=api)


def _tcp(*ports: int) -> list[Body]:
    return [{"port": port, "protocol": "TCP"} for port in ports]
