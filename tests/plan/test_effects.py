"""More of what changes do: what topics inherit, what Kafka refuses, and what only looks like a loss."""

from pathlib import Path

import pytest
from plans import CLUSTER, ENVIRONMENT, make, told
from support import Cli, Project

from generator.common.cache import Cache
from generator.plan.guard import Guard
from generator.plan.plan import plan
from generator.plan.sides import of_project

TOPIC = "topics: {orders: {partitions: 6}}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{}", "{log.cleanup.policy: compact}",
         "data-loss: topics without cleanup.policy of their own lose records: orders"),
        ("{min.insync.replicas: 2}", "{min.insync.replicas: 3}",
         "client-visible: topics without min.insync.replicas of their own serve their clients"
         " otherwise: orders"),
        ("{message.max.bytes: 5242880}", "{}",
         "client-visible: topics without max.message.bytes of their own serve their clients"
         " otherwise: orders"),
        ("{offsets.retention.minutes: 20160}", "{offsets.retention.minutes: 60}",
         "data-loss: groups that are stopped for more than 60 minutes lose their positions"),
        ("{}", "{log.retention.ms: 7d}",
         "refused: log.retention.ms is '7d': the Kafka goes NotReady"),
        ("{}", "{unclean.leader.election.enable: true}",
         "data-loss: topics without unclean.leader.election.enable of their own lose records: orders"),
    ],
)  # fmt: skip
def test_cluster_settings_reach_topics(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    """What topics do not say themselves changes with the cluster."""
    sides = [f"{CLUSTER}  config: {config}\n{TOPIC}" for config in (before, after)]

    told = [
        f"{e.impact}: {e.text}" for each in make(tmp_path, *sides).changes for e in each.effects
    ]
    assert expected in told


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{a.b: 1}", "{a.b: 2}", "refused: Kafka 4.3.1 has no topic setting a.b"),
        ("{retention.ms: 1}", "{retention.ms: 1.5x}", "refused: retention.ms is '1.5x'"),
        ("{cleanup.policy: 'compact,delete'}", "{cleanup.policy: 'delete,compact'}", "no-effect: "),
    ],
)
def test_settings_that_kafka_refuses(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    """They are not told as if they were taken, and other spellings are no change."""
    sides = [f"{CLUSTER}topics: {{orders: {{config: {config}}}}}\n" for config in (before, after)]

    (told,) = [f"{e.impact}: {e.text}" for each in make(tmp_path, *sides).changes
               for e in each.effects]  # fmt: skip
    assert told.startswith(expected)


def _user(acls: str) -> str:
    return (
        f"{CLUSTER}{TOPIC}users: {{u: {{spec: {{authentication: {{type: tls}},"
        f" authorization: {{type: simple, acls: [{acls}]}}}}}}}}\n"
    )


READ = "{resource: {type: topic, name: orders}, operations: [Read]}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (READ, READ.replace("[Read]", "[All]"), ["dynamic: gains All on topic orders"]),
        (READ, READ.replace("name: orders", "name: ord, patternType: prefix"),
         ["dynamic: gains Read on topic ord*"]),
        (READ, READ.replace("name: orders", "name: orders, patternType: literal"),
         ["no-effect: the same grants, said otherwise"]),
        (READ, READ + ", {type: deny, resource: {type: topic, name: orders}, operations: [Read]}",
         ["client-visible: is denied Read on topic orders, whatever else allows it"]),
    ],
)  # fmt: skip
def test_wider_grants_are_no_loss(
    tmp_path: Path, before: str, after: str, expected: list[str]
) -> None:
    """What is still covered is not lost, and a denial is no gain."""
    made = make(tmp_path, _user(before), _user(after))

    assert [f"{e.impact}: {e.text}" for each in made.changes for e in each.effects] == expected


def test_topic_of_an_unknown_cluster_is_judged_by_itself(tmp_path: Path, cli: Cli) -> None:
    """Without its Kafka, a smaller retention is still a loss, and fewer partitions are refused."""
    for side, retention, partitions in (("old", 604800000, 6), ("new", 86400000, 3)):
        folder = tmp_path / side / "prod"
        folder.mkdir(parents=True)
        (folder / "topic.yaml").write_text(
            "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {name: orders}\n"
            f"spec: {{partitions: {partitions}, config: {{retention.ms: {retention}}}}}\n"
        )

    out = cli("plan", "--from", f"{tmp_path}/old", "--to", f"{tmp_path}/new")[1]

    assert "retention.ms 604800000 to 86400000: what exceeds it is deleted" in out
    assert "partitions 6 to 3: the Topic Operator answers NotSupported" in out


def test_unmanaged_and_paused_topics_do_nothing(tmp_path: Path) -> None:
    """What nobody applies loses nothing."""
    unmanaged = "annotations: {strimzi.io/managed: 'false'}"
    sides = [
        f"{CLUSTER}topics: {{orders: {{retention: {days}d, {unmanaged}}}}}\n" for days in (7, 1)
    ]

    assert told(make(tmp_path, *sides).changes) == [
        "KafkaTopic orders spec.config.retention.ms no-effect: nothing of it is applied while the"
        " topic is unmanaged"
    ]


def test_entity_operator_that_goes_is_told(tmp_path: Path) -> None:
    """Topics and users are then only words."""
    gone = "overrides: {Kafka: {events: {spec: {entityOperator: null}}}}\n"

    (change,) = make(tmp_path, f"{CLUSTER}{TOPIC}", f"{CLUSTER}{TOPIC}{gone}").changes

    assert change.impact == "ignored"
    assert change.blocked


def test_operator_of_a_single_node_is_an_outage(tmp_path: Path) -> None:
    """Where nobody stands in, a restart in turn is no restart in turn."""
    one = "  nodePools: {combined: {replicas: 1}}\n"
    project = Project(tmp_path)
    argo = "argocd: {repoURL: 'https://example.com/x.git'}\n"
    project.environment(f"{CLUSTER}{one}{argo}", text=ENVIRONMENT)
    sides = [of_project(project.root, None, Cache()) for _ in range(2)]
    for manifest in sides[0].states["argocd"].manifests:
        if manifest.name == "strimzi-operator" and manifest.kind == "Application":
            manifest.body["spec"]["source"]["targetRevision"] = "1.1.0"

    lines = told(plan(sides[0].states, sides[1].states, Guard({}, "")).changes)

    assert (
        "Application strimzi-operator spec.source.targetRevision client-visible: dev: an outage: nobody is"
        " served until the only broker is back"
    ) in lines
