"""What a broker answers, as tests see it."""

from typing import Any

from confluent_kafka import KafkaError, KafkaException

DEADLINE_S = 120
"""How long anything may take before a test gives up; slow machines are no reason to fail."""

NOT_YET = {
    *(KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.LEADER_NOT_AVAILABLE),
    KafkaError.NOT_LEADER_FOR_PARTITION,
}
"""What a broker says that has not heard yet of a change that the controller has just made."""

NO_ANSWER = {
    *(KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN),
    *(KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT),
    # It waited for a broker that the cluster has given up meanwhile.
    KafkaError._DESTROY_BROKER,
}
"""What the library says when nobody answered."""


class Rejected(Exception):  # noqa: N818 (an answer, not a failure)
    """What the broker said when it refused."""

    def __init__(self, message: str, name: str = "") -> None:
        """`name` is Kafka's own of the error, such as INVALID_CONFIG."""
        super().__init__(message)
        self.name = name


def snake(word: str) -> str:
    """`DescribeConfigs` or `transactionalId` as the C library spells them."""
    return "".join(f"_{each}" if each.isupper() else each for each in word).lstrip("_").upper()


def answer_of(future: Any) -> Any:
    """What the broker answered.

    Raises:
        Rejected: when it refused.
    """
    try:
        return future.result(DEADLINE_S)
    except KafkaException as error:
        refuse(error.args[0])


def refuse(error: KafkaError) -> None:
    """Raise what a client was told: the broker's answer as Rejected, the library's own as it is."""
    if error.code() < 0:
        raise KafkaException(error)
    raise Rejected(error.str(), error.name()) from None
