"""Security contexts of pods that meet the restricted Pod Security Standard (Kubernetes 1.34)."""

from typing import Any


def pod_context(user: int) -> dict[str, Any]:
    """A pod's: as this user and group, who is not root, without what seccomp denies by default."""
    return {
        "fsGroup": user,
        "runAsGroup": user,
        "runAsNonRoot": True,
        "runAsUser": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_context(*, read_only: bool = True) -> dict[str, Any]:
    """A container's: it gets no right that it does not have, and writes to its volumes only."""
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return context | ({"readOnlyRootFilesystem": True} if read_only else {})
