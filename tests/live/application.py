"""An application for tests: it writes and reads, and tells a refusal from a broker that is away."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from live.answers import DEADLINE_S, NO_ANSWER, Rejected

# What the library says when it is not let in; a broker that is away is none of it.
_NOT_LET_IN = {
    *(KafkaError._AUTHENTICATION, KafkaError._SSL),
    KafkaError.SASL_AUTHENTICATION_FAILED,
}
# What goes away by itself, such as a leader that is being elected.
_PASSES = NO_ANSWER | {
    *(KafkaError._PARTITION_EOF, KafkaError.LEADER_NOT_AVAILABLE),
    *(KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR),
    KafkaError.NOT_LEADER_FOR_PARTITION,
}


class Application:
    """Whoever the settings say that it is: `Application(kafka.application("tls", "billing"))`."""

    def __init__(self, settings: Mapping[str, Any], deadline: float = DEADLINE_S) -> None:
        """`deadline` is how many seconds each thing may take that it does."""
        self._deadline = deadline
        self._errors: list[KafkaError] = []
        self._settings = {**settings, "log_level": 0, "error_cb": self._errors.append}

    def write(self, topic: str, value: str, key: str | None = None) -> None:
        """Write one record; all replicas that are in sync have it when this returns.

        Raises:
            Rejected: when the broker refuses, be it the application or the record.
            TimeoutError: when nobody answers.
        """
        timeout = int(self._deadline * 1000)
        producer = Producer(self._settings | {"acks": "all", "message.timeout.ms": timeout})
        said: list[KafkaError | None] = []
        producer.produce(topic, value, key, on_delivery=lambda error, _: said.append(error))
        try:
            self._until(lambda: bool(producer.poll(0.2) and said), f"write to {topic}")
            error = said[0]
        finally:
            producer.purge()
        if error is not None:
            _refuse(error)

    def read(self, topic: str, group: str, number: int = 1) -> list[str]:
        """Read so many records from the topic's beginning, and commit that they are read.

        Raises:
            Rejected: when the broker refuses.
            TimeoutError: when there are not as many, or nobody answers.
        """
        consumer = Consumer(
            self._settings
            | {"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
        )
        values: list[str] = []

        def more() -> bool:
            message = consumer.poll(0.2)
            if message is None:
                return False
            error = message.error()
            if error is None:
                values.append((message.value() or b"").decode())
            elif error.code() not in _PASSES:
                _refuse(error)
            return len(values) >= number

        try:
            consumer.subscribe([topic])
            self._until(more, f"read from {topic}")
            consumer.commit(asynchronous=False)
        except KafkaException as error:
            _refuse(error.args[0])
        finally:
            consumer.close()
        return values

    def topics(self) -> set[str]:
        """The topics of which the application may know.

        Raises:
            Rejected: when it is not let in.
            TimeoutError: when nobody answers.
        """
        admin = AdminClient(self._settings)
        found: list[set[str]] = []

        def ask() -> bool:
            admin.poll(0)
            try:
                found.append(set(admin.list_topics(timeout=1).topics))
            except KafkaException as error:
                if error.args[0].code() not in _PASSES:
                    _refuse(error.args[0])
                admin.poll(0)
            return bool(found)

        self._until(ask, "list the topics")
        return found[0]

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + self._deadline
        while not condition():
            for error in self._errors:
                # A client's certificate is looked at when the client takes the connection for made.
                if error.code() in _NOT_LET_IN or "tls alert" in error.str():
                    raise Rejected(error.str(), error.name())
            if time.monotonic() > end:
                said = "; ".join(error.str() for error in self._errors[-3:])
                raise TimeoutError(f"could not {what} within {self._deadline} s: {said}")


def _refuse(error: KafkaError) -> None:
    if error.code() in NO_ANSWER:
        raise TimeoutError(error.str())
    raise Rejected(error.str(), error.name()) from None
