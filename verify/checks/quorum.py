"""The KRaft quorum: who leads, who votes, and whether voters keep up."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, fail, ok, unknown, warn
from verify.checks._objects import labels
from verify.checks._pods import is_ready, pods_of
from verify.checks._reasons import DEAD
from verify.checks._words import count, nodes
from verify.checks.registry import check
from verify.checks.registry.doubt import silent_brokers
from verify.desired import Desired
from verify.live.live import Cause, Kafka, Live

_BOTH = {"broker", "controller"}
_LATE_MS = 10_000
"""A follower that has not fetched for so long is away; it asks twice a second when idle
(Kafka 4.3, controller.quorum.fetch.timeout.ms is 2 s)."""


@check("quorum-leader", nodes=True, needs=("kafka",))
def quorum_leader(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The KRaft quorum has a leader, and its voters are the controllers that Git says.

    Compares: the voters that the quorum's leader names with the replicas of the pools that have the
        role controller.
    Why: without a leader nothing can change any more, while brokers go on telling the last they knew
        as if all were well.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster},strimzi.io/controller-role=true;
        then read the logs of those that are not ready.
    Source: Kafka 4.3, DescribeQuorum (KIP-836); measured on three nodes of which two were killed.
    """
    kafka = live.kafka
    gap = live.gap("kafka.quorum")
    if gap is not None and gap.cause is Cause.REFUSED:
        yield unknown(gap.reason)
    elif gap is not None and gap.hurried:
        yield unknown(gap.reason, timed_out=True)
    elif gap is not None and kafka is not None and (said := _may_elect(desired, live, kafka)):
        yield unknown(f"{gap.reason}: {said}", timed_out=True)
    elif gap is not None:
        # A broker that answers everything else, but not this, has lost the quorum.
        yield fail(f"nobody can tell who leads the quorum: {gap.reason}")
    if kafka is None or kafka.quorum is None:
        return
    if kafka.quorum.leader < 0:
        yield fail("the quorum has no leader")
        return
    voters = len(kafka.quorum.voters)
    wanted = desired.controllers
    silent = sorted(silent_brokers(kafka) & {voter.id for voter in kafka.quorum.voters})
    if 2 * len(silent) >= voters and silent:
        yield unknown(
            f"node {kafka.quorum.leader} said that it leads, but {nodes(silent)} cannot be reached:"
            f" {len(silent)} of {voters} voters"
        )
    elif wanted and voters != wanted:
        ids = [voter.id for voter in kafka.quorum.voters]
        votes = f"{count(ids, 'node')} vote{'s' * (voters == 1)}"
        yield fail(f"{votes}, Git says {count(wanted, 'controller')}: {nodes(ids)}")
    else:
        yield ok(
            f"node {kafka.quorum.leader} leads {count(voters, 'voter')}, epoch {kafka.quorum.epoch}"
        )


def _may_elect(desired: Desired, live: Live, kafka: Kafka) -> str:
    """Who is away of the controllers, where the others are enough to elect a leader; empty where they are not.

    Brokers wait for up to half a minute for an answer of a leader that froze, before they look for another one (Kafka
    4.3, controller.socket.timeout.ms).
    """
    if all({*each["spec"]["roles"]} >= _BOTH for each in desired.pools.values()):
        gone = (Cause.UNREACHABLE, Cause.TIMED_OUT)
        away = [
            f"node {each.id}"
            for each in kafka.brokers.values()
            if each.fenced or (each.problem is not None and each.problem.cause in gone)
        ]
    else:
        away = [
            f"pod/{name}"
            for name, pod in (pods_of(desired, live) if live.kubernetes else {}).items()
            if labels(pod).get("strimzi.io/controller-role") == "true" and not is_ready(pod)
        ]
    if not away or 2 * len(away) >= desired.controllers:
        return ""
    rest = desired.controllers - len(away)
    return (
        f"{', '.join(away)} may have led the quorum; {rest} of {desired.controllers} controllers are enough to elect"
        " another leader, and brokers hear of it within half a minute"
    )


@check("quorum-lag", nodes=True, needs=("kafka", "kafka.quorum"), severity=Status.FAIL)
def quorum_lag(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every voter and every broker fetches the metadata log, and has nearly all of it.

    Compares: the time of each node's last fetch with the leader's own, as the leader tells them. A leader that
        was only just elected has not heard of everybody yet: it is asked again for a while.
    Why: a voter that is away is one less that may still be lost; a broker that is behind serves old
        leaders and old settings.
    Fix: kubectl -n {namespace} logs {pod} --since=10m of the node that is named; look for its disk first.
    Source: Kafka 4.3, DescribeQuorum, ReplicaState.lastFetchTimestamp (KIP-836).
    """
    kafka = live.kafka
    if kafka is None or kafka.quorum is None:
        return
    quorum = kafka.quorum
    everyone = [*quorum.voters, *quorum.observers]
    newest = max((node.last_fetch_ms for node in everyone), default=-1)
    voters = {voter.id for voter in quorum.voters}
    silent = silent_brokers(kafka)
    for node in everyone:
        gone = node.id not in voters and node.id not in kafka.brokers
        if node.id == quorum.leader or gone:
            continue  # for five minutes the leader remembers who observed (Kafka 4.3, LeaderState)
        never = node.last_fetch_ms < 0
        if never and not quorum.settled:
            said = f"node {quorum.leader}, which may only just lead, has not heard of it yet"
            yield unknown(said, f"node {node.id}", timed_out=True)
            continue
        if node.id in silent and newest - node.last_fetch_ms <= _LATE_MS:
            yield unknown(
                "it cannot be reached now; it fetched the metadata log a moment ago",
                f"node {node.id}",
            )
            continue
        what = "voter" if node.id in voters else "broker"
        if never:
            said = f"the {what} has fetched no metadata since node {quorum.leader} leads (epoch {quorum.epoch})"
            yield fail(said, f"node {node.id}", fix=DEAD if node.id in silent else "")
        elif newest - node.last_fetch_ms > _LATE_MS:
            ago = f"{(newest - node.last_fetch_ms) / 1000:.0f} s ago"
            yield fail(f"the {what} fetched the metadata log last {ago}", f"node {node.id}",
                       fix=DEAD if node.id in silent else "")  # fmt: skip
        elif newest - node.last_caught_up_ms > 6 * _LATE_MS:
            behind = quorum.high_watermark - node.log_end_offset
            yield warn(f"the {what} is {behind} records behind", f"node {node.id}")


@check("metadata-version", needs=("kafka",), drift=True)
def metadata_version(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The finalized metadata version is the rendered one.

    Compares: the feature metadata.version that brokers tell with spec.kafka.metadataVersion.
    Why: Strimzi raises it only after all brokers run the new Kafka, and never lowers it; until then
        features of the new version are off, and afterwards there is no way back.
    Fix: kubectl -n {namespace} get kafka {cluster} -o jsonpath={.status.kafkaMetadataVersion}; a warning
        MetadataUpdateFailed in its conditions says what hinders.
    Source: Kafka 4.3, MetadataVersion; Strimzi 1.2.0, KafkaStatus.kafkaMetadataVersion.
    """
    kafka = live.kafka
    wanted = str((desired.kafka.get("spec") or {}).get("kafka", {}).get("metadataVersion", ""))
    if kafka is None or not wanted:
        return
    level = kafka.features.get("metadata.version", 0)
    known = max((n for name, n in LEVELS.items() if _is(wanted, name)), default=0)
    if not level or not known:
        what = "brokers tell none" if known else f"this program does not know {wanted}"
        yield unknown(f"cannot be compared: {what}")
    elif level != known:
        found = next((name for name, number in LEVELS.items() if number == level), f"level {level}")
        yield fail(f"finalized is {found}, desired {wanted}")
    else:
        yield ok(wanted)


def _is(wanted: str, name: str) -> bool:
    """True for the version itself, and for all of its steps where none is said: `4.3`."""
    return wanted == name or name.startswith(f"{wanted}-")


LEVELS = {
    "3.3-IV0": 4, "3.3-IV1": 5, "3.3-IV2": 6, "3.3-IV3": 7, "3.4-IV0": 8, "3.5-IV0": 9, "3.5-IV1": 10,
    "3.5-IV2": 11, "3.6-IV0": 12, "3.6-IV1": 13, "3.6-IV2": 14, "3.7-IV0": 15, "3.7-IV1": 16, "3.7-IV2": 17,
    "3.7-IV3": 18, "3.7-IV4": 19, "3.8-IV0": 20, "3.9-IV0": 21,
    "4.0-IV0": 22, "4.0-IV1": 23, "4.0-IV2": 24, "4.0-IV3": 25, "4.1-IV0": 26, "4.1-IV1": 27,
    "4.2-IV0": 28, "4.2-IV1": 29, "4.3-IV0": 30,
}  # fmt: skip
"""Feature levels of metadata versions (Kafka 3.9.0 and 4.3.1, MetadataVersion)."""
