"""KafkaUser: one per application with the least ACLs, and the raw ones of `users`."""

from collections.abc import Iterator
from typing import Any

from generator import units
from generator.acls import acls_of
from generator.intent import Application, Environment, Json
from generator.manifest import Manifest
from generator.resources._metadata import metadata


def render(environment: Environment) -> Iterator[Manifest]:
    """Users for applications first, then those said in Strimzi's own terms."""
    for application in environment.applications:
        spec = _spec(application, environment)
        yield _user(environment, application.name, application.settings, spec, "applications")
    for name, settings in sorted(environment.section("users").items()):
        yield _user(environment, name, settings, settings["spec"], "users")


def _user(
    environment: Environment, name: str, settings: Json, spec: Json, section: str
) -> Manifest:
    return Manifest(
        "users",
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": metadata(
                environment,
                "KafkaUser",
                name,
                owner=settings.get("owner"),
                description=settings.get("description"),
                labels=settings.get("labels"),
                annotations=settings.get("annotations"),
            ),
            "spec": spec,
        },
        (section, name),
    )


def _spec(application: Application, environment: Environment) -> dict[str, Any]:
    authentication: dict[str, Any] = {"type": application.authentication}
    authentication.update(application.settings.get("certificate", {}))
    spec: dict[str, Any] = {"authentication": authentication}
    acls = acls_of(application, environment)
    if acls and environment.cluster.authorization == "simple":
        spec["authorization"] = {"type": "simple", "acls": [acl.rule() for acl in acls]}
    quotas = application.settings.get("quotas")
    if quotas:
        spec["quotas"] = {
            key: units.parse_bytes(value) if key.endswith("ByteRate") else value
            for key, value in quotas.items()
        }
    return spec
