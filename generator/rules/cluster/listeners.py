"""Listeners: what the operator refuses when it looks at all of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.finding import Path, Severity
from generator.common.strimzi.facts import INGRESS_DEPRECATED, TLS_ROUTES
from generator.documents.manifest import Body
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_LISTENERS: Path = ("spec", "kafka", "listeners")
_FORBIDDEN_PORTS = {9404: "Prometheus", 9999: "JMX"}
_OUTSIDE = frozenset({"cluster-ip", "loadbalancer", "nodeport", "route", "tlsroute", "ingress"})
_BY_HOST = frozenset({"route", "tlsroute", "ingress"})
_NODE_IDS = "strimzi.io/next-node-ids"
_BALANCER = frozenset({"loadbalancer"})
_NODE_PORT = frozenset({"nodeport"})
_FIELDS = {
    "class": frozenset({"ingress", "loadbalancer"}),
    "preferredNodePortAddressType": _NODE_PORT,
    "externalTrafficPolicy": _BALANCER | _NODE_PORT,
    "loadBalancerSourceRanges": _BALANCER,
    "finalizers": _BALANCER,
    "allocateLoadBalancerNodePorts": _BALANCER,
    "createBootstrapService": _BALANCER,
    "useServiceDnsDomain": frozenset({"internal", "cluster-ip"}),
    "ipFamilyPolicy": _OUTSIDE,
    "ipFamilies": _OUTSIDE,
    "publishNotReadyAddresses": _OUTSIDE,
    "perBrokerAnnotationsTemplate": _OUTSIDE,
    "perBrokerLabelsTemplate": _OUTSIDE,
    "hostTemplate": _BY_HOST,
    "parentRefs": frozenset({"tlsroute"}),
}
"""Fields of a listener's configuration, and the types that have them."""
_ADDRESS_FIELDS = {
    "host": _BY_HOST,
    "loadBalancerIP": _BALANCER,
    "nodePort": _NODE_PORT | _BALANCER,
    "externalIPs": _NODE_PORT,
    "labels": _OUTSIDE,
    "annotations": _OUTSIDE,
}
"""The same for `bootstrap` and each of `brokers`."""


class _Listener(NamedTuple):
    path: Path
    body: Body

    def __str__(self) -> str:
        return f"listener {self.body['name']}"

    @property
    def type(self) -> str:
        return str(self.body["type"])

    @property
    def configuration(self) -> Body:
        return self.body.get("configuration") or {}


def _all(system: System) -> Iterator[_Listener]:
    for index, body in enumerate(system.spec["listeners"]):
        yield _Listener((*_LISTENERS, index), body)


@rule("listener-duplicate")
def duplicate(system: System) -> Iterator[Flaw]:
    """Every listener has a name and a port of its own.

    Why: the operator refuses the Kafka resource.
    Fix: choose another port or name.
    Source: Strimzi 1.2.0, ListenersValidator; seen on its Cluster Operator: InvalidResourceException,
        "every listener needs to have a unique name".
    """
    for key in ("name", "port"):
        seen: set[Any] = set()
        for path, body in _all(system):
            if body[key] in seen:
                message = f"listener {body['name']}: another listener has the {key} {body[key]}"
                yield Flaw((*path, key), message, on=system.kafka)
            seen.add(body[key])


@rule("listener-port")
def port(system: System) -> Iterator[Flaw]:
    """No listener has a port that Strimzi uses for metrics.

    Why: the operator refuses the Kafka resource.
    Fix: choose another port from 9092 on, for instance 9094.
    Source: Strimzi 1.2.0, ListenersValidator (9404 and 9999); seen on its Cluster Operator:
        InvalidResourceException, "port 9404 is forbidden and cannot be used".
    """
    for path, body in _all(system):
        if body["port"] in _FORBIDDEN_PORTS:
            used = _FORBIDDEN_PORTS[body["port"]]
            message = f"listener {body['name']}: {body['port']} is the port of {used}"
            yield Flaw((*path, "port"), message, on=system.kafka)


@rule("listener-authentication")
def authentication(system: System) -> Iterator[Flaw]:
    """A listener that asks for certificates is encrypted.

    Why: a client's certificate is part of TLS; the operator refuses the Kafka resource.
    Fix: write tls: true, or authentication: scram-sha-512.
    Source: Strimzi 1.2.0, ListenersValidator; seen on its Cluster Operator: InvalidResourceException,
        "cannot use tls type authentication with disabled TLS encryption".
    """
    for path, body in _all(system):
        if not body["tls"] and (body.get("authentication") or {}).get("type") == "tls":
            yield Flaw((*path, "authentication", "type"),
                       f"listener {body['name']}: authentication tls needs tls: true", on=system.kafka)  # fmt: skip


@rule("listener-tls")
def tls(system: System) -> Iterator[Flaw]:
    """A listener that is found by its host name, or has a certificate of its own, is encrypted.

    Why: routes and ingresses find the broker by the name in the TLS handshake; the operator refuses
        the Kafka resource. (tlsroute may do without: the gateway can end TLS.)
    Fix: write tls: true.
    Source: Strimzi 1.2.0, ListenersValidator; seen on its Cluster Operator: InvalidResourceException,
        "listener route is Route or Ingress type listener and requires enabled TLS encryption".
    """
    for each in _all(system):
        if each.body["tls"]:
            continue
        if each.type in ("route", "ingress"):
            yield Flaw(
                (*each.path, "tls"), f"{each}: type {each.type} needs tls: true", on=system.kafka
            )
        if "brokerCertChainAndKey" in each.configuration:
            yield Flaw((*each.path, "configuration", "brokerCertChainAndKey"),
                       f"{each}: a certificate needs tls: true", on=system.kafka, on_key=True)  # fmt: skip


@rule("listener-field")
def fields(system: System) -> Iterator[Flaw]:
    """A listener's configuration has only what its type knows.

    Why: the operator refuses the Kafka resource, or ignores the field.
    Fix: drop the field, or change the listener's type.
    Source: Strimzi 1.2.0, ListenersValidator and GenericKafkaListenerConfiguration; strimzi/
        strimzi-kafka-operator#12743 (per-broker templates), proposal 136 (tlsroute); seen on its Cluster
        Operator: InvalidResourceException, "listener inside cannot configure ipFamilies because it is
        internal listener".
    """
    for each in _all(system):
        below = (*each.path, "configuration")
        parts: list[tuple[Path, str, Body, dict[str, frozenset[str]]]] = [
            (below, "", each.configuration, _FIELDS),
            ((*below, "bootstrap"), "bootstrap.", each.configuration.get("bootstrap") or {},
             _ADDRESS_FIELDS),
        ]  # fmt: skip
        parts += [
            ((*below, "brokers", index), "brokers[].", broker, _ADDRESS_FIELDS)
            for index, broker in enumerate(each.configuration.get("brokers") or ())
        ]
        for path, prefix, settings, known in parts:
            for key in settings:
                if each.type not in known.get(key, {each.type}) and _is_said(key, settings[key]):
                    types = ", ".join(sorted(_there(system, known[key])))
                    yield Flaw((*path, key), f"{each}: {prefix}{key} is nothing for type {each.type}"
                               f" (only {types})", on=system.kafka, on_key=True)  # fmt: skip


def _there(system: System, types: frozenset[str]) -> frozenset[str]:
    """Those of the types that the release has."""
    return types if system.has(TLS_ROUTES) else types - {"tlsroute"}


def _is_said(key: str, value: object) -> bool:
    """False for what the operator takes as not said: empty lists, and the usual bootstrap Service."""
    if key == "createBootstrapService":
        return value is False
    return value is not None and value not in ([], {})


@rule("listener-host")
def host(system: System) -> Iterator[Flaw]:
    """Listeners of type ingress and tlsroute say by which names clients reach them.

    Why: unlike OpenShift's routes nothing makes up the names; the operator refuses the Kafka
        resource, for the bootstrap address and for each broker.
    Fix: write bootstrapHost, and configuration.hostTemplate: "broker-{nodeId}.example.com".
    Source: Strimzi 1.2.0, ListenersValidator; proposals 084 (hostTemplate) and 136 (tlsroute); seen on
        its Cluster Operator: InvalidResourceException, "listener nginx is missing a broker host property
        for broker with ID 1 which is required for Ingress based listeners".
    """
    for each in _all(system):
        if each.type not in ("ingress", "tlsroute"):
            continue
        path = (*each.path, "configuration")
        if not (each.configuration.get("bootstrap") or {}).get("host"):
            yield Flaw((*each.path, "type"), f"{each}: no host of the bootstrap address",
                       "write bootstrapHost", on=system.kafka)  # fmt: skip
        hosts = {broker["broker"] for broker in each.configuration.get("brokers") or ()
                 if broker.get("host")}  # fmt: skip
        if "hostTemplate" not in each.configuration and len(hosts) < system.brokers:
            message = f"{each}: {len(hosts)} of {system.brokers} brokers have a host"
            yield Flaw((*path, "brokers") if hosts else (*each.path, "type"), message,
                       'write configuration.hostTemplate: "broker-{nodeId}.example.com"',
                       on=system.kafka)  # fmt: skip
        if each.type == "tlsroute" and not each.configuration.get("parentRefs"):
            yield Flaw((*each.path, "type"), f"{each}: no gateway",
                       "write configuration.parentRefs: [{name: your-gateway}]",
                       on=system.kafka)  # fmt: skip


@rule("listener-host-ids", Severity.WARNING)
def host_ids(system: System) -> Iterator[Flaw]:
    """The brokers whose hosts a listener names are those that there will be.

    Why: the operator asks for a host by the id of each broker, and refuses the Kafka resource for one
        that has none. Ids are given from 0 on, over all pools of the cluster; only a running cluster
        knows them better.
    Fix: write configuration.hostTemplate: "broker-{nodeId}.example.com", or the host of each id.
    Source: Strimzi 1.2.0, ListenersValidator.validateIngress and validateTlsRoute; NodeIdAssignor; seen
        on its Cluster Operator: InvalidResourceException, "listener nginx is missing a broker host
        property for broker with ID 0".
    """
    if any(_NODE_IDS in (pool.body["metadata"].get("annotations") or {}) for pool in system.pools):
        return  # ids that somebody has chosen
    nodes = sum(pool.body["spec"].get("replicas", 0) for pool in system.pools)
    for each in _all(system):
        brokers = each.configuration.get("brokers") or ()
        if each.type not in ("ingress", "tlsroute") or "hostTemplate" in each.configuration:
            continue
        for index, broker in enumerate(brokers):
            if broker["broker"] >= nodes:
                yield Flaw((*each.path, "configuration", "brokers", index, "broker"),
                           f"{each}: of {nodes} nodes none has the id {broker['broker']}",
                           on=system.kafka)  # fmt: skip


@rule("listener-ingress", Severity.WARNING)
def ingress(system: System) -> Iterator[Flaw]:
    """Clients come in through something that has a future.

    Why: Strimzi's ingress listener needs the NGINX Ingress Controller, which is no longer developed;
        since 0.51 Strimzi puts the same warning into the status.
    Fix: write type: tlsroute (Kubernetes' Gateway API), with the hosts as they are and
        configuration.parentRefs of your gateway in place of class; or type: loadbalancer without the
        hosts, whose addresses the load balancer gives. (Strimzi has tlsroute since 1.1.)
    Source: Strimzi 0.51.0 release notes; Strimzi 1.2.0, KafkaSpecChecker (DeprecatedObjects).
    """
    for each in _all(system):
        if each.type == "ingress":
            old = "is deprecated" if system.has(INGRESS_DEPRECATED) else "has no future"
            fix = "" if system.has(TLS_ROUTES) else _WITHOUT_TLS_ROUTES
            yield Flaw((*each.path, "type"), f"{each}: type ingress {old}", fix, on=system.kafka)


_WITHOUT_TLS_ROUTES = (
    "write type: loadbalancer without the hosts, whose addresses the load balancer gives; or, on OpenShift,"
    " type: route"
)
