"""What is true of each engine stands in one object, and everybody asks that."""

import pytest
from support import Project

from generator.intent.layers import Project as Intent
from generator.model.backups import restores
from generator.model.backups.backup_operator import backup_operator
from generator.model.backups.backups import Backup, backups
from generator.model.backups.engines import CRON_JOB, OPERATORS
from generator.model.environment import Environment
from generator.render import model_of
from generator.resources.backups.engines import operator_renderer_of, renderer_of

S3 = "storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
IMAGE = "image: 'kafka-backup:v0.25.2'"
INTENT = """
topics: {a: {backup: required}, b: {}}
backupOperator: {api: %s}
backups: {x: {%s, schedule: 0 2 * * *, mode: full, %s}}
restores: {back: {backup: x, set: %s, topics: {a: b}}}
"""
ENGINES = {
    "cli": ("kafka.oso.sh", IMAGE, S3, "backup-x-1"),
    "oso": ("kafka.oso.sh", "engine: operator", S3, "x-1"),
    "strimzi": ("kafkabackup.com", f"engine: operator, {IMAGE}", S3, "x-scheduled-1"),
}


def _environment(project: Project, engine: str) -> Environment:
    project.environment(INTENT % ENGINES[engine])
    return model_of(Intent(project.root), "dev")[1]


def _backup(project: Project, engine: str) -> Backup:
    return backups(_environment(project, engine))[0]


@pytest.mark.parametrize(
    ("engine", "sets", "cron_job", "starter", "kubectl", "order"),
    [
        ("cli", "backup-x-", "backup-x", ("CronJob", "backup-x"), "cronjob", "Job/restore-back"),
        ("oso", "x-", "", ("KafkaBackup", "x"), "kafkabackup.v1alpha1.kafka.oso.sh",
         "KafkaRestore/back"),
        ("strimzi", "x-scheduled-", "x-scheduled", ("KafkaBackup", "x"),
         "kafkabackup.v1alpha1.kafkabackup.com", "KafkaRestore/back"),
    ],
)  # fmt: skip
def test_names_of_each_engine(
    project: Project, engine: str, sets: str, cron_job: str, starter: tuple[str, str], kubectl: str,
    order: str,
) -> None:  # fmt: skip
    """Sets, CronJobs, what starts runs and what an approval names."""
    made = _backup(project, engine)
    run = made.runs[0]

    assert made.backup_id(run) == sets
    assert made.cron_job(run) == cron_job
    assert made.engine.starter(made.name, run.object_name) == starter
    assert made.engine.kubectl(starter[0]) == kubectl
    assert restores.object_of(_environment(project, engine), "back") == order


@pytest.mark.parametrize(
    ("engine", "claim", "pods", "mount"),
    [
        ("cli", "kafka-dev", "kafka-backup", ""),
        ("oso", "kafka-backup", "kafka-backup-operator", "/data/c"),
        ("strimzi", "kafka-dev", "kafka-backup", ""),
    ],
)
def test_places_of_each_engine(
    project: Project, engine: str, claim: str, pods: str, mount: str
) -> None:
    """Where a claim has to be, and which pods come through the listener."""
    made = _backup(project, engine)

    assert made.claim_namespace(_environment(project, engine)) == claim
    assert made.engine.peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": pods}
    assert made.engine.mount_of("c") == mount


@pytest.mark.parametrize("engine", ["cli", "oso", "strimzi"])
def test_orders_that_do_not_wait_come_with_their_approval(project: Project, engine: str) -> None:
    """A Job is there, suspended; an operator would carry out an order at once."""
    (order,) = restores.restores(_environment(project, engine))

    assert not order.approved
    assert order.is_there == (engine == "cli")


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_has_a_renderer(project: Project, engine: str) -> None:
    """Who adds one writes both; of a backup, something is rendered with all of them."""
    environment = _environment(project, engine)
    (made,) = backups(environment)

    assert made.engine.group in {CRON_JOB.group, *OPERATORS}
    assert list(renderer_of(made.engine).backup(environment, made))


@pytest.mark.parametrize(
    ("engine", "values"), [("oso", ["extraVolumeMounts", "extraVolumes"]), ("strimzi", [])]
)
def test_only_what_mounts_claims_has_values_for_them(
    project: Project, engine: str, values: list[str]
) -> None:
    """The chart of the other operator is left as it is."""
    environment = _environment(project, engine)
    operator = backup_operator(environment)

    assert sorted(operator_renderer_of(operator).chart_values([environment])) == values
