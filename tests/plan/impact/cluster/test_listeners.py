"""What changes of a listener do to its clients, and to brokers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, edited, nothing, put

TLS = {"name": "tls", "port": 9093, "type": "internal", "tls": True, "authentication": {"type": "tls"}}  # fmt: skip


def _listener(**said: Any) -> Callable[..., Any]:
    return put("Kafka/events", "spec kafka listeners", [TLS | said])


def _configuration(**said: Any) -> Callable[..., Any]:
    return _listener(configuration=said)


def _names(*names: str) -> Callable[..., Any]:
    return _configuration(bootstrap={"alternativeNames": [*names]})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # clients must change
        (nothing, _listener(port=9094),
         ["client-visible: clients of listener tls must change at the same moment",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _listener(tls=False),
         ["client-visible: clients of listener tls must change at the same moment",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _listener(type="nodeport"),
         ["client-visible: clients of listener tls must change at the same moment",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _listener(authentication={"type": "scram-sha-512"}),
         ["client-visible: clients of listener tls must change at the same moment",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # who comes in
        (nothing, _listener(networkPolicyPeers=[{}]),
         ["client-visible: who may reach listener tls changes"]),
        (nothing, _configuration(**{"class": "x"}),
         ["client-visible: who reaches listener tls, and how, changes"]),
        (_listener(type="loadbalancer"), _listener(type="loadbalancer", configuration={"class": "x"}),
         ["refused: listener tls: Kubernetes keeps the class of a load balancer that is there, and the Kafka"
          " goes NotReady; a listener of another name gets a new one"]),
        (_listener(type="loadbalancer"),
         _listener(type="loadbalancer", configuration={"createBootstrapService": False}),
         ["client-visible: who reaches listener tls, and how, changes",
          "rolling-restart: listener tls: the certificates name its addresses: every node of combined (3)"
          " restarts in turn"]),
        # names and addresses
        (_names("a", "b"), _names("b", "c"),
         ["client-visible: listener tls: a leaves the certificates as well: who uses it"
           " cannot connect any more",
          "rolling-restart: listener tls: the certificates change: every node of combined"
           " (3) restarts in turn"]),
        (_names("b"), _names("b", "c"),
         ["rolling-restart: listener tls: the certificates change: every node of combined"
           " (3) restarts in turn"]),
        (_names("b"), nothing,
         ["client-visible: listener tls: b leaves the certificates as well: who uses it"
           " cannot connect any more",
          "rolling-restart: listener tls: the certificates change: every node of combined"
           " (3) restarts in turn"]),
        (nothing, _configuration(useServiceDnsDomain=True),
         ["client-visible: brokers send clients of listener tls to other addresses",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _configuration(brokers=[{"broker": 0, "advertisedHost": "a"}]),
         ["client-visible: brokers send clients of listener tls to other addresses",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _configuration(bootstrap={"nodePort": 30000}),
         ["client-visible: clients of listener tls find it on another port"]),
        (nothing,
         _configuration(brokerCertChainAndKey={"secretName": "x", "certificate": "c", "key": "k"}),
         ["client-visible: clients of listener tls must trust the other certificate",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # what stands around it
        (nothing, _configuration(ipFamilies=["IPv4"]),
         ["dynamic: listener tls: only its Services and the like; nothing restarts"]),
        (nothing, _configuration(bootstrap={"labels": {"a": "b"}}),
         ["dynamic: listener tls: only its Services and the like; nothing restarts"]),
        # each part of what comes as a whole
        (nothing,
         _configuration(createBootstrapService=False, maxConnectionCreationRate=1, unheard=2),
         ["client-visible: who reaches listener tls, and how, changes",
          "client-visible: listener tls: how many clients may connect changes",
          "rolling-restart: listener tls: the certificates name its addresses: every node of combined (3)"
          " restarts in turn",
          "rolling-restart: every node of combined (3) restarts in turn",
          "rolling-restart: listener tls: every node of combined (3) restarts in turn"]),
        (nothing, _listener(unheard=2),
         ["rolling-restart: listener tls: every node of combined (3) restarts in turn"]),
    ],
)  # fmt: skip
def test_listener(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """In a cluster of three nodes that are both."""
    assert edited(tmp_path, CLUSTER, after, before) == expected
