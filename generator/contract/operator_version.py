"""For which version of Strimzi an environment was rendered, as its Kafka resource says it.

An Application of Argo CD says it too, but not every project has one, and a folder of an environment
alone has none.
"""

from typing import Any

ANNOTATION = "strimzi-gitops/strimzi-version"
_UNSAID = "1.2.0"
"""What everything was rendered for before it was said; for this version it still is not."""


def annotations_for(version: str) -> dict[str, str]:
    """What the Kafka resource has to say of a version."""
    return {} if version == _UNSAID else {ANNOTATION: version}


def version_of(kafka: dict[str, Any]) -> str:
    """The version of Strimzi that a Kafka resource was rendered for."""
    metadata = kafka.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return str(annotations.get(ANNOTATION, _UNSAID)) if isinstance(annotations, dict) else _UNSAID
