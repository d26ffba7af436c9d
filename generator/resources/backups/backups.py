"""Everything of a backup: CronJobs with their configs, the user, its rights and ways, and a claim.

What an operator runs has a KafkaBackup instead of a CronJob.
"""

from collections.abc import Iterator
from typing import Any

from generator.common.units import parse_bytes, quantity
from generator.documents.manifest import Manifest
from generator.model.acls import acls_of_backup
from generator.model.backups.backups import NAME, Backup, Run, backups
from generator.model.environment import Environment
from generator.resources.backups._config import CONFIG_KEY, MOUNTS, RUN_ID, config
from generator.resources.backups._objects import IGNORED, account, made, network, user, worker_of
from generator.resources.backups._operator import of_operator
from generator.resources.backups._pod import (
    JOB_NAME,
    Worker,
    container,
    job_spec,
    pod_spec,
    variables_of,
    volumes_of,
)

_KEPT = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every backup, by its name."""
    for backup in backups(environment):
        worker = worker_of(backup)
        for run in backup.runs if backup.operator is None else ():
            yield _cron_job(environment, worker, backup, run)
            text = {"data": {CONFIG_KEY: config(environment, backup, run)}}
            yield made(environment, worker, "ConfigMap", text, name=run.object_name)
        yield from of_operator(environment, backup)
        yield user(environment, worker, acls_of_backup(backup))
        if backup.has_pods:
            yield account(environment, worker)
            yield network(environment, worker)
        if "size" in backup.storage.settings:
            yield _claim(environment, worker, backup)


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
    spec: dict[str, Any] = {
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


def _claim(environment: Environment, worker: Worker, backup: Backup) -> Manifest:
    """The volume; it outlives the backup, and is bound only once the first run asks for it."""
    said = backup.storage.settings
    spec: dict[str, Any] = {
        "accessModes": [said.get("accessMode", "ReadWriteOnce")],
        "resources": {"requests": {"storage": quantity(parse_bytes(said["size"]))}},
    }
    if "storageClass" in said:
        spec["storageClassName"] = said["storageClass"]
    return made(environment, worker, "PersistentVolumeClaim", {"spec": spec},
                annotations={**_KEPT, **IGNORED})  # fmt: skip
