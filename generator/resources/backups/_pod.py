"""Pods that work with backups: they meet the restricted Pod Security Standard and hold only what they need."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from generator.common.finding import Path
from generator.contract.rights import ca_secret_names
from generator.documents.manifest import Body
from generator.intent.sections import (
    BackupSection,
    OffsetResetSection,
    ResourcesSection,
    RestoreSection,
)
from generator.model.backups.backups import GRACE_S
from generator.model.backups.labels import POD_LABELS
from generator.model.backups.storages import DATA, Storage
from generator.model.environment import Environment, Listener
from generator.resources._resources import resources
from generator.resources._restricted import container_context, pod_context
from generator.resources.backups._config import MOUNTS, PASSWORD

JOB_NAME = "metadata.labels['batch.kubernetes.io/job-name']"
_ID = 1000
"""User and group of the engine's image; the others take what they are given."""
_READABLE = 0o440
FOUND = "/found"
"""What the first step of a backup leaves for the last one: what Kafka had when the run began."""
_PATHS = {"tmp": "/tmp", "work": "/drill", "found": FOUND, "data": DATA}  # noqa: S108
_WRITABLE = ("tmp", "work", "found", "data")


class Worker(NamedTuple):
    """Who works: as whom, through which listener, on which storage, and whose lines of intent say so."""

    name: str
    """Its KafkaUser, ServiceAccount and NetworkPolicy."""
    label: tuple[str, str]
    """What everything of it carries, beside what all such pods do."""
    origin: Path
    settings: BackupSection | RestoreSection | OffsetResetSection
    listener: Listener
    storage: Storage | None = None

    @property
    def labels(self) -> dict[str, str]:
        """What everything of it carries."""
        return {**POD_LABELS, self.label[0]: self.label[1]}


def job_spec(
    environment: Environment, worker: Worker, pod: Body, deadline_s: int, retries: int
) -> Body:
    """A Job's spec, with an end to it."""
    labels = {
        "app.kubernetes.io/managed-by": "strimzi-gitops",
        "app.kubernetes.io/part-of": environment.cluster.name,
        **worker.labels,
        **(worker.storage.pod_labels if worker.storage else {}),
    }
    return {
        "activeDeadlineSeconds": deadline_s,
        "backoffLimit": retries,
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }


def pod_spec(
    worker: Worker, volumes: Body, containers: Sequence[Body], grace_s: int = 2 * GRACE_S
) -> Body:
    """A pod whose containers run one after the other.

    It has twice the time to stop that the engine takes to write down what it holds.
    """
    *first, last = containers
    spec: Body = {
        # Nothing of it asks the Kubernetes API; identities in a cloud come as tokens of their own.
        "automountServiceAccountToken": False,
        "containers": [last],
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": pod_context(_ID),
        "serviceAccountName": worker.name,
        "terminationGracePeriodSeconds": grace_s,
        "volumes": [{"name": name, **source} for name, source in volumes.items()],
    }
    return spec | ({"initContainers": first} if first else {})


def container(
    name: str,
    image: str,
    args: Sequence[str],
    said: ResourcesSection,
    volumes: Iterable[str],
    env: Sequence[Body] = (),
    *,
    folder: str = MOUNTS,
    readonly_data: bool = False,
    **more: object,
) -> Body:
    """A container that writes to its own volumes only; Secrets and ConfigMaps lie below `folder`."""
    found: Body = {
        "name": name,
        "image": image,
        "args": list(args),
        "resources": resources(said),
        "securityContext": container_context(),
        "volumeMounts": [_mount(each, folder, readonly_data) for each in volumes],
        **more,
    }
    return found | ({"env": list(env)} if env else {})


def _mount(name: str, folder: str, readonly_data: bool) -> Body:
    mount: Body = {"name": name, "mountPath": _PATHS.get(name, f"{folder}/{name}")}
    if name not in _WRITABLE or (name == "data" and readonly_data):
        mount["readOnly"] = True
    return mount


def volumes_of(
    environment: Environment, worker: Worker, config: str, *keys: str
) -> dict[str, Body]:
    """What is mounted, by the folder's name; of each Secret only the keys that are needed."""
    ca_secret, _ = ca_secret_names(environment.cluster.name)
    found = {"config": {"configMap": _items(config, "name", *keys)}}
    if worker.listener.tls:
        found["cluster-ca"] = secret_volume(ca_secret, "ca.crt")
    if worker.listener.authentication == "tls":
        found["user"] = secret_volume(worker.name, "user.crt", "user.key")
    if worker.storage and worker.storage.secret_file:
        name, key = worker.storage.secret_file
        found["storage"] = secret_volume(name, key)
    if worker.storage and worker.storage.claim:
        found["data"] = {"persistentVolumeClaim": {"claimName": worker.storage.claim}}
    found["tmp"] = {"emptyDir": {"sizeLimit": "512Mi"}}
    return found


def secret_volume(name: str, *keys: str) -> Body:
    """Some keys of a Secret as files."""
    return {"secret": _items(name, "secretName", *keys)}


def _items(name: str, word: str, *keys: str) -> Body:
    items = [{"key": key, "path": key} for key in keys]
    return {word: name, "defaultMode": _READABLE, "items": items}


def variables_of(worker: Worker) -> list[Body]:
    """Every variable that the config or the engine itself asks for, from Secrets."""
    secrets = dict(worker.storage.variables) if worker.storage else {}
    if worker.listener.authentication == "scram-sha-512":
        secrets[PASSWORD] = (worker.name, "password")
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for name, (secret, key) in sorted(secrets.items())
    ]
