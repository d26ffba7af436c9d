"""Operators are there, watch the namespace, and are at work."""

from typing import Any

import pytest
from checks.kubernetes_objects import KAFKA, OURS, Body, body, desired, live, said, seen

from generator.contract.operator_version import ANNOTATION
from verify.live.live import Cause, Gap


def operator(
    namespaces: str | None = "kafka-dev,strimzi",
    *,
    home: str = "strimzi",
    tag: str = "1.2.0",
    **status: Any,
) -> Body:
    """The cluster operator's Deployment; None watches its own namespace."""
    variable: Body = {"name": "STRIMZI_NAMESPACE"}
    variable["value" if namespaces else "valueFrom"] = namespaces or {}
    images = [{"image": f"quay.io:443/strimzi/operator:{tag}", "env": [{"name": "A"}, variable]}]
    return body(
        "Deployment",
        "strimzi-cluster-operator",
        "apps/v1",
        metadata={"namespace": home},
        spec={"replicas": 2, "template": {"spec": {"containers": images}}},
        status={"availableReplicas": 2, "updatedReplicas": 2} | status,
    )


def deployment(name: str, **status: Any) -> Body:
    """A Deployment of the namespace with one pod."""
    told = {"availableReplicas": 1, "updatedReplicas": 1} | status
    return body("Deployment", name, "apps/v1", spec={"replicas": 1}, status=told)


@pytest.mark.parametrize("namespaces", ["kafka-dev", "a, kafka-dev", "*"])
def test_an_operator_watches_the_namespace(namespaces: str) -> None:
    """By name, among others, or as all of them do."""
    assert said("cluster-operator-ready", desired(), live(operators=[operator(namespaces)])) == [
        "pass strimzi/strimzi-cluster-operator: is available"
    ]


def test_an_operator_watches_its_own_namespace() -> None:
    """As Strimzi's install files say it."""
    at_home = operator(None, home="kafka-dev")

    assert said("cluster-operator-ready", desired(), live(operators=[at_home])) == [
        "pass kafka-dev/strimzi-cluster-operator: is available"
    ]
    assert said("cluster-operator-ready", desired(), live(operators=[operator(None)])) == [
        "fail: no operator watches namespace kafka-dev; there is strimzi/strimzi-cluster-operator"
    ]


def test_no_operator_and_two_of_them() -> None:
    """Two undo each other's work."""
    assert said("cluster-operator-ready", desired(), live()) == [
        "fail: there is no Deployment of Strimzi's cluster operator in any namespace"
    ]
    both = [operator(), operator("*", home="other")]
    assert said("cluster-operator-ready", desired(), live(operators=both))[0] == (
        "fail: 2 operators watch namespace kafka-dev: strimzi/strimzi-cluster-operator,"
        " other/strimzi-cluster-operator"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"availableReplicas": None}, "fail {}: none of 2 pods is available"),
        ({"availableReplicas": 1}, "warn {}: 1 of 2 pods available"),
        ({"updatedReplicas": 1}, "warn {}: is being updated"),
    ],
)
def test_an_operator_that_is_not_complete(status: Body, words: str) -> None:
    """One of two is enough to work."""
    found = live(operators=[operator(**status)])

    assert said("cluster-operator-ready", desired(), found) == [
        words.format("deployment/strimzi-cluster-operator")
    ]


def test_in_the_cluster_nobody_looks_for_it() -> None:
    """The Role does not allow it."""
    gaps = {"kubernetes.operators": Gap(Cause.NOT_ASKED, "not allowed")}

    assert said("cluster-operator-ready", desired(), live(gaps=gaps)) == ["skip: not allowed"]


def test_the_operator_was_through_with_this_kafka() -> None:
    """A tag that is no version says nothing."""
    kafka = seen(KAFKA, operatorLastSuccessfulVersion="1.1.0")

    def judged(tag: str) -> list[str]:
        return said("operator-version", desired(), live(kafka, operators=[operator(tag=tag)]))

    assert judged("1.1.0") == judged("latest") == judged("1.1.0@sha256:00") == []
    assert judged("1.2.0") == [
        "warn strimzi/strimzi-cluster-operator: runs 1.2.0, but was last through with this Kafka"
        " as 1.1.0"
    ]
    assert said("operator-version", desired(), live()) == [
        "skip: the operator has not said yet which version it has"
    ]


@pytest.mark.parametrize(
    ("rendered", "tag", "words"),
    [
        ("0.48.0", "0.48.0", []),
        ("0.48.0", "mine", []),
        ("0.48.0", "0.49.1", ["warn strimzi/strimzi-cluster-operator: runs 0.49.1, and Git was rendered for 0.48.0"]),
        ("", "1.2.0", []),
        ("", "1.1.0", ["warn strimzi/strimzi-cluster-operator: runs 1.1.0, and Git was rendered for 1.2.0"]),
    ],
)  # fmt: skip
def test_the_operators_release(rendered: str, tag: str, words: list[str]) -> None:
    """It is the one that the Kafka resource says."""
    notes = {ANNOTATION: rendered} if rendered else {}
    ours = {**OURS, "app.kubernetes.io/managed-by": "strimzi-gitops"}
    kafka = body("Kafka", "events", metadata={"labels": ours, "annotations": notes}, spec={})

    found = live(operators=[operator("*", tag=tag)])
    assert said("operator-release", desired(kafka), found) == words
    assert said("operator-release", desired(), found) == [
        "skip: the Kafka was not rendered here, and nobody says for which release it is"
    ]


@pytest.mark.parametrize(
    ("tag", "variable", "told"),
    [
        ("0.45.0", "", True),
        ("0.45.0", "STRIMZI_KUBERNETES_VERSION", False),
        ("0.45.1", "", False),
        ("1.2.0", "", False),
    ],
)
def test_an_operator_that_cannot_read_the_servers_version(
    tag: str, variable: str, told: bool
) -> None:
    """Strimzi 0.45.0 ends as it starts, unless it is told."""
    one = operator("*", tag=tag, availableReplicas=0)
    one["spec"]["template"]["spec"]["containers"][0]["env"].append(
        {"name": variable, "value": "major=1"}
    )
    (text,) = said("cluster-operator-ready", desired(), live(operators=[one], version="v1.34.4"))

    assert text.startswith("fail deployment/strimzi-cluster-operator: none of 2 pods is available")
    assert ("where it cannot read the server's version, v1.34.4" in text) is told


def test_the_entity_operator() -> None:
    """It is wanted where spec.entityOperator is."""
    found = live(deployment("events-entity-operator"))
    scaled = deployment("events-entity-operator")
    scaled["spec"] = {"replicas": 0}
    without = body("Kafka", "events", spec={"kafka": {}})

    assert said("entity-operator-ready", desired(), found) == []
    assert said("entity-operator-ready", desired(), live()) == [
        "fail deployment/events-entity-operator: is missing"
    ]
    assert said("entity-operator-ready", desired(), live(scaled)) == [
        "fail deployment/events-entity-operator: is scaled to 0"
    ]
    assert said("entity-operator-ready", desired(without), live()) == [
        "skip: spec.entityOperator asks for none"
    ]


def test_what_runs_beside_the_brokers() -> None:
    """Cruise Control, the exporter and rendered Deployments, where Git has them."""
    kafka = body("Kafka", "events", spec={"cruiseControl": {}, "kafkaExporter": {}})
    wanted = desired(kafka, deployment("web"))
    found = live(deployment("events-cruise-control"), deployment("web", availableReplicas=0))
    gaps = {"kubernetes.Deployment": Gap(Cause.TIMED_OUT, "too late")}

    assert said("deployments-available", wanted, found) == [
        "fail deployment/events-kafka-exporter: is missing",
        "fail deployment/web: none of 1 pod is available",
    ]
    assert said("deployments-available", desired(), found) == []
    assert said("deployments-available", wanted, live(gaps=gaps)) == [
        "unknown Deployment: too late"
    ]
