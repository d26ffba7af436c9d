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

# What plan tells.
# fmt: off
ZOOKEEPER = Fact(
    "a Kafka that is not one of KRaft is one of ZooKeeper",
    "CHANGELOG 0.46.0; KafkaAssemblyOperator.reconcile at 0.45.0 and 0.46.1, which refuses it", until="0.46.0")
OLD_FIELDS = Fact(
    "fields of nodes without pools, and of sidecars, may be written, and nobody reads them",
    "CHANGELOG 1.0.0; KafkaCluster.fromCrd and EntityOperator.java at 0.45.0 to 0.51.0; v1 does not"
    " have them", until="1.0.0")
RACK_OF_BROKERS = Fact(
    "nodes that are controllers only do not look at spec.kafka.rack",
    "KafkaCluster.generatePodSets at 0.51.0 (affinityWithRackLabelSelector for every node; at 0.48.0"
    " getMergedAffinity) and 1.0.0 (for brokers)", since="1.0.0")
TEMPLATES_MERGED = Fact(
    "a pool's template stands above the Kafka's property by property; before, one of its own hid the whole template"
    " of the Kafka",
    "KafkaPool.fromCrd at 0.48.0, processTemplate at 0.49.1", since="0.49.0")
STORAGE_OVERRIDES = Fact(
    "overrides of a volume give single nodes another storage class",
    "CHANGELOG 0.46.0; StorageDiff.isOverrideChangeAllowed at 0.45.0, IGNORABLE_PATHS at 0.46.1", until="0.46.0")
RESOURCES_OF_KAFKA = Fact(
    "a pool without resources has those of spec.kafka",
    "KafkaPool.fromCrd at 0.51.0 and 1.0.1", until="1.0.0")
ALLOW_LIST_DYNAMIC = Fact(
    "what Strimzi's metrics reporter measures changes as Kafka runs",
    "CHANGELOG 1.0.0; KafkaConfigModelGenerator (prometheus.metrics.reporter.allowlist) at 1.0.1, not"
    " at 0.51.0", since="1.0.0")
VOLUME_ATTRIBUTES_CLASS = Fact(
    "volumes have a volumeAttributesClass",
    "CHANGELOG 0.49.0; StorageDiff.IGNORABLE_PATHS at 0.48.0 and 0.49.0", since="0.49.0")
CONTROLLERS_ASKED = Fact(
    "a controller is asked for its settings, and restarts for what it reads at its start; before, a hash of the"
    " settings of controllers, and of nothing else, stood on its pod",
    "KafkaReconciler.perBrokerKafkaConfiguration and KafkaRoller.checkIfRestartOrReconfigureRequired"
    " at 0.48.0 and 0.49.1", since="0.49.0")
TIERED_CONTROLLERS = Fact(
    "controllers restart when tiered storage is switched on or off",
    "KafkaConfiguration.CONTROLLER_RELEVANT_CONFIGS at 0.46.1 and 0.47.0"
    " (remote.log.storage.system.enable)", since="0.47.0")
MIN_INSYNC_WRITTEN = Fact(
    "the operator itself writes min.insync.replicas where nobody says it",
    "KafkaConfiguration.DEFAULTS at 0.48.0, none at 0.47.0", since="0.48.0")
VOTERS_ON_BROKERS = Fact(
    "brokers restart for other voters as well",
    "KafkaConfigurationDiff.IGNORABLE_CONTROLLER_PROPERTIES_PATTERN at 0.49.1 and 0.50.1", since="0.50.0")
DOUBLES_AS_NUMBERS = Fact(
    "settings that are doubles are compared as numbers; before, as text",
    "KafkaConfigurationDiff.areDoublesEqual at 0.51.0, none at 0.50.1", since="0.51.0")
IN_PLACE_RESIZING = Fact(
    "pods can be resized as they run",
    "CHANGELOG 1.0.0; Annotations.ANNO_STRIMZI_IO_IN_PLACE_RESIZING at 1.0.0, none at 0.51.0", since="1.0.0")
LOG4J_1 = Fact(
    "Kafka 3 has Log4j 1, whose file nobody reads anew: what cannot be told to it as it runs restarts it",
    "KafkaReconciler.java (ANNO_STRIMZI_LOGGING_HASH), KafkaConnectAssemblyOperator.java at 0.45.0"
    " and 0.47.0, gone at 0.48.0", until="0.48.0")
ADVERTISED_PORT_TEMPLATE = Fact(
    "listeners have an advertisedPortTemplate",
    "GenericKafkaListenerConfiguration.java at 0.51.0 and 1.0.1", since="1.0.0")
TLS_ROUTES = Fact(
    "listeners can be of type tlsroute, and have templates for what is made for each broker",
    "CHANGELOG 1.1.0; KafkaListenerType.java, ListenersUtils.brokerAnnotations at 1.0.1 and 1.1.0", since="1.1.0")
UPGRADE_FROM_UNKNOWN = Fact(
    "a Kafka of which the operator does not know the version can be upgraded",
    "KRaftVersionChangeCreator.java at 0.51.0 and 1.0.1", since="1.0.0")
DOWNGRADE_FROM_UNKNOWN = Fact(
    "a Kafka of which the operator does not know the version can be taken back to an older one",
    "KRaftVersionChangeCreator.java at 0.45.0 and 0.46.1; con-downgrade-paths.adoc", since="0.46.0")
WATCHED_NAMESPACE_GATED = Fact(
    "an Entity Operator may look at another namespace only where the Cluster Operator is told so",
    "EntityOperatorReconciler.isEntityOperatorWatchedNamespaceEnabled at 1.0.1, none at 1.0.0", since="1.0.1")
OPERATOR_BUDGETS = Fact(
    "the Entity Operator, Cruise Control and the exporter have PodDisruptionBudgets",
    "CHANGELOG 0.48.0; EntityOperatorReconciler.podDistruptionBudget at 0.48.0, none at 0.47.0", since="0.48.0")
IGNORED_USERS = Fact(
    "the User Operator leaves the ACLs of * and ANONYMOUS alone",
    "SimpleAclOperator.IGNORED_USERS at 0.47.0; at 0.48.0 a pattern that is empty", until="0.48.0")
USER_VALIDITY = Fact(
    "a KafkaUser says how long its certificate is valid",
    "CHANGELOG 1.1.0; KafkaUserTlsClientAuthentication.java at 1.0.1 and 1.1.0", since="1.1.0")
DISK_GOALS_REFUSED = Fact(
    "the operator refuses rebalanceDisk with goals; before, Cruise Control was asked",
    "KafkaRebalanceAssemblyOperator.convertRebalanceSpecToRebalanceOptions at 1.0.1 and 1.1.0", since="1.1.0")
AUTO_REBALANCE_RETRIED = Fact(
    "a rebalance by itself that failed is begun again",
    "CHANGELOG 0.51.0; KafkaAutoRebalancingReconciler.java at 0.50.1 and 0.51.0", since="0.51.0")
CONNECT_FIELDS = Fact(
    "a KafkaConnect has fields for its group and the topics in which it keeps what it knows",
    "CHANGELOG 0.49.0; KafkaConnectSpec.java at 0.48.0 and 0.49.1, KafkaConnectCluster.fromSpec at"
    " 0.49.1", since="0.49.0")
CONNECT_GROUP_FORBIDDEN = Fact(
    "a KafkaConnect cannot say its group and its topics in config",
    "KafkaConnectSpec.FORBIDDEN_PREFIXES at 0.51.0 and 1.0.1", since="1.0.0")
CONNECT_REPORTER = Fact(
    "Connect, MirrorMaker 2 and the bridge can have Strimzi's own metrics reporter, and it belongs to Strimzi",
    "CHANGELOG 0.48.0; KafkaConnectSpec.FORBIDDEN_PREFIXES and KafkaBridgeSpec.java at 0.47.0 and"
    " 0.48.0", since="0.48.0")
CONNECT_PLUGINS = Fact(
    "connectors come from images that are mounted",
    "CHANGELOG 0.47.0 (spec.plugins)", since="0.47.0")
CUSTOM_AUTHENTICATION = Fact(
    "clients can log in by a custom way",
    "CHANGELOG 0.48.0 (type custom); KafkaClientAuthenticationCustom.java at 0.48.0, none at 0.47.0", since="0.48.0")
BUILD_OPTIONS = Fact(
    "a build of Connect has additionalBuildOptions and additionalPushOptions",
    "DockerOutput.java at 0.48.0 and 0.49.1", since="0.49.0")
BUILDAH = Fact(
    "Connect is built by Buildah; before, by Kaniko, unless a feature gate said otherwise",
    "CHANGELOG 1.0.0; FeatureGates.java (UseConnectBuildWithBuildah) at 0.51.0 and 1.0.1", since="1.0.0")
KANIKO_IGNORE_PATH = Fact(
    "Kaniko may be told --ignore-path",
    "DockerOutput.ALLOWED_KANIKO_OPTIONS at 0.45.0 and 0.46.1", since="0.46.0")
MIRROR_TARGET = Fact(
    "a KafkaMirrorMaker2 says its target once, and its source in each mirror",
    "CHANGELOG 0.49.0; KafkaMirrorMaker2Spec.java at 0.48.0 (connectCluster, clusters) and 0.49.1", since="0.49.0")
CONNECTOR_VERSION = Fact(
    "a connector can ask for a version of its plugin",
    "CHANGELOG 0.49.0; AbstractConnectorSpec.java at 0.48.0 and 0.49.1", since="0.49.0")
PLUGIN_VERSION_FORBIDDEN = Fact(
    "a connector's config cannot say connector.plugin.version",
    "AbstractConnectorSpec.FORBIDDEN_PARAMETERS at 0.49.1 and 0.50.1", since="0.50.0")
CONNECTOR_STATE_AT_ONCE = Fact(
    "a new connector begins in the state that it is to have; before, it ran until the next reconciliation",
    "CHANGELOG 1.2.0; AbstractConnectOperator.createOrUpdateConnector at 1.1.0, createConnector at"
    " 1.2.0", since="1.2.0")
RESTART_ARGUMENTS = Fact(
    "a connector that is told to restart can be told how: includeTasks, onlyFailed",
    "CHANGELOG 0.48.0; hasRestartAnnotation of KafkaConnectAssemblyOperator and"
    " KafkaMirrorMaker2AssemblyOperator at 0.47.0, restartAnnotationIsValid at 0.48.0", since="0.48.0")
BRIDGE_OF_1 = Fact(
    "the bridge has a port of its own for health, can speak TLS, and takes settings of its own",
    "CHANGELOG 1.0.0; KafkaBridgeCluster.java (REST_API_MANAGEMENT_PORT), KafkaBridgeHttpConfig.java,"
    " KafkaBridgeSpec.java at 0.51.0 and 1.0.1", since="1.0.0")
# fmt: on

# What rules, rendering and checks say or do.
RACK_SPREADS = Fact(
    "rack makes pods of one cluster prefer different racks, brokers and controllers alike",
    "CHANGELOG 0.49.0; KafkaCluster.getMergedAffinity at 0.45.0 and 0.48.0, ModelUtils.affinityWithRackLabelSelector"
    " at 0.49.1",
    until="0.49.0",
)
INGRESS_DEPRECATED = Fact(
    "listeners of type ingress are deprecated, and the status of the Kafka says so",
    "CHANGELOG 0.51.0; KafkaSpecChecker.checkIngressListeners at 0.51.0, none at 0.50.1",
    since="0.51.0",
)
RESTRICTED_CHART = Fact(
    "the chart makes the operator a pod that the restricted Pod Security Standard admits",
    "CHANGELOG 1.2.0; helm-charts/helm3/strimzi-kafka-operator/values.yaml (securityContext) at 1.1.0 and 1.2.0",
    since="1.2.0",
)
CLUSTER_SECURITY_STATUS = Fact(
    "the status of a Kafka has clusterSecurity, whose schema is empty in the chart",
    "040-Crd-kafka.yaml at 1.1.0 and 1.2.0",
    since="1.2.0",
)
READS_NEW_KUBERNETES = Fact(
    "the operator can read the version that newer servers of Kubernetes tell; before, it ends where one tells more than"
    " it knows",
    "pom.xml (fabric8 6.13.4 and 7.2.0) at 0.45.0 and 0.45.1; seen on 0.45.0 with kube-apiserver 1.34.4",
    since="0.45.1",
)
CERTIFICATES_FROM_SECRETS = Fact(
    "brokers read their own certificates from Secrets, as PEM; before, from files that are mounted, as PKCS12 with a"
    " password that only Kafka's own process has",
    "KafkaBrokerConfigurationBuilder.configureListener at 0.48.0 and 0.49.1; kafka_run.sh at 0.48.0"
    " (CERTS_STORE_PASSWORD)",
    since="0.49.0",
)
VERTX_LOGGER = Fact(
    "the bridge's loggers have one that is called vertx",
    "default-logging/KafkaBridgeCluster.properties at 0.51.0 and 1.0.0",
    since="1.0.0",
)
