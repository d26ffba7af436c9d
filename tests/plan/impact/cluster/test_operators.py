"""What the Kafka says of everything but its nodes: operators, Cruise Control, certificates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, edited, nothing, put

TOPICS: Any = {"topicOperator": {}}
USERS: Any = {"userOperator": {}}
POOL = "KafkaNodePool/combined"


def _spec(key: str, **said: Any) -> Callable[..., Any]:
    return put("Kafka/events", f"spec {key}", said)


def _entity(**said: Any) -> Callable[..., Any]:
    return _spec("entityOperator", **said)


def _control(**said: Any) -> Callable[..., Any]:
    return _spec("cruiseControl", **said)


def _config(**said: Any) -> Callable[..., Any]:
    return _control(config={key.replace("_", "."): value for key, value in said.items()})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # operators that come and go
        (put("Kafka/events", "spec entityOperator", None), nothing,
         ["irreversible: the User Operator deletes every user, ACL, password and quota in"
           " Kafka that no KafkaUser says",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        (put("Kafka/events", "spec entityOperator", None), _entity(template={"pod": {}}),
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        (_entity(**USERS), _entity(**USERS, **TOPICS),
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        (_entity(**TOPICS), _entity(**TOPICS, userOperator={"watchedNamespace": "else"}),
         ["refused: unless the Cluster Operator has"
           " STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED, it deletes the Entity"
           " Operator, and the Kafka goes NotReady",
          "irreversible: the User Operator deletes every user, ACL, password and quota in"
           " Kafka that no KafkaUser says",
          "irreversible: where it has, the User Operator deletes every user in Kafka that"
           " is not in else",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        # what stands around pods
        (_control(), _control(template={"deployment": {"deploymentStrategy": "Recreate"}}),
         ["dynamic: only what stands around its pod; nothing restarts"]),
        (_control(), _control(logging={"type": "inline", "loggers": {}}),
         ["dynamic: loggers change as it runs; nothing restarts"]),
        (_control(), _control(autoRebalance=[{"mode": "add-brokers"}]),
         ["dynamic: what Cruise Control moves when brokers come or go from now on; nothing restarts"]),
        (_control(), _control(template={"pod": {"priorityClassName": "high"}}),
         ["dynamic: its own pod restarts; brokers do not"]),
        (_entity(**TOPICS), _entity(**TOPICS, template={"topicOperatorContainer": {"env": []}}),
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        (_entity(topicOperator={}),
         _entity(topicOperator={"logging": {"type": "inline", "loggers": {"rootLogger.level": "WARN"}}}),
         ["dynamic: loggers change as it runs; nothing restarts"]),
        # where they look
        (_entity(**USERS, **TOPICS),
         _entity(**USERS, topicOperator={"watchedNamespace": "else"}),
         ["refused: unless the Cluster Operator has"
           " STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED, it deletes the Entity"
           " Operator, and the Kafka goes NotReady"]),
        (_entity(**USERS, **TOPICS),
         _entity(**TOPICS, userOperator={"watchedNamespace": "kafka-dev"}),
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        (_entity(**TOPICS, userOperator={"watchedNamespace": "else"}),
         _entity(**USERS, **TOPICS),
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        # the rest of them
        (_entity(**USERS, **TOPICS),
         _entity(**TOPICS, userOperator={"logging": {"type": "inline"}}),
         ["dynamic: loggers change as it runs; nothing restarts"]),
        (_spec("kafkaExporter"), _spec("kafkaExporter", showAllOffsets=True),
         ["no-effect: as the exporter is anyway"]),
        (_spec("kafkaExporter"), _spec("kafkaExporter", showAllOffsets=False),
         ["dynamic: its own pod restarts; brokers do not"]),
        (nothing, _spec("kafkaExporter", topicRegex="x"),
         ["dynamic: its own pod restarts; brokers do not"]),
        (nothing, _spec("unheard", a=1),
         ["unknown: the Cluster Operator applies it; with what effect is not known here"]),
        # Cruise Control
        (nothing, _control(),
         ["rolling-restart: Cruise Control comes, and brokers report to it: every node of"
           " combined (3) restarts in turn"]),
        (put(POOL, "spec replicas", 1), all_of(put(POOL, "spec replicas", 1), _control()),
         ["refused: Cruise Control needs two brokers: the Kafka goes NotReady"]),
        (put(POOL, "spec replicas", 2), all_of(put(POOL, "spec replicas", 2), _control()),
         ["rolling-restart: Cruise Control comes, and brokers report to it: every node of"
           " combined (2) restarts in turn"]),
        (_control(config={}), _config(num_metric_fetchers=1),
         ["dynamic: its own pod restarts; brokers do not"]),
        (_config(a=1, metric_reporter_topic="x"), _config(a=1),
         ["rolling-restart: brokers report to another topic: every node of combined (3)"
           " restarts in turn",
          "dynamic: its own pod restarts"]),
        # certificates
        (nothing,
         _spec("clientsCa", generateCertificateAuthority=True, validityDays=365, renewalDays=30),
         ["no-effect: generateCertificateAuthority is true anyway",
          "no-effect: renewalDays is 30 anyway",
          "no-effect: validityDays is 365 anyway"]),
        (nothing, _spec("clientsCa", validityDays=100),
         ["dynamic: takes effect at the next renewal, which restarts every node",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        (nothing, _spec("clusterCa", validityDays=100),
         ["dynamic: takes effect at the next renewal, which restarts every node"]),
        (nothing, _spec("clusterCa", renewalDays=31),
         ["rolling-restart: what expires within 31 days is renewed at once, or in the next"
           " maintenance window: every node then restarts"]),
        (_spec("clientsCa", renewalDays=60), nothing,
         ["dynamic: takes effect at the next renewal, which restarts every node",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        (_spec("clusterCa", generateCertificateAuthority=False), nothing,
         ["client-visible: Strimzi makes and renews this CA: who trusts another one must"
           " trust it"]),
        (_spec("clusterCa", certificateExpirationPolicy="replace-key"), nothing,
         ["dynamic: takes effect at the next renewal, which restarts every node"]),
    ],
)  # fmt: skip
def test_beside_nodes(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """Few of it restarts a broker."""
    assert edited(tmp_path, CLUSTER, after, before) == expected
