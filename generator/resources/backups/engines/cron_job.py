"""The engine in pods of ours: a CronJob with its config for each run of a backup, and a Job for each order.

`strimzi-verify backup begin` -> the engine reads Kafka -> `strimzi-verify backup prove`, where there is an image for both.
"""

from collections.abc import Iterator

from generator.contract.backup import JOB
from generator.documents.manifest import Body, Manifest
from generator.model.backups.backups import Backup, Run, guard_image, waits_for_pods
from generator.model.backups.labels import NAME
from generator.model.backups.offset_resets import OffsetReset
from generator.model.backups.restores import Restore
from generator.model.environment import Environment
from generator.resources.backups import _reset_job, _restore_job
from generator.resources.backups._config import CONFIG_KEY, MOUNTS, config
from generator.resources.backups._guard import GUARD_KEY, step, told
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
        texts = {CONFIG_KEY: config(environment, backup, run)}
        if guard_image(environment, backup):
            texts[GUARD_KEY] = told(environment, backup, run)
        yield made(environment, worker, "ConfigMap", {"data": texts}, name=run.object_name)


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
    settings, image = backup.settings, guard_image(environment, backup)
    keys = [CONFIG_KEY, GUARD_KEY] if image else [CONFIG_KEY]
    volumes = volumes_of(environment, worker, run.object_name, *keys)
    env = variables_of(worker)
    # One for each Job, and the same for each try of it.
    job_name: Body = {"name": JOB, "valueFrom": {"fieldRef": {"fieldPath": JOB_NAME}}}
    args = ["backup", "--config", f"{MOUNTS}/config/{CONFIG_KEY}"]
    engine = container(NAME, settings["image"], args, settings["resources"], volumes,
                       env if backup.incremental else [job_name, *env])  # fmt: skip
    steps = [engine]
    if image:
        volumes["found"] = {"emptyDir": {"sizeLimit": "64Mi"}}
        begin, prove = (
            step(word, image, backup, volumes, [job_name, *env]) for word in ("begin", "prove")
        )
        steps = [begin, engine, prove]
    job = job_spec(environment, worker, pod_spec(worker, volumes, steps), backup.deadline_s,
                   settings["retries"])  # fmt: skip
    if image and waits_for_pods(environment):
        # A pod that is still writing down what it holds may not meet the one that follows it.
        job["podReplacementPolicy"] = "Failed"
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
