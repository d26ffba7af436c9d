"""KafkaUser: one per application with the least ACLs, the raw ones of `users`, and verification's."""

from collections.abc import Iterator
from typing import Any

from generator.common import units
from generator.common.finding import Path
from generator.contract.rights import USER
from generator.documents.manifest import Manifest
from generator.model.acls import Acl, acls_of, acls_of_verification
from generator.model.environment import Application, Environment, Json
from generator.model.verification.verification import Verification, verification
from generator.resources._metadata import metadata


def render(environment: Environment) -> Iterator[Manifest]:
    """Users for applications first, then those said in Strimzi's own terms."""
    for application in environment.applications:
        name, spec = application.name, _spec(application, environment)
        yield _user(environment, name, application.settings, spec, ("applications", name))
    for name, settings in sorted(environment.data.get("users", {}).items()):
        yield _user(environment, name, settings, settings["spec"], ("users", name))
    asked = verification(environment)
    if asked is not None:
        spec = _spec_of_verification(asked, environment)
        settings = {"owner": asked.owner, "description": "Proves that the cluster works."}
        yield _user(environment, USER, settings, spec, ("verify",))


def _user(
    environment: Environment, name: str, settings: Json, spec: Json, origin: Path
) -> Manifest:
    return Manifest(
        "verify" if origin == ("verify",) else "users",
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
        origin,
    )


def _spec(application: Application, environment: Environment) -> dict[str, Any]:
    authentication: dict[str, Any] = {"type": application.authentication}
    authentication.update(application.settings.get("certificate", {}))
    spec: dict[str, Any] = {"authentication": authentication}
    spec |= authorization(acls_of(application, environment), environment)
    return spec | quotas(application.settings)


def _spec_of_verification(asked: Verification, environment: Environment) -> dict[str, Any]:
    spec: dict[str, Any] = {"authentication": {"type": asked.listener.authentication}}
    return spec | authorization(acls_of_verification(environment), environment)


def quotas(settings: Json) -> dict[str, Any]:
    """Quotas in bytes where some are said."""
    said = settings.get("quotas")
    if not said:
        return {}
    return {
        "quotas": {
            key: units.parse_bytes(value) if key.endswith("ByteRate") else value
            for key, value in said.items()
        }
    }


def authorization(acls: list[Acl], environment: Environment) -> dict[str, Any]:
    """Rules where there are some and the cluster asks them."""
    if not acls or environment.cluster.authorization != "simple":
        return {}
    return {"authorization": {"type": "simple", "acls": [acl.rule() for acl in acls]}}
