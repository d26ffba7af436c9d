"""Tiered storage that goes while topics are tiered: what plan says, and what the broker does that restarts."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from operators.intent import Deployment, said
from operators.site import Strimzi
from operators.table import told

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

NAMESPACE = "kafka-tiered"
INTENT = """\
environment: tiered
namespace: kafka-tiered
size: dev
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
  tieredStorage:
    className: io.aiven.kafka.tieredstorage.RemoteStorageManager
    classPath: /opt/kafka/plugins/tiered-storage/*
  config: {rlmm.config.remote.log.metadata.topic.replication.factor: 1}
topics:
  orders: {partitions: 1, tiered: true, retention: 7d, localRetention: 1d}
"""


def test_broker_stays_down(strimzi: Strimzi, tmp_path: Path) -> None:
    """It ends as it starts, and says why."""
    deployment = Deployment(strimzi, tmp_path, "tiered", INTENT)
    strimzi.until_ready("KafkaTopic", "orders", NAMESPACE)
    objects: dict[str, Any] = {
        f"{kind}/{name}": body for (kind, name), body in deployment.objects.items()
    }
    without = deepcopy(objects["Kafka/events"])
    del without["spec"]["kafka"]["tieredStorage"]
    effects = told(objects, {**objects, "Kafka/events": without})

    assert "refused: the first broker that restarts stays down while topics are tiered" in said(
        effects
    )
    log = strimzi.pods.folder / "logs" / NAMESPACE / "events-combined-0-kafka.log"
    since = log.stat().st_size
    strimzi.kubernetes.apply([without])
    strimzi.until(
        lambda: "remote.storage.enable" in log.read_text(errors="replace")[since:],
        "word of the broker",
    )
    strimzi.kubernetes.apply([objects["Kafka/events"]])
    strimzi.remove(NAMESPACE)
