"""A healthy cluster is told healthy, and each way to break it by the right checks and no others."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ElectionType, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
)
from live.acls import binding
from live.answers import DEADLINE_S, answer_of
from live.application import Application
from live.applier import RENDERED, apply, quotas, topics_of, users_of
from live.applier import _only as only
from live.breaking import closed, frozen, killed, restart, showing
from live.certificates import EXPIRED, ending
from live.kafka import Kafka
from live.verifier import Verdict, password_file, verified, way_in

from generator.common.exit_codes import ExitCode
from verify.run import Patience

pytestmark = pytest.mark.live


@pytest.fixture(params=["dev", "staging"])
def environment(request: pytest.FixtureRequest) -> str:
    """The name of an environment, and of the fixture that is its cluster."""
    name: str = request.param
    return name


GONE = {
    *("brokers-present", "brokers-answer", "listeners-reachable", "quorum-lag"),
    *("partitions-online", "partitions-replicated", "partitions-at-min-isr"),
}
"""The checks that miss a broker."""


@pytest.fixture
def steady(staging: Kafka) -> Kafka:
    """Three nodes, every partition led by its preferred replica."""
    rest(staging)
    return staging


def test_what_is_applied_as_rendered_is_healthy(cluster: Kafka, environment: str) -> None:
    """Everything that can be asked without Kubernetes is fine, the probe and the flow included."""
    found = verified(cluster, environment, leave_out=())

    assert (found.wrong, found.report.exit_code) == ({}, ExitCode.FINE)
    assert found.live.probe is not None
    assert [each.lost for each in found.live.probe.brokers] == [0] * len(cluster.nodes)


def test_topic_deleted(staging: Kafka) -> None:
    """A topic that is gone is missing; made again by hand it is another one than before."""
    name = "todo-events"
    before = verified(staging, "staging", only=["topics"]).live
    assert before.kafka is not None
    ids = {topic: each.id for topic, each in before.kafka.topics.items()}
    staging.delete_topic(name)

    found = verified(staging, "staging")

    assert found.wrong == {"topics-present": "fail"}
    assert found.said("topics-present") == f": missing: {name}"
    apply(staging, RENDERED / "staging")
    again = verified(staging, "staging", before=ids)
    assert again.wrong == {"topics-same": "fail"}
    assert again.said("topics-same").startswith(f"{name}: is another topic now: its id is ")


def test_partitions_added(staging: Kafka) -> None:
    """A topic with a partition more than Git says; there is no way back."""
    name = "code.reviews"
    has = len(staging.admin.list_topics(name, timeout=DEADLINE_S).topics[name].partitions)
    answer_of(staging.admin.create_partitions([NewPartitions(name, has + 1)])[name])
    staging.settle()
    try:
        found = verified(staging, "staging")
    finally:
        staging.delete_topic(name)
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"topics-partitions": "fail"}
    assert found.said("topics-partitions") == f"{name}: has {has + 1} partitions, desired {has}"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("retention.ms", "3600000", "is 1h, desired "),
        ("max.message.bytes", "2000", "is 2k, desired nothing of its own"),
        ("min.insync.replicas", "3", "is 3, desired 2"),
    ],
    ids=["changed", "set by hand", "min ISR raised"],
)
def test_config_changed(staging: Kafka, key: str, value: str, said: str) -> None:
    """A setting that differs, or that Git does not know."""
    staging.alter_topic_config("chat-events", {key: value})
    try:
        found = verified(staging, "staging")
    finally:
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"topics-config": "fail"}
    assert found.said("topics-config").startswith(f"chat-events: {key} {said}")


def test_min_isr_above_the_replicas(staging: Kafka) -> None:
    """With more replicas demanded than there are, nothing can be written."""
    staging.alter_topic_config("exercise.attempts", {"min.insync.replicas": "2"})
    try:
        found = verified(staging, "staging")
    finally:
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"topics-config": "fail", "partitions-min-isr": "fail"}


def test_topic_with_too_few_replicas(staging: Kafka) -> None:
    """A topic that somebody made again with one replica instead of three."""
    name = "todo-events"
    asked = {topic.name: topic for topic in topics_of(RENDERED / "staging")}[name]
    staging.delete_topic(name)
    staging.create_topic(name, asked.partitions, 1, asked.config)
    try:
        found = verified(staging, "staging")
    finally:
        staging.delete_topic(name)
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"topics-replicas": "fail", "partitions-min-isr": "fail"}
    assert "have 1 replica, desired 3" in found.said("topics-replicas")


def test_unmanaged_topic(staging: Kafka) -> None:
    """A topic that nobody declared."""
    staging.create_topic("scratch", replicas=3)
    try:
        found = verified(staging, "staging")
    finally:
        staging.delete_topic("scratch")

    assert found.wrong == {"topics-unmanaged": "warn"}
    assert found.said("topics-unmanaged") == ": 1 topic nobody declared: scratch"
    assert found.report.exit_code is ExitCode.FINE


def test_acl_removed_and_acl_added(staging: Kafka) -> None:
    """A rule that is missing, and one that somebody gave by hand."""
    lost = binding("group", "billing", "literal", "Read", "User:CN=billing")
    staging.until(
        lambda: len(answer_of(staging.admin.delete_acls([only(lost)])[only(lost)])) == 1,
        "forget a rule",
    )
    staging.create_acl("topic", "todo", "prefix", "Read", "User:CN=llm-gateway")
    staging.settle()
    try:
        found = verified(staging, "staging")
    finally:
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"acls-present": "fail", "acls-extra": "fail"}
    assert found.said("acls-present") == "User:CN=billing: lacks allow read group billing"
    assert found.said("acls-extra") == (
        "User:CN=llm-gateway: has allow read topic todo* that Git does not say"
    )


def test_quota_changed(staging: Kafka) -> None:
    """A quota that somebody raised."""
    with quotas(staging) as connection:
        said = {user.principal: user.quotas for user in users_of(RENDERED / "staging")}
        connection.set({"CN=billing": said["CN=billing"] | {"request_percentage": 99.0}})
        staging.until(
            lambda: connection.all()["CN=billing"]["request_percentage"] == 99, "raise a quota"
        )
    try:
        found = verified(staging, "staging")
    finally:
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"quotas": "fail"}
    assert found.said("quotas") == "User:CN=billing: request_percentage is 99, desired 50"


def test_scram_user_gone(staging: Kafka) -> None:
    """A user whose password brokers do not know any more."""
    gone = UserScramCredentialDeletion("todo-api", ScramMechanism.SCRAM_SHA_512)
    answer_of(staging.admin.alter_user_scram_credentials([gone])["todo-api"])
    staging.settle()
    try:
        found = verified(staging, "staging")
    finally:
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"scram-users": "fail"}
    assert found.said("scram-users") == "todo-api: brokers do not know this user"


def test_throttle_left_behind(staging: Kafka) -> None:
    """Throttles of a reassignment long done, on a topic and on a broker."""
    staging.alter_topic_config("chat-events", {"leader.replication.throttled.replicas": "*"})
    configure_broker(staging, "1", {"follower.replication.throttled.rate": "1000000"})
    staging.settle()
    try:
        found = verified(staging, "staging")
    finally:
        configure_broker(staging, "1", {"follower.replication.throttled.rate": None})
        apply(staging, RENDERED / "staging")

    assert found.wrong == {"throttles-removed": "fail"}
    assert "topic chat-events: leader.replication.throttled" in found.said("throttles-removed")
    assert "broker 1: follower.replication.throttled.rate" in found.said("throttles-removed")


def test_group_stuck(staging: Kafka) -> None:
    """A member that holds its partition and commits nothing; once it commits, all is well."""
    writer = Application(staging.application("tls", "llm-gateway"))
    for number in range(5):
        writer.write("llm-events", f"to do {number}", key="one partition")
    settings = staging.application("tls", "llm-aggregator") | {
        "group.id": "llm-aggregates",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
    }
    consumer = Consumer(settings)
    try:
        consumer.subscribe(["llm-events"])
        staging.until(lambda: reads(consumer), "give a partition to the group")
        beginning = [TopicPartition("llm-events", each.partition, 0)
                     for each in consumer.assignment()]  # fmt: skip
        staging.until(lambda: committed(consumer, beginning), "take the group's offsets")

        soon = verified(staging, "staging", window_s=4)
        found = verified(staging, "staging", only=["groups"], window_s=70)

        assert soon.wrong == {"groups-progress": "warn"}
        assert found.wrong == {"groups-progress": "fail"}
        assert "llm-aggregates: committed nothing of " in found.said("groups-progress")
        ends = [TopicPartition("llm-events", each.partition,
                               consumer.get_watermark_offsets(each, DEADLINE_S)[1])
                for each in beginning]  # fmt: skip
        staging.until(lambda: committed(consumer, ends), "take the group's offsets")
        assert verified(staging, "staging", window_s=4).wrong == {}
    finally:
        consumer.close()


def test_leaders_out_of_balance(steady: Kafka) -> None:
    """After a restart the others lead what the broker should lead."""
    restart(steady, steady.nodes[0])

    found = verified(steady, "staging")

    assert found.wrong == {"leader-balance": "warn"}
    assert "broker 1: " in found.said("leader-balance")


def test_broker_killed(steady: Kafka) -> None:
    """While the metadata still name it, it does not answer; later all that it lacks is told."""
    others = way_in(steady, *steady.nodes[:2])
    with killed(steady, steady.nodes[2]):
        at_once = verified(steady, "staging", way=others)
        steady.until(
            lambda: (
                {"brokers-present", "quorum-lag"}
                <= verified(steady, "staging", way=others, only=["brokers", "quorum"]).failed
            ),
            "miss the broker",
        )
        later = verified(steady, "staging", way=others)

    assert at_once.report.exit_code is ExitCode.UNHEALTHY
    assert "brokers-answer" in at_once.wrong or "brokers-present" in at_once.wrong
    lonely = {"partitions-online"} if led_alone_by(later, 3) else set()
    assert later.failed == lonely | {
        "brokers-present", "brokers-answer", "quorum-lag", "partitions-replicated",
        "partitions-at-min-isr",
    }  # fmt: skip
    assert later.said("brokers-present") == (
        ": 2 brokers serve, Git says 3: broker 3 is fenced (the controller hears nothing of it),"
        " brokers 1, 2 work"
    )


def test_quorum_lost(steady: Kafka) -> None:
    """With one of three controllers left nothing is decided, whatever the metadata still say."""
    way = way_in(steady, steady.nodes[0], timeout_s=4)
    with killed(steady, *steady.nodes[1:]):
        steady.until(
            lambda: "quorum-leader" in verified(steady, "staging", way=way, only=["quorum"]).failed,
            "lose its quorum",
        )
        found = verified(steady, "staging", way=way)

    assert found.failed == {"quorum-leader", "brokers-answer", "listeners-reachable"}
    assert found.said("quorum-leader").startswith(": nobody can tell who leads the quorum: ")
    assert found.unknown >= {"quorum-lag", "reassignments-done"}


def test_broker_frozen(steady: Kafka) -> None:
    """A broker that takes connections and answers nothing is named, within the deadline."""
    quorum = verified(steady, "staging", only=["quorum"]).live.kafka
    assert quorum is not None
    assert quorum.quorum is not None
    # Without its leader the quorum would be told as well.
    node = next(each for each in steady.nodes if each.id != quorum.quorum.leader)
    with frozen(steady, node):
        began = time.monotonic()
        found = verified(steady, "staging", way=way_in(steady, timeout_s=3))
        took = time.monotonic() - began

    assert took < 60
    assert found.live.kafka is not None
    if found.live.kafka.brokers[node.id].fenced:
        # On a slow machine the others have noticed by then, and it counts as gone.
        assert "brokers-present" in found.failed
        assert found.failed <= GONE
    else:
        assert found.failed == {"brokers-answer", "listeners-reachable"}
        assert f"broker {node.id}: " in found.said("brokers-answer")
        assert "no answer in time" in found.said("brokers-answer")


def test_broker_shows_an_expired_certificate(steady: Kafka) -> None:
    """One of three: it is not trusted, and the others say the rest."""
    assert steady.security is not None
    with showing(steady, steady.nodes[0], steady.security.broker(lifetime=EXPIRED)):
        rest(steady)
        found = verified(steady, "staging")

    assert found.failed == {"brokers-answer", "listeners-certificate"}
    assert found.unknown == {
        *("brokers-config", "authorizer", "log-dirs-online", "disk-fill", "transactions-end"),
        *("groups-progress", "groups-committed", "groups-offsets", "groups-stopped"),
        *("backup-coverage", "backup-offsets", "backup-history"),
    }
    assert "not to be trusted: certificate has expired" in found.said("listeners-certificate")


def test_broker_shows_another_name(steady: Kafka) -> None:
    """A certificate for other hosts is told with the names it has."""
    assert steady.security is not None
    with showing(steady, steady.nodes[1], steady.security.broker(["kafka.example.com"])):
        rest(steady)
        found = verified(steady, "staging")

    assert found.failed == {"brokers-answer", "listeners-certificate"}
    assert "it names kafka.example.com" in found.said("listeners-certificate")


def test_listener_port_closed(steady: Kafka) -> None:
    """One broker has the listener no longer; clients of that listener miss all that it leads."""
    with closed(steady, steady.nodes[2], "tls"):
        rest(steady)
        found = verified(steady, "staging")

    assert found.failed == {"brokers-present", "listeners-reachable"}
    assert "led by a broker that lacks the listener" in found.said("listeners-reachable")


def test_certificate_of_brokers_ends_soon(dev: Kafka) -> None:
    """Thirty days before the end it is a warning, seven days before a failure."""
    assert dev.security is not None
    with showing(dev, dev.nodes[0], dev.security.broker(lifetime=ending(20))):
        coordinate(dev)
        found = verified(dev, "dev")
        assert found.wrong == {"listeners-certificate": "warn"}
    with showing(dev, dev.nodes[0], dev.security.broker(lifetime=ending(3))):
        coordinate(dev)
        assert verified(dev, "dev").wrong == {"listeners-certificate": "fail"}


def test_wrong_password(staging: Kafka, tmp_path: Path) -> None:
    """Nobody is let in with it: exit 2, and nothing counts as healthy."""
    way = way_in(staging, listener="scram", user="todo-api",
                 password_file=password_file(tmp_path, "todo-api", "wrong"))  # fmt: skip
    found = verified(staging, "staging", way=way)

    assert found.report.exit_code is ExitCode.UNREACHABLE
    assert found.live.gaps["kafka"].cause == "refused"
    assert "refuses user todo-api" in found.live.gaps["kafka"].reason
    assert {status for check, status in found.wrong.items()} == {"unknown"}


def test_deadline_runs_out(staging: Kafka) -> None:
    """Without time for an answer nothing is known: exit 4."""
    found = verified(staging, "staging", patience=Patience(timeout_s=0.001))

    assert found.report.exit_code is ExitCode.TIMED_OUT
    assert set(found.wrong.values()) == {"unknown"}


def configure_broker(kafka: Kafka, broker: str, config: Mapping[str, str | None]) -> None:
    """Set some settings of a broker while it runs, or take them back."""
    entries = [
        ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET
                    if value is not None else AlterConfigOpType.DELETE)
        for key, value in config.items()
    ]  # fmt: skip
    resource = ConfigResource(ResourceType.BROKER, broker, incremental_configs=entries)
    answer_of(kafka.admin.incremental_alter_configs([resource])[resource])


def rest(kafka: Kafka) -> None:
    """Return when all partitions are in sync, and led by their preferred replicas."""

    def is_at_rest() -> bool:
        elect(kafka)
        return verified(kafka, "staging", only=["partitions"]).wrong == {}

    kafka.until(is_at_rest, "come to rest")


def coordinate(kafka: Kafka) -> None:
    """Return when the groups of a broker that has just started are loaded."""
    kafka.until(lambda: verified(kafka, "dev", only=["groups"]).wrong == {}, "load its groups")


def elect(kafka: Kafka) -> None:
    """Let preferred replicas lead, as brokers do every five minutes."""
    kafka.admin.elect_leaders(ElectionType.PREFERRED, None).result(DEADLINE_S)


def reads(consumer: Consumer) -> bool:
    """Whether a record came, and not only word of a broker that is away."""
    message = consumer.poll(0.5)
    return message is not None and message.error() is None


def committed(consumer: Consumer, offsets: list[TopicPartition]) -> bool:
    """Whether a group's offsets were taken; its coordinator may just be moving."""
    try:
        consumer.commit(offsets=offsets, asynchronous=False)
    except KafkaException:
        return False
    return True


def led_alone_by(found: Verdict, broker: int) -> bool:
    """Whether a broker holds partitions that no other one holds."""
    assert found.live.kafka is not None
    topics = found.live.kafka.topics.values()
    return any(p.replicas == (broker,) for topic in topics for p in topic.partitions)
