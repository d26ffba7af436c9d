"""Security contexts of pods that meet the restricted Pod Security Standard (Kubernetes 1.34)."""

from generator.documents.manifest import Body


def pod_context(user: int) -> Body:
    """A pod's: as this user and group, who is not root, without what seccomp denies by default."""
    return {
        "fsGroup": user,
        "runAsGroup": user,
        "runAsNonRoot": True,
        "runAsUser": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_context(*, read_only: bool = True) -> Body:
    """A container's: it gets no right that it does not have, and writes to its volumes only."""
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return context | ({"readOnlyRootFilesystem": True} if read_only else {})
