"""What has to be so before the next step of an upgrade begins."""

import pytest
from checks.kubernetes_objects import KAFKA, Body, body, desired, live, pod, said

from generator.contract.operator_version import ANNOTATION
from verify.live.live import Definition


def of(version: str) -> Body:
    """The Kafka as it is rendered for a release."""
    return body(
        "Kafka", "events", metadata={"annotations": {ANNOTATION: version}}, spec=KAFKA["spec"]
    )


@pytest.mark.parametrize(
    ("version", "server", "expected"),
    [
        ("0.51.0", "v1.29.4", "warn: is 1.29, and Strimzi 0.51.0 needs 1.30"),
        ("0.51.0", "v1.30.0+k3s1", "pass: 1.30, at least 1.30"),
        ("0.50.1", "v1.29.4", "pass: 1.29, at least 1.27"),
        ("1.9.0", "v1.20.0", "skip: its version, or that of the operator, is not known"),
        ("0.51.0", "", "skip: its version, or that of the operator, is not known"),
    ],
)  # fmt: skip
def test_kubernetes_is_new_enough(version: str, server: str, expected: str) -> None:
    """By the release's own lowest version."""
    assert said("kubernetes-supported", desired(of(version)), live(version=server)) == [expected]


def test_kafka_on_every_node() -> None:
    """A node of another version is named."""
    pods = [pod(number) for number in range(3)]
    for number, each in enumerate(pods):
        each["metadata"]["annotations"]["strimzi.io/kafka-version"] = "4.2.1" if number else "4.3.1"

    assert said("kafka-on-every-node", desired(KAFKA), live(*pods)) == [
        "fail: events-brokers-1, events-brokers-2 run Kafka 4.2.1 instead of 4.3.1"
    ]
    assert said("kafka-on-every-node", desired(KAFKA), live(pods[0])) == [
        "pass: 1 node with Kafka 4.3.1"
    ]
    assert said("kafka-on-every-node", desired(KAFKA), live(pod())) == [
        "skip: nobody says a version of Kafka"
    ]


def test_stored_versions() -> None:
    """One alone is fine; of two, how far one has come."""
    name, kind = "kafkatopics.kafka.strimzi.io", "KafkaTopic"

    def found(*told: Definition) -> list[str]:
        return said("stored-versions", desired(KAFKA), live(definitions=list(told)))

    assert found() == []
    assert found(Definition(name, kind, "v1beta2", ("v1beta2",))) == []
    assert found(Definition(name, kind, "v1", ("v1",))) == []
    assert found(Definition(name, kind, "v1", ("v1beta2", "v1"), 40, 12)) == [
        f"warn {name}: 12 KafkaTopics of 40 may be kept as v1beta2: write them again"
    ]
    assert found(Definition(name, kind, "v1", ("v1beta2", "v1"), 40)) == [
        f"warn {name}: no KafkaTopic is kept as v1beta2 any more: storedVersions may become [v1]"
    ]


def test_versions_that_are_gone() -> None:
    """Who was written in one cannot be applied any more."""
    gone = {"kafka.strimzi.io/v1beta2": ["KafkaTopic/orders", "KafkaUser/billing"]}

    assert said("managed-fields-served", desired(KAFKA), live()) == []
    assert said("managed-fields-served", desired(KAFKA), live(unserved=gone)) == [
        "warn: KafkaTopic/orders, KafkaUser/billing were written as kafka.strimzi.io/v1beta2, which is served no more"
    ]
