"""ServiceAccount, Role and RoleBinding of verification: to list what is rendered, and hardly any Secret."""

from collections.abc import Iterator, Sequence

from generator.contract.rights import NAME, ca_secret_names, reads
from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment
from generator.model.verification.of_backups import annotations
from generator.model.verification.verification import verification
from generator.resources.verification._objects import kinds_with_ours, manifest

_GROUP = "rbac.authorization.k8s.io"


def render_after(environment: Environment, manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """A Role that grants `list` on exactly what verification reads of these manifests' kinds.

    Of Secrets it may get the two that hold the certificates of the cluster's authorities, and where
    `verify.credentials` asks for it those that users log in with.
    """
    asked = verification(environment)
    if asked is None:
        return
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": environment.namespace}
    role = {"apiGroup": _GROUP, "kind": "Role", "name": NAME}
    binding = {"roleRef": role, "subjects": [account]}
    api = f"{_GROUP}/v1"
    users = _secrets_of_users(manifests) if asked.settings.get("credentials") else []
    rules = _rules(environment, kinds_with_ours(manifests), users)
    yield manifest(environment, "ServiceAccount", {"automountServiceAccountToken": False},
                   annotations=annotations(environment))  # fmt: skip
    yield manifest(environment, "RoleBinding", binding, api)
    yield manifest(environment, "Role", {"rules": rules}, api)


def _secrets_of_users(manifests: Sequence[Manifest]) -> list[str]:
    """The Secrets that the User Operator makes of these manifests, sorted."""
    entities = [
        each.body["spec"].get("entityOperator") or {} for each in manifests if each.kind == "Kafka"
    ]
    prefix = next(((e.get("userOperator") or {}).get("secretPrefix", "") for e in entities), "")
    return sorted(
        prefix + each.name
        for each in manifests
        if each.kind == "KafkaUser"
        and (each.body["spec"].get("authentication") or {}).get("type") in ("tls", "scram-sha-512")
    )


def _rules(environment: Environment, kinds: set[tuple[str, str]], users: list[str]) -> list[Body]:
    """One rule for each API group, and one for the Secrets."""
    groups: dict[str, list[str]] = {}
    for read in reads(kinds):
        groups.setdefault(read.group, []).append(read.plural)
    certificates = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": [*ca_secret_names(environment.cluster.name), *users],
        "verbs": ["get"],
    }
    rules = [
        {"apiGroups": [group], "resources": plurals, "verbs": ["list"]}
        for group, plurals in groups.items()
    ]
    return [*rules, certificates]
