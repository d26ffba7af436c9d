"""The KRaft quorum has a leader, its voters keep up, and the metadata version is the rendered one."""

from dataclasses import replace

import pytest
from checks.kafka_answers import answers, broker, cluster, git, said

from verify.checks.quorum import LEVELS
from verify.checks.registry import all_checks
from verify.live.live import Cause, Gap, Kafka, Quorum, Voter

NOW_MS = 1_000_000


def voter(
    number: int, fetched_ms: int = NOW_MS, caught_up_ms: int = NOW_MS, end: int = 50
) -> Voter:
    """A node that is near unless told otherwise."""
    return Voter(number, end, fetched_ms, caught_up_ms)


def quorum(*voters: Voter, leader: int = 0, observers: tuple[Voter, ...] = ()) -> Kafka:
    """A cluster with this quorum, or with one of three voters."""
    every = voters or (voter(0), voter(1), voter(2))
    return cluster(quorum=Quorum(leader, 7, 50, every, observers))


def test_leader_and_voters_are_told() -> None:
    """With the epoch, which grows with every election."""
    assert said("quorum-leader", git(), answers(quorum())) == [
        "pass: node 0 leads 3 voters, epoch 7"
    ]
    assert said("quorum-leader", git(nodes=0), answers(quorum(voter(0)))) == [
        "pass: node 0 leads 1 voter, epoch 7"
    ]


def test_no_leader() -> None:
    """However many voters there are."""
    assert said("quorum-leader", git(), answers(quorum(leader=-1))) == [
        "fail: the quorum has no leader"
    ]


def test_voters_that_git_does_not_say() -> None:
    """Too few as well as too many; who they are is named."""
    assert said("quorum-leader", git(nodes=5), answers(quorum())) == [
        "fail: 3 nodes vote, Git says 5 controllers: nodes 0, 1, 2"
    ]
    assert said("quorum-leader", git(nodes=1), answers(quorum())) == [
        "fail: 3 nodes vote, Git says 1 controller: nodes 0, 1, 2"
    ]


@pytest.mark.parametrize(
    ("cause", "said_"),
    [
        (Cause.REFUSED, ["unknown: because"]),
        (Cause.TIMED_OUT, ["fail: nobody can tell who leads the quorum: because"]),
        (Cause.UNREACHABLE, ["fail: nobody can tell who leads the quorum: because"]),
    ],
)
def test_brokers_that_cannot_tell_have_lost_it(cause: Cause, said_: list[str]) -> None:
    """Who answers everything but this has no quorum; who may not ask knows nothing."""
    gaps = {"kafka.quorum": Gap(cause, "because")}

    assert said("quorum-leader", git(), answers(gaps=gaps)) == said_


def test_enough_voters_are_left_to_elect_another_leader() -> None:
    """That nobody has heard of it yet is a matter of time; where two of three are away, it is not."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time")}
    frozen = Gap(Cause.TIMED_OUT, "no answer in time")
    one = [broker(each, problem=frozen if each == 1 else None) for each in range(3)]
    two = [broker(each, problem=frozen if each else None) for each in range(3)]

    assert said("quorum-leader", git(), answers(cluster(*one), gaps=gaps)) == [
        "unknown: no answer in time: node 1 may have led the quorum; 2 of 3 controllers are enough to elect another"
        " leader, and brokers hear of it within half a minute"
    ]
    assert said("quorum-leader", git(), answers(cluster(*two), gaps=gaps)) == [
        "fail: nobody can tell who leads the quorum: no answer in time"
    ]


def test_a_broker_that_is_no_controller_has_led_nothing() -> None:
    """Where nodes have one role each, Kafka's brokers say nothing of controllers."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time")}
    gone = [broker(each, problem=gaps["kafka.quorum"] if each == 2 else None) for each in range(3)]
    pools = git()
    (pool,) = pools.pools.values()
    beside = {**pool, "metadata": {**pool["metadata"], "name": "more"}, "spec": {**pool["spec"], "roles": ["broker"]}}  # fmt: skip
    wanted = replace(pools, objects=(*pools.objects, beside))

    assert said("quorum-leader", wanted, answers(cluster(*gone), gaps=gaps)) == [
        "fail: nobody can tell who leads the quorum: no answer in time"
    ]


def without(*numbers: int) -> Kafka:
    """A cluster of whose three nodes, which all vote, nobody listens at some; the leader told it before."""
    gone = Gap(Cause.UNREACHABLE, "connection refused")
    brokers = [broker(each, problem=gone if each in numbers else None) for each in range(3)]
    return cluster(*brokers, quorum=Quorum(0, 7, 50, (voter(0), voter(1), voter(2))))


def test_a_leader_whose_voters_are_gone() -> None:
    """It may not know yet that it leads nobody; one of three may be away."""
    assert said("quorum-leader", git(), answers(without(1, 2))) == [
        "unknown: node 0 said that it leads, but nodes 1, 2 cannot be reached: 2 of 3 voters"
    ]
    assert said("quorum-leader", git(), answers(without(1))) == [
        "pass: node 0 leads 3 voters, epoch 7"
    ]


def test_a_voter_that_is_gone_and_was_not_missed_yet() -> None:
    """Nothing is said against it, and nothing for it."""
    assert said("quorum-lag", git(), answers(without(1))) == [
        "unknown node 1: it cannot be reached now; it fetched the metadata log a moment ago"
    ]


def test_everybody_keeps_up() -> None:
    """The leader itself fetches from nobody."""
    near = quorum(voter(0, -1, -1), voter(1), voter(2), observers=(voter(3),))

    assert said("quorum-lag", git(), answers(near)) == []


def test_nodes_that_do_not_fetch() -> None:
    """Voters and brokers, by their numbers, and how long ago it was."""
    late = quorum(
        voter(0), voter(1, NOW_MS - 10_000), voter(2, NOW_MS - 10_001),
        observers=(voter(3, NOW_MS - 60_000), voter(4, -1)),
    )  # fmt: skip
    late.brokers |= {3: broker(3), 4: broker(4)}

    assert said("quorum-lag", git(), answers(late)) == [
        "fail node 2: the voter fetched the metadata log last 10 s ago",
        "fail node 3: the broker fetched the metadata log last 60 s ago",
        "fail node 4: the broker has fetched no metadata since node 0 leads (epoch 7)",
    ]


def test_broker_that_was_removed() -> None:
    """The leader remembers it for a while, and nobody misses it."""
    small = quorum(voter(0), voter(1), voter(2), observers=(voter(7, NOW_MS - 60_000),))

    assert said("quorum-lag", git(), answers(small)) == []


def test_who_had_no_time_to_ask_accuses_nobody() -> None:
    """Whether anybody leads the quorum is not known, nor whether metadata are fresh."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer in time", hurried=True)}

    assert said("quorum-leader", git(), answers(gaps=gaps)) == ["unknown: no answer in time"]
    assert said("partitions-online", git(), answers(gaps=gaps)) == [
        "unknown: metadata may be old, and there was no time to hear whether anybody leads the quorum"
    ]


def test_leader_that_has_had_no_time_accuses_nobody() -> None:
    """Our own time was up before it could hear of everybody."""
    new = cluster(quorum=Quorum(0, 7, 50, (voter(0), voter(1), voter(2, -1)), settled=False))

    assert said("quorum-lag", git(), answers(new)) == [
        "unknown node 2: node 0, which may only just lead, has not heard of it yet"
    ]


def test_nodes_that_fetch_and_stay_behind() -> None:
    """It works, but they serve old leaders and settings."""
    behind = quorum(voter(0), voter(1), voter(2, caught_up_ms=NOW_MS - 60_001, end=8))

    assert said("quorum-lag", git(), answers(behind)) == [
        "warn node 2: the voter is 42 records behind"
    ]


def test_quorum_that_was_not_told_is_unknown() -> None:
    """For whom keeps up as well."""
    gaps = {"kafka.quorum": Gap(Cause.TIMED_OUT, "no answer within 8 s")}

    assert said("quorum-lag", git(), answers(gaps=gaps)) == ["unknown: no answer within 8 s"]


def features(level: int) -> Kafka:
    """A cluster with this metadata version."""
    return cluster(features={"metadata.version": level})


@pytest.mark.parametrize(
    ("wanted", "level", "said_"),
    [
        ("4.3-IV0", 30, ["pass: 4.3-IV0"]),
        ("4.3", 30, ["pass: 4.3"]),
        ("4.2", 29, ["pass: 4.2"]),
        ("4.1", 27, ["pass: 4.1"]),
        ("4.0", 25, ["pass: 4.0"]),
        ("4.0-IV2", 24, ["pass: 4.0-IV2"]),
        ("4.3-IV0", 29, ["fail: finalized is 4.2-IV1, desired 4.3-IV0"]),
        ("4.2", 28, ["fail: finalized is 4.2-IV0, desired 4.2"]),
        ("4.3-IV0", 3, ["fail: finalized is level 3, desired 4.3-IV0"]),
        ("3.9", 21, ["pass: 3.9"]),
        ("3.8", 21, ["fail: finalized is 3.9-IV0, desired 3.8"]),
        ("3.9-IV0", 20, ["fail: finalized is 3.8-IV0, desired 3.9-IV0"]),
    ],
)
def test_metadata_version(wanted: str, level: int, said_: list[str]) -> None:
    """Levels are numbers to brokers, and names to Git; without a step the last one is meant."""
    desired = git()
    desired.kafka["spec"]["kafka"]["metadataVersion"] = wanted

    assert said("metadata-version", desired, answers(features(level))) == said_


@pytest.mark.parametrize(("wanted", "level"), [("4.3-IV0", 0), ("9.9-IV9", 30)])
def test_metadata_version_that_cannot_be_compared_is_unknown(wanted: str, level: int) -> None:
    """Brokers tell none, or Git says one that is newer than this program."""
    desired = git()
    desired.kafka["spec"]["kafka"]["metadataVersion"] = wanted
    found = answers(features(level) if level else cluster())

    assert [each.split(":")[0] for each in said("metadata-version", desired, found)] == ["unknown"]


def test_no_metadata_version_is_asked_for() -> None:
    """Strimzi takes the one of its Kafka version then."""
    desired = git()
    desired.kafka["spec"]["kafka"].pop("metadataVersion")

    assert said("metadata-version", desired, answers(features(1))) == []


def test_levels_grow_with_versions() -> None:
    """Which is how a version without a step finds its last one."""
    first = LEVELS["3.3-IV0"]
    assert (first, LEVELS["3.9-IV0"], LEVELS["4.0-IV0"]) == (4, 21, 22)
    assert list(LEVELS.values()) == list(range(first, first + len(LEVELS)))
    assert list(LEVELS) == sorted(LEVELS)
    assert all_checks()["metadata-version"].drift
