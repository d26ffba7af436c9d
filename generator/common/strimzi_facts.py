"""What Strimzi did not always do: facts that changed from one release to another, each with its source.

Whoever says something that is not so in every release asks here, and not for a number. Of both sides of
the border the source names the place: a file or method of Strimzi's at the tags of these versions.
"""

from dataclasses import dataclass

from generator.common.strimzi import numbers


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds in some releases."""

    text: str
    source: str
    since: str = ""
    """The first release in which it holds; empty where it always has."""
    until: str = ""
    """The first release in which it holds no more; empty where it still does."""

    def holds(self, version: str) -> bool:
        """Whether it holds in this release."""
        asked = numbers(version)
        return numbers(self.since) <= asked and not (self.until and numbers(self.until) <= asked)


KRAFT_ANNOTATIONS = Fact(
    "a Kafka is one of KRaft and of node pools only where its annotations strimzi.io/kraft and"
    " strimzi.io/node-pools are enabled",
    "CHANGELOG 0.48.0; ReconcilerUtils.nodePoolsEnabled and kraftEnabled at 0.47.0, gone at 0.48.0",
    until="0.48.0",
)
RACK_TYPE = Fact(
    "spec.kafka.rack has a type",
    "KafkaBrokerConfigurationBuilder.withRackId at 0.51.0 and 1.0.1",
    since="1.0.0",
)
METRICS_REPORTER = Fact(
    "brokers and controllers can have Strimzi's own metrics reporter",
    "CHANGELOG 0.47.0",
    since="0.47.0",
)

# What rules, rendering and checks say or do.
# fmt: off
RACK_SPREADS = Fact(
    "rack makes pods of one cluster prefer different racks, brokers and controllers alike",
    "CHANGELOG 0.49.0; KafkaCluster.getMergedAffinity at 0.45.0 and 0.48.0, ModelUtils.affinityWithRackLabelSelector"
    " at 0.49.1", until="0.49.0")
INGRESS_DEPRECATED = Fact(
    "listeners of type ingress are deprecated, and the status of the Kafka says so",
    "CHANGELOG 0.51.0; KafkaSpecChecker.checkIngressListeners at 0.51.0, none at 0.50.1", since="0.51.0")
RESTRICTED_CHART = Fact(
    "the chart makes the operator a pod that the restricted Pod Security Standard admits",
    "CHANGELOG 1.2.0; helm-charts/helm3/strimzi-kafka-operator/values.yaml (securityContext) at 1.1.0 and 1.2.0",
    since="1.2.0")
CLUSTER_SECURITY_STATUS = Fact(
    "the status of a Kafka has clusterSecurity, whose schema is empty in the chart",
    "040-Crd-kafka.yaml at 1.1.0 and 1.2.0", since="1.2.0")
READS_NEW_KUBERNETES = Fact(
    "the operator can read the version that newer servers of Kubernetes tell; before, it ends where one tells more than"
    " it knows",
    "pom.xml (fabric8 6.13.4 and 7.2.0) at 0.45.0 and 0.45.1; seen on 0.45.0 with kube-apiserver 1.34.4", since="0.45.1")
CERTIFICATES_FROM_SECRETS = Fact(
    "brokers read their own certificates from Secrets, as PEM; before, from files that are mounted, as PKCS12 with a"
    " password that only Kafka's own process has",
    "KafkaBrokerConfigurationBuilder.configureListener at 0.48.0 and 0.49.1; kafka_run.sh at 0.48.0"
    " (CERTS_STORE_PASSWORD)", since="0.49.0")
VERTX_LOGGER = Fact(
    "the bridge's loggers have one that is called vertx",
    "default-logging/KafkaBridgeCluster.properties at 0.51.0 and 1.0.0", since="1.0.0")

# Rows that plan asks as well.
TEMPLATES_MERGED = Fact(
    "a pool's template stands above the Kafka's property by property; before, one of its own hid the whole template"
    " of the Kafka",
    "KafkaPool.fromCrd at 0.48.0, processTemplate at 0.49.1", since="0.49.0")
RESOURCES_OF_KAFKA = Fact(
    "a pool without resources has those of spec.kafka",
    "KafkaPool.fromCrd at 0.51.0 and 1.0.1", until="1.0.0")
TLS_ROUTES = Fact(
    "listeners can be of type tlsroute, and have templates for what is made for each broker",
    "CHANGELOG 1.1.0; KafkaListenerType.java, ListenersUtils.brokerAnnotations at 1.0.1 and 1.1.0", since="1.1.0")
WATCHED_NAMESPACE_GATED = Fact(
    "an Entity Operator may look at another namespace only where the Cluster Operator is told so",
    "EntityOperatorReconciler.isEntityOperatorWatchedNamespaceEnabled at 1.0.1, none at 1.0.0", since="1.0.1")
# fmt: on
