"""Where backed-up partitions begin and end: three questions to each of their leaders."""

import time
from collections.abc import Mapping

from kafka.protocol.consumer import ListOffsetsRequest

from verify.collect.kafka.access import Access
from verify.collect.kafka.wire import Connection
from verify.collect.thread_pool import side_by_side
from verify.live.gap import NoAnswerError
from verify.live.live import Ends, Gap, Kafka, LiveBroker

At = tuple[str, int]

READ_UNCOMMITTED, _READ_COMMITTED = 0, 1
"""What open transactions have written does not wait for anybody yet."""
EARLIEST, LATEST = -2, -1


def ask_ends(
    kafka: Kafka, access: Access, ages_s: Mapping[str, float], deadline: float
) -> Gap | None:
    """Fill in `kafka.ends` for these topics; why a leader did not say, where one did not.

    By topic, `ages_s` is how old a record may be before it has to be in a backup.
    """
    before_ms = {topic: int((time.time() - age_s) * 1000) for topic, age_s in ages_s.items()}
    by_leader: dict[int, list[At]] = {}
    for name in sorted(ages_s.keys() & kafka.topics.keys()):
        for number, partition in enumerate(kafka.topics[name].partitions):
            by_leader.setdefault(partition.leader, []).append((name, number))
    jobs = [(kafka.brokers[each], by_leader[each]) for each in by_leader if each in kafka.brokers]

    def ask(job: tuple[LiveBroker, list[At]]) -> dict[At, Ends] | Gap:
        broker, places = job
        try:
            with Connection(broker.host, broker.port, access, deadline) as connection:
                first = offsets(connection, dict.fromkeys(places, EARLIEST))
                young = offsets(connection, {at: before_ms[at[0]] for at in places})
                end = offsets(connection, dict.fromkeys(places, LATEST))
        except NoAnswerError as error:
            return Gap(error.gap.cause, f"broker {broker.id}: {error.gap.reason}")
        every = first.keys() & young.keys() & end.keys()
        return {at: Ends(first[at], end[at], young[at]) for at in every}

    gap = None
    with side_by_side(len(jobs)) as pool:
        for found in pool.map(ask, jobs):
            if isinstance(found, Gap):
                gap = found
            else:
                kafka.ends |= {f"{topic}-{number}": each for (topic, number), each in found.items()}
    kafka.ends = dict(sorted(kafka.ends.items()))
    kafka.requests += 3 * len(jobs)
    return gap


def offsets(
    connection: Connection, times_ms: Mapping[At, int], isolation: int = _READ_COMMITTED
) -> dict[At, int]:
    """The first offset at or after a time of each partition; -1 where no record is that young.

    Of partitions that this broker does not lead nothing is said.
    """
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
        (topic.name, p.partition_index): p.offset
        for topic in answer.topics
        for p in topic.partitions
        if not p.error_code
    }
