"""The engine alone: a CronJob of ours for each run of a backup, and a Job for each order."""

from typing import ClassVar

from generator.model.backups.engines.engine import NO_VALIDATION, Engine, Unread


class CronJob(Engine):
    """What is true of an engine that no operator runs."""

    is_guarded = True
    unread: ClassVar[Unread] = {
        ("validation",): NO_VALIDATION,
        ("retention", "keepBackups"): "the engine drops segments of one set, and no whole sets",
    }
    instead = "drop it, or write engine: operator"

    def set_prefix(self, backup: str, run: str) -> str:
        """The set is called as the Job."""
        del backup
        return f"{run}-"

    def cron_job(self, backup: str, run: str) -> str:
        """One for each run."""
        del backup
        return run

    def starter(self, backup: str, run: str) -> tuple[str, str]:
        """The CronJob."""
        return "CronJob", self.cron_job(backup, run)

    def order(self, kind: str, job_prefix: str, name: str) -> str:
        """A Job, which waits."""
        del kind
        return f"Job/{job_prefix}{name}"
