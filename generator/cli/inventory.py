"""What `list` and `show` print: environments, clusters, topics and applications as plain rows."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from generator.common import units
from generator.model.acls import acls_of
from generator.model.connection import listener_for
from generator.model.environment import Application, Environment, Topic
from generator.resources._metadata import dns_name

Row = dict[str, object]


def environments(environment: Environment) -> list[Row]:
    """One row: the environment at a glance."""
    return [
        {
            "environment": environment.name,
            "size": environment.size,
            "namespace": environment.namespace,
            "cluster": environment.cluster.name,
            "kafka": environment.cluster.kafka_version,
            "topics": len(environment.topics),
            "applications": len(environment.applications),
            "protect": environment.protect,
        }
    ]


def clusters(environment: Environment) -> list[Row]:
    """One row: versions, nodes, listeners and storage of the cluster."""
    cluster = environment.cluster
    controllers = sum(pool.replicas for pool in cluster.node_pools if "controller" in pool.roles)
    volumes = sum(
        pool.replicas * (volume.size_bytes or 0)
        for pool in cluster.node_pools
        for volume in pool.volumes
    )
    return [
        {
            "environment": environment.name,
            "cluster": cluster.name,
            "kafka": cluster.kafka_version,
            "metadata_version": cluster.metadata_version,
            "pools": [f"{pool.name} x{pool.replicas}" for pool in cluster.node_pools],
            "brokers": cluster.brokers,
            "controllers": controllers,
            "listeners": [f"{each.name}:{each.port}" for each in cluster.listeners],
            "storage": units.format_bytes(volumes),
        }
    ]


def topics(environment: Environment) -> list[Row]:
    """One row a topic, sorted by name."""
    return [_topic(topic, environment) for topic in environment.topics.values()]


def _topic(topic: Topic, environment: Environment) -> Row:
    config = topic.config
    retention, size = config.get("retention.ms"), config.get("retention.bytes")
    return {
        "environment": environment.name,
        "topic": topic.name,
        "partitions": topic.partitions,
        "replicas": topic.replicas,
        "min_isr": config.get("min.insync.replicas"),
        "cleanup": config.get("cleanup.policy"),
        "retention": units.format_duration_ms(retention) if isinstance(retention, int) else None,
        "retention_size": units.format_bytes(size) if isinstance(size, int) else None,
        "profile": topic.profile,
        "owner": topic.owner,
    }


def applications(environment: Environment) -> list[Row]:
    """One row an application, sorted by name."""
    return [_application(each, environment) for each in environment.applications]


def _application(application: Application, environment: Environment) -> Row:
    listener = listener_for(application, environment)
    return {
        "environment": environment.name,
        "application": application.name,
        "authentication": application.authentication,
        "listener": listener.name if listener else None,
        "produces": _produces(application),
        "consumes": _consumes(application),
        "owner": application.settings.get("owner"),
    }


def _produces(application: Application) -> list[str]:
    streams = application.settings.get("streams", {})
    return sorted({*application.produces, *streams.get("outputs", ())})


def _consumes(application: Application) -> list[str]:
    streams = application.settings.get("streams", {})
    return sorted({*(topic for topic, _ in application.consumes), *streams.get("inputs", ())})


LISTS: dict[str, tuple[Callable[[Environment], list[Row]], tuple[str, ...]]] = {
    "environments": (
        environments,
        ("environment", "size", "namespace", "cluster", "kafka", "topics", "applications",
         "protect"),
    ),
    "clusters": (
        clusters,
        ("environment", "cluster", "kafka", "metadata_version", "pools", "listeners", "storage"),
    ),
    "topics": (
        topics,
        ("environment", "topic", "partitions", "replicas", "min_isr", "cleanup", "retention",
         "owner"),
    ),
    "applications": (
        applications,
        ("environment", "application", "authentication", "listener", "produces", "consumes",
         "owner"),
    ),
}  # fmt: skip
"""What can be listed: the rows, and the columns of its table."""


def filtered(rows: Sequence[Row], thing: str, match: str | None, owner: str | None) -> list[Row]:
    """Rows whose name fits a glob and whose owner is the one asked for."""
    name = thing.removesuffix("s")
    return [
        row for row in rows
        if (match is None or fnmatchcase(str(row[name]), match))
        and (owner is None or row.get("owner") == owner)
    ]  # fmt: skip


def topic_details(environment: Environment, topic: Topic) -> Row:
    """Everything about one topic: settings, who uses it, what belongs to it."""
    row = {key: value for key, value in _topic(topic, environment).items() if value is not None}
    row["manifest"] = f"KafkaTopic/{dns_name(topic.name)}"
    row["config"] = dict(topic.config)
    if topic.description:
        row["description"] = topic.description
    roles = (("dead_letter_of", topic.dead_letter_of), ("retry_of", topic.retry_of))
    row |= {key: value for key, value in roles if value}
    row["side_topics"] = list(environment.side_topics.get(topic.name, ()))
    users = environment.applications
    row["producers"] = [each.name for each in users if topic.name in _produces(each)]
    row["consumers"] = [each.name for each in users if topic.name in _consumes(each)]
    return row


def application_details(environment: Environment, application: Application) -> Row:
    """Everything about one application, its ACLs spelled out."""
    row = {k: v for k, v in _application(application, environment).items() if v is not None}
    row["manifest"] = f"KafkaUser/{application.name}"
    row["groups"] = sorted({group for _, group in application.consumes})
    row["acls"] = [
        f"{', '.join(acl.operations)} on {acl.resource} {acl.name}"
        + ("*" if acl.pattern == "prefix" else "")
        for acl in acls_of(application, environment)
    ]
    if "quotas" in application.settings:
        row["quotas"] = dict(application.settings["quotas"])
    return row
