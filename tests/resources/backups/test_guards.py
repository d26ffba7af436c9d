"""The steps of ours around the engine of a backup: which pods have them, and what they are told and given."""

from typing import Any

import msgspec
import pytest
from support import Project

from generator.contract.backup import BackupOrder

_IMAGE = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"
_S3 = "storage: {s3: {bucket: b00, credentialsSecret: {name: s}}}"
_PVC = "storage: {pvc: {size: 1Gi}}"
_GCS = "storage: {gcs: {bucket: b00, credentialsSecret: {name: s}}}"
_VERIFY = "verify: {image: 'r/v:1', owner: team-a}\n"
_TOPICS = "topics: {a: {backup: required}}\n"


def _backup(storage: str, more: str = "") -> str:
    return f"{_TOPICS}backups: {{x: {{{_IMAGE}, {storage}{more}}}}}\n"


def _pod(objects: dict[str, Any]) -> dict[str, Any]:
    job = objects["CronJob/backup-x"]["spec"]["jobTemplate"]["spec"]
    pod: dict[str, Any] = job["template"]["spec"]
    return pod


def _steps(objects: dict[str, Any]) -> dict[str, dict[str, Any]]:
    pod = _pod(objects)
    every = [*pod.get("initContainers", ()), *pod["containers"]]
    return {each["name"]: each for each in every}


def _order(objects: dict[str, Any]) -> BackupOrder:
    text = objects["ConfigMap/backup-x"]["data"]["guard.json"]
    return msgspec.json.decode(text, type=BackupOrder)


def _mounts(step: dict[str, Any]) -> dict[str, bool]:
    return {each["mountPath"]: each.get("readOnly", False) for each in step["volumeMounts"]}


def test_engine_runs_between_both_steps(project: Project) -> None:
    """One after the other, on the same volume; and a pod that stops is waited for."""
    objects = project.objects(_VERIFY + _backup(_PVC))
    steps = _steps(objects)

    assert list(steps) == ["begin", "kafka-backup", "prove"]
    for word in ("begin", "prove"):
        assert steps[word]["image"] == "r/v:1"
        assert steps[word]["args"] == [
            "backup", word, "--settings", "/etc/strimzi-verify/config/guard.json", "--work", "/found"
        ]  # fmt: skip
        assert _mounts(steps[word]) == {
            "/etc/strimzi-verify/config": True, "/etc/strimzi-verify/cluster-ca": True,
            "/etc/strimzi-verify/user": True, "/data": False, "/tmp": False, "/found": False,  # noqa: S108
        }  # fmt: skip
        assert steps[word]["resources"] == steps["kafka-backup"]["resources"]
    assert "/found" not in _mounts(steps["kafka-backup"])
    job = objects["CronJob/backup-x"]["spec"]["jobTemplate"]["spec"]
    assert job["podReplacementPolicy"] == "Failed"


@pytest.mark.parametrize("mode", ["incremental", "full"])
def test_every_job_is_told_by_its_name(project: Project, mode: str) -> None:
    """Also one that somebody makes of the CronJob; the engine is told it only where its set is called so."""
    steps = _steps(project.objects(_VERIFY + _backup(_PVC, f", mode: {mode}")))
    variable = {"name": "BACKUP_ID", "valueFrom": {"fieldRef": {
        "fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}}}  # fmt: skip

    assert variable in steps["begin"]["env"]
    assert variable in steps["prove"]["env"]
    assert (variable in steps["kafka-backup"].get("env", [])) is (mode == "full")


def test_both_are_told_what_the_engine_does(project: Project) -> None:
    """The same set, the same way in, and what the engine writes and drops."""
    more = ", consumerGroups: false, retention: {age: 30d}, deadline: 20m"
    order = _order(project.objects(_VERIFY + _backup(_S3, more)))

    assert order.backup == order.backup_id == "x"
    assert (order.storage.backend, order.storage.prefix) == ("s3", "dev/events")
    assert (order.groups, order.retention, order.incremental) == (False, True, True)
    assert (order.user, order.authentication, order.tls) == ("backup-x", "tls", True)
    assert order.bootstrap == "events-kafka-bootstrap.kafka-dev.svc.cluster.local:9093"
    assert order.deadline_seconds == 1200


def test_full_backup_is_told_what_its_sets_begin_with(project: Project) -> None:
    """As the names of its Jobs do."""
    order = _order(project.objects(_VERIFY + _backup(_PVC, ", mode: full")))

    assert order.backup_id == "backup-x-"
    assert order.set_of("backup-x-29380560") == "backup-x-29380560"


def test_every_shard_has_an_order_of_its_own(project: Project) -> None:
    """And so a lock of its own."""
    topics = "topics: {a: {backup: required}, b: {backup: required}, c: {backup: required}}\n"
    backups = f"backups: {{x: {{{_IMAGE}, {_PVC}, shards: 2}}}}\n"
    objects = project.objects(_VERIFY + topics + backups)
    ids = [
        msgspec.json.decode(objects[f"ConfigMap/backup-x-{place}"]["data"]["guard.json"])[
            "backupId"
        ]
        for place in (0, 1)
    ]
    assert ids == ["x-0", "x-1"]


def test_keys_are_where_each_looks_for_them(project: Project) -> None:
    """A Google account's as a file, of an S3 bucket as variables; none of it is in the ConfigMap."""
    steps = _steps(project.objects(_VERIFY + _backup(_GCS)))
    assert "/etc/strimzi-verify/storage" in _mounts(steps["begin"])
    assert "/etc/kafka-backup/storage" in _mounts(steps["kafka-backup"])

    for word, step in _steps(project.objects(_VERIFY + _backup(_S3))).items():
        names = {each["name"] for each in step["env"]}
        assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= names, word


def test_without_an_image_the_engine_is_alone(project: Project) -> None:
    """As it was; a rule tells of it."""
    objects = project.objects(_backup(_PVC))

    assert list(_steps(objects)) == ["kafka-backup"]
    assert list(objects["ConfigMap/backup-x"]["data"]) == ["backup.yaml"]
    assert [each["name"] for each in _pod(objects)["volumes"]] == ["config", "cluster-ca", "user", "data", "tmp"]  # fmt: skip
