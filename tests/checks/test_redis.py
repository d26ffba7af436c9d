"""A Redis is up, its replicas are near, and it has room."""

from typing import Any

import pytest
from checks.kafka_answers import git, said

from verify.checks.registry import all_checks
from verify.live.live import Cause, Gap, Live, Redis

MIB = 2**20


def told(*found: Redis, gaps: dict[str, Gap] | None = None) -> Live:
    """What was collected of these."""
    return Live("dev", 0, redis=found, gaps=gaps or {})


def redis(**more: Any) -> Redis:
    """A master with two replicas that are near."""
    usual: dict[str, Any] = {
        "role": "master",
        "version": "7.2.5",
        "replicas": 2,
        "replicas_online": 2,
    }
    return Redis("cache:6379", **(usual | more))


def test_redis_is_well() -> None:
    """What it is, and in which version."""
    found = told(redis(), redis(role="slave", replicas=0, replicas_online=0))

    assert said("redis-up", git(), found) == [
        "pass cache:6379: master 7.2.5", "pass cache:6379: slave 7.2.5",
    ]  # fmt: skip
    assert said("redis-replicas", git(), found) == []
    assert said("redis-memory", git(), found) == []


def test_redis_that_does_not_answer_is_unknown() -> None:
    """The others still count."""
    gaps = {"redis.b:6379": Gap(Cause.UNREACHABLE, "b:6379: connection refused")}

    found = told(redis(), gaps=gaps)
    silent = "unknown: b:6379: connection refused"

    assert said("redis-up", git(), found) == [silent, "pass cache:6379: master 7.2.5"]
    assert said("redis-replicas", git(), found) == [silent]
    assert said("redis-memory", git(), found) == [silent]


def test_redis_that_answers_too_late() -> None:
    """Time may help then."""
    gaps = {"redis.b:6379": Gap(Cause.TIMED_OUT, "b:6379: Timeout reading from socket")}
    (outcome,) = all_checks()["redis-up"].ask(git(), told(gaps=gaps)).outcomes

    assert outcome.timed_out


@pytest.mark.parametrize(
    ("state", "slots", "said_"),
    [
        ("ok", 16384, "pass cache:6379: master 7.2.5"),
        ("fail", 16384, "fail cache:6379: cluster is fail, 16384 of 16384 slots served"),
        ("ok", 16000, "fail cache:6379: cluster is ok, 16000 of 16384 slots served"),
        ("", 0, "fail cache:6379: cluster is without a state, 0 of 16384 slots served"),
    ],
)
def test_a_cluster_serves_all_slots(state: str, slots: int, said_: str) -> None:
    """A key in a missing one can be neither read nor written."""
    found = told(redis(cluster=True, cluster_state=state, slots_ok=slots))

    assert said("redis-up", git(), found) == [said_]


def test_replicas_are_away() -> None:
    """Seen from the master, and from the replica itself."""
    found = told(redis(replicas_online=1), redis(role="slave", link_up=False))

    assert said("redis-replicas", git(), found) == [
        "fail cache:6379: 1 of 2 replicas are online",
        "fail cache:6379: its link to the master is down",
    ]


@pytest.mark.parametrize(
    ("behind", "said_"),
    [
        (10 * MIB, []),
        (11 * MIB, ["warn cache:6379: a replica is 11 MiB behind"]),
    ],
)
def test_replicas_are_behind(behind: int, said_: list[str]) -> None:
    """More than the usual backlog."""
    assert said("redis-replicas", git(), told(redis(replica_lag_bytes=behind))) == said_


@pytest.mark.parametrize(
    ("used", "limit", "said_"),
    [
        (90, 100, []),
        (91, 100, ["warn cache:6379: 91 % of maxmemory is used"]),
        (120, 100, ["warn cache:6379: 120 % of maxmemory is used"]),
        (91, 0, []),
    ],
)
def test_memory_fills_up(used: int, limit: int, said_: list[str]) -> None:
    """Without maxmemory there is no limit to come near."""
    assert said("redis-memory", git(), told(redis(used_bytes=used, limit_bytes=limit))) == said_


@pytest.mark.parametrize("check", ["redis-up", "redis-replicas", "redis-memory"])
def test_nobody_named_a_redis(check: str) -> None:
    """Most environments have none."""
    gaps = {"redis": Gap(Cause.NOT_ASKED, "no Redis was named (--redis)")}

    assert said(check, git(), told(gaps=gaps)) == ["skip: no Redis was named (--redis)"]
