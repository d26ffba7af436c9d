"""Steps of the flow, and the transactions that they are made of."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from verify.collect.kafka.clients import PartitionKey, Reader, Sender
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, gap_of
from verify.live.live import Cause, FlowStep, Gap

_ABORT_S = 3.0
_TRANSACTION_MS = 30_000
"""What a transaction may last of which its producer was killed."""
_AMPLE_S = 5.0
_TICK_S = 0.05


class Progress:
    """What a step is doing, so that it can say where it failed."""

    def __init__(self) -> None:
        self.doing = "beginning"
        self._begun = time.monotonic()

    def ended(self, message: str, numbers: Mapping[str, float] | None = None) -> FlowStep:
        """The step as one that went well."""
        return FlowStep(True, message, self._took_ms, dict(numbers or {}))

    def failed(self, message: str, numbers: Mapping[str, float] | None = None) -> FlowStep:
        """The step as one that went wrong."""
        return FlowStep(False, message, self._took_ms, dict(numbers or {}))

    @property
    def _took_ms(self) -> float:
        return (time.monotonic() - self._begun) * 1000


def stepping(work: Callable[[Progress], FlowStep], clock: Deadline) -> FlowStep:
    """What became of a step; one that Kafka kept from its end says what it was doing.

    Who is refused, or has hardly any time, finds out nothing; with time enough, silence is failure.
    """
    stage, ample = Progress(), clock.deadline - time.monotonic() >= _AMPLE_S
    try:
        found = work(stage)
    except NoOwnError as error:
        said = f"{stage.doing}: {error.gap.reason}"
        silent = error.gap.cause in (Cause.TIMED_OUT, Cause.UNREACHABLE)
        cause = Cause.TIMED_OUT if silent else error.gap.cause
        gap = None if silent and ample else Gap(cause, said)
        return msgspec.structs.replace(stage.failed(said), gap=gap)
    if clock.is_up and not found.ok and not ample:
        gap = Gap(Cause.TIMED_OUT, f"{found.message}: there was too little time for more")
        return msgspec.structs.replace(found, gap=gap)
    return found


class Transactor(Sender):
    """A producer with transactions; one that is open when it is left is aborted."""

    def __init__(self, settings: Mapping[str, Any], name: str, clock: Deadline) -> None:
        """`name` becomes its transactional id.

        Raises:
            NoOwnError: when no coordinator takes it in time.
        """
        super().__init__(settings, transactional_id=name, transaction_timeout_ms=_TRANSACTION_MS)
        self._open = False
        try:
            _insist(self.producer.init_transactions, clock)
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Open a transaction."""
        self.producer.begin_transaction()
        self._open = True

    def add_offsets(
        self, reader: Reader, offsets: Mapping[PartitionKey, int], clock: Deadline
    ) -> None:
        """Commit what a reader has read, if and when the transaction is committed.

        Raises:
            NoOwnError: when it is not taken in time.
        """
        from confluent_kafka import TopicPartition

        places = [TopicPartition(*place, offset) for place, offset in sorted(offsets.items())]
        group = reader.consumer.consumer_group_metadata()
        _insist(lambda t: self.producer.send_offsets_to_transaction(places, group, t), clock)

    def commit(self, clock: Deadline) -> None:
        """Make all of it count at once.

        Raises:
            NoOwnError: when that is not done in time.
        """
        _insist(self.producer.commit_transaction, clock)
        self._open = False

    def abort(self, clock: Deadline) -> None:
        """Make nothing of it count.

        Raises:
            NoOwnError: when that is not done in time.
        """
        _insist(self.producer.abort_transaction, clock)
        self._open = False

    def close(self) -> None:
        """Abort what is open, and let go of the client."""
        if self._open:
            self._open = False
            with suppress(NoOwnError):
                self.abort(Deadline(time.monotonic() + _ABORT_S))
        super().close()


def _insist(action: Callable[[float], object], clock: Deadline) -> None:
    from confluent_kafka import KafkaException

    while True:
        try:
            # Short, since Ctrl-C is noticed between two calls only; called again it goes on.
            action(min(1.0, clock.left()))
        except KafkaException as error:
            said = error.args[0]
            if not said.retriable():
                gap = gap_of(said)
                raise NoOwnError(gap.cause, gap.reason) from None
            clock.pause()
        else:
            return


class Record(NamedTuple):
    """A record as it was read."""

    place: PartitionKey
    offset: int
    value: bytes
    headers: dict[str, bytes]


def read_all(
    reader: Reader, places: Mapping[PartitionKey, int], count: int, clock: Deadline
) -> list[Record]:
    """All that is in these partitions, which should be `count` records: too few only at the end.

    Raises:
        NoOwnError: when the broker refuses.
    """
    reader.assign(places)
    found: list[Record] = []
    while not clock.is_up and (len(found) < count or not reader.ended.issuperset(places)):
        message = reader.next(_TICK_S)
        if message is not None:
            headers: Any = message.headers() or ()
            found.append(
                Record(
                    (message.topic() or "", message.partition() or 0),
                    message.offset() or 0,
                    message.value() or b"",
                    {key: value or b"" for key, value in headers},
                )
            )
    return found


def ends_of(records: list[Record]) -> dict[PartitionKey, int]:
    """The offsets to commit after these records."""
    ends: dict[PartitionKey, int] = {}
    for each in records:
        ends[each.place] = max(ends.get(each.place, 0), each.offset + 1)
    return ends


def places_of(topic: str, partitions: int) -> dict[PartitionKey, int]:
    """Every partition of a topic, from its beginning."""
    return {(topic, number): 0 for number in range(partitions)}
