"""The Namespace that holds everything of an environment."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.model.environment import Environment
from generator.resources._metadata import metadata


def render(environment: Environment) -> Iterator[Manifest]:
    """One Namespace, closed to pods that do not meet the restricted Pod Security Standard."""
    body = metadata(environment, "Namespace", environment.namespace, of_cluster=False)
    del body["namespace"]
    modes = ("enforce", "warn", "audit")
    closed = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}
    body["labels"] = {**body["labels"], **closed}
    yield Manifest(
        "cluster", {"apiVersion": "v1", "kind": "Namespace", "metadata": body}, ("namespace",)
    )
