"""The brokers' own settings: `cluster.config`, as Strimzi and Kafka will take it."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.documents.manifest import Body
from generator.rules.registry import Flaw, rule
from generator.system.config_model import Complaint
from generator.system.system import System

_DEFAULT_RF = "default.replication.factor"
_MIN_ISR = "min.insync.replicas"
_OFFSETS_RF = "offsets.topic.replication.factor"
_TRANSACTIONS_RF = "transaction.state.log.replication.factor"
_TRANSACTIONS_ISR = "transaction.state.log.min.isr"
_SHARE_RF = "share.coordinator.state.topic.replication.factor"
_SHARE_ISR = "share.coordinator.state.topic.min.isr"
_INTERNAL = {_OFFSETS_RF: 3, _TRANSACTIONS_RF: 3, _TRANSACTIONS_ISR: 2, _SHARE_RF: 3, _SHARE_ISR: 2}
"""Settings of the topics that Kafka makes for itself, with the least that survives a lost broker."""
_IN_SYNC = (_MIN_ISR, _TRANSACTIONS_ISR, _SHARE_ISR)
"""With as many of these as replicas, nothing could be written while one of the brokers restarts."""
_PLUGINS = ("rlmm.config.", "rsm.config.", "client.quota.callback.", "prometheus.metrics.reporter.",
            "strimzi.", "cruise.control.metrics.", "config.providers.")  # fmt: skip
"""Beginnings of settings that belong to what is loaded into a broker, and that Kafka passes on."""
_OF_PLUGINS = ("allow.everyone.if.no.acl.found", "metrics.jmx.include", "metrics.jmx.exclude")
"""Documented settings of the authorizer and of the JMX reporter, which Kafka loads like plugins."""


def _path(key: str) -> Path:
    return ("spec", "kafka", "config", key)


def _said(system: System) -> Body:
    return dict(system.spec.get("config") or {})


def _number(system: System, key: str) -> int | None:
    value = system.broker(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is(system: System, key: str) -> str:
    """A setting's value for people, and that it is Kafka's own where nobody says it."""
    origin = "" if key in system.broker_config else f" (Kafka {system.model.version}'s default)"
    value = system.broker(key)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{key} is {text}{origin}"


@rule("broker-auto-create-topics")
def auto_create_topics(system: System) -> Iterator[Flaw]:
    """Brokers make no topics by themselves.

    Why: a misspelt topic is made with the brokers' defaults and filled unseen; when a KafkaTopic is
        deleted, a client's next request makes the topic again, empty.
    Fix: write auto.create.topics.enable: false; Kafka's own default is true.
    Source: Strimzi documentation, "Handling changes to topics: Automatic creation of topics".
    """
    if system.broker("auto.create.topics.enable") is not False:
        yield Flaw(_path("auto.create.topics.enable"), _is(system, "auto.create.topics.enable"),
                   on=system.kafka)  # fmt: skip


@rule("broker-replication-defaults", Severity.WARNING)
def replication_defaults(system: System) -> Iterator[Flaw]:
    """A cluster of several brokers says how often topics are replicated that say nothing.

    Why: Kafka's own defaults are one replica and one in sync, and the loss of a disk is the loss of
        its data; Strimzi puts the same warning into the status.
    Fix: write default.replication.factor: 3 and min.insync.replicas: 2.
    Source: Strimzi 1.2.0, KafkaSpecChecker (KafkaDefaultReplicationFactor, KafkaMinInsyncReplicas).
    """
    demanded = system.policy.topics.min_replicas
    keys = (_MIN_ISR,) if demanded > 1 else (_DEFAULT_RF, _MIN_ISR)  # else an error says it
    for key in keys:
        if key not in _said(system) and system.brokers > 1:
            yield Flaw(_path(key), f"{key} is not said, so it is 1", on=system.kafka)


@rule("broker-replication-above-brokers")
def replication_above_brokers(system: System) -> Iterator[Flaw]:
    """No setting asks for more replicas than there are brokers.

    Why: Strimzi refuses the Kafka resource for four of these settings; the others, and Kafka's own
        defaults, surface when the first consumer finds no group coordinator, or not at all.
    Fix: lower the setting (how many must be in sync to one less than the replicas), or add brokers.
    Source: Strimzi 1.2.0, KafkaCluster.fromCrd; Kafka 4.3 documentation, broker configs; seen on its
        Cluster Operator: InvalidResourceException, "'offsets.topic.replication.factor' should be set to
        3 or less because this cluster has only 3 Kafka broker(s)".
    """
    for key in (_DEFAULT_RF, _MIN_ISR, *_INTERNAL):
        value = _number(system, key)
        if key in (_SHARE_RF, _SHARE_ISR) and key not in _said(system):
            continue  # made with the first share group, and most clusters have none
        if value is not None and value > system.brokers > 0:
            most = max(1, system.brokers - 1) if key in _IN_SYNC else system.brokers
            yield Flaw(_path(key), f"{_is(system, key)}, above the number of brokers,"
                       f" {system.brokers}", f"write {key}: {most}", on=system.kafka)  # fmt: skip


@rule("broker-internal-topics")
def internal_topics(system: System) -> Iterator[Flaw]:
    """The topics in which Kafka keeps offsets and transactions survive a lost broker.

    Why: without them no group knows where it was, and no transaction ends. Kafka makes them at the
        first use, and a later change of the setting does not change them.
    Fix: write replication factors of 3 and transaction.state.log.min.isr: 2.
    Source: Kafka 4.3 documentation, broker configs; Strimzi 1.2.0, examples/kafka (these values).
    """
    for key, least in _INTERNAL.items():
        value = _number(system, key)
        if system.brokers > 2 and value is not None and value < least:
            yield Flaw(_path(key), f"{_is(system, key)}, below {least}",
                       f"write {key}: {least}", on=system.kafka)  # fmt: skip


@rule("broker-config-forbidden")
def forbidden(system: System) -> Iterator[Flaw]:
    """Settings that Strimzi writes itself are not said.

    Why: Strimzi drops them with no more than a line in its log, so that the setting in Git is not
        the one of the brokers.
    Fix: drop it; listeners, authorization, storage and metrics have words of their own in cluster.
    Source: Strimzi 1.2.0, KafkaClusterSpec.FORBIDDEN_PREFIXES and its exceptions; KafkaConfiguration
        (modifyWithListeners: a few settings of listener.name.NAME-PORT are passed on); seen on its
        Cluster Operator: 'Configuration option "broker.rack" is forbidden and will be ignored'.
    """
    for key in _said(system):
        if system.model.drops(key, system.spec):
            yield Flaw(_path(key), f"Strimzi drops {key}", on=system.kafka, on_key=True)


def _complaints(system: System, what: str) -> Iterator[Flaw]:
    for key, value in _said(system).items():
        if system.model.drops(key, system.spec) or key.startswith(_PLUGINS) or key in _OF_PLUGINS:
            continue
        own = system.model.of_listener(key)
        name = own[1] if own else key
        complaint: Complaint | None = system.model.complaint("broker", name, value)
        if complaint is not None and complaint.what == what:
            yield Flaw(_path(key), complaint.message, complaint.fix, system.kafka,
                       on_key=what != "value")  # fmt: skip


@rule("broker-config-unknown")
def unknown(system: System) -> Iterator[Flaw]:
    """Every broker setting is one that this Kafka version has.

    Why: Strimzi takes unknown settings for those of a plugin, and brokers ignore them with a line in
        their logs.
    Fix: correct the name; suppress this rule for a setting of your own plugin.
    Source: KafkaConfig of the cluster's Kafka version; Strimzi 1.2.0, KafkaConfiguration.validate.
    """
    if "image" not in system.spec:  # whose plugins nobody knows here
        yield from _complaints(system, "unknown")


@rule("broker-config-removed")
def removed(system: System) -> Iterator[Flaw]:
    """No broker setting is one that Kafka has given up.

    Why: brokers ignore it, so what it did is no longer done.
    Fix: drop it.
    Source: KafkaConfig of Kafka 3.9 against the cluster's version.
    """
    yield from _complaints(system, "removed")


@rule("broker-config-value")
def value(system: System) -> Iterator[Flaw]:
    """Broker settings have values that Kafka takes.

    Why: Strimzi refuses the Kafka resource, or a broker dies of it when it starts. It reads the value as it
        is written: a reference such as ${strimzienv:NAME} is neither a number nor true or false.
    Fix: write a value that Kafka takes.
    Source: KafkaConfig of the cluster's Kafka version; Strimzi 1.2.0, KafkaConfiguration.validate; seen
        on its Cluster Operator: InvalidResourceException, "min.insync.replicas has value 0 which less
        than the minimum value 1".
    """
    yield from _complaints(system, "value")


@rule("broker-delete-topic", Severity.WARNING)
def delete_topic(system: System) -> Iterator[Flaw]:
    """Brokers let the Topic Operator delete topics.

    Why: it waits for a topic to go before it lets go of the KafkaTopic, which therefore never goes;
        nor does the namespace that it is in.
    Fix: drop delete.topic.enable (policy.deletions and protect guard against deletion by mistake), or
        set STRIMZI_USE_FINALIZERS to false for the Topic Operator.
    Source: Strimzi documentation, "Considerations when disabling topic deletion".
    """
    if system.broker("delete.topic.enable") is False and _uses_finalizers(system):
        message = "with delete.topic.enable false a deleted KafkaTopic stays for ever"
        yield Flaw(_path("delete.topic.enable"), message, on=system.kafka)


def _uses_finalizers(system: System) -> bool:
    template = (system.kafka.body["spec"].get("entityOperator") or {}).get("template") or {}
    variables = (template.get("topicOperatorContainer") or {}).get("env") or ()
    return {"name": "STRIMZI_USE_FINALIZERS", "value": "false"} not in variables


@rule("broker-unclean-election")
def unclean_election(system: System) -> Iterator[Flaw]:
    """Only a replica that has all acknowledged records becomes the leader.

    Why: otherwise records that producers know to be safe are lost with the next failure, in every
        topic at once.
    Fix: write unclean.leader.election.enable: false, and say it on a topic that may lose records.
    Source: Kafka 4.3 documentation, unclean.leader.election.enable.
    """
    if system.broker("unclean.leader.election.enable") is True:
        yield Flaw(_path("unclean.leader.election.enable"),
                   "a replica that lags behind may become the leader", on=system.kafka)  # fmt: skip
