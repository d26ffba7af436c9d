"""A cluster written by hand: what no intent renders, and people have all the same."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from operators.intent import said
from operators.pods import BROKERS_ONLY
from operators.site import Strimzi, conditions
from operators.table import told

from generator.plan.change import Effect

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

NAMESPACE = f"{BROKERS_ONLY}by-hand"
CLUSTER = """\
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: events, namespace: NAMESPACE}
spec:
  kafka:
    version: 4.2.1
    listeners: [{name: tls, port: 9093, type: internal, tls: true, authentication: {type: tls}}]
    config:
      offsets.topic.replication.factor: 1
      transaction.state.log.replication.factor: 1
      transaction.state.log.min.isr: 1
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaNodePool
metadata: {name: one, namespace: NAMESPACE, labels: {strimzi.io/cluster: events}}
spec:
  replicas: 1
  roles: [controller, broker]
  storage: {type: persistent-claim, size: 1Gi}
""".replace("NAMESPACE", NAMESPACE)


class ByHand:
    """The objects as they are now."""

    def __init__(self, strimzi: Strimzi) -> None:
        """Apply them; they are ready when this returns."""
        self.strimzi = strimzi
        bodies = list(yaml.safe_load_all(CLUSTER))
        self.objects: dict[str, Any] = {each["kind"]: each for each in bodies}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        strimzi.kubernetes.apply([namespace, *bodies])
        strimzi.until_ready("Kafka", "events", NAMESPACE)

    def change(self, kind: str, *path: str, to: Any) -> list[Effect]:
        """Change a field; returns what plan says, and the operator has been through with it."""
        after = deepcopy(self.objects)
        *parents, last = path
        target = after[kind]["spec"]
        for each in parents:
            target = target[each]
        target[last] = to
        effects = told(self.objects, after)
        self.strimzi.kubernetes.apply([after[kind]])
        since, name = self.strimzi.operator.position(), f"Kafka({NAMESPACE}/events)"
        self.strimzi.until(lambda: self.strimzi.operator.has_been_through(name, since), "end of it")
        self.objects = after
        return effects

    @property
    def status(self) -> Any:
        """What the operator says of the Kafka."""
        return self.strimzi.kubernetes.read("Kafka", "events", NAMESPACE)["status"]

    @property
    def claim(self) -> Any:
        """The only claim there is."""
        (claim,) = self.strimzi.all("PersistentVolumeClaim", NAMESPACE)
        return claim


@pytest.fixture(scope="module")
def by_hand(strimzi: Strimzi) -> Iterator[ByHand]:
    """A cluster that is ready; each test begins where the one before has ended."""
    yield ByHand(strimzi)
    strimzi.remove(NAMESPACE)


def test_single_volume_grows(by_hand: ByHand) -> None:
    """As each of several does."""
    effects = by_hand.change("KafkaNodePool", "storage", "size", to="2Gi")

    assert "irreversible: " in said(effects)
    assert "from 1Gi to 2Gi" in said(effects)
    assert by_hand.claim["spec"]["resources"]["requests"]["storage"] == "2Gi"


def test_single_volume_goes_with_the_pool(by_hand: ByHand) -> None:
    """The claim belongs to the pool from now on."""
    assert "ownerReferences" not in by_hand.claim["metadata"]
    effects = by_hand.change("KafkaNodePool", "storage", "deleteClaim", to=True)

    assert "data-loss: from now on the disks are deleted with the pool" in said(effects)
    assert by_hand.claim["metadata"]["ownerReferences"]


def test_kafka_rises_with_its_metadata(by_hand: ByHand) -> None:
    """Where nobody names a metadata version, it follows Kafka, and there is no way back."""
    assert by_hand.status["kafkaMetadataVersion"] == "4.2-IV1"
    effects = by_hand.change("Kafka", "kafka", "version", to="4.3.1")

    assert "irreversible: " in said(effects)
    by_hand.strimzi.until(
        lambda: by_hand.status["kafkaMetadataVersion"] == "4.3-IV0", "rise of the metadata"
    )
    effects = by_hand.change("Kafka", "kafka", "version", to="4.2.1")
    assert "refused: " in said(effects)
    (word,) = [
        each for each in conditions({"status": by_hand.status}) if each["type"] == "NotReady"
    ]
    assert word["reason"] == "KafkaUpgradeException"
