"""Everything of a restore drill: its CronJob, what it reads, its user and its ways.

`strimzi-verify drill prepare` -> the engine restores -> `strimzi-verify drill judge`
"""

from collections.abc import Iterator

from generator.contract.settings import encode
from generator.documents.manifest import Body, Manifest
from generator.intent.sections import BackupSection
from generator.model.acls import acls_of_drill
from generator.model.backups.backups import SECTION
from generator.model.backups.drills import LABEL, Drill, config_key, drills
from generator.model.environment import Environment
from generator.resources.backups._objects import IGNORED, account, made, network, user
from generator.resources.backups._pod import (
    Worker,
    container,
    job_spec,
    pod_spec,
    variables_of,
    volumes_of,
)
from generator.resources.backups._restore_config import drill_config
from generator.resources.backups._restore_job import OURS

SETTINGS_KEY = "drill.json"
_WORK = "/drill"
"""Where what prepares leaves the engine's config, with the newest set in it."""


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every drill, by its backup's name."""
    for drill in drills(environment):
        settings: BackupSection = {**drill.backup.settings, "description": "Tries to restore."}
        worker = Worker(drill.name, (LABEL, drill.backup.name), (SECTION, drill.backup.name, "drill"),
                        settings, drill.backup.listener, drill.backup.storage)  # fmt: skip
        texts = {SETTINGS_KEY: encode(drill.told(environment))}
        for place, (run, topics) in enumerate(drill.runs):
            set_ = drill.backup.backup_id(run)
            texts[config_key(place)] = drill_config(environment, drill, set_, topics)
        yield _cron_job(environment, worker, drill, list(texts))
        yield made(environment, worker, "ConfigMap", {"data": texts})
        yield account(environment, worker)
        yield network(environment, worker)
        yield user(environment, worker, acls_of_drill(drill))


def _cron_job(environment: Environment, worker: Worker, drill: Drill, keys: list[str]) -> Manifest:
    """One try at a time, and one each: a drill that went wrong is looked into, not tried again."""
    volumes = volumes_of(environment, worker, drill.name, *keys)
    volumes["work"] = {"emptyDir": {"sizeLimit": "16Mi"}}
    pod = pod_spec(worker, volumes, _steps(environment, worker, drill, volumes))
    spec: Body = {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job_spec(environment, worker, pod, drill.deadline_s, 0)},
        "schedule": drill.settings["schedule"],
        "startingDeadlineSeconds": drill.backup.starting_deadline_s,
        "successfulJobsHistoryLimit": 1,
        "timeZone": drill.backup.settings["timeZone"],
    }
    if drill.suspended:
        spec["suspend"] = True
    return made(environment, worker, "CronJob", {"spec": spec}, api="batch/v1", annotations=IGNORED)


def _steps(environment: Environment, worker: Worker, drill: Drill, volumes: Body) -> list[Body]:
    """What runs one after the other; none of them writes to where the backup is kept."""
    settings = drill.settings
    env = variables_of(worker)
    verify = environment.data.get("verify", {})["image"]
    told = ["--settings", f"{OURS}/config/{SETTINGS_KEY}", "--work", _WORK]
    ours = [
        container(f"drill-{word}", verify, ["drill", word, *told], settings["resources"], volumes,
                  env, folder=OURS, readonly_data=True)
        for word in ("prepare", "judge")
    ]  # fmt: skip
    engines = [
        container(f"restore-{place}", drill.backup.settings["image"],
                  ["restore", "--config", f"{_WORK}/{config_key(place)}"], settings["resources"],
                  volumes, env, readonly_data=True)
        for place, _ in enumerate(drill.runs)
    ]  # fmt: skip
    return [ours[0], *engines, ours[1]]
