"""Consumer groups, and over a window of time what they committed and where partitions end."""

import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafka.protocol.admin import DescribeGroupsRequest, ListGroupsRequest
from kafka.protocol.consumer import OffsetFetchRequest

from verify.collect.kafka.access import Access
from verify.collect.kafka.messages import ConsumerGroupDescribeRequest
from verify.collect.kafka.partition_offsets import EARLIEST, LATEST, READ_UNCOMMITTED, At, offsets
from verify.collect.kafka.wire import LOADING, Connection, refuse
from verify.collect.thread_pool import side_by_side
from verify.live.gap import NoAnswerError
from verify.live.live import Group, GroupOffset, Kafka, LiveBroker, stands_still

_PAUSE_S = 1.0
"""Between two looks at groups that lag; members commit every five seconds by default."""
_FIRST_COMMIT_S = 12
"""How long a member that has just begun may take to commit for the first time: twice what is usual."""
_LOADING_S = 10.0
"""Coordinators read their partition of __consumer_offsets first when they begin to lead it."""
_WITH_NAMES = 9
"""The last version of OffsetFetch that has names of topics (Kafka 4.3; 10 has their ids)."""


@dataclass(frozen=True, slots=True)
class Offsets:
    """Groups, and the broker that knows their offsets."""

    coordinator: LiveBroker
    groups: tuple[str, ...]


def groups(connection: Connection, broker: int) -> dict[str, Group]:
    """The groups that a broker coordinates, with the partitions that their members have."""
    request = ListGroupsRequest(states_filter=[], types_filter=[])
    answer = _once_loaded(connection, request, lambda told: [told.error_code])
    refuse(answer.error_code, None, "listing groups (ACL: Describe Group)")
    found = {
        each.group_id: Group(
            state=each.group_state, protocol=each.group_type or "", members=-1, coordinator=broker
        )
        for each in answer.groups
        if each.protocol_type in ("consumer", "streams", "")
    }
    by_protocol: dict[str, list[str]] = {}
    for name, group in found.items():
        by_protocol.setdefault(group.protocol.lower(), []).append(name)
    for protocol, describe in _DESCRIBE.items():
        if protocol in by_protocol:
            for name, assignments in describe(connection, by_protocol[protocol]):
                found[name].members = len(assignments)
                found[name].assigned = tuple(sorted({p for each in assignments for p in each}))
    return found


def _classic(connection: Connection, names: list[str]) -> Iterator[tuple[str, list[list[str]]]]:
    """Groups, and the partitions of each member."""
    answer = _once_loaded(connection, DescribeGroupsRequest(groups=names), _codes)
    for group in answer.groups:
        if not group.error_code:
            of_consumers = group.protocol_type == "consumer"
            yield (
                group.group_id,
                [
                    _partitions(bytes(each.member_assignment)) if of_consumers else []
                    for each in group.members
                ],
            )


def _partitions(assignment: bytes) -> list[str]:
    """A member's partitions, as its leader wrote them (Kafka 4.3, ConsumerProtocolAssignment.json)."""
    found: list[str] = []
    try:
        (topics,), at = struct.unpack_from(">2xi", assignment), 6
        for _ in range(max(0, topics)):
            (length,) = struct.unpack_from(">h", assignment, at)
            name, at = assignment[at + 2 : at + 2 + length].decode(), at + 2 + length
            (count,) = struct.unpack_from(">i", assignment, at)
            numbers = struct.unpack_from(f">{count}i", assignment, at + 4)
            found += [f"{name}-{number}" for number in numbers]
            at += 4 + 4 * count
    except (struct.error, UnicodeDecodeError):
        return []  # one that only its own members understand
    return found


def _consumer(connection: Connection, names: list[str]) -> Iterator[tuple[str, list[list[str]]]]:
    """The same of groups of the new protocol (KIP-848)."""
    request = ConsumerGroupDescribeRequest(group_ids=names, include_authorized_operations=False)
    for group in _once_loaded(connection, request, _codes).groups:
        if not group.error_code:
            yield (
                group.group_id,
                [
                    [
                        f"{topic.topic_name}-{number}"
                        for topic in member.assignment.topic_partitions
                        for number in topic.partitions
                    ]
                    for member in group.members
                ],
            )


def _codes(answer: Any) -> list[int]:
    return [each.error_code for each in answer.groups]


def _once_loaded(
    connection: Connection, request: Any, codes: Callable[[Any], Iterable[int]], **how: int
) -> Any:
    """The answer of a coordinator, which gets some time to load what it has just taken over."""
    until = min(time.monotonic() + _LOADING_S, connection.deadline - _PAUSE_S)
    while True:
        answer = connection.ask(request, **how)
        if LOADING not in codes(answer) or time.monotonic() >= until:
            return answer
        time.sleep(_PAUSE_S)


_DESCRIBE = {"classic": _classic, "consumer": _consumer}


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
    by_name = {f"{topic}-{number}": (topic, number) for topic, number in leaders}
    requests = _Requests(access, deadline)
    began = time.monotonic()
    while waiting:
        _sample(kafka, waiting, leaders, by_name, requests, time.monotonic() - began)
        if time.monotonic() + _PAUSE_S > min(began + window_s, deadline):
            break
        waiting = [
            Offsets(each.coordinator, still)
            for each in waiting
            if (still := tuple(name for name in each.groups if _is_watched(kafka, name)))
        ]
        if waiting:
            time.sleep(_PAUSE_S)
    return requests.count


def _is_watched(kafka: Kafka, name: str) -> bool:
    """True when records wait and nothing was committed since the first sample.

    Where nothing ever was, a member may have begun at the end: it is given the time to commit that.
    """
    group = kafka.groups[name]
    if group.problem or group.state.lower() == "empty":
        return False
    return any(
        _may_wait(group.first[place], now, group.window_s)
        for place, now in group.last.items()
        if place in group.first
    )


def _may_wait(first: GroupOffset, now: GroupOffset, after_s: float) -> bool:
    # At the first look nobody knows yet whether the ends move.
    if now is first or (now.committed < 0 and after_s < _FIRST_COMMIT_S):
        return now.lag > 0
    return stands_still(first, now)


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
    by_name: Mapping[str, At],
    requests: _Requests,
    after_s: float,
) -> None:
    with side_by_side(len(kafka.brokers)) as pool:
        committed: dict[str, dict[At, int]] = {}
        for found in pool.map(lambda each: _committed(kafka, each, requests), asked):
            committed |= found
        by_leader: dict[int, dict[At, int]] = {}
        for name, places in committed.items():
            had = (by_name[each] for each in kafka.groups[name].assigned if each in by_name)
            for place in had:
                places.setdefault(place, -1)
            for place, offset in places.items():
                most = by_leader.setdefault(leaders.get(place, -1), {})
                most[place] = max(offset, most.get(place, -1))
        ends: dict[At, tuple[int, int]] = {}
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
            f"{topic}-{number}": GroupOffset(offset, *ends.get((topic, number), (-1, -1)))
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
            request = OffsetFetchRequest(
                groups=[of_group(group_id=name, topics=None) for name in asked.groups],
                require_stable=False,
            )
            answer = _once_loaded(connection, request, _codes, newest=_WITH_NAMES)
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


def _ends(
    broker: LiveBroker, committed: Mapping[At, int], requests: _Requests
) -> dict[At, tuple[int, int]]:
    """Where partitions end and begin that a broker leads; without its answer, nothing.

    They end where readers of committed records stop; but where somebody has committed more than that,
    maybe as a reader of all records, at the last record.
    """
    asked = sorted(committed)
    try:
        with requests.to(broker) as connection:
            ends = offsets(connection, dict.fromkeys(asked, LATEST))
            start = offsets(connection, dict.fromkeys(asked, EARLIEST))
            beyond = [at for at, end in ends.items() if committed[at] > end]
            if beyond:
                ends |= offsets(connection, dict.fromkeys(beyond, LATEST), READ_UNCOMMITTED)
            requests.count += connection.requests
    except NoAnswerError:
        return {}
    return {at: (end, start.get(at, -1)) for at, end in ends.items()}
