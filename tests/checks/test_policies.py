"""NetworkPolicies let applications in, or it is told who is kept out."""

from typing import Any

import pytest
from checks.kubernetes_objects import OURS, Body, body, desired, live, pod, said

_TLS = {"name": "tls", "port": 9093, "authentication": {"type": "tls"}}
_GIT = body("Kafka", "events", spec={"kafka": {"listeners": [_TLS]}})
_USER = body("KafkaUser", "billing", spec={"authentication": {"type": "tls"}})


def broker() -> Body:
    """A broker's pod with the ports that Strimzi names."""
    made = pod(0)
    made["metadata"]["labels"] = {**OURS, "strimzi.io/broker-role": "true"}
    ports = [{"name": "tcp-clientstls", "containerPort": 9093}]
    made["spec"]["containers"] = [{"name": "kafka", "ports": ports}]
    return made


def policy(name: str, *ingress: Any, **more: Any) -> Body:
    """A NetworkPolicy about brokers."""
    spec = {"podSelector": {"matchLabels": OURS}, "policyTypes": ["Ingress"], "ingress": list(ingress)}  # fmt: skip
    return body("NetworkPolicy", name, "networking.k8s.io/v1", spec=spec | more)


def found(*policies: Body) -> list[str]:
    """What is said of them."""
    return said("listeners-admit", desired(_GIT, _USER), live(broker(), *policies))


_PEER = [{"podSelector": {"matchLabels": {"app": "billing"}}}]
DENIED = [
    "fail listener tls: no NetworkPolicy lets anybody in at port 9093: billing cannot connect"
]


@pytest.mark.parametrize(
    "policies",
    [
        [policy("nobody")],
        [policy("other", {"ports": [{"port": 9092}]})],
        [policy("range", {"ports": [{"port": 9000, "endPort": 9092}]})],
        [policy("name", {"ports": [{"port": "tcp-plain"}]})],
        [policy("datagrams", {"ports": [{"port": 9093, "protocol": "UDP"}]})],
        [policy("nobody"), policy("all", {}, podSelector={"matchLabels": {"app": "other"}})],
        [policy("by default", policyTypes=None)],
    ],
    ids=lambda each: each[0]["metadata"]["name"],
)
def test_nobody_gets_in(policies: list[Body]) -> None:
    """Somebody who is named cannot connect, whatever this run can."""
    assert found(*policies) == DENIED


@pytest.mark.parametrize(
    "policies",
    [
        [policy("port", {"ports": [{"port": 9093}]})],
        [policy("nobody"), policy("all", {})],
        [policy("range", {"ports": [{"port": 9000, "endPort": 9100}]})],
        [policy("name", {"ports": [{"port": "tcp-clientstls"}]})],
        [policy("every port", {"ports": [{"protocol": "TCP"}]})],
        [policy("out", policyTypes=["Egress"])],
        [policy("others", podSelector={"matchLabels": {"app": "other"}})],
    ],
    ids=lambda each: each[-1]["metadata"]["name"],
)
def test_everybody_gets_in(policies: list[Body]) -> None:
    """Rules add up, and who is selected by none is open."""
    assert found(*policies) == ["pass: 1 listener open to all"]


def test_some_get_in() -> None:
    """Nobody told us who applications are for Kubernetes."""
    assert found(policy("some", {"from": _PEER, "ports": [{"port": 9093}]})) == [
        "skip listener tls: only whom networkpolicy/some names may come in; whether billing is among them, Git does"
        " not say"
    ]


def test_nothing_to_look_at() -> None:
    """Where no policy is rendered none is listed."""
    assert found() == ["skip: no NetworkPolicy is listed"]
    empty = live(policy("nobody"))
    assert said("listeners-admit", desired(_GIT), empty) == ["skip: there is no broker's pod"]
