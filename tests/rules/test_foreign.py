"""Manifests that nobody rendered with this tool: the rules say what is true of them, and no more."""

from collections import Counter

import pytest
import yaml
from support import REPOSITORY

from generator.documents.manifest import Manifest
from generator.intent.sections import PolicySection
from generator.model.policy import policy_of
from generator.render import prove
from generator.rules.registry import judge
from generator.system.build import system_of
from generator.validate.schemas import Schemas, schema_folders

CLUSTER = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaNodePool
metadata: {name: controllers, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec:
  replicas: 3
  roles: [controller]
  storage: {type: jbod, volumes: [{id: 0, type: persistent-claim, size: 20Gi, kraftMetadata: shared}]}
  resources: {requests: {memory: 2Gi}, limits: {memory: 2Gi}}
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaNodePool
metadata: {name: brokers, namespace: kafka, labels: {strimzi.io/cluster: shop}}
spec:
  replicas: 3
  roles: [broker]
  storage: {type: jbod, volumes: [{id: 0, type: persistent-claim, size: 100Gi, deleteClaim: false}]}
  resources: {requests: {memory: 8Gi}, limits: {memory: 8Gi}}
---
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: shop, namespace: kafka}
spec:
  kafka:
    version: 4.3.1
    metadataVersion: 4.3-IV0
    listeners:
      - {name: plain, port: 9092, type: internal, tls: false, authentication: {type: scram-sha-512}}
      - {name: tls, port: 9093, type: internal, tls: true, authentication: {type: tls}}
    authorization: {type: simple}
    template:
      pod:
        affinity:
          podAntiAffinity:
            requiredDuringSchedulingIgnoredDuringExecution:
              - labelSelector: {matchLabels: {strimzi.io/name: shop-kafka}}
                topologyKey: kubernetes.io/hostname
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

METRICS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: metrics, namespace: kafka}
data: {metrics.yml: "rules: []"}
"""
TEMPLATE = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaRebalance
metadata: {name: template, namespace: kafka, annotations: {strimzi.io/rebalance-template: "true"}}
spec: {goals: [RackAwareGoal]}
"""


def _manifests(*texts: str) -> list[Manifest]:
    return [Manifest("", body, ()) for text in texts for body in yaml.safe_load_all(text) if body]


def _proved(text: str) -> list[str]:
    """What is told of the objects themselves, and of what they name."""
    problems, _ = prove(_manifests(text), Schemas(schema_folders()), "x")
    return [f"{each.rule} {' '.join(each.subject or ())}" for each in problems]


def _rules_broken(*texts: str, policy: PolicySection | None = None) -> dict[str, int]:
    said: PolicySection = {"budgets": {"partitionsPerBroker": 1000}}
    system = system_of(_manifests(*texts), policy_of(said if policy is None else policy))
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


def _looks_wrong() -> str:
    """A custom image, topics of tools, mirrors, a template, and objects whose namespace nobody says."""
    cluster = CLUSTER.replace(
        "version: 4.3.1", "version: 4.3.1\n    image: example.com/kafka:4.3.1"
    )
    cluster = cluster.replace(
        "min.insync.replicas: 2", "min.insync.replicas: 2\n      our.plugin: x"
    )
    cluster = cluster.replace("{name: shop, namespace: kafka}", "{name: shop}")
    cluster += "  cruiseControl: {}\n"
    tools = [
        TOPIC.replace("name: orders,", f"name: {name.replace('_', '')},")
        .replace("partitions: 12,", f"topicName: {name}, partitions: {partitions},")
        .replace("retention.ms: 604800000", "cleanup.policy: compact")
        for name, partitions in (("_schemas", 1), ("connect-cluster-configs", 1),
                                 ("connect-cluster-offsets", 25), ("connect-cluster-status", 5))
    ]  # fmt: skip
    mirror = USER.replace("operations: [Write]", "operations: [Describe, DescribeConfigs]")
    mirror = mirror.replace(", name: shop-web, patternType: literal}, operations: [Read]",
                            ', name: "*"}, operations: [Describe]')  # fmt: skip
    return "---\n".join([cluster, TOPIC, *tools, mirror, METRICS, TEMPLATE])


_OWN = {"topic-owner", "application-owner", "topic-without-producer", "topic-without-consumer"}
"""What only this tool asks for, or only the whole of a system tells."""


def test_what_only_looks_wrong_is_not_told() -> None:
    """Neither by the rules nor by what is proved of every object."""
    found = _rules_broken(_looks_wrong())

    assert set(found) <= _OWN | {"acl-describe-implied"}
    assert _proved(_looks_wrong()) == []


def test_a_reference_that_leads_nowhere_is_one_finding_beside_all_others() -> None:
    """It says so of itself, and hides nothing."""
    single = TOPIC.replace("replicas: 3", "replicas: 1").replace("orders", "single")
    lost = single.replace("cluster: shop", "cluster: elsewhere").replace("single", "lost")
    whole = f"{_looks_wrong()}---\n{single}---\n{lost}"

    assert _proved(whole) == ["unknown-reference KafkaTopic lost"]
    assert {"topic-replicas-minimum", "topic-min-insync-replicas"} <= set(_rules_broken(whole))


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


@pytest.mark.parametrize("rule", ["pod-disruption"])
@pytest.mark.parametrize(
    ("most", "replicas", "told"),
    [(1, 3, ""), (2, 3, "2 pods may go at once; controllers can spare 1"), (2, 5, ""),
     (3, 5, "3 pods may go at once; controllers can spare 2"), (2, 0, "")],
)  # fmt: skip
def test_as_many_pods_may_go_as_the_cluster_can_spare(
    rule: str, most: int, replicas: int, told: str
) -> None:
    """Of controllers that stand elsewhere nobody knows how many there are."""
    cluster = CLUSTER.replace("replicas: 3", f"replicas: {replicas}", 1)
    cluster = cluster.replace(
        "    template:\n",
        f"    template:\n      podDisruptionBudget: {{maxUnavailable: {most}}}\n",
        1,
    )
    system = system_of(_manifests(cluster), policy_of({}))
    assert system is not None

    found = [each.flaw.message for each in judge(system) if each.rule == rule]
    assert found == ([told] if told else [])


@pytest.mark.parametrize(
    ("config", "leaks"),
    [
        ("database.password: hunter2", True),
        ("aws.secret.access.key: abc", True),
        ('producer.sasl.jaas.config: \'x required username="${a}" password="hunter2";\'', True),
        ("database.password: '${secrets:kafka/db:password}'", False),
        ("sasl.jaas.config: 'x required password=\"${env:P}\";'", False),
        ("basic.auth.credentials.source: USER_INFO", False),
        ("database.password: ''", False),
        ("transforms.mask.fields: password", False),
    ],
)
def test_passwords_are_told_from_what_only_names_them(config: str, leaks: bool) -> None:
    """A value that a provider reads elsewhere is none, and neither is a word about one."""
    connector = (
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaConnector\nmetadata: {name: c, namespace: kafka}\n"
        f"spec:\n  class: x\n  config:\n    {config}\n"
    )

    assert _rules_broken(CLUSTER, connector) == ({"password-in-git": 1} if leaks else {})


@pytest.mark.parametrize(
    ("image", "left"),
    [("__IMAGE__", True), ("a/kafka:${TAG}", True), ("a/kafka:change-me", True), ("<your-registry>/a", True),
     ("a/exchange-mesh:1", False), ("a/kafka:1", False), ("a/__address__:1", False)],
)  # fmt: skip
def test_placeholders_are_told_from_names(image: str, left: bool) -> None:
    """Labels of Prometheus, such as __address__, are none."""
    cluster = CLUSTER.replace("version: 4.3.1", f"version: 4.3.1\n    image: '{image}'")

    assert _rules_broken(cluster) == ({"placeholder-left": 1} if left else {})


@pytest.mark.parametrize("rule", ["rack-without-spread"])
@pytest.mark.parametrize(
    ("pool", "replicas", "told"),
    [("controllers", 1, []), ("controllers", 2, ["its controllers are not spread by zone"]),
     ("brokers", 1, []), ("brokers", 2, ["its brokers are not spread by zone"])],
)  # fmt: skip
def test_who_is_not_spread_over_the_racks(
    rule: str, pool: str, replicas: int, told: list[str]
) -> None:
    """One alone cannot be; what pods avoid one another on tells nothing of zones."""
    cluster = CLUSTER.replace("    config:\n", "    rack: {topologyKey: zone}\n    config:\n", 1)
    alone = cluster.replace("replicas: 3\n", "replicas: 1\n")
    name, others = alone.index(f"name: {pool}"), alone
    cluster = others[:name] + others[name:].replace("replicas: 1", f"replicas: {replicas}", 1)
    system = system_of(_manifests(cluster), policy_of({}))
    assert system is not None

    found = [each.flaw.message for each in judge(system) if each.rule == rule]
    assert found == told
