"""Kafka: the cluster itself, and the ConfigMap of its JMX exporter where one is asked for."""

from collections.abc import Iterator, Mapping

from generator.common.kafka_values import config_text
from generator.common.strimzi.facts import KRAFT_ANNOTATIONS, METRICS_REPORTER, RACK_TYPE
from generator.common.units import parse_bytes, parse_duration_ms
from generator.contract.operator_version import annotations_for
from generator.documents.manifest import Body, Manifest
from generator.intent.sections import (
    CertificateAuthoritySection,
    ClusterSection,
    CruiseControlSection,
)
from generator.model.contributions import all_guests
from generator.model.environment import Cluster, Environment, Listener
from generator.resources._metadata import metadata
from generator.resources._resources import resources

_RACK_AWARE_SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
_JMX_KEY = "kafka-metrics-config.yml"
_JMX_RULES = """\
lowercaseOutputName: true
rules:
  - pattern: kafka.server<type=(.+), name=(.+), clientId=(.+), topic=(.+), partition=(.*)><>Value
    name: kafka_server_$1_$2
    type: GAUGE
    labels: {clientId: "$3", topic: "$4", partition: "$5"}
  - pattern: kafka.server<type=(.+), name=(.+), topic=(.+)><>Count
    name: kafka_server_$1_$2_total
    type: COUNTER
    labels: {topic: "$3"}
  - pattern: "kafka.server<type=raft-metrics><>(.+):"
    name: kafka_server_raftmetrics_$1
    type: GAUGE
  - pattern: kafka.(.+)<type=(.+), name=(.+)Percent\\w*><>MeanRate
    name: kafka_$1_$2_$3_percent
    type: GAUGE
  - pattern: kafka.(.+)<type=(.+), name=(.+)PerSec\\w*, (.+)=(.+)><>Count
    name: kafka_$1_$2_$3_total
    type: COUNTER
    labels: {"$4": "$5"}
  - pattern: kafka.(.+)<type=(.+), name=(.+)PerSec\\w*><>Count
    name: kafka_$1_$2_$3_total
    type: COUNTER
  - pattern: kafka.(.+)<type=(.+), name=(.+), (.+)=(.+)><>Value
    name: kafka_$1_$2_$3
    type: GAUGE
    labels: {"$4": "$5"}
  - pattern: kafka.(.+)<type=(.+), name=(.+)><>Value
    name: kafka_$1_$2_$3
    type: GAUGE
"""


def render(environment: Environment) -> Iterator[Manifest]:
    """One Kafka resource; versions, authorization and every listener are always said."""
    cluster = environment.cluster
    settings = cluster.settings
    spec: Body = {
        "kafka": _kafka(environment),
        "entityOperator": _entity_operator(settings),
    }
    if "cruiseControl" in settings:
        spec["cruiseControl"] = _cruise_control(settings["cruiseControl"])
    if "kafkaExporter" in settings:
        spec["kafkaExporter"] = _with_resources(settings["kafkaExporter"])
    for key, said in (
        ("clusterCa", settings.get("clusterCa", {})),
        ("clientsCa", settings.get("clientsCa", {})),
    ):
        authority: CertificateAuthoritySection = {**said}
        if environment.protect:
            # Without an owner the CA outlives the Kafka resource, so a rebuilt cluster keeps
            # every client's certificate.
            authority.setdefault("generateSecretOwnerReference", False)
        if authority:
            spec[key] = authority
    if "maintenanceTimeWindows" in settings:
        spec["maintenanceTimeWindows"] = list(settings["maintenanceTimeWindows"])
    yield Manifest(
        "cluster",
        {
            "apiVersion": environment.strimzi_api,
            "kind": "Kafka",
            "metadata": metadata(
                environment,
                "Kafka",
                cluster.name,
                annotations={**_kraft(environment), **annotations_for(environment.strimzi)},
                of_cluster=False,
            ),
            "spec": spec,
        },
        ("cluster",),
    )
    if _metrics_type(environment) == "jmx-exporter":
        yield Manifest(
            "cluster",
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata(environment, "ConfigMap", _jmx_name(cluster)),
                "data": {_JMX_KEY: _JMX_RULES},
            },
            ("cluster", "metrics"),
        )


def _kraft(environment: Environment) -> dict[str, str]:
    """What makes a cluster one of KRaft and node pools where that is a choice."""
    if environment.has(KRAFT_ANNOTATIONS):
        return {"strimzi.io/kraft": "enabled", "strimzi.io/node-pools": "enabled"}
    return {}


def _kafka(environment: Environment) -> Body:
    cluster = environment.cluster
    settings = cluster.settings
    peers = all_guests(environment)
    kafka: Body = {
        "version": cluster.kafka_version,
        "metadataVersion": cluster.metadata_version,
        "listeners": [_listener(listener, peers[listener.name]) for listener in cluster.listeners],
        "config": dict(cluster.config),
        "template": {
            "podDisruptionBudget": {
                "maxUnavailable": settings.get("podDisruption", {}).get("maxUnavailable", 1)
            }
        },
    }
    if cluster.authorization == "simple":
        kafka["authorization"] = {"type": "simple"}
        if cluster.super_users:
            kafka["authorization"]["superUsers"] = list(cluster.super_users)
    if "rack" in settings:
        key = settings["rack"].get("topologyKey", "topology.kubernetes.io/zone")
        kafka["rack"] = {"topologyKey": key}
        if environment.has(RACK_TYPE):
            kafka["rack"]["type"] = "topology-label"
        # Without it clients would still read from the leader, whatever client.rack they set.
        kafka["config"].setdefault("replica.selector.class", _RACK_AWARE_SELECTOR)
    if metrics := _metrics(environment):
        kafka["metricsConfig"] = metrics
    if "quotas" in settings:
        kafka["quotas"] = {
            key: parse_bytes(value) if key.endswith(("ByteRate", "BytesPerVolume")) else value
            for key, value in settings["quotas"].items()
        }
    if "tieredStorage" in settings:
        kafka["tieredStorage"] = {"type": "custom", "remoteStorageManager": _tiered(settings)}
    return kafka


def _listener(listener: Listener, ours: list[Body]) -> Body:
    """A listener as Strimzi has it; pods of `ours` are let in where others are kept out."""
    body: Body = {
        "name": listener.name,
        "port": listener.port,
        "type": listener.type,
        "tls": listener.tls,
    }
    if listener.authentication != "none":
        body["authentication"] = {"type": listener.authentication}
    configuration = {**listener.configuration}
    if listener.bootstrap_host:
        bootstrap = dict(configuration.get("bootstrap") or {})
        if listener.type in ("ingress", "route", "tlsroute"):
            bootstrap.setdefault("host", listener.bootstrap_host)
        elif not listener.internal:
            names = bootstrap.get("alternativeNames", [])
            bootstrap["alternativeNames"] = sorted({*names, listener.bootstrap_host})
        configuration["bootstrap"] = bootstrap
    if configuration:
        body["configuration"] = configuration
    if listener.network_policy_peers is not None:
        peers = [dict(peer) for peer in listener.network_policy_peers]
        # An empty list lets everybody in.
        body["networkPolicyPeers"] = [
            *peers,
            *(each for each in ours if peers and each not in peers),
        ]
    return body


def _metrics_type(environment: Environment) -> str:
    """Who reports metrics of brokers; where nobody says it, Strimzi's own reporter if it is there."""
    settings = environment.cluster.settings
    if "metrics" not in settings:
        return "none"
    usual = "strimzi-metrics-reporter" if environment.has(METRICS_REPORTER) else "jmx-exporter"
    return settings["metrics"].get("type", usual)


def _jmx_name(cluster: Cluster) -> str:
    return f"{cluster.name}-jmx-exporter"


def _metrics(environment: Environment) -> Body:
    cluster = environment.cluster
    match _metrics_type(environment):
        case "strimzi-metrics-reporter":
            allowed = cluster.settings["metrics"].get("allowList", [".*"])
            return {"type": "strimziMetricsReporter", "values": {"allowList": list(allowed)}}
        case "jmx-exporter":
            reference = {"name": _jmx_name(cluster), "key": _JMX_KEY}
            return {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": reference}}
        case _:
            return {}


def _tiered(settings: ClusterSection) -> Body:
    """The plugin's settings; Strimzi takes its config as text only."""
    body: Body = {**settings["tieredStorage"]}
    if "config" in body:
        body["config"] = {key: config_text(value) for key, value in body["config"].items()}
    return body


def _with_resources(section: Mapping[str, object]) -> Body:
    body: Body = {**section}
    if "resources" in body:
        body["resources"] = resources(body["resources"])
    return body


def _entity_operator(settings: ClusterSection) -> Body:
    body: Body = {}
    said = settings.get("entityOperator", {})
    for name, own in (
        ("topicOperator", said.get("topicOperator", {})),
        ("userOperator", said.get("userOperator", {})),
    ):
        body[name] = _with_resources(own)
        interval = body[name].pop("reconciliationInterval", None)
        if interval is not None:
            body[name]["reconciliationIntervalMs"] = parse_duration_ms(interval)
    return body


def _cruise_control(section: CruiseControlSection) -> Body:
    body = _with_resources(section)
    if "autoRebalance" in body:
        body["autoRebalance"] = [{"mode": mode} for mode in body["autoRebalance"]]
    return body
