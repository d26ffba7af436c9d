"""Redis: up, complete, its replicas near."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, fail, ok, unknown, warn
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Cause, Live

_SLOTS = 16_384
_BEHIND_BYTES = 10 * 2**20
_FULL_PERCENT = 90


@check("redis-up", needs=("redis",))
def redis_up(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every Redis that is named answers, and a cluster of them serves all slots.

    Compares: the answers to INFO and CLUSTER INFO with cluster_state ok and 16384 slots.
    Why: a slot without a server refuses the commands for its keys, while the rest works.
    Fix: redis-cli -u {url} info replication; redis-cli -u {url} cluster nodes
    Source: Redis documentation, INFO and CLUSTER INFO (7.2).
    """
    yield from _silent(live)
    for each in live.redis:
        if each.cluster and (each.cluster_state != "ok" or each.slots_ok != _SLOTS):
            state = each.cluster_state or "without a state"
            yield fail(f"cluster is {state}, {each.slots_ok} of {_SLOTS} slots served",
                       each.address)  # fmt: skip
        else:
            yield ok(f"{each.role} {each.version}", each.address)


def _silent(live: Live) -> Iterator[Outcome]:
    """Those that did not answer: nobody knows how they are."""
    for name, gap in sorted(live.gaps.items()):
        if name.startswith("redis."):
            yield unknown(gap.reason, timed_out=gap.cause is Cause.TIMED_OUT)


@check("redis-replicas", needs=("redis",), severity=Status.FAIL)
def redis_replicas(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Replicas are connected to their master and less than 10 MiB behind.

    Compares: INFO's state and offset of every replica with the master's; a replica's link with up.
    Why: what a replica has not got is lost when its master fails.
    Fix: redis-cli -u {url} info replication; look at the network and at repl-backlog-size.
    Source: Redis documentation, INFO replication (7.2).
    """
    yield from _silent(live)
    for each in live.redis:
        if not each.link_up:
            yield fail("its link to the master is down", each.address)
        if each.replicas_online < each.replicas:
            yield fail(
                f"{each.replicas_online} of {each.replicas} replicas are online", each.address
            )
        if each.replica_lag_bytes > _BEHIND_BYTES:
            yield warn(
                f"a replica is {each.replica_lag_bytes / 2**20:.0f} MiB behind", each.address
            )


@check("redis-memory", needs=("redis",), severity=Status.WARN)
def redis_memory(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Memory in use is below nine tenths of maxmemory.

    Compares: INFO's used_memory with maxmemory, where a limit is set.
    Why: at the limit Redis evicts keys or refuses writes, as maxmemory-policy says.
    Fix: redis-cli -u {url} memory doctor; raise maxmemory, or let keys expire sooner.
    Source: Redis documentation, Key eviction (7.2).
    """
    yield from _silent(live)
    for each in live.redis:
        if each.limit_bytes and 100 * each.used_bytes > _FULL_PERCENT * each.limit_bytes:
            percent = 100 * each.used_bytes / each.limit_bytes
            yield warn(
                f"{percent:.0f} % of maxmemory is used",
                each.address,
            )
