"""The connection object: all that a client needs to know, and no secret."""

from collections.abc import Iterator

from generator.documents.manifest import Body, Manifest
from generator.model.connection import connection_data
from generator.model.environment import Environment
from generator.resources._metadata import metadata


def render(environment: Environment) -> Iterator[Manifest]:
    """One ConfigMap, or on request a Secret with the same public content."""
    section = environment.data.get("connection", {})
    kind = section.get("kind", "ConfigMap")
    body: Body = {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": metadata(environment, kind, section.get("name", "kafka-connection")),
    }
    body["data" if kind == "ConfigMap" else "stringData"] = connection_data(environment)
    if kind == "Secret":
        body["type"] = "Opaque"
    yield Manifest("connection", body, ("connection",))
