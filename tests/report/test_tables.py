"""What a cluster has beside what Git says: topics, groups and access rules as rows."""

from typing import Any

import pytest
from verify_reports import HOSTILE, TAKEN_S

from generator.contract.settings import GroupLimits, VerifySettings
from generator.terminal.console import show
from verify.desired import Desired
from verify.live.live import Group, GroupOffset, Kafka, Live, LiveAcl, LiveTopic, Partition
from verify.report.tables import ACL_COLUMNS, GROUP_COLUMNS, TOPIC_COLUMNS, acls, groups, topics


def _topic(partitions: int, replicas: int = 3, isr: int = 3) -> LiveTopic:
    brokers = tuple(range(replicas))
    return LiveTopic("x", False, (Partition(0, brokers, brokers[:isr]),) * partitions)


def _wanted(name: str, managed: bool = True, **spec: Any) -> dict[str, Any]:
    annotations = {} if managed else {"strimzi.io/managed": "false"}
    return {"kind": "KafkaTopic", "metadata": {"name": name, "annotations": annotations},
            "spec": {"partitions": 6, "replicas": 3, **spec}}  # fmt: skip


def _live(**more: Any) -> Live:
    return Live("prod", TAKEN_S, kafka=Kafka("abc", "b:9092", **more))


def test_topics() -> None:
    """Every topic of either side, and what Git says where that differs."""
    desired = Desired("prod", (
        _wanted("a", config={"retention.ms": 7}), _wanted("b", config={"retention.ms": 7}),
        _wanted("c"), _wanted("d", managed=False), _wanted("e"),
    ))  # fmt: skip
    live = _live(
        topics={"a": _topic(6), "b": _topic(6, isr=2), "c": _topic(12, replicas=2),
                "d": _topic(1), "z": _topic(2), "__offsets": LiveTopic("x", True, ())},
        configs={"a": {"retention.ms": "7"}, "b": {"retention.ms": "8"}},
    )  # fmt: skip

    assert show(topics(desired, live), "table", TOPIC_COLUMNS) == (
        "\x1b[1mTOPIC  STATE       PARTITIONS   REPLICAS    UNDER REPLICATED  CONFIG\x1b[0m\n"
        "a      as in Git   6            3                          0  -\n"
        "b      differs     6            3                          6  retention.ms is 8ms, desired 7ms\n"
        "c      differs     12 (Git: 6)  2 (Git: 3)                 0  -\n"
        "d      unmanaged   1 (Git: 6)   3                          0  -\n"
        "e      missing     - (Git: 6)   - (Git: 3)                 0  -\n"
        "z      not in Git  2            3                          0  -\n"
    )


def _group(first: int, last: int, *, moved: int = 5, members: int = 1, **more: Any) -> Group:
    """A group that was `first` records behind, and is `last` behind 10 seconds later."""
    begin = GroupOffset(10, 10 + first)
    end = GroupOffset(10 + moved, 10 + moved + last)
    return Group("stable", members=members, first={"t-0": begin}, last={"t-0": end}, window_s=10,
                 **more)  # fmt: skip


def test_groups() -> None:
    """Every group of either side, its lag in both samples, and one word for it."""
    settings = VerifySettings(
        consumes={"absent": ("t",)}, groups={"limited": GroupLimits(max_lag=5)}
    )
    live = _live(groups={
        "behind": _group(5, 9), "catching": _group(9, 5), "done": _group(3, 0), "even": _group(4, 4),
        "limited": _group(9, 6), "odd": _group(1, 1, problem="not authorized"),
        "old": Group("empty"), "stopped": _group(5, 5, members=0), "stuck": _group(5, 9, moved=0),
    })  # fmt: skip

    assert show(groups(Desired("prod", (), settings=settings), live), "table", GROUP_COLUMNS) == (
        "\x1b[1mGROUP     VERDICT         STATE   MEMBERS  LAG    LIMIT\x1b[0m\n"
        "absent    not seen        -       -        -      -\n"
        "behind    falls behind    stable  1        5 → 9  -\n"
        "catching  catches up      stable  1        9 → 5  -\n"
        "done      caught up       stable  1        3 → 0  -\n"
        "even      keeps up        stable  1        4 → 4  -\n"
        "limited   over its limit  stable  1        9 → 6  5\n"
        "odd       unknown         stable  1        1 → 1  -\n"
        "old       no offsets      empty   0        -      -\n"
        "stopped   stopped         stable  0        5 → 5  -\n"
        "stuck     stuck           stable  1        5 → 9  -\n"
    )


def test_acls() -> None:
    """Every rule of either side; who has one that Git does not say stands out."""
    user = {
        "kind": "KafkaUser", "metadata": {"name": "billing"},
        "spec": {"authentication": {"type": "scram-sha-512"}, "authorization": {"acls": [
            {"resource": {"type": "topic", "name": "orders", "patternType": "prefix"},
             "operations": ["Read", "Describe"]},
        ]}},
    }  # fmt: skip
    live = _live(acls=[
        LiveAcl("User:billing", "allow", "read", "topic", "orders", "prefixed"),
        LiveAcl("User:eve", "allow", "all", "topic", "*", "literal", "10.0.0.9"),
    ])  # fmt: skip

    assert show(acls(Desired("prod", (user,)), live), "table", ACL_COLUMNS) == (
        "\x1b[1mPRINCIPAL     PERMISSION  OPERATION  RESOURCE       HOST      DESIRED  LIVE\x1b[0m\n"
        "User:billing  allow       describe   topic orders*  *         yes      no\n"
        "User:billing  allow       read       topic orders*  *         yes      yes\n"
        "User:eve      allow       all        topic *        10.0.0.9  no       yes\n"
    )


@pytest.mark.parametrize("rows", [topics, groups, acls])
def test_nothing_collected_is_no_row(rows: Any) -> None:
    """A cluster of which nothing is known has nothing to show."""
    assert rows(Desired("prod", ()), Live("prod", TAKEN_S)) == []


def test_strangers_stay_in_their_cells() -> None:
    """Names cannot colour the terminal, break a row or turn text round."""
    live = _live(
        topics={HOSTILE: _topic(1)},
        groups={HOSTILE: Group(HOSTILE)},
        acls=[LiveAcl(HOSTILE, "allow", "read", "topic", HOSTILE, "literal", HOSTILE)],
    )
    desired = Desired("prod", ())
    for rows, columns in (
        (topics(desired, live), TOPIC_COLUMNS),
        (groups(desired, live), GROUP_COLUMNS),
        (acls(desired, live), ACL_COLUMNS),
    ):
        head, row = show(rows, "table", columns).splitlines()
        assert head.startswith("\x1b[1m")
        assert row.isprintable()
