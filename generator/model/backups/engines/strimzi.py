"""strimzi-backup-operator 0.2.18 (group kafkabackup.com), which makes CronJobs and Jobs of the engine's image."""

from collections.abc import Iterator
from typing import ClassVar

from generator.common.finding import Problem
from generator.intent.sections import BackupOperatorChartSection, ResourcesSection
from generator.model.backups.engines.engine import (
    FULL,
    INCREMENTAL,
    NO_SNAPSHOT,
    NO_VALIDATION,
    TRIED_ONCE,
    WHOLE_SETS,
    Asked,
    Operator,
    Unread,
)

_ITS_OWN = "the operator writes its CronJob as it likes"


class Strimzi(Operator):
    """Source: its adapters/restore_config.rs and jobs/restore_job.rs."""

    group = "kafkabackup.com"
    CHART: ClassVar[BackupOperatorChartSection] = {
        "repoURL": "https://osodevops.github.io/helm-charts/",
        "name": "strimzi-backup-operator",
        "version": "0.2.18",
    }
    RESOURCES: ClassVar[ResourcesSection] = {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    schedule_path = ("schedule", "cron")
    suspend_path = ("schedule", "suspend")
    storage_word = "type"
    storage_kinds = ("s3", "azure", "gcs", "filesystem")
    storage_paths = (("storage",),)
    continuous_path = ("backup", "continuous")
    restore_path = ("restore",)
    create_topics = "topicCreation"
    keep_fix = "at most"
    unread: ClassVar[Unread] = {
        ("deadline",): _ITS_OWN,
        ("startingDeadline",): _ITS_OWN,
        ("history",): _ITS_OWN,
        ("retention", "size"): WHOLE_SETS,
        ("retention", "keepSegments"): WHOLE_SETS,
        ("validation",): NO_VALIDATION,
    }
    unread_of_restore: ClassVar[Unread] = {
        ("stripHeaders",): "it has no word for it",
        ("groups", "image"): NO_SNAPSHOT,
        ("deadline",): "its Job has no end",
        ("retries",): TRIED_ONCE,
    }

    def set_prefix(self, backup: str, run: str) -> str:
        """The set is called as the Job, and that as its CronJob."""
        return f"{self.cron_job(backup, run)}-"

    def cron_job(self, backup: str, run: str) -> str:
        """It makes one for each KafkaBackup."""
        del run
        return f"{backup}-scheduled"

    def problems(self, asked: Asked) -> Iterator[Problem]:
        """What it cannot do besides.

        Source: strimzi-backup-operator 0.2.18, reconcilers/backup.rs (Jobs without volumes of one's own;
        retention by the start of a set).
        """
        yield from super().problems(asked)
        path, section = asked.path, asked.section
        if "pvc" in section.get("storage", {}):
            yield Problem((*path, "storage", "pvc"), f"{self.group} mounts no volume: backups would go with"
                          " the pod", "backup-operator", "write s3, azure or gcs", on_key=True)  # fmt: skip
        if "retention" in section and asked.settings["mode"] == INCREMENTAL:
            yield Problem((*path, "retention"), f"{self.group} drops sets by the time at which they began,"
                          " and an incremental backup is one set: all of it would go", "backup-operator",
                          f"drop retention, or write mode: {FULL}", on_key=True)  # fmt: skip
