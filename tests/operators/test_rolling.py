"""Nodes that come, go and restart: what plan said of it, what Strimzi's operator then does, and what verify tells."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from live.commands import Done
from operators.intent import Deployment, said
from operators.site import Strimzi, conditions, is_ready

pytestmark = [pytest.mark.live, pytest.mark.operators]

NAMESPACE = "kafka-rolling"
INTENT = """\
environment: rolling
namespace: kafka-rolling
size: small
cluster:
  name: events
  kafkaVersion: 4.3.1
  metadataVersion: 4.3-IV0
  listeners:
    tls: {port: 9093, authentication: tls}
  nodePools:
    combined: null
    controllers: {roles: [controller], replicas: 1, storage: {volumes: {data-0: {size: 1Gi}}}}
    brokers: {roles: [broker], replicas: 3, storage: {volumes: {data-0: {size: 1Gi}}}}
  config: {offsets.topic.num.partitions: 3, transaction.state.log.num.partitions: 3}
verify: {image: "example.com/strimzi-verify:1"}
topics:
  orders: {partitions: 3}
"""
OLD_METADATA = INTENT.replace("4.3-IV0", "4.2-IV1")
OLD = OLD_METADATA.replace("kafkaVersion: 4.3.1", "kafkaVersion: 4.2.1")


@pytest.fixture(scope="module")
def rolling(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment that is ready; each test begins where the one before has ended."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("rolling"), "rolling", OLD)
    strimzi.remove(NAMESPACE)


def pods(deployment: Deployment) -> dict[str, str]:
    """The uid of each node's pod: another one has been restarted."""
    return {
        each["metadata"]["name"]: each["metadata"]["uid"]
        for each in deployment.strimzi.all("Pod", deployment.namespace)
        if "strimzi.io/pool-name" in each["metadata"].get("labels", {})
    }


def until_green(deployment: Deployment) -> None:
    """Fail unless strimzi-verify finds nothing wrong before long."""
    done = deployment.verify("--wait", "180s")
    assert {check for check, status in done.wrong.items() if status != "warn"} == set(), done.out


def meanwhile(deployment: Deployment, act: Callable[[], object]) -> list[Done]:
    """What strimzi-verify says again and again, from the first node that restarts until all is done."""
    found, before = [], pods(deployment)
    thread = Thread(target=act)
    thread.start()
    while thread.is_alive():
        if pods(deployment) != before:
            found.append(deployment.verify("--skip", "probe,flow"))
    thread.join()
    return found


def test_kafka_rises(rolling: Deployment) -> None:
    """Every node restarts once, and the metadata stay as the old Kafka can read them."""
    before = pods(rolling)
    effects: list[Any] = []
    looks = meanwhile(rolling, lambda: effects.extend(rolling.commit(OLD_METADATA)))

    assert (
        "Kafka 4.2.1 to 4.3.1: every node of brokers (3), controllers (1) restarts in turn"
        in said(effects)
    )
    after = pods(rolling)
    assert {name for name in after if after[name] == before[name]} == set()
    assert looks
    assert {check: words for each in looks for check, words in each.failed.items()} == {}
    status = rolling.live("Kafka", "events")["status"]
    assert (status["kafkaVersion"], status["kafkaMetadataVersion"]) == ("4.3.1", "4.2-IV1")
    until_green(rolling)


def test_metadata_rise(rolling: Deployment) -> None:
    """Nobody restarts for it."""
    before = pods(rolling)
    effects = rolling.commit(INTENT)

    assert (
        "irreversible: metadataVersion 4.2-IV1 to 4.3-IV0: after it there is no way back"
        in said(effects)
    )
    assert rolling.live("Kafka", "events")["status"]["kafkaMetadataVersion"] == "4.3-IV0"
    assert pods(rolling) == before


def test_kafka_does_not_fall(rolling: Deployment) -> None:
    """The operator refuses a Kafka that cannot read the metadata, and leaves all as it is."""
    before = pods(rolling)
    effects = rolling.commit(INTENT.replace("kafkaVersion: 4.3.1", "kafkaVersion: 4.2.1"))

    assert (
        "refused: Kafka 4.3.1 to 4.2.1: the metadata version is newer than Kafka 4.2.1 can read"
        in said(effects)
    )
    (told,) = [
        each for each in conditions(rolling.live("Kafka", "events")) if each["type"] != "Warning"
    ]
    assert (told["type"], told["reason"]) == ("NotReady", "KafkaUpgradeException")
    assert pods(rolling) == before
    rolling.commit(INTENT)


def test_dynamic_setting(rolling: Deployment) -> None:
    """It counts while everything runs."""
    before = pods(rolling)
    effects = rolling.commit(INTENT.replace("config: {", "config: {message.max.bytes: 2000000, "))

    assert "dynamic: message.max.bytes 1048588 to 2M (cluster-wide), without a restart" in said(
        effects
    )
    assert pods(rolling) == before
    settings = [each.get("message.max.bytes") for each in rolling.view()["brokers"].values()]
    assert settings == ["2000000"] * 3
    until_green(rolling)
    rolling.commit(INTENT)


def test_read_only_setting(rolling: Deployment) -> None:
    """Brokers restart in turn, a controller that reads nothing of it does not."""
    before = pods(rolling)
    effects: list[Any] = []
    text = INTENT.replace("config: {", "config: {offsets.retention.minutes: 30000, ")
    looks = meanwhile(rolling, lambda: effects.extend(rolling.commit(text)))

    assert "every node of brokers (3) restarts in turn" in said(effects)
    after = pods(rolling)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {f"events-brokers-{number}" for number in range(3)}
    assert looks
    assert {check: words for each in looks for check, words in each.failed.items()} == {}
    until_green(rolling)


def test_storage_grows(rolling: Deployment) -> None:
    """Claims grow, and nothing restarts where the file system grows as it is used."""
    before = pods(rolling)
    rolling.commit(INTENT)
    effects = rolling.commit(
        INTENT.replace(
            "replicas: 3, storage: {volumes: {data-0: {size: 1Gi}}}",
            "replicas: 3, storage: {volumes: {data-0: {size: 2Gi}}}",
        )
    )

    assert "irreversible: 3 volumes grow from 1Gi to 2Gi" in said(effects)
    claims = rolling.strimzi.all("PersistentVolumeClaim", NAMESPACE)
    sizes = {each["metadata"]["name"]: each["status"]["capacity"]["storage"] for each in claims}
    assert [sizes[f"data-0-events-brokers-{number}"] for number in range(3)] == ["2Gi"] * 3
    until_green(rolling)
    assert pods(rolling).keys() == before.keys()


GROWN = INTENT.replace(
    "replicas: 3, storage: {volumes: {data-0: {size: 1Gi}}}",
    "replicas: 3, storage: {volumes: {data-0: {size: 2Gi}}}",
)


def test_brokers_come(rolling: Deployment) -> None:
    """They stay empty until partitions are moved, and nobody restarts for them."""
    before = pods(rolling)
    effects = rolling.commit(GROWN.replace("replicas: 3", "replicas: 4"))

    assert "dynamic: 3 to 4 nodes: the new ones stay empty until partitions are moved" in said(
        effects
    )
    after = pods(rolling)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1
    until_green(rolling)


def test_brokers_that_hold_replicas_stay(rolling: Deployment) -> None:
    """The operator takes back that they go; it warns, and says Ready all the same."""
    more = GROWN.replace("replicas: 3", "replicas: 4") + "  invoices: {partitions: 8}\n"
    rolling.commit(more)
    effects = rolling.commit(more.replace("replicas: 4", "replicas: 3"))

    assert "ignored: 4 to 3 nodes: Strimzi reverts it while the brokers hold replicas" in said(
        effects
    )
    kafka = rolling.live("Kafka", "events")
    assert is_ready(kafka)
    assert "ScaleDownPreventionCheck" in {each.get("reason") for each in conditions(kafka)}
    assert len(pods(rolling)) == 5
    assert rolling.verify().wrong["changes-reverted"] == "fail"
    rolling.commit(more)


def test_certificates_are_renewed(rolling: Deployment) -> None:
    """Every node restarts, and everything is well after that."""
    before = pods(rolling)
    annotated = {"apiVersion": "v1", "kind": "Secret", "metadata": {
        "name": "events-cluster-ca-cert", "namespace": NAMESPACE,
        "annotations": {"strimzi.io/force-renew": "true"}}}  # fmt: skip
    rolling.strimzi.kubernetes.apply([annotated], manager="somebody")
    rolling.strimzi.until(
        lambda: all(uid != before[name] for name, uid in pods(rolling).items()),
        "restart of all nodes",
    )
    until_green(rolling)
