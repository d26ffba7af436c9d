"""Brokers that go: too few of them, those that hold replicas, and those that nobody looks at."""

from collections.abc import Iterator
from typing import Any

import pytest
from operators.intent import Deployment, said
from operators.site import Strimzi, conditions, is_ready
from operators.table import told

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

NAMESPACE = "kafka-going"
INTENT = """\
environment: going
namespace: kafka-going
size: small
cluster:
  name: events
  metrics: {type: jmx-exporter}
  listeners:
    tls: {port: 9093, authentication: tls}
  nodePools:
    combined: null
    controllers: {roles: [controller], replicas: 1, storage: {volumes: {data-0: {size: 1Gi}}}}
    brokers: {roles: [broker], replicas: 4, storage: {volumes: {data-0: {size: 1Gi}}}}
  config: {offsets.topic.num.partitions: 3, transaction.state.log.num.partitions: 3}
verify: {image: "example.com/strimzi-verify:1"}
topics:
  orders: {partitions: 8}
"""
UNCHECKED = """\
overrides:
  Kafka: {events: {metadata: {annotations: {strimzi.io/skip-broker-scaledown-check: "true"}}}}
"""


@pytest.fixture(scope="module")
def going(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment that is ready; each test begins where the one before has ended."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("going"), "going", INTENT)
    strimzi.remove(NAMESPACE)


def test_rules_of_metrics_restart_nobody(going: Deployment) -> None:
    """What the exporter of metrics reads is another text, which it reads as it runs."""
    before = going.nodes("brokers")
    source = going.live("Kafka", "events")["spec"]["kafka"]["metricsConfig"]["valueFrom"]
    name, key = source["configMapKeyRef"]["name"], source["configMapKeyRef"]["key"]
    (rules,) = [each for each in going.of("ConfigMap") if each["metadata"]["name"] == name]
    other = {**rules, "data": {key: f"{rules['data'][key]}# another word\n"}}
    objects: dict[str, Any] = {
        f"{kind}/{name}": body for (kind, name), body in going.objects.items()
    }
    label = f"ConfigMap/{rules['metadata']['name']}"
    effects = told(objects, {**objects, label: other})

    assert "nothing restarts" in said(effects)
    going.strimzi.kubernetes.apply([other])
    since = going.strimzi.operator.position()
    going.strimzi.until(
        lambda: going.strimzi.operator.has_been_through(f"Kafka({NAMESPACE}/events)", since),
        "another look",
    )
    assert going.nodes("brokers") == before
    going.strimzi.kubernetes.apply([rules])


def test_too_few_for_what_the_cluster_says(going: Deployment) -> None:
    """The operator refuses all of it before it looks at replicas."""
    before = going.nodes("brokers")
    effects = going.commit(INTENT.replace("replicas: 4", "replicas: 2"))

    assert "refused: 2 brokers are too few" in said(effects)
    (word,) = [
        each for each in conditions(going.live("Kafka", "events")) if each["type"] == "NotReady"
    ]
    assert word["reason"] == "InvalidResourceException"
    assert "because this cluster has only 2 Kafka broker(s)" in word["message"]
    assert going.nodes("brokers") == before
    going.commit(INTENT)


def test_check_that_is_switched_off_later(going: Deployment) -> None:
    """A change that the operator had taken back is done when the annotation comes."""
    fewer = INTENT.replace("replicas: 4", "replicas: 3")
    effects = going.commit(fewer)
    assert "ignored: 4 to 3 nodes: Strimzi reverts it" in said(effects)
    kafka = going.live("Kafka", "events")
    assert is_ready(kafka)
    assert len(going.nodes("brokers")) == 4

    effects = going.commit(fewer + UNCHECKED)
    assert (
        "protection-loss: from now on brokers go with what only they hold, and a scale-down that"
        " Strimzi had taken back is done" in said(effects)
    )
    assert len(going.nodes("brokers")) == 3
    assert going.verify("--skip", "probe,flow").wrong["partitions-replicated"] == "fail"
    going.commit(INTENT)


def test_brokers_that_hold_replicas_go_unchecked(going: Deployment) -> None:
    """With the annotation nobody looks what they hold."""
    effects = going.commit(INTENT + UNCHECKED)
    assert "protection-loss: " in said(effects)
    effects = going.commit(INTENT.replace("replicas: 4", "replicas: 3") + UNCHECKED)

    assert "data-loss: 4 to 3 nodes: the check is skipped, so what only they hold is gone" in said(
        effects
    )
    assert len(going.nodes("brokers")) == 3
    going.commit(INTENT)


MIXED = INTENT.replace(
    "controllers: {roles: [controller], replicas: 1",
    "mixed: {roles: [controller, broker], replicas: 1",
).replace("replicas: 4", "replicas: 3").replace("going", "mixing")  # fmt: skip


def test_role_of_a_broker_goes(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The operator takes it back while the node holds replicas, and not when nobody looks."""
    mixing = Deployment(strimzi, tmp_path_factory.mktemp("mixing"), "mixing", MIXED)
    without = MIXED.replace("[controller, broker]", "[controller]")
    effects = mixing.commit(without)
    assert "ignored: Strimzi reverts it while the brokers hold replicas" in said(effects)
    kafka = mixing.live("Kafka", "events")
    assert "ScaleDownPreventionCheck" in {each.get("reason") for each in conditions(kafka)}
    mixing.commit(MIXED)

    mixing.commit(MIXED + UNCHECKED)
    effects = mixing.commit(without + UNCHECKED)
    assert "data-loss: the check is skipped, so what only these brokers hold is gone" in said(
        effects
    )
    pool = mixing.live("KafkaNodePool", "mixed")
    assert pool["status"]["roles"] == ["controller"]
    strimzi.remove(mixing.namespace)
