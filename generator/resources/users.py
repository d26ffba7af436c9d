"""KafkaUser: one per application with the least ACLs, the raw ones of `users`, and verification's."""

from collections.abc import Iterator, Mapping

from generator.common import units
from generator.common.finding import Path
from generator.contract.rights import USER
from generator.documents.manifest import Body, Manifest
from generator.intent.sections import ApplicationSection, RestoreSection, UserSection
from generator.model.acls import Acl, acls_of, acls_of_verification
from generator.model.environment import Application, Environment
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
        about: UserSection = {"description": "Proves that the cluster works."}
        if asked.owner is not None:
            about["owner"] = asked.owner
        yield _user(environment, USER, about, spec, ("verify",))


def _user(
    environment: Environment,
    name: str,
    settings: ApplicationSection | UserSection,
    spec: Mapping[str, object],
    origin: Path,
) -> Manifest:
    return Manifest(
        "verify" if origin == ("verify",) else "users",
        {
            "apiVersion": environment.strimzi_api,
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


def _spec(application: Application, environment: Environment) -> Body:
    authentication: Body = {"type": application.authentication}
    authentication.update(application.settings.get("certificate", {}))
    spec: Body = {"authentication": authentication}
    spec |= authorization(acls_of(application, environment), environment)
    return spec | quotas(application.settings)


def _spec_of_verification(asked: Verification, environment: Environment) -> Body:
    spec: Body = {"authentication": {"type": asked.listener.authentication}}
    return spec | authorization(acls_of_verification(environment), environment)


def quotas(settings: ApplicationSection | RestoreSection) -> Body:
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


def authorization(acls: list[Acl], environment: Environment) -> Body:
    """Rules where there are some and the cluster asks them."""
    if not acls or environment.cluster.authorization != "simple":
        return {}
    return {"authorization": {"type": "simple", "acls": [acl.rule() for acl in acls]}}
