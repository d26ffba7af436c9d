"""What objects of verification share: their folder, their names and labels, their pod."""

from collections.abc import Iterable

from generator.contract.rights import NAME, USER, ca_secret_names
from generator.contract.settings import KEY
from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment
from generator.model.verification import of_backups
from generator.model.verification.verification import POD_LABELS, Verification
from generator.resources._metadata import metadata
from generator.resources._resources import resources
from generator.resources._restricted import container_context, pod_context

AREA = "verify"
_MOUNTS = f"/etc/{NAME}"
_ID = 65532
"""User and group of the image, which are nobody on the node."""
_READABLE = 0o440
_CREDENTIALS = {"tls": ("user.crt", "user.key"), "scram-sha-512": ("password",)}
"""What the User Operator puts into a user's Secret (Strimzi 1.2.0, KafkaUserModel)."""


_RBAC = "rbac.authorization.k8s.io/v1"
_LAST = {("v1", "ConfigMap"), ("v1", "ServiceAccount"), (_RBAC, "Role"), (_RBAC, "RoleBinding")}
"""What verification renders once all the rest is known."""


def kinds_with_ours(manifests: Iterable[Manifest]) -> set[tuple[str, str]]:
    """Every (apiVersion, kind) of these manifests, and of those that verification renders after."""
    return {(each.body["apiVersion"], each.kind) for each in manifests} | _LAST


def manifest(
    environment: Environment,
    kind: str,
    body: Body,
    api: str = "v1",
    name: str = NAME,
    annotations: Body | None = None,
) -> Manifest:
    """An object of verification; strimzi.io/cluster is left to what the operator cares for."""
    about = metadata(
        environment, kind, name, labels=POD_LABELS, annotations=annotations, of_cluster=False
    )
    return Manifest(AREA, {"apiVersion": api, "kind": kind, "metadata": about, **body}, ("verify",))


def job_spec(environment: Environment, asked: Verification, args: list[str]) -> Body:
    """A Job's spec: one pod, one try, and an end to it."""
    labels = {
        "app.kubernetes.io/managed-by": "strimzi-gitops",
        "app.kubernetes.io/part-of": environment.cluster.name,
        **POD_LABELS,
        **of_backups.pod_labels(environment),
    }
    return {
        "activeDeadlineSeconds": asked.deadline_s,
        # A second try would hide the first one's verdict.
        "backoffLimit": 0,
        "template": {"metadata": {"labels": labels}, "spec": _pod(environment, asked, args)},
    }


def _pod(environment: Environment, asked: Verification, args: list[str]) -> Body:
    """A pod that meets the restricted Pod Security Standard and writes to /tmp only."""
    volumes = _volumes(environment, asked)
    paths = {name: f"{_MOUNTS}/{name}" for name in volumes}
    for name, source in of_backups.volumes(environment).items():
        volumes[f"backup-{name}"] = source
        paths[f"backup-{name}"] = f"{_MOUNTS}/backups/{name}"
    return {
        "automountServiceAccountToken": True,
        "containers": [
            {
                "name": NAME,
                "image": asked.image,
                "args": args,
                "resources": resources(asked.resources),
                "securityContext": container_context(),
                "volumeMounts": [
                    *(
                        {"name": name, "mountPath": path, "readOnly": True}
                        for name, path in paths.items()
                    ),
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod has it for itself
                ],
            }
        ],
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": pod_context(_ID),
        "serviceAccountName": NAME,
        "volumes": [
            *({"name": name, **source} for name, source in volumes.items()),
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        ],
    }


def _volumes(environment: Environment, asked: Verification) -> dict[str, Body]:
    """What is mounted, by the folder's name; of each Secret only the keys that are needed."""
    ca_secret, _ = ca_secret_names(environment.cluster.name)
    return {
        "user": {
            "secret": _items(USER, "secretName", *_CREDENTIALS[asked.listener.authentication])
        },
        "cluster-ca": {"secret": _items(ca_secret, "secretName", "ca.crt")},
        "settings": {"configMap": _items(NAME, "name", KEY)},
    }


def _items(name: str, word: str, *keys: str) -> Body:
    items = [{"key": key, "path": key} for key in keys]
    return {word: name, "defaultMode": _READABLE, "items": items}
