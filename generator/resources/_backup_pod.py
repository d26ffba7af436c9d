"""The Job of one backup run: a pod that meets the restricted Pod Security Standard and has an end."""

from typing import Any

from generator.backups import GRACE_S, LABEL, Backup, Run
from generator.intent import Environment
from generator.live_access import CA_SECRETS
from generator.resources._backup_config import CONFIG_KEY, MOUNTS, PASSWORD, RUN_ID
from generator.resources._resources import resources
from generator.storages import CREDENTIALS, DATA

NAME = "kafka-backup"
POD_LABELS = {"app.kubernetes.io/name": NAME}
POD_PEER = {"podSelector": {"matchLabels": POD_LABELS}}
"""Pods of all backups as a peer of a NetworkPolicy in their own namespace."""

_ID = 1000
"""User and group of the engine's image."""
_READABLE = 0o440
_JOB_NAME = "metadata.labels['batch.kubernetes.io/job-name']"


def labels_of(backup: Backup) -> dict[str, str]:
    """What everything of one backup carries."""
    return {**POD_LABELS, LABEL: backup.name}


def job_spec(environment: Environment, backup: Backup, run: Run) -> dict[str, Any]:
    """A Job's spec; tries that follow a failed one go on where it stopped."""
    labels = {
        "app.kubernetes.io/managed-by": "strimzi-gitops",
        "app.kubernetes.io/part-of": environment.cluster.name,
        **labels_of(backup),
        **backup.storage.pod_labels,
    }
    return {
        "activeDeadlineSeconds": backup.deadline_s,
        "backoffLimit": backup.settings["retries"],
        "template": {"metadata": {"labels": labels}, "spec": _pod(environment, backup, run)},
    }


def _pod(environment: Environment, backup: Backup, run: Run) -> dict[str, Any]:
    volumes = _volumes(environment, backup, run)
    container: dict[str, Any] = {
        "name": NAME,
        "image": backup.settings["image"],
        "args": ["backup", "--config", f"{MOUNTS}/config/{CONFIG_KEY}"],
        "resources": resources(backup.settings["resources"]),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [_mount(name) for name in volumes],
    }
    if variables := _variables(backup):
        container["env"] = variables
    return {
        # Nothing of it asks the Kubernetes API; identities in a cloud come as tokens of their own.
        "automountServiceAccountToken": False,
        "containers": [container],
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": {
            "fsGroup": _ID,
            "runAsGroup": _ID,
            "runAsNonRoot": True,
            "runAsUser": _ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "serviceAccountName": backup.user,
        # Twice what the engine takes to write down what it holds.
        "terminationGracePeriodSeconds": 2 * GRACE_S,
        "volumes": [{"name": name, **source} for name, source in volumes.items()],
    }


def _mount(name: str) -> dict[str, Any]:
    if name == "tmp":
        return {"name": name, "mountPath": "/tmp"}  # noqa: S108 - the pod has it for itself
    if name == "data":
        return {"name": name, "mountPath": DATA}
    path = CREDENTIALS if name == "storage" else f"{MOUNTS}/{name}"
    return {"name": name, "mountPath": path, "readOnly": True}


def _volumes(environment: Environment, backup: Backup, run: Run) -> dict[str, dict[str, Any]]:
    """What is mounted, by the folder's name; of each Secret only the keys that are needed."""
    ca_secret, _ = CA_SECRETS(environment.cluster.name)
    found = {"config": {"configMap": _items(run.object_name, "name", CONFIG_KEY)}}
    if backup.listener.tls:
        found["cluster-ca"] = {"secret": _items(ca_secret, "secretName", "ca.crt")}
    if backup.listener.authentication == "tls":
        found["user"] = {"secret": _items(backup.user, "secretName", "user.crt", "user.key")}
    if backup.storage.secret_file:
        name, key = backup.storage.secret_file
        found["storage"] = {"secret": _items(name, "secretName", key)}
    if backup.storage.claim:
        found["data"] = {"persistentVolumeClaim": {"claimName": backup.storage.claim}}
    found["tmp"] = {"emptyDir": {"sizeLimit": "512Mi"}}
    return found


def _items(name: str, word: str, *keys: str) -> dict[str, Any]:
    items = [{"key": key, "path": key} for key in keys]
    return {word: name, "defaultMode": _READABLE, "items": items}


def _variables(backup: Backup) -> list[dict[str, Any]]:
    """Every variable that the config or the engine itself asks for; all but the id from Secrets."""
    secrets = dict(backup.storage.variables)
    if backup.listener.authentication == "scram-sha-512":
        secrets[PASSWORD] = (backup.user, "password")
    variables = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for name, (secret, key) in sorted(secrets.items())
    ]
    if not backup.incremental:
        # One for each Job, and the same for each try of it.
        field = {"fieldRef": {"fieldPath": _JOB_NAME}}
        variables.insert(0, {"name": RUN_ID, "valueFrom": field})
    return variables
