"""NetworkPolicies as Kubernetes reads them: who may come in at a port of a pod."""

from collections.abc import Collection, Mapping

from generator.documents.manifest import Body
from verify.checks._objects import labels
from verify.checks._selectors import selects


def admitting(policies: Collection[Body], pod: Body, port: int) -> list[str] | None:
    """The policies that let somebody in at a port of a pod, or an empty name where one lets in all.

    None where no policy is about the pod.
    """
    found: list[str] | None = None
    names = _names(pod)
    for policy in policies:
        spec = policy.get("spec") or {}
        if not selects(spec.get("podSelector") or {}, labels(pod)):
            continue
        if "Ingress" not in (spec.get("policyTypes") or ["Ingress"]):
            continue
        found = found or []
        for rule in spec.get("ingress") or ():
            if not _is_about(rule.get("ports") or (), port, names):
                continue
            if not rule.get("from"):
                return [""]
            found.append(f"networkpolicy/{policy['metadata']['name']}")
    return found


def _is_about(ports: Collection[Body], port: int, names: Mapping[str, int]) -> bool:
    """Whether a rule's ports have this one; without any it is about all."""
    if not ports:
        return True
    for each in ports:
        said = each.get("port", port)
        first: int = names.get(said, -1) if isinstance(said, str) else said
        last: int = each.get("endPort", first)
        if each.get("protocol", "TCP") == "TCP" and first <= port <= last:
            return True
    return False


def _names(pod: Body) -> dict[str, int]:
    """What a pod calls its ports."""
    return {
        each["name"]: each["containerPort"]
        for container in (pod.get("spec") or {}).get("containers") or ()
        for each in container.get("ports") or ()
        if "name" in each
    }
