"""What Kafka says of the topics of a backup: who they are, and where their partitions begin and end."""

import time
from collections.abc import Iterable, Iterator

import msgspec
from kafka.protocol.metadata import MetadataRequest

from verify.collect.backups.manifest import SetManifest
from verify.collect.kafka.access import Access
from verify.collect.kafka.partition_offsets import EARLIEST, LATEST, offsets
from verify.collect.kafka.wire import Connection, address_of
from verify.live.gap import Cause, NoAnswerError

_PAUSE_S = 0.5


class SourceTopic(msgspec.Struct, frozen=True):
    """A topic that is there and may be seen."""

    id: str
    partitions: int
    ends: dict[int, tuple[int, int]]
    """The first offset, and the first one that is not committed yet, of partitions that have a leader."""


class Source(msgspec.Struct, frozen=True):
    """The cluster with the topics that were asked about."""

    cluster_id: str
    topics: dict[str, SourceTopic]


def source(access: Access, names: Iterable[str], deadline: float) -> Source:
    """The topics of these names, as far as they are there; asked until somebody answers.

    Raises:
        NoAnswerError: when nobody does until the deadline, in terms of time.monotonic(), or we are refused.
    """
    wanted = sorted(set(names))
    while True:
        try:
            return _asked(access, wanted, deadline)
        except NoAnswerError as error:
            # A leader may just be moving, and a broker starting.
            if error.gap.cause is Cause.REFUSED or time.monotonic() + _PAUSE_S >= deadline:
                raise
            time.sleep(_PAUSE_S)


def _asked(access: Access, names: list[str], deadline: float) -> Source:
    named = MetadataRequest.MetadataRequestTopic
    with Connection(*address_of(access.bootstrap[0]), access, deadline) as connection:
        answer = connection.ask(
            MetadataRequest(
                topics=[named(name=each) for each in names], allow_auto_topic_creation=False
            ),
            timeout_s=60,
        )
    addresses = {each.node_id: (each.host, each.port) for each in answer.brokers}
    there = {each.name: each for each in answer.topics if not each.error_code}
    by_leader: dict[int, list[tuple[str, int]]] = {}
    for name, topic in there.items():
        for each in topic.partitions:
            by_leader.setdefault(each.leader_id, []).append((name, each.partition_index))
    ends: dict[str, dict[int, tuple[int, int]]] = {name: {} for name in there}
    for leader in sorted(by_leader.keys() & addresses.keys()):
        places = by_leader[leader]
        with Connection(*addresses[leader], access, deadline) as connection:
            first = offsets(connection, dict.fromkeys(places, EARLIEST))
            end = offsets(connection, dict.fromkeys(places, LATEST))
        for name, number in first.keys() & end.keys():
            ends[name][number] = first[name, number], end[name, number]
    topics = {
        name: SourceTopic(str(there[name].topic_id), len(there[name].partitions), ends[name])
        for name in sorted(there)
    }
    return Source(answer.cluster_id, topics)


def not_reached(said: SetManifest | None, before: Source, now: Source) -> Iterator[str]:
    """Partitions that a set does not hold up to where they ended when its run began, here and for the engine."""
    topics = said.topics if said else {}
    for name, topic in sorted(before.topics.items()):
        held = topics[name].partitions if name in topics else {}
        for number, (first, end) in sorted(topic.ends.items()):
            found = held.get(number)
            reached = found.through + 1 if found else 0
            wanted = max(end, found.captured_end if found else 0)
            left = now.topics[name].ends.get(number, (0, 0))[0] if name in now.topics else 0
            # What Kafka has deleted in the meantime nobody could read any more.
            if first < wanted and max(reached, left) < wanted:
                yield (f"the set holds {name}[{number}] up to offset {reached - 1}, and it reached"
                       f" {wanted - 1} when the run began")  # fmt: skip
