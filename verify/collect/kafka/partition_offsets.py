"""Where backed-up partitions begin and end, and what they have at a time: questions to their leaders."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kafka.protocol.consumer import ListOffsetsRequest

from verify.collect.kafka.access import Access
from verify.collect.kafka.wire import Connection
from verify.collect.thread_pool import side_by_side
from verify.live.gap import NoAnswerError
from verify.live.live import Ends, Gap, Kafka, LiveBroker, Located

At = tuple[str, int]

READ_UNCOMMITTED, _READ_COMMITTED = 0, 1
"""What open transactions have written does not wait for anybody yet."""
EARLIEST, LATEST = -2, -1


EVERY = -1
Times = Mapping[At, Sequence[int]]
"""Times in milliseconds by partition; EVERY is every one of its topic."""


def ask_ends(
    kafka: Kafka, access: Access, ages_s: Mapping[str, float], times_ms: Times, deadline: float
) -> Gap | None:
    """Fill in `kafka.ends` for these topics, and `kafka.located`; why a leader did not say, if one did not.

    By topic, `ages_s` is how old a record may be before it has to be in a backup.
    """
    before_ms = {topic: int((time.time() - age_s) * 1000) for topic, age_s in ages_s.items()}
    times: dict[At, Sequence[int]] = {}
    by_leader: dict[int, list[At]] = {}
    for name in sorted({*ages_s, *(topic for topic, _ in times_ms)} & kafka.topics.keys()):
        for number, partition in enumerate(kafka.topics[name].partitions):
            at = name, number
            times[at] = times_ms.get(at) or times_ms.get((name, EVERY), ())
            if name in ages_s or times[at]:
                by_leader.setdefault(partition.leader, []).append(at)
    jobs = [(kafka.brokers[each], by_leader[each]) for each in by_leader if each in kafka.brokers]

    def ask(job: tuple[LiveBroker, list[At]]) -> "_Told | Gap":
        broker, places = job
        try:
            with Connection(broker.host, broker.port, access, deadline) as connection:
                # What is dropped meanwhile is then before the first record, and was not lost.
                told = _Told(_located(connection, {at: times[at] for at in places}))
                backed_up = [at for at in places if at[0] in ages_s]
                if backed_up:
                    first = offsets(connection, dict.fromkeys(backed_up, EARLIEST))
                    young = offsets(connection, {at: before_ms[at[0]] for at in backed_up})
                    end = offsets(connection, dict.fromkeys(backed_up, LATEST))
                    high = offsets(connection, dict.fromkeys(backed_up, LATEST), READ_UNCOMMITTED)
                    every = first.keys() & young.keys() & end.keys()
                    told.ends = {at: Ends(first[at], end[at], young[at], high.get(at, -1))
                                 for at in every}  # fmt: skip
                told.requests = connection.requests
        except NoAnswerError as error:
            return Gap(error.gap.cause, f"broker {broker.id}: {error.gap.reason}")
        return told

    gap = None
    with side_by_side(len(jobs)) as pool:
        for found in pool.map(ask, jobs):
            if isinstance(found, Gap):
                gap = found
                continue
            kafka.requests += found.requests
            kafka.ends |= {f"{topic}-{number}": e for (topic, number), e in found.ends.items()}
            kafka.located |= {
                f"{topic}-{number}": e for (topic, number), e in found.located.items()
            }
    kafka.ends = dict(sorted(kafka.ends.items()))
    kafka.located = dict(sorted(kafka.located.items()))
    return gap


@dataclass
class _Told:
    """What one leader says of its partitions."""

    located: dict[At, tuple[Located, ...]]
    ends: dict[At, Ends] = field(default_factory=dict)
    requests: int = 0


def _located(connection: Connection, times_ms: Times) -> dict[At, tuple[Located, ...]]:
    """One question for the first time of every partition, one for the second, and so on."""
    found: dict[At, list[Located]] = {}
    for number in range(max(map(len, times_ms.values()), default=0)):
        wanted = {at: times[number] for at, times in times_ms.items() if number < len(times)}
        for at, (offset, time_ms) in _ask(connection, wanted, _READ_COMMITTED).items():
            found.setdefault(at, []).append(Located(wanted[at], offset, time_ms))
    return {at: tuple(each) for at, each in found.items()}


def offsets(
    connection: Connection, times_ms: Mapping[At, int], isolation: int = _READ_COMMITTED
) -> dict[At, int]:
    """The first offset at or after a time of each partition; -1 where no record is that young.

    Of partitions that this broker does not lead nothing is said.
    """
    return {at: offset for at, (offset, _) in _ask(connection, times_ms, isolation).items()}


def _ask(
    connection: Connection, times_ms: Mapping[At, int], isolation: int
) -> dict[At, tuple[int, int]]:
    """The same, with the time of the record at that offset."""
    of_topic = ListOffsetsRequest.ListOffsetsTopic
    by_topic: dict[str, list[int]] = {}
    for topic, number in times_ms:
        by_topic.setdefault(topic, []).append(number)
    answer = connection.ask(
        ListOffsetsRequest(
            replica_id=-1,
            isolation_level=isolation,
            timeout_ms=5000,
            topics=[
                of_topic(
                    name=name,
                    partitions=[
                        of_topic.ListOffsetsPartition(
                            partition_index=number,
                            current_leader_epoch=-1,
                            timestamp=times_ms[name, number],
                        )
                        for number in numbers
                    ],
                )
                for name, numbers in by_topic.items()
            ],
        )
    )
    return {
        (topic.name, p.partition_index): (p.offset, p.timestamp)
        for topic in answer.topics
        for p in topic.partitions
        if not p.error_code
    }
