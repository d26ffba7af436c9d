"""Listeners: what their clients notice, and which nodes restart for it."""

from collections.abc import Iterator
from typing import Any

from generator.common.changes import MISSING
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed, parts
from generator.plan.impact.cluster.restarts import pools_of, restarts

_ADDRESSES = {
    "advertisedHostTemplate", "advertisedPortTemplate", "brokers", "hostTemplate",
    "preferredNodePortAddressType", "useServiceDnsDomain",
}  # fmt: skip
"""What decides where brokers tell clients to go."""
_DOORS = {"class", "loadBalancerSourceRanges", "parentRefs"}
"""What decides who comes in, without a word to the brokers."""
_AROUND = {
    "allocateLoadBalancerNodePorts", "annotations", "externalIPs", "externalTrafficPolicy", "finalizers",
    "ipFamilies", "ipFamilyPolicy", "labels", "loadBalancerIP", "perBrokerAnnotationsTemplate",
    "perBrokerLabelsTemplate", "publishNotReadyAddresses",
}  # fmt: skip
"""What is said of Services, Ingresses and the like only."""
_LIMITS = {"maxConnections", "maxConnectionCreationRate"}


def of_listener(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One listener, or one field of it; nodes that are controllers only have none.

    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.withListeners, KafkaCluster.java:1412
    (getContainerPortList), KafkaReconciler.java:700.
    """
    inner = field.path[3:]
    name = str(inner[0]) if inner else "listeners"
    if len(inner) == 1 and field.before is MISSING:
        yield from _brokers(pair, f"listener {name} is added: ")
    elif len(inner) == 1 and field.after is MISSING:
        yield Effect(
            Impact.CLIENT_VISIBLE, f"listener {name} goes: its clients cannot connect any more"
        )
        yield from _brokers(pair)
    elif inner[1:2] in (("port",), ("type",), ("tls",), ("authentication",)):
        yield Effect(
            Impact.CLIENT_VISIBLE, f"clients of listener {name} must change at the same moment"
        )
        yield from _brokers(pair)
    elif inner[1:2] == ("networkPolicyPeers",):
        yield Effect(Impact.CLIENT_VISIBLE, f"who may reach listener {name} changes")
    elif inner[1:] in (("configuration",), ("configuration", "bootstrap")):
        for part in parts(field):
            yield from of_listener(pair, part)
    elif inner[1:2] == ("configuration",):
        yield from _configuration(pair, field)
    else:
        yield from _brokers(pair, f"listener {name}: ")


def _brokers(pair: Pair, why: str = "") -> Iterator[Effect]:
    """Every node that serves clients.

    Source: Strimzi 1.2.0, KafkaBrokerConfigurationBuilder.withListeners (`if (node.broker())`).
    """
    yield from restarts(pair, why, pools_of(pair, "broker"))


def _configuration(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """How a listener is reached.

    Source: Strimzi 1.2.0, GenericKafkaListenerConfiguration.java, ListenersUtils.java,
    KafkaCluster.java:1347 (names in the brokers' certificates); Kubernetes 1.34, "Service", load balancer class.
    """
    name, _, *inner = (str(each) for each in field.path[3:])
    key = inner[1] if inner[0] == "bootstrap" else inner[0]
    if key in _AROUND:
        yield Effect(
            Impact.DYNAMIC, f"listener {name}: only its Services and the like; nothing restarts"
        )
    elif key == "class" and _type(pair, name) == "loadbalancer":
        yield Effect(Impact.REFUSED, f"listener {name}: Kubernetes keeps the class of a load balancer that is"
                     " there, and the Kafka goes NotReady; a listener of another name gets a new one")  # fmt: skip
    elif key == "createBootstrapService":
        yield Effect(Impact.CLIENT_VISIBLE, f"who reaches listener {name}, and how, changes")
        yield from _brokers(pair, f"listener {name}: the certificates name its addresses: ")
    elif key in _DOORS:
        yield Effect(Impact.CLIENT_VISIBLE, f"who reaches listener {name}, and how, changes")
    elif key in ("host", "alternativeNames"):
        gone = sorted(_names(field.before) - _names(field.after))
        if gone:
            yield Effect(Impact.CLIENT_VISIBLE, f"listener {name}: {listed(gone)} leaves the certificates as"
                         " well: who uses it cannot connect any more")  # fmt: skip
        yield from _brokers(pair, f"listener {name}: the certificates change: ")
    elif key == "nodePort":
        yield Effect(Impact.CLIENT_VISIBLE, f"clients of listener {name} find it on another port")
    elif key == "brokerCertChainAndKey":
        yield Effect(
            Impact.CLIENT_VISIBLE, f"clients of listener {name} must trust the other certificate"
        )
        yield from _brokers(pair)
    elif key in _ADDRESSES:
        yield Effect(
            Impact.CLIENT_VISIBLE, f"brokers send clients of listener {name} to other addresses"
        )
        yield from _brokers(pair)
    elif key in _LIMITS:
        text = f"listener {name}: how many clients may connect changes"
        yield Effect(Impact.CLIENT_VISIBLE, text)
        yield from _brokers(pair)
    else:
        yield from _brokers(pair, f"listener {name}: ")


def _type(pair: Pair, name: str) -> str:
    """The type of a listener that is there before and after; empty where it changes."""
    types = {
        each.get("type")
        for body in (pair.before, pair.after)
        for each in (body.body["spec"]["kafka"].get("listeners") or () if body else ())
        if each.get("name") == name
    }
    return str(types.pop()) if len(types) == 1 else ""


def _names(value: Any) -> set[str]:
    """The names that a field says, one or many."""
    said = value if isinstance(value, list) else () if value is MISSING else (value,)
    return {str(each) for each in said}
