"""Rules on both sides of a border: what they say, and where they are silent, by the release of Strimzi and of Kafka."""

import pytest
from rules.cases import write
from support import Project

from generator.rules.registry import all_rules

_RACK = """\
cluster:
  rack: {topologyKey: topology.kubernetes.io/zone}
  nodePools:
    combined:
      spread: {topology.kubernetes.io/zone: null, kubernetes.io/hostname: null}
"""
_SHARED_SPREAD = """\
cluster:
  nodePools: {combined: {spread: null}}
overrides:
  Kafka:
    events:
      spec:
        kafka:
          template:
            pod: {topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, maxSkew: 1,
                  whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {strimzi.io/name: events-kafka}}}]}
"""
_EMPTY_TEMPLATE = _SHARED_SPREAD + "  KafkaNodePool: {combined: {spec: {template: {pod: {}}}}}\n"
_INGRESS = """\
cluster:
  listeners:
    nginx:
      port: 9095
      type: ingress
      bootstrapHost: kafka.example.com
      configuration: {hostTemplate: "broker-{nodeId}.example.com"}
"""
_FIELD = """\
cluster:
  listeners:
    inside: {port: 9095, type: internal, tls: true, authentication: tls, configuration: {ipFamilies: [IPv4]}}
"""
_ELSEWHERE = """\
overrides:
  Kafka: {events: {spec: {entityOperator: {topicOperator: {watchedNamespace: kafka-topics}}}}}
+++ extra/topic.yaml
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata: {name: orders, namespace: kafka-topics, labels: {strimzi.io/cluster: events}}
spec: {partitions: 3, replicas: 3}
"""
_ELSEWHERE_V1 = _ELSEWHERE.replace("v1beta2", "v1")
_WATCHES = (
    "Kafka events: the topicOperator would watch kafka-topics, but the cluster is in kafka-test"
)
_MEMORY_OF_KAFKA = """\
cluster: {nodePools: {combined: {resources: null}}}
overrides:
  Kafka: {events: {spec: {kafka: {resources: {limits: {memory: 8Gi}}}}}}
"""
_OLD_WORDS = """\
cluster: {{kafkaVersion: {kafka}}}
overrides:
  Kafka:
    events:
      spec:
        kafka: {{logging: {{type: inline, loggers: {{kafka.root.logger.level: WARN}}}}}}
        entityOperator: {{userOperator: {{logging: {{type: inline, loggers: {{log4j.rootLogger: WARN}}}}}}}}
"""
_NEW_WORDS = """\
cluster: {{kafkaVersion: {kafka}}}
overrides:
  Kafka: {{events: {{spec: {{kafka: {{logging: {{type: inline, loggers: {{rootLogger.level: WARN}}}}}}}}}}}}
"""
_CLIENTS = """\
cluster: {{kafkaVersion: {kafka}}}
clientProfiles:
  eager: {{producer: {{max.in.flight.requests.per.connection: 6}}}}
  asked: {{producer: {{enable.idempotence: true, max.in.flight.requests.per.connection: 6}}}}
  new: {{consumer: {{group.protocol: consumer, session.timeout.ms: 45000}}}}
"""
_GROUP_SETTINGS = """\
cluster: {{kafkaVersion: {kafka}, authorization: {{type: simple}}}}
users:
  keeper:
    spec:
      authentication: {{type: tls}}
      authorization: {{type: simple, acls: [{{resource: {{type: group, name: keeper}}, operations: [DescribeConfigs]}}]}}
"""
_TIMESTAMPS = """\
cluster: {{kafkaVersion: {kafka}}}
topics: {{orders: {{}}, carts: {{}}}}
"""
_ONE_OPERATION = """\
topics: {{orders: {{}}}}
+++ extra/user.yaml
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaUser
metadata: {{name: reader, labels: {{strimzi.io/cluster: events}}}}
spec:
  authentication: {{type: tls}}
  authorization: {{type: simple, acls: [{{resource: {{type: group, name: reader}}, {words}}}]}}
"""
_BRIDGE = """\
topics: {{orders: {{}}}}
+++ extra/bridge.yaml
apiVersion: kafka.strimzi.io/{api}
kind: KafkaBridge
metadata: {{name: web}}
spec:
  replicas: 1
  bootstrapServers: events-kafka-bootstrap:9093
  http: {{port: 8080}}
  logging: {{type: inline, loggers: {{logger.vertx.level: INFO}}}}
"""
_GATE = "  values: {featureGates: +ServerSideApplyPhase1}\n"


def told(project: Project, strimzi: str, intent: str) -> list[str]:
    """What all rules say of an intent for a release, as `rule: message`."""
    text = f"strimzi:\n  version: {strimzi}\n{intent}"
    _, names = write(project, text)
    found = project.everything(*names).findings
    return [f"{each.rule}: {each.message}" for each in found if each.rule in all_rules()]


@pytest.mark.parametrize(
    ("strimzi", "intent", "rule", "messages"),
    [
        ("0.48.0", _RACK, "rack-without-spread", []),
        ("0.48.0", _RACK, "pool-spread", []),
        ("0.49.1", _RACK, "rack-without-spread",
         ["KafkaNodePool combined: its brokers are not spread by topology.kubernetes.io/zone"]),
        ("0.49.1", _RACK, "pool-spread", ["KafkaNodePool combined: its nodes may all run on one machine"]),
        # Pools that are rendered with claims have a template of their own.
        ("0.48.0", _SHARED_SPREAD, "pool-spread", ["KafkaNodePool combined: its nodes may all run on one machine"]),
        ("0.49.1", _SHARED_SPREAD, "pool-spread", []),
        ("1.2.0", _SHARED_SPREAD, "pool-spread", []),
        ("1.2.0", _EMPTY_TEMPLATE, "pool-spread", ["KafkaNodePool combined: its nodes may all run on one machine"]),
        ("0.50.1", _INGRESS, "listener-ingress", ["Kafka events: listener nginx: type ingress has no future"]),
        ("0.51.0", _INGRESS, "listener-ingress", ["Kafka events: listener nginx: type ingress is deprecated"]),
        ("1.0.1", _FIELD, "listener-field",
         ["Kafka events: listener inside: ipFamilies is nothing for type internal"
          " (only cluster-ip, ingress, loadbalancer, nodeport, route)"]),
        ("1.1.0", _FIELD, "listener-field",
         ["Kafka events: listener inside: ipFamilies is nothing for type internal"
          " (only cluster-ip, ingress, loadbalancer, nodeport, route, tlsroute)"]),
        ("0.51.0", _ELSEWHERE, "entity-operator-namespace", []),
        ("0.51.0", _ELSEWHERE, "entity-operator-elsewhere", [_WATCHES]),
        ("1.0.1", _ELSEWHERE_V1, "entity-operator-elsewhere", []),
        ("1.0.1", _ELSEWHERE_V1, "entity-operator-namespace", [_WATCHES]),
        ("0.51.0", _ELSEWHERE, "resource-namespace", []),
        ("0.51.0", _GATE, "operator-feature-gate", []),
        ("0.47.0", _GATE, "operator-feature-gate", ["Strimzi 0.47.0 has no feature gate 'ServerSideApplyPhase1'"]),
        ("1.2.0", _GATE, "operator-feature-gate", ["Strimzi 1.2.0 has no feature gate 'ServerSideApplyPhase1'"]),
        ("0.46.1", "topics: {}", "operator-kubernetes-version", []),
        ("0.45.0", "topics: {}", "operator-kubernetes-version",
         ["Strimzi 0.45.0 does not start on newer versions of Kubernetes, such as 1.34"]),
        ("0.47.0", _OLD_WORDS.format(kafka="3.9.1"), "logging-unreadable",
         ["Kafka events: 'log4j.rootLogger' is of Log4j 1"]),
        ("0.47.0", _OLD_WORDS.format(kafka="4.0.0"), "logging-unreadable",
         ["Kafka events: 'kafka.root.logger.level' is of Log4j 1",
          "Kafka events: 'log4j.rootLogger' is of Log4j 1"]),
        ("0.45.0", _NEW_WORDS.format(kafka="3.9.0"), "logging-without-effect",
         ["Kafka events: 'rootLogger.level' is of Log4j 2, and Kafka 3 has Log4j 1"]),
        ("0.46.1", _NEW_WORDS.format(kafka="4.0.0"), "logging-without-effect", []),
        ("0.47.0", _CLIENTS.format(kafka="3.9.1"), "client-config-refused",
         ["max.in.flight.requests.per.connection is 6 with idempotence"]),
        ("0.47.0", _CLIENTS.format(kafka="4.0.0"), "client-config-refused",
         ["max.in.flight.requests.per.connection is 6 with idempotence",
          "max.in.flight.requests.per.connection is 6 with idempotence",
          "session.timeout.ms cannot be said with group.protocol: consumer"]),
        ("0.46.1", _GROUP_SETTINGS.format(kafka="3.9.0"), "acl-operation",
         ["KafkaUser keeper: DescribeConfigs means nothing on a group"]),
        ("0.46.1", _GROUP_SETTINGS.format(kafka="4.0.0"), "acl-operation", []),
        ("0.46.1", _TIMESTAMPS.format(kafka="3.9.0"), "topic-timestamp-future",
         ["Kafka events: message.timestamp.after.max.ms is 9223372036854775807 (Kafka 3.9.0's default)"]),
        ("0.46.1", _TIMESTAMPS.format(kafka="4.0.0"), "topic-timestamp-future", []),
        ("0.51.0", _ONE_OPERATION.format(words="operation: Write"), "acl-operation",
         ["KafkaUser reader: Write means nothing on a group"]),
        ("0.51.0", _ONE_OPERATION.format(words="operation: Read"), "acl-operation", []),
        ("0.51.0", _BRIDGE.format(api="v1beta2"), "logging-unreadable",
         ["KafkaBridge web: the logger 'vertx' has no name"]),
        ("1.0.1", _BRIDGE.format(api="v1"), "logging-unreadable", []),
        ("0.51.0", _MEMORY_OF_KAFKA, "pool-memory-limit", []),
    ],
)  # fmt: skip
def test_rule_by_release(
    project: Project, strimzi: str, intent: str, rule: str, messages: list[str]
) -> None:
    """What a rule says of the same intent before and after a border."""
    found = told(project, strimzi, intent)

    assert [each for each in found if each.startswith(f"{rule}: ")] == [
        f"{rule}: {each}" for each in messages
    ]


def test_ingress_is_mended_by_what_the_release_has(project: Project) -> None:
    """Nobody is sent to a type of listener that comes later."""
    for strimzi, there in (("1.0.1", False), ("1.1.0", True)):
        told(project, strimzi, _INGRESS)
        (found,) = (e for e in project.everything("test").findings if e.rule == "listener-ingress")
        assert ("tlsroute" in found.fix) is there
