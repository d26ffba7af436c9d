"""Whom the cluster slows down."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, edited, nothing, put

TEXT = CLUSTER + "topics: {orders: {}}\napplications: {app: {consumes: [orders]}}\n"
OWN = put("KafkaUser/app", "spec quotas", {"producerByteRate": 1})


def _quotas(kind: str, **said: Any) -> Callable[..., Any]:
    return put("Kafka/events", "spec kafka quotas", {"type": kind, **said})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Kafka's own
        (_quotas("kafka", producerByteRate=5), _quotas("kafka", producerByteRate=6),
         ["dynamic: producerByteRate 5B/s to 6B/s for each user without one of its own: app"]),
        (_quotas("kafka", producerByteRate=5), _quotas("kafka", producerByteRate=4),
         ["client-visible: producerByteRate 5B/s to 4B/s for each user without one of its"
           " own: app"]),
        (all_of(OWN, _quotas("kafka", producerByteRate=5)),
         all_of(OWN, _quotas("kafka", producerByteRate=4)),
         ["client-visible: producerByteRate 5B/s to 4B/s for each user without one of its"
           " own: none is declared"]),
        (_quotas("kafka", producerByteRate=5), nothing,
         ["dynamic: producerByteRate 5B/s to unlimited for each user without one of its"
           " own: app"]),
        (nothing, _quotas("kafka"), ["no-effect: no quota is said with it"]),
        # Strimzi's
        (OWN, all_of(OWN, _quotas("strimzi", producerByteRate=5)),
         ["client-visible: the quotas of KafkaUsers no longer act: app",
          "client-visible: producerByteRate unlimited to 5B/s for all clients of a broker"
           " together",
          "rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn"]),
        (_quotas("strimzi", producerByteRate=5), nothing,
         ["rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn",
          "dynamic: producerByteRate 5B/s to unlimited for all clients of a broker together"]),
        (_quotas("strimzi", minAvailableBytesPerVolume=5), _quotas("strimzi"),
         ["protection-loss: nothing stops producers any more when volumes fill up",
          "rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn"]),
        (_quotas("strimzi"), _quotas("strimzi", excludedPrincipals=["a"]),
         ["client-visible: who is not slowed down changes",
          "rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn"]),
        # one instead of the other
        (_quotas("kafka", producerByteRate=5), _quotas("strimzi", producerByteRate=5),
         ["client-visible: the quotas of KafkaUsers no longer act",
          "client-visible: clients are slowed down by other rules",
          "rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn"]),
        (_quotas("strimzi", producerByteRate=5), _quotas("kafka", producerByteRate=5),
         ["client-visible: clients are slowed down by other rules",
          "rolling-restart: Strimzi's quotas are read at the start: every node of combined"
           " (3) restarts in turn"]),
    ],
)  # fmt: skip
def test_quotas(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """Of Kafka, for users without their own, and of Strimzi's plugin, for all together."""
    assert edited(tmp_path, TEXT, after, before) == expected
