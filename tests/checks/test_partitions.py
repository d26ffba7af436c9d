"""Partitions have leaders and replicas in sync, lie evenly, and nothing is left behind."""

from typing import Any

import pytest
from checks.kafka_answers import answers, broker, cluster, git, kafka_topic, on, said, topic

from verify.checks.registry import all_checks
from verify.desired import Desired
from verify.live.live import (
    ELSEWHERE,
    Cause,
    Gap,
    Kafka,
    Live,
    Partition,
    Reassignment,
    Setting,
)

THROTTLE = "leader.replication.throttled.replicas"
RATE = "follower.replication.throttled.rate"
HOSTILE = "a\x1b[31m\n| b"


def orders(*partitions: Partition, **more: Any) -> Kafka:
    """A cluster whose only topic has these partitions."""
    return cluster(topics={"orders": topic(*partitions)}, **more)


@pytest.mark.parametrize(
    "check",
    ["partitions-min-isr", "partitions-replicated", "partitions-at-min-isr", "leader-balance",
     "reassignments-done", "throttles-removed"],
)  # fmt: skip
def test_all_is_well(check: str) -> None:
    """A cluster without topics is as well as one with them."""
    assert said(check, git(), answers()) == []
    assert said(check, git(), answers(cluster(topics={}))) == []


def test_every_partition_has_a_leader() -> None:
    """How many there are is told; one that is led elsewhere has a leader."""
    two = orders(on(0, 1, 2), on(1, 2, 0, leader=ELSEWHERE))

    assert said("partitions-online", git(), answers(two)) == ["pass: 2 partitions"]
    assert said("partitions-online", git(), answers(cluster(topics={}))) == ["pass: 0 partitions"]


def test_partitions_without_a_leader() -> None:
    """By name; twelve of them are ten and a number."""
    one = orders(on(0, 1, 2), on(1, 2, 0, leader=-1, isr=()))
    assert said("partitions-online", git(), answers(one)) == [
        "fail: 1 partition without a leader: orders-1"
    ]

    many = orders(*(on(0, leader=-1) for _ in range(12)))
    assert said("partitions-online", git(), answers(many)) == [
        "fail: 12 partitions without a leader: orders-0, orders-1, orders-2, orders-3, orders-4,"
        " orders-5, orders-6, orders-7, orders-8, orders-9 … and 2 more"
    ]


def test_hostile_names_are_told_as_they_are() -> None:
    """What a name does to a terminal or a page is the business of reports."""
    found = cluster(topics={HOSTILE: topic(on(0, leader=-1))})

    assert said("partitions-online", git(), answers(found)) == [
        f"fail: 1 partition without a leader: {HOSTILE}-0"
    ]


@pytest.mark.parametrize(
    ("own", "brokers", "isr", "said_"),
    [
        ("2", "1", (0,), ["fail: 1 partition below min.insync.replicas: orders-0"]),
        ("2", "1", (0, 1), []),
        (None, "2", (0,), ["fail: 1 partition below min.insync.replicas: orders-0"]),
        (None, None, (0,), []),
        ("1", "3", (0,), []),
    ],
)
def test_min_insync_replicas(
    own: str | None, brokers: str | None, isr: tuple[int, ...], said_: list[str]
) -> None:
    """The topic's own counts over the brokers', and theirs over Kafka's default of 1."""
    found = orders(
        on(0, 1, 2, isr=isr),
        configs={"orders": {"min.insync.replicas": own} if own else {}},
        broker_configs={0: {}, 1: {"min.insync.replicas": Setting(brokers)} if brokers else {}},
    )

    assert said("partitions-min-isr", git(), answers(found)) == said_


def test_partitions_without_a_leader_are_told_once() -> None:
    """That nothing is in sync then is no news."""
    found = answers(orders(on(0, 1, 2, leader=-1, isr=())))

    assert said("partitions-min-isr", git(), found) == []
    assert said("partitions-replicated", git(), found) == []


STALE = ["brokers-present", "partitions-online", "partitions-min-isr", "partitions-replicated",
         "partitions-at-min-isr"]  # fmt: skip


@pytest.mark.parametrize("check", STALE)
def test_metadata_that_nobody_keeps_fresh(check: str) -> None:
    """Without a quorum brokers tell the last that they knew, which proves nothing."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time")}

    assert asked(check, git(), answers(gaps=gaps)) == [
        "unknown: brokers tell the last that they knew, as nobody could tell who leads the quorum"
    ]
    assert "unknown" not in str(asked(check, git(), answers()))


@pytest.mark.parametrize("check", STALE)
def test_metadata_that_another_answer_contradicts(check: str) -> None:
    """They have a broker in sync where nobody listens."""
    gone = broker(2, problem=Gap(Cause.UNREACHABLE, "connection refused"))

    assert asked(check, git(), answers(cluster(broker(0), broker(1), gone))) == [
        "unknown: broker 2 cannot be reached, and the metadata have it in sync: they may be old"
    ]
    late = cluster(broker(0), broker(1), gone, topics={"orders": topic(on(0, 1, 2, isr=(0, 1)))})
    assert "they may be old" not in str(asked(check, git(), answers(late)))


def test_what_fails_fails_whatever_is_old() -> None:
    """A partition without a leader has none."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time")}
    found = answers(orders(on(0, 1, 2, leader=-1)), gaps=gaps)

    assert asked("partitions-online", git(), found) == [
        "fail: 1 partition without a leader: orders-0"
    ]


def asked(name: str, desired: Desired, live: Live) -> list[str]:
    """What a check says with all that is known about it."""
    outcomes = all_checks()[name].ask(desired, live).outcomes
    return [
        f"{each.status}{' ' if each.subject else ''}{each.subject}: {each.message}"
        for each in outcomes
    ]


@pytest.mark.parametrize("check", ["partitions-min-isr", "partitions-replicated"])
def test_partitions_led_elsewhere_count(check: str) -> None:
    """Their replicas are told all the same."""
    found = orders(
        on(0, 1, 2, leader=ELSEWHERE, isr=(0,)), configs={"orders": {"min.insync.replicas": "2"}}
    )

    (told,) = said(check, git(), answers(found))
    assert told.startswith("fail: 1 partition ")


def test_replicas_out_of_sync() -> None:
    """Which partitions, and whose replicas are missing how often."""
    found = orders(on(0, 1, 2, isr=(0, 1)), on(1, 2, 0, isr=(1,)), on(2, 0, 1))

    assert said("partitions-replicated", git(), answers(found)) == [
        "fail: 2 partitions lack a replica in sync (1 on broker 0, 2 on broker 2): orders-0, orders-1"
    ]


@pytest.mark.parametrize(
    ("isr", "said_"),
    [
        ((0, 1), ["warn: 1 partition exactly at min.insync.replicas: orders-0"]),
        ((0, 1, 2), []),
        ((0,), []),
    ],
)
def test_one_more_may_be_lost(isr: tuple[int, ...], said_: list[str]) -> None:
    """Below the limit another check fails."""
    found = orders(on(0, 1, 2, isr=isr), configs={"orders": {"min.insync.replicas": "2"}})

    assert said("partitions-at-min-isr", git(), answers(found)) == said_


def test_as_many_replicas_as_must_be_in_sync() -> None:
    """Nothing is lost there yet, however few they are."""
    found = orders(on(0), configs={"orders": {"min.insync.replicas": "1"}})

    assert said("partitions-at-min-isr", git(), answers(found)) == []


def test_leaders_are_not_the_preferred_ones() -> None:
    """From a tenth on, broker by broker."""
    twenty = [on(0, 1, 2) for _ in range(17)] + [on(0, 1, 2, leader=1) for _ in range(3)]
    ten = [on(1, 2, 0) for _ in range(9)] + [on(1, 2, 0, leader=2)]

    assert said("leader-balance", git(), answers(orders(*twenty, *ten))) == [
        "warn broker 0: 3 of its 20 preferred partitions are led by others (15 %)"
    ]


def test_leaders_that_cannot_be_the_preferred_ones() -> None:
    """Out of sync, without a leader, or led by one who is not to be seen: others tell why."""
    found = orders(
        on(0, 1, 2, leader=1, isr=(1, 2)), on(0, 1, leader=-1), on(0, 1, leader=ELSEWHERE),
        Partition(1, (), ()),
    )  # fmt: skip

    assert said("leader-balance", git(), answers(found)) == []


def test_partitions_are_being_moved() -> None:
    """By name."""
    found = orders(on(0), reassignments=[Reassignment("orders", 3, (1,), (0,))])

    assert said("reassignments-done", git(), answers(found)) == [
        "warn: 1 partition being moved: orders-3"
    ]
    found.broker_configs[0] = {RATE: Setting("1000", "broker")}
    found.broker_configs[1] = {RATE: Setting("9223372036854775807", "kafka")}
    assert said("reassignments-done", git(), answers(found)) == [
        "warn: 1 partition being moved, throttled to 1000 B/s: orders-3"
    ]


def test_throttles_are_left_behind() -> None:
    """On topics and on brokers; one that Git says is meant."""
    found = cluster(
        configs={"orders": {THROTTLE: "*"}, "payments": {THROTTLE: "0:1"}, "other": {THROTTLE: ""}},
        broker_configs={
            0: {RATE: Setting("1000", "broker")},
            1: {"min.insync.replicas": Setting("2"), RATE: Setting("9223372036854775807", "kafka")},
        },
    )
    desired = git(kafka_topic("payments", config={THROTTLE: "*"}))

    assert said("throttles-removed", desired, answers(found)) == [
        f"fail broker 0: {RATE} left behind",
        f"fail topic orders: {THROTTLE} left behind",
    ]


def test_throttles_while_something_moves() -> None:
    """They are what they should be then."""
    found = orders(
        on(0), configs={"orders": {THROTTLE: "*"}}, reassignments=[Reassignment("a", 0, (), ())]
    )

    assert said("throttles-removed", git(), answers(found)) == []
