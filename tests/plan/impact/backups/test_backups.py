"""What changes of backups, restores and what they write to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

TEXT = CLUSTER + "topics: {orders: {backup: required}, other: {backup: optional}}\n"
OSO, STRIMZI = "kafka.oso.sh/v1alpha1", "kafkabackup.com/v1alpha1"
MARK = "strimzi-gitops/"
DRILL = {f"{MARK}drill": "one"}


def _backup(api: str = OSO, **said: Any) -> Callable[..., Any]:
    return add("KafkaBackup", {"schedule": "0 * * * *", **said}, api)


def _restore(**said: Any) -> Callable[..., Any]:
    return add("KafkaRestore", said, OSO)


def _reset(**said: Any) -> Callable[..., Any]:
    return add("KafkaOffsetReset", said, OSO)


def _claim(size: str | None, labels: Any = None, options: str = "", **said: Any) -> Callable[..., Any]:  # fmt: skip
    spec = {"resources": {"requests": {"storage": size}}, **said}
    annotations = {"argocd.argoproj.io/sync-options": options}
    return add("PersistentVolumeClaim", spec, "v1", labels=labels or {}, annotations=annotations)


def _cron(label: str = "backup", **said: Any) -> Callable[..., Any]:
    return add("CronJob", {"schedule": "0 * * * *", **said}, "batch/v1", labels={MARK + label: "one"})  # fmt: skip


def _pod(**said: Any) -> Callable[..., Any]:
    return _cron(jobTemplate={"spec": {"template": {"spec": {"containers": [], **said}}}})


def _job(word: str | None, suspend: bool = False, label: str = "x", **effect: str) -> Callable[..., Any]:  # fmt: skip
    annotations = {MARK + "approval": word} if word else {}
    annotations |= {MARK + key: value for key, value in effect.items()}
    metadata: Any = {"annotations": annotations, "labels": {MARK + label: "one"}}
    return add("Job", {"suspend": suspend, "template": {}}, "batch/v1", **metadata)


def _config(text: str, **job: Any) -> Callable[..., Any]:
    labels = {MARK + "restore": "one"}
    return all_of(
        add("ConfigMap", None, "v1", labels=labels, name="job"),
        put("ConfigMap/configmap", "data", {"a": text}),
        _job("run", **job) if job else nothing,
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # backups
        (nothing, _backup(),
         ["no-effect: only how topics are backed up; no effect on Kafka"]),
        (nothing, add("KafkaBackup", {}, OSO),
         ["dynamic: it runs at once, as it has no schedule"]),
        (add("KafkaBackup", {}, OSO), nothing,
         ["protection-loss: it backs nothing up any more; what is stored stays",
          "dynamic: as it has no schedule, it would run again when it comes back"]),
        (_backup(topics=["orders", "other"]), _backup(topics=["orders"]),
         ["protection-loss: other: not in this backup any more"]),
        (_backup(topics=["orders"]), _backup(topics=["orders", "other"]),
         ["no-effect: only how topics are backed up; no effect on Kafka"]),
        (_backup(), _backup(storage={"a": 1}),
         ["dynamic: the next run begins a new set; the one there is stays as it is"]),
        (_backup(), _backup(unheard=1),
         ["no-effect: only how topics are backed up; no effect on Kafka"]),
        # how often
        (_backup(), _backup(schedule="0 0 * * *"),
         ["protection-loss: up to 1d instead of 1h pass until what is new is stored"]),
        (_backup(), _backup(schedule="*/30 * * * *"),
         ["no-effect: only how topics are backed up; no effect on Kafka"]),
        (_backup(), _backup(schedule="0 0 0 * * *"),
         ["protection-loss: up to 1d instead of 1h pass until what is new is stored"]),
        (_backup(), _backup(schedule="30 0 0 * * *"),
         ["protection-loss: it runs at times that nobody here can compare"]),
        (_backup(), _backup(suspend=True),
         ["protection-loss: no run begins any more: it backs nothing up; what is stored"
           " stays"]),
        (_backup(suspend=True), _backup(suspend=False),
         ["dynamic: runs begin again"]),
        (_backup(STRIMZI, schedule={"cron": "0 * * * *"}),
         _backup(STRIMZI, schedule={"cron": "0 0 * * *"}),
         ["protection-loss: up to 1d instead of 1h pass until what is new is stored"]),
        (_backup(STRIMZI, schedule={"cron": "0 * * * *"}),
         _backup(STRIMZI, schedule={"cron": "0 * * * *", "suspend": True}),
         ["protection-loss: no run begins any more: it backs nothing up; what is stored"
           " stays"]),
        # how long
        (_backup(), _backup(retention={"keepLast": 2}),
         ["data-loss: after the next run, sets that are older or more than that are deleted"]),
        (_backup(retention={"keepLast": 2}), _backup(),
         ["dynamic: no set is deleted any more"]),
        (_backup(retention={"keepLast": 2}), _backup(retention={"keepLast": 3}),
         ["dynamic: it keeps more sets than before"]),
        (_backup(retention={"keepLast": 3}), _backup(retention={"keepLast": 2}),
         ["data-loss: after the next run, sets that are older or more than that are deleted"]),
        (_backup(retention={"other": 2}), _backup(retention={"other": 3}),
         ["data-loss: after the next run, sets that are older or more than that are deleted"]),
        (_backup(retention={"enabled": True}), _backup(retention={"enabled": False}),
         ["dynamic: no set is deleted any more"]),
        (_backup(retention={"enabled": False}), _backup(retention={"enabled": True}),
         ["data-loss: after the next run, sets that are older or more than that are deleted"]),
        (_backup(retention={"dryRun": False}), _backup(retention={"dryRun": True}),
         ["dynamic: it only tells what it would delete"]),
        (_backup(retention={"dryRun": True}), _backup(retention={"dryRun": False}),
         ["data-loss: after the next run, sets that are older or more than that are deleted"]),
        # validations, CronJobs
        (nothing, add("KafkaBackupValidation", {}, OSO),
         ["no-effect: only how topics are backed up or restored; no effect on Kafka"]),
        (add("KafkaBackupValidation", {}, OSO), nothing,
         ["protection-loss: no drill proves any more that what is stored can be restored"]),
        (_cron(), nothing,
         ["protection-loss: it backs nothing up any more; what is stored stays"]),
        (_cron("drill"), nothing,
         ["protection-loss: no drill proves any more that what is stored can be restored"]),
        (all_of(_cron("drill"), add("KafkaBackupValidation", {}, OSO, labels=DRILL)),
         _cron("drill"),
         ["dynamic: another drill of the same backup goes on"]),
        (_cron(), _cron(schedule="0 0 * * *"),
         ["protection-loss: up to 1d instead of 1h pass until what is new is stored"]),
        (_cron("drill"), _cron("drill", schedule="0 0 * * *"),
         ["protection-loss: up to 1d instead of 1h pass until what is new is proved to be"
           " restorable"]),
        (_cron(), _cron(suspend=True),
         ["protection-loss: no run begins any more: it backs nothing up; what is stored"
           " stays"]),
        (_cron("drill"), _cron("drill", suspend=True),
         ["protection-loss: no run begins any more: no drill proves that it can be"
           " restored; what is stored stays"]),
        (_cron(suspend=True), _cron(suspend=False),
         ["dynamic: runs begin again"]),
        (_cron(), _cron(unheard=True),
         ["no-effect: only how topics are backed up or restored; no effect on Kafka"]),
        # restores
        (nothing, _restore(topics=["a"]),
         ["irreversible: it restores as soon as it is there: records are added to topics,"
           " where nobody can tell them from others"]),
        (nothing, _restore(dryRun=True),
         ["no-effect: nothing: kafka.oso.sh ends a dry run before it has begun"]),
        (nothing, _restore(restore={"dryRun": True}),
         ["no-effect: only tells what it would restore"]),
        (nothing, _restore(purgeTopics=True),
         ["data-loss: it restores as soon as it is there, and first deletes all records of"
           " the topics"]),
        (nothing, _restore(topics=["a", "b"], restore={"purgeTopics": True}),
         ["data-loss: it restores as soon as it is there, and first deletes all records of"
           " 2 topics"]),
        (nothing, _restore(topics={"a": 1}, restore={"existingTopicPolicy": "overwrite"}),
         ["data-loss: it restores as soon as it is there, and first deletes all records of"
           " the topics"]),
        (nothing,
         _restore(restore={"existingTopicPolicy": "fail"}, offsetReset={"enabled": True}),
         ["irreversible: it restores as soon as it is there: records are added to topics,"
           " where nobody can tell them from others",
          "client-visible: consumer groups are moved: who is in them must not run, and goes"
           " on elsewhere"]),
        (nothing, _restore(autoConsumerGroups=True),
         ["irreversible: it restores as soon as it is there: records are added to topics,"
           " where nobody can tell them from others",
          "client-visible: consumer groups are moved: who is in them must not run, and goes"
           " on elsewhere"]),
        (nothing, _restore(consumerGroups={"restore": True}),
         ["irreversible: it restores as soon as it is there: records are added to topics,"
           " where nobody can tell them from others",
          "client-visible: consumer groups are moved: who is in them must not run, and goes"
           " on elsewhere"]),
        (_restore(), nothing,
         ["dynamic: what it has restored stays; it would restore again when it comes back"]),
        # groups
        (nothing, _reset(consumerGroups=["a", "b"], resetStrategy="to-latest"),
         ["irreversible: it moves a, b as soon as it is there: where they were is lost, as"
           " the operator keeps its snapshot in memory only",
          "client-visible: who is in the groups must not run: what they have not read yet,"
           " they never read"]),
        (nothing, _reset(resetStrategy="to-earliest"),
         ["irreversible: it moves all groups of the snapshot as soon as it is there: where"
           " they were is lost, as the operator keeps its snapshot in memory only",
          "client-visible: who is in the groups must not run: they read everything again"]),
        (_reset(), _reset(a=1),
         ["irreversible: it moves all groups of the snapshot again: where they were is"
           " lost, as the operator keeps its snapshot in memory only",
          "client-visible: who is in the groups must not run: they go on elsewhere"]),
        (nothing, _reset(dryRun=True),
         ["no-effect: nothing: kafka.oso.sh ends a dry run before it has begun"]),
        (_reset(), nothing,
         ["dynamic: groups stay where they are; it would move them again when it comes back"]),
        # volumes
        (nothing, _claim("1Gi"),
         ["dynamic: a new volume, made once a pod asks for it or at once, as its class says"]),
        (_claim("1Gi"), nothing,
         ["data-loss: the claim is deleted, and with it the disk unless its class keeps it"]),
        (_claim("1Gi", {MARK + "backup": "one"}), nothing,
         ["data-loss: the claim is deleted, and with it the disk and every backup on it"
           " unless its class keeps it"]),
        (_claim("1Gi", options="Prune=false"), nothing,
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (_claim("1Gi"), _claim("2Gi"),
         ["irreversible: the volume grows, where its class allows it, and never shrinks"
           " again"]),
        (_claim("2Gi"), _claim("1Gi"),
         ["refused: a volume cannot shrink: Kubernetes refuses it"]),
        (_claim("1Gi"), _claim("1Gi", storageClassName="x"),
         ["refused: Kubernetes changes nothing of a claim but its size"]),
        # Jobs
        (nothing, _job(None),
         ["dynamic: a new object"]),
        (_job(None), nothing,
         ["dynamic: the object goes"]),
        (nothing, _job("run", True),
         ["no-effect: it waits, suspended and without rights, until an approval names it"]),
        (nothing, _job("run"),
         ["client-visible: it runs, once"]),
        (nothing, _job("run", effect="it does that"),
         ["client-visible: it does that"]),
        (nothing, _job("run", label="restore"),
         ["irreversible: it runs, once"]),
        (nothing, _job("purge", label="restore"),
         ["data-loss: it runs, once"]),
        (_job("run", True), nothing,
         ["no-effect: it never ran"]),
        (_job("run"), nothing,
         ["dynamic: what it did stays; where it still runs it is stopped half-way"]),
        (_job("run", True), _job("run"),
         ["client-visible: it runs, once"]),
        (_job("run"), _job("run", True),
         ["dynamic: it is stopped where it still runs; what it did stays"]),
        # what stands around the engine
        (_pod(), _pod(initContainers=[{"name": "begin"}]),
         ["dynamic: from the next run on it is guarded: refused where it would spoil the set, and proved before it"
          " counts"]),
        (_pod(initContainers=[{"name": "begin"}]), _pod(),
         ["protection-loss: nothing guards its runs any more: a full volume, a topic that was made again, or two runs at"
          " once spoil the set, and nobody is told"]),
        (_pod(initContainers=[{"name": "begin"}]), _pod(initContainers=[{"name": "begin", "image": "v:2"}]),
         ["no-effect: only how topics are backed up or restored; no effect on Kafka"]),
        # what Jobs read
        (_config("a"), _config("b"),
         ["no-effect: only how topics are backed up or restored; no effect on Kafka"]),
        (_config("a", suspend=False), _config("b", suspend=False),
         ["ignored: its Job runs once, with what was there: give it a new name"]),
        (_config("a", suspend=True), _config("b", suspend=True),
         ["no-effect: only how topics are backed up or restored; no effect on Kafka"]),
    ],
)  # fmt: skip
def test_backups_and_restores(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """Written by hand for either operator, by a CronJob, by a Job that waits."""
    assert edited(tmp_path, TEXT, after, before) == expected
