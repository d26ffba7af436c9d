"""What the runbook shows of a restore by hand, and a pod with which people look into a claim."""

from generator.common.units import parse_time_ms
from generator.documents.manifest import emit
from generator.intent.sections import ResourcesSection
from generator.model.backups.backups import Backup, Run
from generator.model.backups.by_hand import ENGINE_IMAGE
from generator.model.backups.storages import DATA
from generator.model.environment import Environment
from generator.resources.backups._objects import worker_of
from generator.resources.backups._pod import container, pod_spec

SUFFIX = ".restored"
_LONGEST = 249
"""Characters that a topic's name may have."""
UNTIL = "2026-01-01T00:00:00Z"
"""A time that people replace."""
UNTIL_MS = parse_time_ms(UNTIL)
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


def look_inside(environment: Environment, backup: Backup) -> str:
    """A pod that prints the manifests on the backup's claim and ends, as YAML; empty without a claim."""
    if not backup.storage.claim:
        return ""
    end = "" if backup.incremental else "*"
    files = [f"{DATA}/{backup.folder(run)}{end}/manifest.json" for run in backup.runs]
    worker = worker_of(backup)
    volumes = {"data": {"persistentVolumeClaim": {"claimName": backup.storage.claim}}}
    image = backup.settings.get("image", ENGINE_IMAGE)
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
