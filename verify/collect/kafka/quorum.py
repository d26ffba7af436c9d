"""The KRaft quorum, as its leader tells it."""

import time
from collections.abc import Iterable
from typing import Any

import msgspec
from kafka.protocol.admin import DescribeQuorumRequest

from verify.collect.kafka.wire import Connection, refuse
from verify.live.live import LiveBroker, Quorum, Voter

_ELECTION_S, _PAUSE_S = 10, 0.5
"""How long after an election every node has fetched from the new leader: they ask twice a second, and notice after
two seconds that the old one is gone (Kafka 4.3, controller.quorum.fetch.timeout.ms)."""


def settled_quorum(connection: Connection, brokers: Iterable[LiveBroker]) -> Quorum:
    """The quorum; a leader that was only just elected has time to hear of every node that is not given up.

    Raises:
        NoAnswerError: when the broker does not answer or refuses.
    """
    given_up = {each.id for each in brokers if each.fenced}
    until = time.monotonic() + _ELECTION_S
    while True:
        found = quorum(connection)
        nodes = (*found.voters, *found.observers)
        new = {each.id for each in nodes if each.last_fetch_ms < 0} - {found.leader} - given_up
        if not new or time.monotonic() >= until:
            return found
        if time.monotonic() + 2 * _PAUSE_S >= connection.deadline:
            return msgspec.structs.replace(found, settled=False)
        time.sleep(_PAUSE_S)


def quorum(connection: Connection) -> Quorum:
    """The KRaft quorum, as its leader sees it; a quorum without a leader is no answer."""
    topic = DescribeQuorumRequest.TopicData
    request = DescribeQuorumRequest(
        topics=[
            topic(
                topic_name="__cluster_metadata",
                partitions=[topic.PartitionData(partition_index=0)],
            )
        ]
    )
    answer = connection.ask(request)
    refuse(answer.error_code, answer.error_message, "describing the quorum (ACL: Describe Cluster)")
    (partition,) = answer.topics[0].partitions
    refuse(partition.error_code, partition.error_message, "describing the quorum")

    def voters(states: list[Any]) -> tuple[Voter, ...]:
        return tuple(
            Voter(
                s.replica_id, s.log_end_offset, s.last_fetch_timestamp, s.last_caught_up_timestamp
            )
            for s in sorted(states, key=lambda s: s.replica_id)
        )

    # The leader's own times are those of its answer (Kafka 4.3, LeaderState.describeReplicaState).
    told_ms = max((each.last_fetch_timestamp for each in partition.current_voters), default=-1)
    return Quorum(
        partition.leader_id,
        partition.leader_epoch,
        partition.high_watermark,
        voters(partition.current_voters),
        voters(partition.observers),
        told_ms / 1000 - time.time() if told_ms > 0 else None,
    )
