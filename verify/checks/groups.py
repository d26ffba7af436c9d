"""Consumer groups, judged by what they did over a window of time, as Burrow does."""

from collections.abc import Iterator
from shlex import quote

from generator.contract.report import Outcome, Status, fail, ok, skip, unknown, warn
from generator.contract.settings import GroupLimits
from verify.checks._words import bounded, count, listed
from verify.checks.brokers import silent
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Group, Live, stands_still

_PROBE = "strimzi-verify-"
_BLIND = "where its partitions end is not known"
PATIENT_S = 65
"""How long a healthy group may commit nothing: Kafka Connect does it once a minute (Kafka 4.3,
offset.flush.interval.ms), Streams every half a minute, others every five seconds."""
_GONE = ("empty", "dead")
_BUSY = ("preparingrebalance", "completingrebalance", "assigning", "reconciling")


def _groups(live: Live) -> Iterator[tuple[str, Group]]:
    found = live.kafka.groups if live.kafka else {}
    return ((n, g) for n, g in sorted(found.items()) if not n.startswith(_PROBE))


def _blind(group: Group) -> bool:
    return any(offset.end < 0 for offset in group.last.values())


def total_lag(group: Group, sample: str = "last") -> int:
    """Records that wait for a group; partitions whose end is unknown do not count."""
    offsets = group.last if sample == "last" else group.first
    return sum(offset.lag for offset in offsets.values())


def stuck(group: Group) -> list[str]:
    """Partitions where records wait and nothing was committed over the whole window."""
    return [
        place for place, now in group.last.items() if stands_still(group.first.get(place, now), now)
    ]


@check("groups-progress", needs=("kafka", "kafka.groups"))
def groups_progress(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every group with members moves on where records wait for it.

    Compares: committed offsets and ends of partitions at the beginning and the end of a window
        (--group-window; 65 seconds are the least that tells). Lag 0 is fine; a group that is idle
        because nothing is written is fine, and so are the one or two offsets that a transaction's end
        takes; how large the lag is does not matter.
    Why: a consumer that hangs keeps its membership and its lag grows; no threshold tells it from one
        that is catching up.
    Fix: `kafka-consumer-groups.sh --describe --group {name}` names the member that holds the partition;
        look at that application's log, then restart it.
    Source: Burrow 1.9 wiki, Consumer Lag Evaluation Rules.
    """
    healthy = 0
    outcomes = []
    for name, group in _groups(live):
        waits = stuck(group)
        if group.problem:
            outcomes.append(unknown(group.problem, name))
        elif _blind(group):
            outcomes.append(unknown(_BLIND, name))
        elif not waits:
            healthy += 1
        elif group.window_s <= 0:
            outcomes.append(skip("not watched: give --group-window", name))
        elif group.state.lower() in _BUSY:
            outcomes.append(
                warn(f"rebalances since {group.window_s:g} s, lag {total_lag(group)}", name)
            )
        elif group.state.lower() not in _GONE:
            said = (
                f"committed nothing of {count(waits, 'partition')} in {group.window_s:g} s while"
                f" {total_lag(group)} records wait"
            )
            if group.window_s >= PATIENT_S:
                outcomes.append(fail(said, name))
            else:
                outcomes.append(warn(f"{said}; too short to tell: --group-window 75s", name))
        else:
            healthy += 1
    yield from bounded(outcomes)
    yield from silent(live, "groups")
    yield ok(count(healthy, "group"))


@check("groups-committed", needs=("kafka", "kafka.groups"), severity=Status.WARN)
def groups_committed(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Members have committed where they are in every partition that they have and that holds records.

    Compares: the partitions that members of a group have with those of which it ever committed anything.
    Why: a consumer that fails at its first record commits nothing, and no lag is ever seen of it; where it
        begins when it restarts is what auto.offset.reset says: with `latest` it skips everything.
    Fix: look at the log of the member that holds the partition: `kafka-consumer-groups.sh --describe --members
        --verbose --group {name}`. One that begins at the end and has not been sent anything yet is fine.
    Source: Kafka 4.3, auto.offset.reset; DescribeGroups, ConsumerGroupDescribe (KIP-848).
    """
    yield from bounded(
        warn(
            f"never committed anything of {count(places, 'partition')}, where"
            f" {sum(group.last[each].lag for each in places)} records are: {listed(places)}",
            name,
        )
        for name, group in _groups(live)
        if (places := uncommitted(group)) and group.state.lower() not in _BUSY
    )
    yield from silent(live, "groups")


def uncommitted(group: Group) -> list[str]:
    """Partitions that members have and that hold records, of which nothing was ever committed."""
    return [place for place, now in group.last.items() if now.committed < 0 and now.lag]


@check("groups-offsets", needs=("kafka", "kafka.groups"))
def groups_offsets(desired: Desired, live: Live) -> Iterator[Outcome]:
    """What groups have committed is within what partitions hold.

    Compares: the committed offset of each partition with its first and its last record, of groups that
        have members, and of those that applications in Git consume with.
    Why: what was deleted before it was read is lost to the application; and where a group is beyond the
        end, the topic was made anew or lost records: its members begin where auto.offset.reset says.
    Fix: raise retention of the topic, and see why the group was away; where the topic was made anew, decide
        from where it reads: `kafka-consumer-groups.sh --reset-offsets --to-earliest --topic {topic} --group {name}
        --execute`, while no member runs.
    Source: Kafka 4.3, ListOffsets, OFFSET_OUT_OF_RANGE.
    """
    wanted = desired.settings.consumes
    outcomes = []
    for name, group in _groups(live):
        if not group.members and wanted and name not in wanted:
            continue
        beyond = [place for place, now in group.last.items() if now.is_beyond]
        lost = [place for place, now in group.last.items() if now.lost]
        if beyond:
            first = group.last[beyond[0]]
            outcomes.append(
                fail(f"is beyond the end of {listed(beyond)}: committed {first.committed} where"
                     f" {beyond[0]} ends at {first.end}", name, topic=_topic(beyond[0]))
            )  # fmt: skip
        if lost:
            number = sum(group.last[place].lost for place in lost)
            outcomes.append(
                fail(
                    f"has lost {number} records, deleted before it read them: {listed(lost)}",
                    name,
                    topic=_topic(lost[0]),
                )
            )
    yield from bounded(outcomes)
    yield from silent(live, "groups")


def _topic(place: str) -> str:
    return quote(place.rpartition("-")[0])


@check("groups-stopped", needs=("kafka", "kafka.groups"), severity=Status.WARN)
def groups_stopped(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No group of an application in Git has left records behind and gone.

    Compares: groups without members, of those that applications consume with, with lag.
    Why: the application is down or scaled to nothing, and retention deletes what it did not read.
    Fix: start the application; or, when it is retired, take it out of the intent and delete its group:
        `kafka-consumer-groups.sh --delete --group {name}`
    Source: Burrow 1.9 wiki, Consumer Lag Evaluation Rules (stopped).
    """
    wanted = desired.settings.consumes
    yield from bounded(
        unknown(_BLIND, name)
        if _blind(group)
        else warn(f"has no members, and {total_lag(group)} records wait", name)
        for name, group in _groups(live)
        if group.state.lower() == "empty"
        and (total_lag(group) or _blind(group))
        and (not wanted or name in wanted)
    )
    yield from silent(live, "groups")


@check("groups-running", needs=("kafka", "kafka.groups"))
def groups_running(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Groups that have to be running have members.

    Compares: the members of groups with verify.groups.NAME.running.
    Why: an application that did not come up after a deploy reads nothing, and no lag is seen before somebody
        writes.
    Fix: start the application, and look at its log: it has to join the group.
    Source: Kafka 4.3, ListGroups, group states.
    """
    wanted = sorted(name for name, each in desired.settings.groups.items() if each.running)
    if not wanted:
        yield skip("no group has to be running: verify.groups.NAME.running")
        return
    groups = dict(_groups(live))
    hidden = list(silent(live, "groups"))
    yield from hidden
    for name in wanted:
        group = groups.get(name)
        if group is None and not hidden:
            yield fail("is not there: nobody has ever joined it", name)
        elif group is not None and group.state.lower() in _GONE:
            waits = "" if _blind(group) else f", and {total_lag(group)} records wait"
            yield fail(f"has no members{waits}", name)


@check("groups-limits", needs=("kafka", "kafka.groups"))
def groups_limits(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Groups stay below the lag that verify.groups asks for.

    Compares: the lag of a group with maxLag, and with maxLagTime the time that it would take to
        catch up at the speed of the window.
    Why: for some groups a lag is too much even while they work on it, and only their owner knows.
    Fix: where nobody works on it, start the application; else more members, up to the number of partitions; or
        raise the limit in verify.groups.
    Source: Burrow 1.9 wiki; limits are the owner's own.
    """
    groups = dict(_groups(live))
    for name, limits in sorted(desired.settings.groups.items()):
        group = groups.get(name)
        hidden = list(silent(live, "groups"))
        if group is None and hidden:
            yield from hidden
        elif group is None:
            yield skip("there is no such group, or it has not committed anything yet", name)
        elif group.problem:
            yield unknown(group.problem, name)
        elif _blind(group):
            yield unknown(_BLIND, name)
        else:
            yield from _over(name, group, limits)


def _over(name: str, group: Group, limits: GroupLimits) -> Iterator[Outcome]:
    lag = total_lag(group)
    if limits.max_lag is not None and lag > limits.max_lag:
        never = uncommitted(group)
        blind = f" (nothing was ever committed of {count(never, 'partition')})" if never else ""
        idle = ", and it has no members" if group.state.lower() in _GONE else ""
        yield fail(f"lag {lag}{blind}, limit {limits.max_lag}{idle}", name)
    if limits.max_lag_seconds is not None and lag and not group.window_s:
        yield skip("how fast it is takes a --group-window to see", name)
    elif limits.max_lag_seconds is not None and lag:
        done = sum(
            max(0, now.committed - group.first.get(place, now).committed)
            for place, now in group.last.items()
        )
        seconds = lag / (done / group.window_s) if done else float("inf")
        if seconds > limits.max_lag_seconds:
            said = f"{seconds:.0f} s" if done else "for ever"
            yield fail(f"would need {said} to catch up, limit {limits.max_lag_seconds:g} s", name)
