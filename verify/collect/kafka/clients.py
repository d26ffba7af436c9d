"""A producer and a consumer for a run's own topics: nothing waits longer than it is told to."""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Self

from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, gap_of, news
from verify.live.live import Cause

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message, Producer

PartitionKey = tuple[str, int]
"""A topic and one of its partitions."""
Report = Callable[[str, float], None]
"""Told what went wrong with a record, or nothing, and how many milliseconds it took."""


class Sender:
    """A producer that wants every record acknowledged by all replicas in sync, once."""

    def __init__(
        self, settings: Mapping[str, Any], hopeless: Collection[str] = (), **more: object
    ) -> None:
        """`hopeless` are addresses at which it is known that no broker answers us."""
        from confluent_kafka import Producer

        self._hopeless = hopeless
        self.errors: list[KafkaError] = []
        self._producer: Producer | None = Producer(
            {**settings, "acks": "all", "enable.idempotence": True, "linger.ms": 0}
            | {key.replace("_", "."): value for key, value in more.items()}
            | {"error_cb": self.errors.append}
        )

    @property
    def producer(self) -> "Producer":
        """The client itself, for what only it can do.

        Raises:
            NoOwnError: when it is closed.
        """
        if self._producer is None:
            raise NoOwnError(Cause.NOT_ASKED, "the producer is closed")
        return self._producer

    def send(
        self,
        place: PartitionKey,
        value: bytes,
        key: bytes | None = None,
        headers: Mapping[str, bytes] | None = None,
        report: Report | None = None,
    ) -> None:
        """Hand a record over; `report` is called by a later `poll`.

        Raises:
            BufferError: when more records wait than fit.
        """

        def delivered(error: "KafkaError | None", message: "Message") -> None:
            if report is not None and self._producer is not None:
                report("" if error is None else error.str(), 1000 * (message.latency() or 0))

        self.producer.produce(
            place[0], value, key, place[1], on_delivery=delivered,
            headers=list((headers or {}).items()),
        )  # fmt: skip

    def poll(self, timeout: float = 0) -> None:
        """Let reports come.

        Raises:
            NoOwnError: when the producer can do nothing any more.
        """
        self.producer.poll(timeout)
        for error in news(self.errors, self._hopeless):
            gap = gap_of(error)
            if error.fatal() or gap.cause is Cause.REFUSED:
                raise NoOwnError(Cause.REFUSED, gap.reason)

    def flush(self, clock: Deadline) -> None:
        """Wait until everything handed over is reported.

        Raises:
            NoOwnError: when it is not in time.
        """
        while len(self.producer):
            clock.left()
            self.poll(0.05)

    def close(self) -> None:
        """Throw away what is not acknowledged, and the client.

        A producer that lives on would have its deleted topic created again where brokers do that.
        """
        if self._producer is not None:
            producer, self._producer = self._producer, None
            producer.purge()
            producer.poll(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Reader:
    """A consumer of committed records that is told where to read, and joins nobody."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        group: str,
        hopeless: Collection[str] = (),
        **more: object,
    ) -> None:
        """`hopeless` are addresses at which it is known that no broker answers us."""
        from confluent_kafka import Consumer

        self._hopeless = hopeless
        self.group = group
        self.ended: set[PartitionKey] = set()
        """Partitions of which nothing more is there for now."""
        self._errors: list[KafkaError] = []
        self._committed: list[KafkaError | None] = []
        self._consumer: Consumer | None = Consumer(
            {
                **settings,
                "group.id": group,
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 100,
                "error_cb": self._errors.append,
                "on_commit": lambda error, _: self._committed.append(error),
            }
            | {key.replace("_", "."): value for key, value in more.items()}
        )

    @property
    def consumer(self) -> "Consumer":
        """The client itself, for what only it can do.

        Raises:
            NoOwnError: when it is closed.
        """
        if self._consumer is None:
            raise NoOwnError(Cause.NOT_ASKED, "the consumer is closed")
        return self._consumer

    def assign(self, offsets: Mapping[PartitionKey, int]) -> None:
        """Read these partitions, each from this offset on."""
        self.ended.clear()
        self.consumer.assign(_partitions(offsets))

    def next(self, timeout: float) -> "Message | None":
        """The next record, if one comes in time.

        Raises:
            NoOwnError: when the broker refuses.
        """
        from confluent_kafka import KafkaError

        message = self.consumer.poll(timeout)
        if message is None:
            for each in news(self._errors, self._hopeless):
                gap = gap_of(each)
                if gap.cause is Cause.REFUSED:
                    raise NoOwnError(gap.cause, gap.reason)
            return None
        error = message.error()
        place = message.topic() or "", message.partition() or 0
        if error is None:
            self.ended.discard(place)
            return message
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own name
            self.ended.add(place)
        elif (gap := gap_of(error)).cause is Cause.REFUSED:
            raise NoOwnError(gap.cause, gap.reason)
        return None

    def partitions(self, clock: Deadline) -> dict[str, set[int]]:
        """The partitions of every topic of which we may know.

        Raises:
            NoOwnError: when nobody answers in time.
        """
        from confluent_kafka import KafkaException

        while True:
            try:
                found = self.consumer.list_topics(timeout=min(5.0, clock.left()))
            except KafkaException:
                clock.pause()
            else:
                return {name: set(each.partitions) for name, each in found.topics.items()}

    def bounds(self, place: PartitionKey, clock: Deadline) -> tuple[int, int]:
        """The first offset of a partition, and its first free one.

        Raises:
            NoOwnError: when the broker refuses, or does not answer in time.
        """
        from confluent_kafka import KafkaException, TopicPartition

        while True:
            try:
                timeout = min(1.0, clock.left())
                found = self.consumer.get_watermark_offsets(TopicPartition(*place), timeout=timeout)
            except KafkaException as error:
                gap = gap_of(error.args[0])
                if gap.cause is Cause.REFUSED:
                    raise NoOwnError(gap.cause, gap.reason) from None
                clock.pause()
            else:
                if found is not None:
                    return found

    def commit(self, offsets: Mapping[PartitionKey, int], clock: Deadline) -> None:
        """Commit these offsets.

        Raises:
            NoOwnError: when the broker refuses, or does not answer in time.
        """
        while True:
            self._committed.clear()
            # The other way blocks for as long as no coordinator is there.
            self.consumer.commit(offsets=_partitions(offsets), asynchronous=True)
            while not self._committed:
                clock.left()
                self.next(0.05)
            error = self._committed[0]
            if error is None:
                return
            gap = gap_of(error)
            if gap.cause is Cause.REFUSED:
                raise NoOwnError(gap.cause, gap.reason)
            clock.pause()

    def committed(
        self, places: Mapping[PartitionKey, int], clock: Deadline
    ) -> dict[PartitionKey, int]:
        """What the group has committed of these partitions, asked of its coordinator.

        Raises:
            NoOwnError: when the broker refuses, or does not answer in time.
        """
        from confluent_kafka import KafkaException

        while True:
            timeout = min(1.0, clock.left())
            try:
                found = self.consumer.committed(_partitions(places), timeout=timeout)
            except KafkaException as error:
                gap = gap_of(error.args[0])
                if gap.cause is Cause.REFUSED:
                    raise NoOwnError(gap.cause, gap.reason) from None
            else:
                return {(each.topic, each.partition): each.offset for each in found}

    def close(self) -> None:
        """Let go of the client."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _partitions(offsets: Mapping[PartitionKey, int]) -> Any:
    from confluent_kafka import TopicPartition

    return [TopicPartition(*place, offset) for place, offset in sorted(offsets.items())]
