"""What `backupOperator:` asks for: the operator that runs the backups with `engine: operator`.

The section as resolved -> a frozen BackupOperator. There are two, of one vendor, with kinds of the same
names: kafka-backup-operator (group kafka.oso.sh) runs the engine in its own pod;
strimzi-backup-operator (group kafkabackup.com) makes CronJobs and Jobs of the engine's image.
"""

from dataclasses import dataclass
from typing import Any, Final

from generator.model.approvals import ORDERS
from generator.model.backups.storages import DATA
from generator.model.environment import Environment, Json, once

SECTION: Final = "backupOperator"
CLI, OPERATOR = "cli", "operator"
OSO, STRIMZI = "kafka.oso.sh", "kafkabackup.com"
GROUPS = (OSO, STRIMZI)
VERSION = "v1alpha1"

KINDS = ("KafkaBackup", "KafkaBackupValidation", *ORDERS)

CHARTS: dict[str, Json] = {
    OSO: {
        "repoURL": "https://osodevops.github.io/helm-charts/",
        "name": "kafka-backup-operator",
        "version": "1.2.1",
    },
    STRIMZI: {
        "repoURL": "https://osodevops.github.io/helm-charts/",
        "name": "strimzi-backup-operator",
        "version": "0.2.18",
    },
}
"""The charts of the versions whose fields schemas/backup-operators/ holds."""

_RESOURCES: dict[str, Json] = {
    # The engine runs inside, with segments of every partition that is read at once.
    OSO: {
        "requests": {"cpu": "250m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "4Gi"},
    },
    STRIMZI: {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    },
}


@dataclass(frozen=True, slots=True)
class BackupOperator:
    """One operator; `resources` stay as written, `values` are Helm's."""

    api: str
    """The group of its kinds: kafka.oso.sh or kafkabackup.com."""
    namespace: str
    chart: Json
    image: str
    """Its own image, name and tag; empty for the chart's."""
    resources: Json
    values: Json

    @property
    def api_version(self) -> str:
        """The apiVersion of its kinds."""
        return f"{self.api}/{VERSION}"

    @property
    def peer(self) -> dict[str, Any]:
        """Its pods as a peer of a NetworkPolicy in another namespace."""
        namespace = {"kubernetes.io/metadata.name": self.namespace}
        labels = {"app.kubernetes.io/name": CHARTS[self.api]["name"]}
        return {
            "namespaceSelector": {"matchLabels": namespace},
            "podSelector": {"matchLabels": labels},
        }


@once
def backup_operator(environment: Environment) -> BackupOperator:
    """The operator as asked for, with everything filled in that nobody says."""
    section = environment.section(SECTION)
    api = section.get("api", OSO)
    return BackupOperator(
        api=api,
        namespace=section.get("namespace", "kafka-backup"),
        chart={**CHARTS[api], **section.get("chart", {})},
        image=section.get("image", ""),
        resources=section.get("resources", _RESOURCES[api]),
        values=section.get("values", {}),
    )


def engine_of(section: Json) -> str:
    """What runs a backup: `cli` or `operator`."""
    return str(section.get("engine", CLI))


def is_asked_for(environment: Environment) -> bool:
    """True when the operator is to be installed: it is named, or a backup is its own."""
    backups = environment.section("backups").values()
    return SECTION in environment.data or any(engine_of(each) == OPERATOR for each in backups)


def mount_of(claim: str) -> str:
    """Where kafka-backup-operator 1.2.1 looks for a claim, in its own pod."""
    return f"{DATA}/{claim}"
