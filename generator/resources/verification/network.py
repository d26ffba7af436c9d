"""NetworkPolicy of verification: out to what it proves, and nobody in."""

from collections.abc import Iterator

from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment
from generator.model.verification.of_backups import readable
from generator.model.verification.verification import (
    POD_LABELS,
    Verification,
    push_port,
    verification,
)
from generator.resources.verification._objects import manifest

_DNS = 53
_KUBERNETES_API = (443, 6443)
"""Its Service, and the API servers themselves, whose addresses no selector can name."""

_NODE_PORTS = {"endPort": 32767, "port": 30000, "protocol": "TCP"}
"""From where Kubernetes takes the ports of nodes, unless it is told otherwise."""


def render(environment: Environment) -> Iterator[Manifest]:
    """One NetworkPolicy for all of verification's pods; of ingress no rule is said, so nobody comes in."""
    asked = verification(environment)
    if asked is None:
        return
    spec = {
        "egress": _egress(environment, asked),
        "podSelector": {"matchLabels": POD_LABELS},
        "policyTypes": ["Egress", "Ingress"],
    }
    yield manifest(environment, "NetworkPolicy", {"spec": spec}, "networking.k8s.io/v1")


def _egress(environment: Environment, asked: Verification) -> list[Body]:
    """Names, every listener, the Kubernetes API, the Pushgateway, and what holds backups.

    Listeners behind Ingresses and Routes have the API's port, 443.
    """
    cluster = environment.cluster
    brokers = {"strimzi.io/cluster": cluster.name, "strimzi.io/kind": "Kafka"}
    egress: list[Body] = [
        {"ports": [{"port": _DNS, "protocol": protocol} for protocol in ("TCP", "UDP")]},
        {
            "ports": _tcp(*sorted({listener.port for listener in cluster.listeners})),
            "to": [{"podSelector": {"matchLabels": brokers}}],
        },
        {"ports": _tcp(*_KUBERNETES_API)},
    ]
    # Load balancers and nodes have addresses of their own, which no selector can name.
    balanced = {each.port for each in cluster.listeners if each.type == "loadbalancer"}
    outside = _tcp(*sorted(balanced))
    if any(each.type == "nodeport" for each in cluster.listeners):
        outside.append(_NODE_PORTS)
    if outside:
        egress.append({"ports": outside})
    if asked.pushgateway is not None:
        egress.append({"ports": _tcp(push_port(asked.pushgateway))})
    storages = [each.storage for each in readable(environment)]
    # Object stores have many addresses, too; most of them are at the API's port.
    if ports := {port for each in storages for port in each.ports} - {*_KUBERNETES_API}:
        egress.append({"ports": _tcp(*sorted(ports))})
    servers = {server for each in storages for server in each.identity_servers}
    egress += [
        {"ports": _tcp(port), "to": [{"ipBlock": {"cidr": address}}]}
        for address, port in sorted(servers)
    ]
    return egress


def _tcp(*ports: int) -> list[Body]:
    return [{"port": port, "protocol": "TCP"} for port in ports]
