"""What changes of the Kafka resource do: who restarts, what is refused, what nobody would see."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, drop, edited, make, nothing, put

from generator.common.strimzi.releases import newest
from generator.plan.impact.cluster import broker_config
from generator.system.config_model import config_model

TOPIC = "topics: {orders: {}}\n"
TWO = CLUSTER.replace("{tls:", "{%s, tls:")
"""A cluster with another listener."""
OUT = "out: {port: 9094, type: loadbalancer, tls: true, authentication: tls, bootstrapHost: %s}"
APPS = "applications: {app: {consumes: [orders]}, other: {produces: [orders]}}\n"
TIERED = "  tieredStorage: {className: S, classPath: /s/*, config: {bucket: %s}}\n"


def _spec(text: str) -> str:
    return f"overrides: {{Kafka: {{events: {{spec: {text}}}}}}}\n"


def _kafka(text: str) -> str:
    return _spec(f"{{kafka: {text}}}")


def _config(text: str) -> str:
    return f"  config: {text}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # controllers have no listeners
        (CLUSTER, TWO % "plain: {port: 9092}",
         ["rolling-restart: listener plain is added: every node of brokers (3) restarts in turn"]),
        (TWO % "plain: {port: 9092}", CLUSTER,
         ["client-visible: listener plain goes: its clients cannot connect any more",
          "rolling-restart: every node of brokers (3) restarts in turn"]),
        (TWO % (OUT % "a.example.com"), TWO % (OUT % "b.example.com"),
         ["client-visible: listener out: a.example.com leaves the certificates as well: who uses"
           " it cannot connect any more",
          "rolling-restart: listener out: the certificates change: every node of brokers (3)"
           " restarts in turn"]),
        (CLUSTER,
         CLUSTER + _kafka("{listeners: [{name: tls, port: 9093, type: internal, tls: true, configuration: {maxConnections: 5}}]}"),
         ["client-visible: listener tls: how many clients may connect changes",
          "rolling-restart: every node of brokers (3) restarts in turn"]),
        # controllers restart for what they read
        (CLUSTER, CLUSTER + _config("{offsets.retention.minutes: 20160}"),
         ["rolling-restart: offsets.retention.minutes 10080 to 20160 is read at the start: every"
           " node of brokers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{num.partitions: 3}"),
         ["rolling-restart: num.partitions 1 to 3 is read at the start: every node of brokers"
           " (3), controllers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{controller.quorum.fetch.timeout.ms: 3000}"),
         ["rolling-restart: controller.quorum.fetch.timeout.ms 2s to 3s is read at the start:"
           " every node of controllers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{rack.of.mine: a}"),
         ["rolling-restart: rack.of.mine is not Kafka's own, so every node of brokers (3),"
           " controllers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{listener.name.tls-9093.max.connections: 100}"),
         ["rolling-restart: listener.name.tls-9093.max.connections: every node of brokers (3),"
           " controllers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{listener.name.other-9093.max.connections: 100}"),
         ["ignored: Strimzi drops listener.name.other-9093.max.connections, with a line in its"
           " log only"]),
        # Kafka at most doubles or halves its threads
        (CLUSTER, CLUSTER + _config("{num.io.threads: 16}"),
         ["dynamic: num.io.threads 8 to 16 (cluster-wide), without a restart"]),
        (CLUSTER, CLUSTER + _config("{num.io.threads: 17}"),
         ["rolling-restart: num.io.threads 8 to 17: Kafka at most doubles or halves it as it"
           " runs, so every node of brokers (3), controllers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _config("{background.threads: 4}"),
         ["rolling-restart: background.threads 10 to 4: Kafka at most doubles or halves it as it"
           " runs, so every node of brokers (3), controllers (3) restarts in turn"]),
        # acknowledged records
        (CLUSTER + _config("{min.insync.replicas: 2}") + TOPIC,
         CLUSTER + _config("{min.insync.replicas: 1}") + TOPIC,
         ["protection-loss: topics without min.insync.replicas of their own have acknowledged"
           " records on fewer brokers: orders",
          "dynamic: min.insync.replicas 2 to 1 (cluster-wide), without a restart"]),
        (CLUSTER + _config("{min.insync.replicas: 2}") + TOPIC,
         CLUSTER + _config("{min.insync.replicas: 3}") + TOPIC,
         ["client-visible: topics without min.insync.replicas of their own serve their clients"
           " otherwise: orders",
          "dynamic: min.insync.replicas 2 to 3 (cluster-wide), without a restart"]),
        # leaves of a template that comes as a whole
        (CLUSTER, CLUSTER + _kafka("{template: {bootstrapService: {metadata: {labels: {a: b}}}}}"),
         ["dynamic: only what stands around the pods; nothing restarts"]),
        (CLUSTER,
         CLUSTER + _kafka("{template: {persistentVolumeClaim: {metadata: {labels: {a: b}}}}}"),
         ["dynamic: labels and annotations of the claims only; nothing restarts"]),
        (CLUSTER, CLUSTER + _kafka("{template: {pod: {priorityClassName: high}}}"),
         ["no-effect: every pool has its own"]),
        (CLUSTER, CLUSTER + _kafka("{jvmOptions: {gcLoggingEnabled: true}}"),
         ["no-effect: every pool has its own"]),
        # what stands in the nodes
        (CLUSTER, CLUSTER + _kafka("{logging: {type: inline, loggers: {rootLogger.level: WARN}}}"),
         ["dynamic: loggers change as Kafka runs; nothing restarts"]),
        (CLUSTER, CLUSTER + _kafka("{rack: {topologyKey: zone}}"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (CLUSTER + _kafka("{rack: {topologyKey: zone}}"),
         CLUSTER + _kafka("{rack: {topologyKey: zone, type: topology-label}}"),
         ["no-effect: topology-label is the default"]),
        (CLUSTER + _spec("{cruiseControl: {}}"),
         CLUSTER + _spec("{cruiseControl: {}, kafka: {rack: {topologyKey: zone}}}"),
         ["rolling-restart: every node of brokers (3) restarts in turn",
          "dynamic: the Entity Operator restarts"]),
        # the init container, which only brokers have, and only for racks and node ports
        (CLUSTER, CLUSTER + _kafka("{brokerRackInitImage: other}"),
         ["no-effect: no node of these has the init container: it is there for rack and node ports of"
          " brokers only"]),
        (CLUSTER + _kafka("{rack: {topologyKey: zone}}"),
         CLUSTER + _kafka("{rack: {topologyKey: zone}, brokerRackInitImage: other}"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (CLUSTER + _kafka("{rack: {topologyKey: zone}}"),
         CLUSTER + _kafka("{rack: {topologyKey: zone}, template: {initContainer: {env: [{name: a, value: b}]}}}"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (CLUSTER, CLUSTER + _kafka("{template: {initContainer: {env: [{name: a, value: b}]}}}"),
         ["no-effect: no node of these has the init container: it is there for rack and node ports of"
          " brokers only"]),
        # quotas
        (CLUSTER + TOPIC + APPS,
         CLUSTER + TOPIC + APPS + _kafka("{quotas: {type: kafka, producerByteRate: 1048576}}"),
         ["client-visible: producerByteRate unlimited to 1Mi/s for each user without one of its"
           " own: app, other"]),
        (CLUSTER, CLUSTER + _kafka("{quotas: {type: strimzi, minAvailableBytesPerVolume: 100}}"),
         ["client-visible: the quotas of KafkaUsers no longer act",
          "client-visible: producers are stopped while a volume has less room than 100",
          "rolling-restart: Strimzi's quotas are read at the start: every node of brokers (3),"
           " controllers (3) restarts in turn"]),
        (CLUSTER + _kafka("{quotas: {type: strimzi, producerByteRate: 100}}"),
         CLUSTER + _kafka("{quotas: {type: strimzi, producerByteRate: 50}}"),
         ["client-visible: producerByteRate 100B/s to 50B/s for all clients of a broker together",
          "rolling-restart: Strimzi's quotas are read at the start: every node of brokers (3),"
           " controllers (3) restarts in turn"]),
        # authorization
        (CLUSTER + TOPIC + APPS, CLUSTER + TOPIC + APPS + _kafka("{authorization: null}"),
         ["protection-loss: from now on every client may do everything",
          "refused: KafkaUsers with ACLs go NotReady: app, other",
          "rolling-restart: every node of brokers (3), controllers (3) restarts in turn",
          "dynamic: the Entity Operator restarts"]),
        # tiered storage
        (CLUSTER + TIERED % "a", CLUSTER + TIERED % "b",
         ["irreversible: what is tiered stays where it was, and brokers do not look for it there"
           " any more",
          "rolling-restart: every node of brokers (3), controllers (3) restarts in turn"]),
        (CLUSTER + TIERED % "a", CLUSTER + (TIERED % "a").replace("/s/*", "/t/*"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        # beside the nodes
        (CLUSTER + "  cruiseControl: {}\n", CLUSTER,
         ["rolling-restart: Cruise Control goes, and topics' replicas can no longer change:"
           " every node of brokers (3) restarts in turn"]),
        (CLUSTER + "  cruiseControl: {}\n",
         CLUSTER + "  cruiseControl: {}\n" + _spec("{cruiseControl: {config: {metric.reporter.topic: x}}}"),
         ["rolling-restart: brokers report to another topic: every node of brokers (3) restarts"
           " in turn",
          "dynamic: its own pod restarts"]),
        (CLUSTER, CLUSTER + _spec("{entityOperator: {topicOperator: null}}"),
         ["ignored: from then on nothing that KafkaTopics say is done, and a KafkaTopic that is"
           " deleted hangs at its finalizer"]),
        (CLUSTER, CLUSTER + _spec("{entityOperator: {userOperator: null}}"),
         ["ignored: from then on nothing that KafkaUsers say is done"]),
        (CLUSTER + _spec("{entityOperator: {userOperator: null}}"), CLUSTER,
         ["irreversible: the User Operator deletes every user, ACL, password and quota in Kafka"
           " that no KafkaUser says",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        (CLUSTER, CLUSTER + _spec("{entityOperator: {userOperator: {watchedNamespace: else}}}"),
         ["refused: unless the Cluster Operator has"
           " STRIMZI_ENTITY_OPERATOR_WATCHED_NAMESPACE_ENABLED, it deletes the Entity Operator,"
           " and the Kafka goes NotReady",
          "irreversible: where it has, the User Operator deletes every user in Kafka that is not"
           " in else"]),
        (CLUSTER, CLUSTER + _spec("{entityOperator: {userOperator: {secretPrefix: k-}}}"),
         ["client-visible: the Secrets of all users get other names, and passwords are new",
          "dynamic: the Entity Operator restarts; brokers do not"]),
        (CLUSTER + _spec("{entityOperator: {template: {pod: {priorityClassName: x}}}}"), CLUSTER,
         ["dynamic: the Entity Operator restarts; brokers do not"]),
        # certificates
        (CLUSTER, CLUSTER + _spec("{clusterCa: {generateSecretOwnerReference: false}}"),
         ["no-effect: only whether the CA's Secrets go with the Kafka"]),
        (CLUSTER, CLUSTER + _spec("{clusterCa: {validityDays: 365}}"),
         ["no-effect: validityDays is 365 anyway"]),
        (CLUSTER, CLUSTER + _spec("{clusterCa: {renewalDays: 20}}"),
         ["dynamic: takes effect at the next renewal, which restarts every node"]),
        (CLUSTER, CLUSTER + _spec("{clientsCa: {renewalDays: 60}}"),
         ["rolling-restart: what expires within 60 days is renewed at once, or in the next"
           " maintenance window: every node then restarts",
          "dynamic: the Entity Operator restarts; brokers do not",
          "dynamic: certificates of users that expire by then are renewed as well"]),
        (CLUSTER, CLUSTER + _spec("{clusterCa: {generateCertificateAuthority: false}}"),
         ["ignored: Strimzi renews this CA no more; where its Secrets are missing, the Kafka"
           " goes NotReady"]),
        (CLUSTER, CLUSTER + _spec("{clusterCa: {certificateExpirationPolicy: replace-key}}"),
         ["client-visible: at the next renewal everybody must trust a new CA"]),
        (CLUSTER, CLUSTER + _spec("{maintenanceTimeWindows: ['* * 8-10 * * ?']}"),
         ["dynamic: a renewal that waits for its window may begin now, which restarts nodes; the"
           " Entity Operator restarts"]),
    ],
)  # fmt: skip
def test_change_of_an_intent(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    """In a cluster of three brokers and three controllers."""
    made = make(tmp_path, before, after, size="medium")

    changes = [each for each in made.changes if each.kind != "ConfigMap"]
    assert [f"{e.impact}: {e.text}" for each in changes for e in each.effects] == expected


OPEN = put("Kafka/events", "spec kafka metadataVersion", None)
IMAGE = put("Kafka/events", "spec kafka image", "mine")
ONE = put("KafkaNodePool/combined", "spec replicas", 1)
EMPTIED = put("KafkaNodePool/combined", "spec storage", {"type": "ephemeral"})
RF_ONE = put("KafkaTopic/orders", "spec replicas", 1)
PAUSED = {"strimzi.io/pause-reconciliation": "true"}
TIERS = put("KafkaTopic/orders", "spec config remote.storage.enable", True)
NO_OWN = all_of(
    put("KafkaNodePool/combined", "spec template", None),
    put("KafkaNodePool/combined", "spec jvmOptions", None),
)


def _said(path: str, value: Any) -> Callable[..., Any]:
    return put("Kafka/events", f"spec kafka {path}", value)


def _manager(**said: Any) -> Callable[..., Any]:
    return _said("tieredStorage", {"type": "custom", "remoteStorageManager": said})


JMX = {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": {"name": "jmx"}}}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # versions
        (all_of(OPEN, put("Kafka/events", "spec kafka version", "4.2.1")), OPEN,
         ["irreversible: Kafka 4.2.1 to 4.3.1: without metadataVersion the operator raises it by"
           " itself, and there is no way back",
          "rolling-restart: Kafka 4.2.1 to 4.3.1: every node of combined (3) restarts in turn"]),
        (OPEN, all_of(OPEN, put("Kafka/events", "spec kafka version", "4.2.1")),
         ["refused: Kafka 4.3.1 to 4.2.1: the metadata version is newer than Kafka 4.2.1 can read"]),
        (OPEN, put("Kafka/events", "spec kafka metadataVersion", "4.3-IV0"),
         ["no-effect: metadataVersion - to 4.3-IV0: what Kafka 4.3.1 has by default"]),
        # the only node that has it
        (ONE, all_of(ONE, IMAGE),
         ["client-visible: an outage: nobody is served until the only broker is back",
          "rolling-restart: every node of combined (1) restarts in turn"]),
        (EMPTIED, all_of(EMPTIED, IMAGE),
         ["data-movement: the disks of combined are ephemeral: each node copies everything anew",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (all_of(ONE, EMPTIED), all_of(ONE, EMPTIED, IMAGE),
         ["data-loss: the only controller's disk is ephemeral: all topics and users are lost"
           " with it",
          "data-loss: the only broker's disk is ephemeral: all records are lost with it",
          "client-visible: an outage: nobody is served until the only broker is back",
          "rolling-restart: every node of combined (1) restarts in turn"]),
        (RF_ONE, all_of(RF_ONE, IMAGE),
         ["client-visible: topics of one replica are away while their broker restarts: orders",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (all_of(RF_ONE, EMPTIED), all_of(RF_ONE, EMPTIED, IMAGE),
         ["data-loss: disks are ephemeral: what has one replica there is lost: orders",
          "client-visible: topics of one replica are away while their broker restarts: orders",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # what happens while all is paused
        (put("Kafka/events", "metadata annotations", PAUSED),
         all_of(put("Kafka/events", "metadata annotations", PAUSED), IMAGE),
         ["ignored: nothing of it is applied while the Kafka is paused"]),
        (put("Kafka/events", "metadata annotations", PAUSED),
         all_of(put("Kafka/events", "metadata annotations", PAUSED), put("KafkaNodePool/combined", "spec replicas", 5)),
         ["ignored: nothing of it is applied while the Kafka is paused"]),
        # metrics
        (put("Kafka/events", "spec kafka metricsConfig", JMX),
         put("Kafka/events", "spec kafka metricsConfig", JMX | {"valueFrom": {}}),
         ["dynamic: what is measured changes as Kafka runs; nothing restarts"]),
        (nothing, put("Kafka/events", "spec kafka metricsConfig", JMX),
         ["rolling-restart: every node of combined (3) restarts in turn",
          "dynamic: what is measured changes as Kafka runs; nothing restarts",
          "dynamic: what is measured changes as Kafka runs; nothing restarts"]),
        # topics that are tiered
        (all_of(TIERS, put("Kafka/events", "spec kafka tieredStorage", {"type": "custom"})), TIERS,
         ["refused: the first broker that restarts stays down while topics are tiered"
           " (KAFKA-15267)",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # an authorizer of one's own
        (nothing, put("Kafka/events", "spec kafka authorization type", "custom"),
         ["unknown: its own authorizer decides, of which nothing is known here",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        # the end
        (nothing, drop("Kafka/events"),
         ["data-loss: the whole cluster with 1 topics goes: Services and Secrets at once, nodes"
           " with their pools; its disks stay where deleteClaim is false"]),
        (nothing, put("Kafka/events", "spec entityOperator", None),
         ["ignored: from then on nothing that KafkaTopics say is done, and a KafkaTopic that is"
           " deleted hangs at its finalizer",
          "ignored: from then on nothing that KafkaUsers say is done"]),
        (nothing,
         all_of(drop("KafkaTopic/orders"), put("Kafka/events", "spec entityOperator topicOperator", None)),
         ["data-loss: the topic is deleted with all its data on 3 replicas",
          "refused: no Topic Operator is there to take the finalizer off: the sync hangs",
          "ignored: from then on nothing that KafkaTopics say is done, and a KafkaTopic that is"
           " deleted hangs at its finalizer"]),
        (nothing, drop("KafkaNodePool/combined"),
         ["data-loss: 3 controllers and their disks go at once: nothing checks it, and no"
           " controller is left: the cluster stands still",
          "data-loss: 3 brokers and their disks go at once, with every partition that only"
           " they hold: nothing checks it",
          "refused: 0 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor"
           " is 3, transaction.state.log.min.isr is 2): the Kafka goes NotReady, and nothing"
           " of it is applied"]),
        (drop("Kafka/events"), nothing,
         ["dynamic: a new cluster"]),
        # pools that have none of their own
        (NO_OWN, all_of(NO_OWN, _said("template", {"pod": {"priorityClassName": "x"}})),
         ["rolling-restart: every node of combined (3) restarts in turn",
          "dynamic: how many nodes may be evicted at once; nothing restarts"]),
        (NO_OWN, all_of(NO_OWN, _said("jvmOptions", {"gcLoggingEnabled": True})),
         ["rolling-restart: every node of combined (3) restarts in turn"]),
        (drop("KafkaNodePool/combined"),
         all_of(drop("KafkaNodePool/combined"), _said("jvmOptions", {})),
         ["rolling-restart: every node of the cluster restarts in turn"]),
        (_said("metricsConfig", {"type": "x", "values": {"a": 1}}),
         _said("metricsConfig", {"type": "x", "values": {"a": 2}}),
         ["dynamic: what is measured changes as Kafka runs; nothing restarts"]),
        (_said("rack", {"topologyKey": "z"}),
         _said("rack", {"topologyKey": "z", "type": "other"}),
         ["rolling-restart: every node of combined (3) restarts in turn"]),
        # who may do what
        (nothing, _said("authorization superUsers", ["CN=a"]),
         ["client-visible: who is bound by no ACL changes",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (_said("authorization", None), nothing,
         ["client-visible: from now on only what ACLs allow: 0 users are declared, all"
           " others are refused",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (nothing, _said("authorization", None),
         ["protection-loss: from now on every client may do everything",
          "rolling-restart: every node of combined (3) restarts in turn",
          "dynamic: the Entity Operator restarts"]),
        # where segments are
        (nothing, _manager(className="a"),
         ["rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(className="a"), nothing,
         ["rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(className="a"), _manager(className="b"),
         ["irreversible: what is tiered stays where it was, and brokers do not look for it"
           " there any more",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(classPath="a"), _manager(classPath="b"),
         ["rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(className="a", config={"bucket": 1}), _manager(className="a"),
         ["irreversible: what is tiered stays where it was, and brokers do not look for it there"
           " any more",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(config={"s3.bucket": 1}), _manager(config={"s3.bucket": 2}),
         ["irreversible: what is tiered stays where it was, and brokers do not look for it"
           " there any more",
          "rolling-restart: every node of combined (3) restarts in turn"]),
        (_manager(config={"chunk": 1}), _manager(config={"chunk": 2}),
         ["rolling-restart: every node of combined (3) restarts in turn"]),
    ],
)  # fmt: skip
def test_change_of_the_object(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """In a cluster of three nodes that are both, with one topic."""
    assert edited(tmp_path, CLUSTER + TOPIC, after, before) == expected


def test_settings_named_here_are_kafkas_own() -> None:
    """A name that Kafka has not, or that Strimzi drops, would never be asked for."""
    model = config_model(newest().default_kafka)

    for name in broker_config.OF_CONTROLLERS | broker_config.POOLS_OF_THREADS:
        assert model.setting("broker", name) is not None, name
        assert not model.forbidden(name), name
