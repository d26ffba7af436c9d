"""What the runbook's restore by hand applies: the objects of a Job of `restores:`, let run at once.

A restore reads one topic up to a point in time and writes it to a topic of another name: written to
its own topic, every record would be there twice.
"""

from generator.common.units import parse_time_ms
from generator.documents.manifest import emit
from generator.intent.sections import ResourcesSection, RestoreSection
from generator.model.backups.backups import Backup, Run
from generator.model.backups.restores import PREFIX, restore_of
from generator.model.backups.storages import DATA
from generator.model.environment import Environment
from generator.resources.backups._objects import worker_of
from generator.resources.backups._pod import container, pod_spec
from generator.resources.backups._restore_job import objects as objects_of

_BY_HAND = "by-hand"
NAME = PREFIX + _BY_HAND
SUFFIX = ".restored"
_LONGEST = 249
"""Characters that a topic's name may have."""
UNTIL = "2026-01-01T00:00:00Z"
"""A time that people replace."""
UNTIL_MS = parse_time_ms(UNTIL)
_IMAGE = "docker.io/osodevops/kafka-backup:v0.25.2"
"""Where an operator has the engine in itself, nothing else names an image of it."""
_OF_GIT = ("argocd.argoproj.io/", "strimzi-gitops/")
_TO_LOOK: ResourcesSection = {
    "requests": {"cpu": "100m", "memory": "64Mi"},
    "limits": {"cpu": "100m", "memory": "64Mi"},
}


def example_run(backup: Backup) -> Run:
    """The first run with a topic that the intent names."""
    return next((run for run in backup.runs if run.topics), backup.runs[0])


def example_topic(run: Run) -> str:
    """A topic that people replace by theirs, and that leaves room for the suffix."""
    fits = (topic for topic in run.topics if len(topic + SUFFIX) <= _LONGEST)
    return next(fits, "TOPIC")


def objects(environment: Environment, backup: Backup, run: Run) -> str:
    """All objects of the restore of one topic of a run as one YAML text."""
    topic = example_topic(run)
    said: RestoreSection = {
        "backup": backup.name,
        "image": backup.settings.get("image", _IMAGE),
        "topics": {topic: topic + SUFFIX},
        "until": UNTIL,
    }
    if not backup.incremental:
        said["set"] = f"{backup.backup_id(run)}<number>"
    restore = restore_of(environment, _BY_HAND, said, may=True)
    if restore is None:
        return ""
    bodies = [each.body for each in objects_of(environment, restore)]
    for body in bodies:
        # Nobody syncs them or plans them; an identity in a cloud still counts.
        all_of_them = body["metadata"].pop("annotations", {})
        kept = {key: text for key, text in all_of_them.items() if not key.startswith(_OF_GIT)}
        if kept:
            body["metadata"]["annotations"] = kept
    order = ("KafkaUser", "ServiceAccount", "NetworkPolicy", "ConfigMap", "Job")
    return "---\n".join(
        emit(body) for body in sorted(bodies, key=lambda each: order.index(each["kind"]))
    )


def look_inside(environment: Environment, backup: Backup) -> str:
    """A pod that prints the manifests on the backup's claim and ends, as YAML; empty without a claim."""
    if not backup.storage.claim:
        return ""
    end = "" if backup.incremental else "*"
    files = [f"{DATA}/{backup.folder(run)}{end}/manifest.json" for run in backup.runs]
    worker = worker_of(backup)
    volumes = {"data": {"persistentVolumeClaim": {"claimName": backup.storage.claim}}}
    image = backup.settings.get("image", _IMAGE)
    cat = [f"cat {' '.join(files)}"]
    only = container("look-inside", image, cat, _TO_LOOK, volumes, readonly_data=True,
                     command=["sh", "-c"])  # fmt: skip
    about = {
        "name": "look-inside",
        "namespace": environment.namespace,
        "labels": {**worker.labels, "app.kubernetes.io/part-of": environment.cluster.name},
    }
    spec = pod_spec(worker, volumes, [only])
    return emit({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec})
