"""Manifests that nobody rendered with this tool: the rules say what is true of them, and no more."""

from collections import Counter

import pytest
import yaml
from support import REPOSITORY

from generator.documents.manifest import Manifest
from generator.intent.sections import PolicySection
from generator.model.policy import policy_of
from generator.rules.registry import judge
from generator.system.build import system_of

CLUSTER = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaNodePool
metadata: {name: controllers, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec:
  replicas: 3
  roles: [controller]
  storage: {type: jbod, volumes: [{id: 0, type: persistent-claim, size: 20Gi, kraftMetadata: shared}]}
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaNodePool
metadata: {name: brokers, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec:
  replicas: 3
  roles: [broker]
  storage: {type: jbod, volumes: [{id: 0, type: persistent-claim, size: 100Gi, deleteClaim: false}]}
---
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: shop, namespace: kafka}
spec:
  kafka:
    version: 4.3.1
    metadataVersion: 4.3-IV0
    listeners:
      - {name: plain, port: 9092, type: internal, tls: false}
      - {name: tls, port: 9093, type: internal, tls: true, authentication: {type: tls}}
    authorization: {type: simple}
    config:
      auto.create.topics.enable: false
      default.replication.factor: 3
      min.insync.replicas: 2
      offsets.topic.replication.factor: 3
      transaction.state.log.replication.factor: 3
      transaction.state.log.min.isr: 2
    metricsConfig:
      type: jmxPrometheusExporter
      valueFrom: {configMapKeyRef: {name: metrics, key: metrics.yml}}
  entityOperator: {topicOperator: {}, userOperator: {}}
  kafkaExporter: {topicRegex: ".*", groupRegex: ".*"}
"""
TOPIC = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata: {name: orders, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec: {partitions: 12, replicas: 3, config: {retention.ms: 604800000, segment.bytes: 1073741824}}
"""
USER = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata: {name: shop-web, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec:
  authentication: {type: tls}
  authorization:
    type: simple
    acls:
      - {resource: {type: topic, name: orders, patternType: literal}, operations: [Write], host: "*"}
      - {resource: {type: topic, name: orders, patternType: literal}, operations: [Read], host: "*"}
      - {resource: {type: group, name: shop-web, patternType: literal}, operations: [Read], host: "*"}
"""


def _rules_broken(*texts: str, policy: PolicySection | None = None) -> dict[str, int]:
    manifests = [
        Manifest("", body, ()) for text in texts for body in yaml.safe_load_all(text) if body
    ]
    said: PolicySection = {"budgets": {"partitionsPerBroker": 1000}}
    system = system_of(manifests, policy_of(said if policy is None else policy))
    assert system is not None
    return dict(Counter(breach.rule for breach in judge(system)))


def test_ordinary_cluster_breaks_nothing() -> None:
    """A cluster as the documentation has it."""
    assert _rules_broken(CLUSTER) == {}


def test_topics_and_users_without_owner_are_all_that_is_said() -> None:
    """Ownership is this tool's own demand; everything else is as it should be."""
    assert _rules_broken(CLUSTER, TOPIC, USER) == {
        "topic-owner": 1, "application-owner": 1,
    }  # fmt: skip


def test_real_flaws_are_found_in_foreign_manifests() -> None:
    """A single replica, a typo, and a grant that matches nothing."""
    topic = TOPIC.replace("replicas: 3", "replicas: 1").replace("retention.ms", "retention.sm")
    user = USER.replace("name: orders, patternType: literal}, operations: [Write]",
                        "name: 'ord*', patternType: literal}, operations: [Write]")  # fmt: skip

    assert _rules_broken(CLUSTER, topic, user) == {
        "topic-owner": 1, "topic-replicas-minimum": 1, "topic-config-unknown": 1,
        "topic-min-insync-replicas": 1, "acl-literal-wildcard": 1,
        "topic-without-producer": 1, "application-owner": 1,
    }  # fmt: skip


@pytest.mark.parametrize("policy", [{}, {"topics": {}}, {"naming": {}, "acls": {}, "budgets": {}}])
def test_a_policy_that_says_nothing_demands_what_is_built_in(policy: PolicySection) -> None:
    """Every rule judges, with the same outcome as when the built-in policy is written out."""
    topic = TOPIC.replace("replicas: 3", "replicas: 1").replace("orders", "__Orders")
    written = yaml.safe_load((REPOSITORY / "generator/intent/sizes.yaml").read_text())
    texts = (CLUSTER, topic, USER)

    broken = _rules_broken(*texts, policy=policy)

    assert broken == _rules_broken(*texts, policy=written["defaults"]["policy"])
    assert broken["topic-replicas-minimum"] == broken["topic-name-reserved"] == 1
