"""Objects as somebody would have written them, without what the API server added."""

from generator.documents.manifest import Body

_METADATA = ("name", "namespace", "generation", "labels", "annotations", "creationTimestamp",
             "deletionTimestamp", "finalizers", "ownerReferences")  # fmt: skip
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def plain(api_version: str, kind: str, body: Body) -> Body:
    """An object as it would be written; items of lists lack apiVersion and kind."""
    metadata = {key: body["metadata"][key] for key in _METADATA if key in body["metadata"]}
    if _APPLIED in metadata.get("annotations", ()):
        metadata["annotations"] = {
            k: v for k, v in metadata["annotations"].items() if k != _APPLIED
        }
    return {**body, "apiVersion": api_version, "kind": kind, "metadata": metadata}
