"""Brokers of a new pool: whom Strimzi has Cruise Control move partitions to."""

from collections.abc import Iterator

import pytest
from operators.intent import Deployment, said
from operators.site import Strimzi

pytestmark = [pytest.mark.live, pytest.mark.operators]

INTENT = """\
environment: filling
namespace: kafka-filling
size: small
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
  cruiseControl: {autoRebalance: [add-brokers]}
  nodePools:
    combined: null
    controllers: {roles: [controller], replicas: 1, storage: {volumes: {data-0: {size: 1Gi}}}}
    brokers: {roles: [broker], replicas: 2, storage: {volumes: {data-0: {size: 1Gi}}}}
  config:
    default.replication.factor: 2
    min.insync.replicas: 1
    offsets.topic.replication.factor: 2
    offsets.topic.num.partitions: 3
    transaction.state.log.replication.factor: 2
    transaction.state.log.min.isr: 1
    transaction.state.log.num.partitions: 3
    share.coordinator.state.topic.replication.factor: 2
    share.coordinator.state.topic.min.isr: 1
verify: {image: "example.com/strimzi-verify:1"}
"""
POOL = "    more: {roles: [broker], replicas: 1, storage: {volumes: {data-0: {size: 1Gi}}}}\n"


@pytest.fixture
def filling(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment that the operator has been through with."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("filling"), "filling", INTENT)
    strimzi.remove("kafka-filling")


def test_brokers_of_a_new_pool_are_added_ones(filling: Deployment) -> None:
    """The Kafka's status names them as it does those by which a pool grows."""
    before = filling.live("Kafka", "events")["status"].get("autoRebalance") or {}
    assert "modes" not in before
    effects = filling.commit(INTENT.replace("  config:\n", f"{POOL}  config:\n"))

    assert "data-movement: 1 new brokers: Cruise Control moves partitions to them" in said(effects)
    (mode,) = filling.live("Kafka", "events")["status"]["autoRebalance"]["modes"]
    assert (mode["mode"], mode["brokers"]) == ("add-brokers", [3])
