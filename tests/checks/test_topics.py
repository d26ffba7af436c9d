"""Topics are those that Git says, with its partitions, replicas and settings, and still the same ones."""

import base64
import uuid

import pytest
from checks.kafka_answers import answers, cluster, git, kafka_topic, on, said, topic
from checks.kubernetes_objects import Body
from support import REPOSITORY

from verify.desired import of_rendered
from verify.live.live import Cause, Gap, Kafka, Live, LiveTopic

ID = uuid.UUID("f3a1c0de-0000-4000-8000-00000000feed")
BASE64 = base64.urlsafe_b64encode(ID.bytes).decode().rstrip("=")
HOSTILE = "</script>\x1b[31m\n|"


def topics(**found: LiveTopic) -> Kafka:
    """A cluster with these topics."""
    return cluster(topics=found)


def test_topics_are_there() -> None:
    """How many; an unmanaged one need not be."""
    desired = git(kafka_topic(), kafka_topic("gone", managed=False))

    assert said("topics-present", desired, answers()) == ["pass: 1 topic"]
    assert said("topics-present", git(), answers(topics())) == ["pass: 0 topics"]


def test_topics_are_missing() -> None:
    """By the names that Kafka knows; of very many the first ten."""
    odd = kafka_topic("legacy-1", topicName="Legacy_Orders.V1")
    assert said("topics-present", git(odd, kafka_topic()), answers()) == [
        "fail: missing: Legacy_Orders.V1"
    ]
    many = git(*(kafka_topic(f"t{number:04}") for number in range(5000)))
    (only,) = said("topics-present", many, answers())
    assert only.startswith("fail: missing: t0000, t0001, ")
    assert only.endswith("t0009 … and 4990 more")


def test_partitions_and_replicas_are_as_many() -> None:
    """Where Git says none, the brokers' defaults are right."""
    found = answers(topics(orders=topic(on(0, 1, 2), on(1, 2, 0))))

    for desired in (git(kafka_topic(partitions=2, replicas=3)), git(kafka_topic()), git()):
        assert said("topics-partitions", desired, found) == []
        assert said("topics-replicas", desired, found) == []


def test_partitions_are_more_or_less() -> None:
    """What is there, and what is desired."""
    desired = git(kafka_topic(partitions=2), kafka_topic("b", partitions=6))
    found = topics(orders=topic(on(0)), b=topic(*[on(0)] * 12))

    assert said("topics-partitions", desired, answers(found)) == [
        "fail b: has 12 partitions, desired 6",
        "fail orders: has 1 partition, desired 2",
    ]


def test_replicas_are_more_or_less() -> None:
    """Of the partitions that differ, and only of them."""
    found = topics(orders=topic(on(0, 1, 2), on(1), on(2, 0)))

    assert said("topics-replicas", git(kafka_topic(replicas=3)), answers(found)) == [
        "fail orders: 2 partitions have 1 or 2 replicas, desired 3"
    ]


@pytest.mark.parametrize("check", ["topics-partitions", "topics-replicas", "topics-config"])
def test_what_is_unmanaged_or_missing_is_not_compared(check: str) -> None:
    """The Topic Operator leaves the one alone, and the other is told once."""
    wrong: Body = {"partitions": 9, "replicas": 9, "config": {"retention.ms": 9}}
    desired = git(kafka_topic(managed=False, **wrong), kafka_topic("gone", **wrong))

    assert said(check, desired, answers()) == []


@pytest.mark.parametrize("check", ["topics-partitions", "topics-replicas", "topics-config"])
def test_five_thousand_wrong_topics_stay_readable(check: str) -> None:
    """Fifty are told, the others are counted, and count as bad."""
    wrong: Body = {"partitions": 9, "replicas": 9, "config": {"retention.ms": 9}}
    names = [f"t{number:04}" for number in range(5000)]
    desired = git(*(kafka_topic(name, **wrong) for name in names))
    found = said(check, desired, answers(topics(**{name: topic() for name in names})))

    assert len(found) == 51
    assert found[-1] == "fail: and 4950 more like these"
    assert found[0].startswith("fail t0000: ")


@pytest.mark.parametrize(
    ("asked", "has"),
    [
        ({"retention.ms": 604800000}, {"retention.ms": "604800000"}),
        ({"min.cleanable.dirty.ratio": 1}, {"min.cleanable.dirty.ratio": "1.0"}),
        ({"min.cleanable.dirty.ratio": "0.50"}, {"min.cleanable.dirty.ratio": "0.5"}),
        ({"cleanup.policy": "compact,delete"}, {"cleanup.policy": "delete,compact"}),
        ({"cleanup.policy": ["delete", "compact"]}, {"cleanup.policy": "compact,delete"}),
        ({"cleanup.policy": "compact, delete"}, {"cleanup.policy": "compact,delete"}),
        ({"remote.storage.enable": True}, {"remote.storage.enable": "true"}),
        ({}, {"leader.replication.throttled.replicas": "*"}),
        ({}, {}),
    ],
)
def test_settings_are_the_same(asked: Body, has: dict[str, str]) -> None:
    """Numbers however they are written, lists in any order; throttles have a check of their own."""
    found = cluster(configs={"orders": has})

    assert said("topics-config", git(kafka_topic(config=asked)), answers(found)) == []


@pytest.mark.parametrize(
    ("asked", "has", "words"),
    [
        ({"retention.ms": 7}, {"retention.ms": "1"}, "retention.ms is 1ms, desired 7ms"),
        ({"retention.ms": 7}, {}, "retention.ms is not set, desired 7ms"),
        ({}, {"retention.ms": "1"}, "retention.ms is 1ms, desired nothing of its own"),
        (
            {"cleanup.policy": "compact"},
            {"cleanup.policy": "compact,delete"},
            "cleanup.policy is compact,delete, desired compact",
        ),
        (
            {"b": "x", "a": True},
            {"a": "false", "b": "X"},
            "a is false, desired true; b is X, desired x",
        ),
        ({"a": "nan"}, {"a": "NaN"}, "a is NaN, desired nan"),
    ],
)
def test_settings_differ(asked: Body, has: dict[str, str], words: str) -> None:
    """All of one topic's in one line, sorted."""
    found = cluster(configs={"orders": has})

    assert said("topics-config", git(kafka_topic(config=asked)), answers(found)) == [
        f"fail orders: {words}"
    ]


@pytest.mark.parametrize("told", [BASE64, ID.hex, str(ID), str(ID).upper()])
@pytest.mark.parametrize("known", [BASE64, ID.hex, str(ID)])
def test_topic_ids_are_the_same_however_they_are_written(told: str, known: str) -> None:
    """Strimzi writes base64, clients write hexadecimal."""
    found = answers(topics(orders=topic(id_=told)), status={"orders": {"topicId": known}})

    assert said("topics-same", git(kafka_topic()), found) == []


def test_ids_with_signs_of_their_own() -> None:
    """`-` and `_` are letters of this base64, and separate nothing."""
    odd = uuid.UUID(bytes=b"\xfb\xef\xbe" * 5 + b"\xff")
    assert base64.urlsafe_b64encode(odd.bytes).decode().startswith("----")
    text = base64.urlsafe_b64encode(odd.bytes).decode().rstrip("=")
    found = answers(topics(orders=topic(id_=str(odd))), status={"orders": {"topicId": text}})

    assert said("topics-same", git(kafka_topic()), found) == []


def test_topic_was_deleted_and_made_again() -> None:
    """Everybody who remembers another one is named."""
    found = answers(
        topics(orders=topic(id_=BASE64)),
        status={"orders": {"topicId": "AAAAAAAAAAAAAAAAAAAAAA"}},
        before={"orders": "b" * 32, "gone": "c" * 32},
    )

    assert said("topics-same", git(kafka_topic()), found) == [
        f"fail orders: is another topic now: its id is {BASE64}, Strimzi's status knows"
        f" AAAAAAAAAAAAAAAAAAAAAA, the earlier run knows u7u7u7u7u7u7u7u7u7u7uw"
    ]


def test_ids_of_an_earlier_run_are_enough() -> None:
    """And without any there is nothing to compare with."""
    found = topics(orders=topic(id_=BASE64))
    gone = answers(gaps={"kubernetes": Gap(Cause.UNREACHABLE, "no context called prod")})
    assert said("topics-same", git(kafka_topic()), gone) == ["unknown: no context called prod"]
    nothing = ["skip: no earlier ids are known: give --since, or a kubeconfig"]

    def about(before: dict[str, str], status: dict[str, Body] | None = None) -> Live:
        return answers(found, before=before, status=status)

    assert said("topics-same", git(kafka_topic()), about({"orders": ID.hex})) == []
    assert said("topics-same", git(kafka_topic()), about({"other": ID.hex})) == nothing
    assert said("topics-same", git(kafka_topic()), about({}, {"orders": {}})) == nothing
    assert said("topics-same", git(), about({"orders": ID.hex})) == nothing


@pytest.mark.parametrize(
    "name",
    ["__consumer_offsets", "app-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog",
     "app-x-repartition", "strimzi.cruisecontrol.metrics", "connect-cluster-offsets",
     "mm2-offset-syncs.a.internal", "heartbeats", "a.checkpoints.internal",
     "strimzi-verify-probe-1-0", "scratch.mine"],
)  # fmt: skip
def test_topics_that_nobody_needs_to_declare(name: str) -> None:
    """Made by others, or named in verify.ignoreTopics."""
    found = topics(**{name: topic()})

    assert said("topics-unmanaged", git(ignore_topics=("^scratch[.]",)), answers(found)) == []


@pytest.mark.parametrize("name", ["changelog", "heartbeats-of-mine", "x.scratch.mine", HOSTILE])
def test_topics_that_nobody_declared(name: str) -> None:
    """A pattern may stand anywhere in a name, unless it says where."""
    found = topics(**{name: topic(), "orders": topic(), "inner": topic(internal=True)})
    desired = git(kafka_topic(), ignore_topics=("^scratch[.]",))

    assert said("topics-unmanaged", desired, answers(found)) == [
        f"warn: 1 topic nobody declared: {name}"
    ]


@pytest.mark.parametrize("name", ["legacy-connect-configs", "warehouse-connect.offsets"])
def test_topics_that_the_shipped_environments_ignore(name: str) -> None:
    """What Connect makes for itself there."""
    shipped = of_rendered(REPOSITORY / "rendered/staging", "staging").settings.ignore_topics

    found = answers(topics(**{name: topic()}))
    assert said("topics-unmanaged", git(ignore_topics=shipped), found) == []


def test_topics_that_are_let_go_are_declared() -> None:
    """Git still says them."""
    assert said("topics-unmanaged", git(kafka_topic(managed=False)), answers()) == []
