"""The engine alone: a CronJob with its config for each run of a backup, and a Job for each order."""

from collections.abc import Iterator

from generator.documents.manifest import Body, Manifest
from generator.model.backups.backups import Backup, Run
from generator.model.backups.labels import NAME
from generator.model.backups.offset_resets import OffsetReset
from generator.model.backups.restores import Restore
from generator.model.environment import Environment
from generator.resources.backups import _reset_job, _restore_job
from generator.resources.backups._config import CONFIG_KEY, MOUNTS, RUN_ID, config
from generator.resources.backups._objects import IGNORED, made, worker_of
from generator.resources.backups._pod import (
    JOB_NAME,
    Worker,
    container,
    job_spec,
    pod_spec,
    variables_of,
    volumes_of,
)


def backup(environment: Environment, backup: Backup) -> Iterator[Manifest]:
    """The CronJob and the ConfigMap of every run."""
    worker = worker_of(backup)
    for run in backup.runs:
        yield _cron_job(environment, worker, backup, run)
        text = {"data": {CONFIG_KEY: config(environment, backup, run)}}
        yield made(environment, worker, "ConfigMap", text, name=run.object_name)


def restore(environment: Environment, restore: Restore) -> Iterator[Manifest]:
    """The Job that waits, and what goes with it."""
    return _restore_job.objects(environment, restore)


def reset(environment: Environment, reset: OffsetReset) -> Iterator[Manifest]:
    """The Job that waits, and what goes with it."""
    return _reset_job.objects(environment, reset)


def _cron_job(environment: Environment, worker: Worker, backup: Backup, run: Run) -> Manifest:
    """One run at a time; its last failure is an alert's matter, and must not keep Argo CD from syncing.

    Tries that follow a failed one go on where it stopped.
    """
    settings = backup.settings
    volumes = volumes_of(environment, worker, run.object_name, CONFIG_KEY)
    args = ["backup", "--config", f"{MOUNTS}/config/{CONFIG_KEY}"]
    env = variables_of(worker)
    if not backup.incremental:
        # One for each Job, and the same for each try of it.
        env.insert(0, {"name": RUN_ID, "valueFrom": {"fieldRef": {"fieldPath": JOB_NAME}}})
    engine = container(NAME, settings["image"], args, settings["resources"], volumes, env)
    job = job_spec(environment, worker, pod_spec(worker, volumes, [engine]), backup.deadline_s,
                   settings["retries"])  # fmt: skip
    spec: Body = {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": settings["history"]["failed"],
        "jobTemplate": {"spec": job},
        "schedule": run.schedule,
        "startingDeadlineSeconds": backup.starting_deadline_s,
        "successfulJobsHistoryLimit": settings["history"]["successful"],
        "timeZone": settings["timeZone"],
    }
    if settings["suspend"]:
        spec["suspend"] = True
    return made(environment, worker, "CronJob", {"spec": spec}, api="batch/v1",
                name=run.object_name, annotations=IGNORED)  # fmt: skip
