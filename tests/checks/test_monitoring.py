"""Rendered monitors are taken by a Prometheus, and find pods."""

from typing import Any

import pytest
from checks.kubernetes_objects import Body, body, desired, live, pod, said

from verify.checks._selectors import selects

API = "monitoring.coreos.com/v1"
MONITOR = body(
    "PodMonitor",
    "kafka",
    API,
    metadata={"labels": {"release": "k8s"}},
    spec={"selector": {"matchLabels": {"strimzi.io/cluster": "events"}}},
)
NAMESPACE = body("Namespace", "kafka-dev", "v1", metadata={"labels": {"team": "kafka"}})


def prometheus(namespace: str = "monitoring", **spec: Any) -> Body:
    """A Prometheus object."""
    return body("Prometheus", "k8s", API, metadata={"namespace": namespace}, spec=spec)


def selected(*found: Body, objects: tuple[Body, ...] = ()) -> list[str]:
    """What is said of the monitor."""
    return said("monitors-selected", desired(MONITOR), live(*objects, prometheuses=list(found)))


EVERY: Body = {}
RELEASE = {"matchLabels": {"release": "k8s"}}
TEAM = {"matchLabels": {"team": "kafka"}}
NAMED = {"matchLabels": {"kubernetes.io/metadata.name": "kafka-dev"}}
NOBODY = ["warn podmonitor/kafka: no Prometheus selects it"]


@pytest.mark.parametrize(
    ("found", "objects", "words"),
    [
        (prometheus(podMonitorSelector=EVERY, podMonitorNamespaceSelector=EVERY), (NAMESPACE,), []),
        (
            prometheus(podMonitorSelector=RELEASE, podMonitorNamespaceSelector=TEAM),
            (NAMESPACE,),
            [],
        ),
        # The namespace's name is known though the namespace may not be read.
        (prometheus(podMonitorSelector=RELEASE, podMonitorNamespaceSelector=NAMED), (), []),
        # No namespace selector means Prometheus' own namespace.
        (prometheus(podMonitorSelector=RELEASE), (), NOBODY),
        (prometheus("kafka-dev", podMonitorSelector=RELEASE), (), []),
        # No selector at all selects nothing; that of another kind does not count.
        (prometheus("kafka-dev"), (), NOBODY),
        (prometheus("kafka-dev", serviceMonitorSelector=EVERY), (), NOBODY),
        (prometheus("kafka-dev", podMonitorSelector=TEAM), (), NOBODY),
        (
            prometheus(podMonitorSelector=RELEASE, podMonitorNamespaceSelector=TEAM),
            (),
            ["unknown podmonitor/kafka: the labels of its namespace are not known"],
        ),
    ],
)
def test_who_takes_a_monitor(found: Body, objects: tuple[Body, ...], words: list[str]) -> None:
    """As Prometheus Operator reads selectors."""
    assert selected(found, objects=objects) == words


def test_one_of_several_is_enough() -> None:
    """And none at all is told."""
    both = (prometheus("a"), prometheus("kafka-dev", podMonitorSelector=EVERY))

    assert selected(*both) == []
    assert selected() == ["warn: no namespace has a Prometheus object that could take them"]
    assert said("monitors-selected", desired(), live()) == [
        "skip: no monitor and no rule is rendered"
    ]


def test_a_monitor_finds_pods() -> None:
    """One about other pods than Strimzi's is not judged."""
    other = body("PodMonitor", "web", API, spec={"selector": {"matchLabels": {"app": "web"}}})

    assert said("monitors-find-pods", desired(MONITOR, other), live(pod())) == []
    assert said("monitors-find-pods", desired(MONITOR, other), live()) == [
        "warn podmonitor/kafka: its selector finds no pod of the cluster"
    ]


@pytest.mark.parametrize(
    ("operator", "values", "takes"),
    [
        ("In", ["x", "y"], True),
        ("In", ["y"], False),
        ("NotIn", ["y"], True),
        ("NotIn", ["x"], False),
        ("Exists", None, True),
        ("DoesNotExist", None, False),
    ],
)
def test_expressions_of_selectors(operator: str, values: list[str] | None, takes: bool) -> None:
    """All four that Kubernetes has; another one is no selector."""
    expression = {"key": "a", "operator": operator, "values": values}

    assert selects({"matchExpressions": [expression]}, {"a": "x"}) is takes
    with pytest.raises(ValueError, match="Near is no operator"):
        selects({"matchExpressions": [{"key": "a", "operator": "Near"}]}, {})
