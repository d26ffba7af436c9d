"""ServiceAccount, Role and RoleBinding of verification: to list what is rendered, and no Secret."""

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

    Of Secrets it may get the two that hold the certificates of the cluster's authorities.
    """
    if verification(environment) is None:
        return
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": environment.namespace}
    role = {"apiGroup": _GROUP, "kind": "Role", "name": NAME}
    binding = {"roleRef": role, "subjects": [account]}
    api = f"{_GROUP}/v1"
    rules = _rules(environment, kinds_with_ours(manifests))
    yield manifest(environment, "ServiceAccount", {"automountServiceAccountToken": False},
                   annotations=annotations(environment))  # fmt: skip
    yield manifest(environment, "RoleBinding", binding, api)
    yield manifest(environment, "Role", {"rules": rules}, api)


def _rules(environment: Environment, kinds: set[tuple[str, str]]) -> list[Body]:
    """One rule for each API group, and one for the certificates."""
    groups: dict[str, list[str]] = {}
    for read in reads(kinds):
        groups.setdefault(read.group, []).append(read.plural)
    certificates = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": list(ca_secret_names(environment.cluster.name)),
        "verbs": ["get"],
    }
    rules = [
        {"apiGroups": [group], "resources": plurals, "verbs": ["list"]}
        for group, plurals in groups.items()
    ]
    return [*rules, certificates]
