"""Consumer groups, and over a window of time what they committed and where partitions end."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kafka.protocol.admin import DescribeGroupsRequest, ListGroupsRequest
from kafka.protocol.consumer import OffsetFetchRequest

from verify.collect.kafka.access import Access
from verify.collect.kafka.partition_offsets import LATEST, At, offsets
from verify.collect.kafka.wire import Connection, refuse
from verify.collect.thread_pool import side_by_side
from verify.live.gap import NoAnswerError
from verify.live.live import Group, GroupOffset, Kafka, LiveBroker, stands_still

_PAUSE_S = 1.0
"""Between two looks at groups that lag; members commit every five seconds by default."""
_WITH_NAMES = 9
"""The last version of OffsetFetch that has names of topics (Kafka 4.3; 10 has their ids)."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """Groups, and the broker that knows their offsets."""

    coordinator: LiveBroker
    groups: tuple[str, ...]


def groups(connection: Connection, broker: int) -> dict[str, Group]:
    """The groups that a broker coordinates; members are -1 where it does not say."""
    answer = connection.ask(ListGroupsRequest(states_filter=[], types_filter=[]))
    refuse(answer.error_code, None, "listing groups (ACL: Describe Group)")
    found = {
        each.group_id: Group(
            state=each.group_state, protocol=each.group_type or "", members=-1, coordinator=broker
        )
        for each in answer.groups
        if each.protocol_type in ("consumer", "streams", "")
    }
    classic = [name for name, group in found.items() if group.protocol.lower() == "classic"]
    if classic:
        described = connection.ask(DescribeGroupsRequest(groups=classic))
        for each in described.groups:
            if not each.error_code:
                found[each.group_id].members = len(each.members)
    return found


def follow(
    access: Access,
    kafka: Kafka,
    asked: Iterable[Offsets],
    leaders: Mapping[At, int],
    window_s: float,
    deadline: float,
) -> int:
    """Fill in the first and the last sample of every group; returns how many requests it took.

    Groups that lag are looked at again until their offsets move, or the window is over.
    """
    waiting = list(asked)
    requests = _Requests(access, deadline)
    began = time.monotonic()
    while waiting:
        _sample(kafka, waiting, leaders, requests, time.monotonic() - began)
        if time.monotonic() + _PAUSE_S > min(began + window_s, deadline):
            break
        waiting = [
            Offsets(each.coordinator, still)
            for each in waiting
            if (still := tuple(name for name in each.groups if _stands_still(kafka, name)))
        ]
        if waiting:
            time.sleep(_PAUSE_S)
    return requests.count


def _stands_still(kafka: Kafka, name: str) -> bool:
    """True when records wait and nothing was committed since the first sample."""
    group = kafka.groups[name]
    if group.problem or group.state.lower() == "empty":
        return False
    # At the first look nobody knows yet whether the ends move.
    return any(
        now.lag > 0 if now is group.first.get(place) else stands_still(group.first[place], now)
        for place, now in group.last.items()
        if place in group.first
    )


class _Requests:
    """Connections for one sample: fresh ones, since a client keeps its old picture."""

    def __init__(self, access: Access, deadline: float) -> None:
        self._access = access
        self._deadline = deadline
        self.count = 0

    def to(self, broker: LiveBroker) -> Connection:
        """A connection to a broker.

        Raises:
            NoAnswerError: when it does not answer.
        """
        return Connection(broker.host, broker.port, self._access, self._deadline)


def _sample(
    kafka: Kafka,
    asked: list[Offsets],
    leaders: Mapping[At, int],
    requests: _Requests,
    after_s: float,
) -> None:
    with side_by_side(len(kafka.brokers)) as pool:
        committed: dict[str, dict[At, int]] = {}
        for found in pool.map(lambda each: _committed(kafka, each, requests), asked):
            committed |= found
        by_leader: dict[int, set[At]] = {}
        for places in committed.values():
            for place in places:
                by_leader.setdefault(leaders.get(place, -1), set()).add(place)
        ends: dict[At, int] = {}
        jobs = [
            (kafka.brokers[leader], places)
            for leader, places in by_leader.items()
            if leader in kafka.brokers
        ]
        for answer in pool.map(lambda job: _ends(job[0], job[1], requests), jobs):
            ends |= answer
    for name, places in committed.items():
        group = kafka.groups[name]
        group.last = {
            f"{topic}-{number}": GroupOffset(offset, ends.get((topic, number), -1))
            for (topic, number), offset in sorted(places.items())
        }
        if not group.first:
            group.first = group.last
        group.window_s = round(after_s, 1)


def _committed(kafka: Kafka, asked: Offsets, requests: _Requests) -> dict[str, dict[At, int]]:
    """What groups have committed, in one question to their coordinator."""
    of_group = OffsetFetchRequest.OffsetFetchRequestGroup
    try:
        with requests.to(asked.coordinator) as connection:
            answer = connection.ask(
                OffsetFetchRequest(
                    groups=[of_group(group_id=name, topics=None) for name in asked.groups],
                    require_stable=False,
                ),
                newest=_WITH_NAMES,
            )
            requests.count += connection.requests
    except NoAnswerError as error:
        for name in asked.groups:
            kafka.groups[name].problem = error.gap.reason
        return {}
    found = {}
    for each in answer.groups:
        try:
            refuse(each.error_code, None, "reading offsets (ACL: Describe Group)")
        except NoAnswerError as error:
            kafka.groups[each.group_id].problem = error.gap.reason
            continue
        found[each.group_id] = {
            (topic.name, p.partition_index): p.committed_offset
            for topic in each.topics
            for p in topic.partitions
            if not p.error_code and p.committed_offset >= 0
        }
    return found


def _ends(broker: LiveBroker, places: set[At], requests: _Requests) -> dict[At, int]:
    """Where partitions end that a broker leads; without its answer, nothing."""
    try:
        with requests.to(broker) as connection:
            found = offsets(connection, dict.fromkeys(sorted(places), LATEST))
            requests.count += connection.requests
    except NoAnswerError:
        return {}
    return found
