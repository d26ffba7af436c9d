"""Conditions are read as each of Strimzi's operators means them."""

from typing import Any

import pytest
from checks.kubernetes_objects import KAFKA, READY, Body, body, desired, live, said, seen, topic
from operators.said import rows

from verify.live.live import Cause, Gap


def is_so(kind: str, reason: str = "", message: str = "", status: str = "True") -> Body:
    """A condition."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


def answer_to(rule: str, number: int = 1) -> Body:
    """What Strimzi's operators say to a rule's failing example, as tests/operators has seen it."""
    return dict(rows()[rule].failing[number - 1].condition)


def test_everything_is_ready() -> None:
    """Node pools never say it, an unmanaged topic says something else, a paused one is told elsewhere."""
    unmanaged = topic("b", metadata={"annotations": {"strimzi.io/managed": "false"}})
    paused = topic("c", metadata={"annotations": {"strimzi.io/pause-reconciliation": "true"}})
    pool = body("KafkaNodePool", "brokers", spec={"replicas": 1, "roles": []})
    found = live(
        seen(topic()),
        seen(unmanaged, is_so("Unmanaged")),
        seen(paused, is_so("ReconciliationPaused")),
        seen(pool, is_so("Warning")),
    )

    assert said("resources-ready", desired(topic(), unmanaged, paused, pool), found) == [
        "pass: 3 resources"
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (is_so("NotReady", "Creating", "first time"), "is still being created"),
        (is_so("NotReady", "CreatingSomething"), "is not ready: CreatingSomething"),
        (is_so("NotReady", "Odd", "two\n  lines"), "is not ready: Odd: two lines"),
        (
            answer_to("acl-resource-name"),
            "is not ready: ExecutionException: Name is required for resource type: TOPIC",
        ),
        (
            answer_to("topic-config-unknown"),
            "is not ready: KafkaError: Unknown topic config name: cleanup.polcy",
        ),
        (
            is_so("Ready", "NotSupported", "Decreasing partitions not supported", status="False"),
            "is not ready: NotSupported: Decreasing partitions not supported",
        ),
        (is_so("Unmanaged"), "does not say that it is ready"),
        (is_so("Warning"), "does not say that it is ready"),
    ],
)
def test_what_is_not_ready(condition: Body, words: str) -> None:
    """The Topic Operator's way to say so counts as much as the others'."""
    found = live(seen(topic(), condition))

    assert said("resources-ready", desired(topic()), found) == [f"fail kafkatopic/orders: {words}"]


def test_thousands_that_fail_alike_are_one_line() -> None:
    """And a kind that was refused is unknown."""
    condition = answer_to("topic-config-value")
    topics = [topic(f"t{i:04}") for i in range(5000)]
    gaps = {"kubernetes.KafkaUser": Gap(Cause.REFUSED, "nobody allowed it")}

    found = live(*(seen(each, condition) for each in topics), gaps=gaps)

    assert said("resources-ready", desired(*topics), found) == [
        "fail: is not ready: KafkaError: Invalid value 1000 for configuration segment.bytes: Value must be"
        " at least 1048576: kafkatopic/t0000, kafkatopic/t0001,"
        " kafkatopic/t0002, kafkatopic/t0003, kafkatopic/t0004, kafkatopic/t0005, kafkatopic/t0006,"
        " kafkatopic/t0007, kafkatopic/t0008, kafkatopic/t0009 … and 4990 more",
        "unknown KafkaUser: nobody allowed it",
    ]


def test_rebalances() -> None:
    """A proposal may wait; what failed or was stopped is told, a template has no state."""
    template = {"annotations": {"strimzi.io/rebalance-template": "true"}}
    states = {"a": "ProposalReady", "b": "NotReady", "c": "Stopped"}
    bodies = [body("KafkaRebalance", name) for name in states]
    found = [
        seen(each, is_so(state, "R", "words"))
        for each, state in zip(bodies, states.values(), strict=True)
    ]
    odd = seen(body("KafkaRebalance", "d", metadata=template), is_so("NotReady"))

    assert said("rebalances", desired(*bodies, odd), live(*found, odd)) == [
        "fail kafkarebalance/b: has failed: R: words",
        "warn kafkarebalance/c: was stopped",
    ]
    assert said("rebalances", desired(bodies[0]), live(found[0])) == []


def kafka(reason: str, metadata_version: str = "4.3-IV0") -> Any:
    """A Kafka that is Ready with a warning."""
    return live(
        seen(KAFKA, READY, is_so("Warning", reason, "words"), kafkaMetadataVersion=metadata_version)
    )


@pytest.mark.parametrize(
    "reason",
    ["KafkaStorage", "ScaleDownPreventionCheck", "MetadataUpdateFailed", "PvcResizingWarning"],
)
def test_an_ignored_change_fails_though_all_is_ready(reason: str) -> None:
    """What was ignored is told in the operator's words, and only once."""
    assert said("changes-reverted", desired(), kafka(reason)) == [
        f"fail kafka/events: {reason}: words"
    ]
    assert said("resource-warnings", desired(), kafka(reason)) == []


def test_other_warnings_warn() -> None:
    """Nothing was ignored."""
    found = kafka("DeprecatedFields")

    assert said("changes-reverted", desired(), found) == []
    assert said("resource-warnings", desired(), found) == [
        "warn kafka/events: DeprecatedFields: words"
    ]
    assert said("resource-warnings", desired(), live()) == []


def test_what_strimzi_says_of_one_node_is_no_ignored_change() -> None:
    """As the operator of 1.2.0 writes it of a cluster that is what Git asks for."""
    words = (
        "A Kafka cluster with a single broker node and ephemeral storage will lose topic messages"
    )
    found = live(seen(KAFKA, READY, is_so("Warning", "KafkaStorage", words)))

    assert said("changes-reverted", desired(), found) == []
    assert said("resource-warnings", desired(), found) == [
        f"warn kafka/events: KafkaStorage: {words}"
    ]


def test_an_old_metadata_version_fails_unless_git_asks_for_it() -> None:
    """It is the first half of an upgrade."""
    assert said("changes-reverted", desired(), kafka("KafkaMetadataVersion")) == []
    assert said("resource-warnings", desired(), kafka("KafkaMetadataVersion")) == [
        "pass kafka/events: KafkaMetadataVersion: words"
    ]
    assert said("changes-reverted", desired(), kafka("KafkaMetadataVersion", "4.2-IV1")) == [
        "fail kafka/events: KafkaMetadataVersion: words"
    ]


def test_paused_resources_are_told() -> None:
    """By the annotation, or by the condition that is left of it."""
    asked = topic("a", metadata={"annotations": {"strimzi.io/pause-reconciliation": "true"}})
    found = live(asked, seen(topic("b"), is_so("ReconciliationPaused")), seen(topic("c")))

    assert said("reconciliation-paused", desired(topic("a"), topic("b"), topic("c")), found) == [
        "warn: reconciliation is paused: kafkatopic/a, kafkatopic/b"
    ]
    assert said("reconciliation-paused", desired(topic("c")), live(seen(topic("c")))) == []


_BY_TYPE = {
    "NotReady": {"resources-ready"},
    "Ready": {"resources-ready"},
    "ReconciliationPaused": {"reconciliation-paused"},
    "Warning": {"resource-warnings", "changes-reverted"},
}
"""Who speaks of a condition; of a warning one of them."""


@pytest.mark.parametrize(
    ("rule", "number"),
    [(rule, number) for rule, row in rows().items()
     for number, told in enumerate(row.failing, 1) if told.of],
)  # fmt: skip
def test_what_operators_have_said_is_told(rule: str, number: int) -> None:
    """One check tells it, and no other calls it anything, for each condition that tests/operators has seen."""
    condition = answer_to(rule, number)
    kind, _, name = rows()[rule].failing[number - 1].of.partition("/")
    rendered = KAFKA if kind == "Kafka" else body(kind, name, spec={})
    ready = [READY] if condition["type"] == "Warning" else []
    found = live(seen(rendered, *ready, condition))
    every = set[str]().union(*_BY_TYPE.values())
    speaking = {check for check in every if not _is_quiet(said(check, desired(rendered), found))}

    assert len(speaking) == 1
    assert speaking <= _BY_TYPE[condition["type"]]


def _is_quiet(outcomes: list[str]) -> bool:
    return all(each.startswith("pass") for each in outcomes)
