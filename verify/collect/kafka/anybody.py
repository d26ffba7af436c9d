"""What one broker can tell for all: the quorum, rights, quotas, settings of topics."""

from collections.abc import Callable, Mapping

from verify.collect.kafka import questions, settings
from verify.collect.kafka.access import Access
from verify.collect.kafka.quorum import settled_quorum
from verify.collect.kafka.wire import Connection
from verify.live.gap import Cause, Gap, NoAnswerError
from verify.live.live import Kafka, LiveBroker

TOPICS_AT_ONCE = 1000
"""How many topics' settings one question is about."""


class Anybody:
    """Asks the broker by which the run came, and others where that one has gone meanwhile."""

    def __init__(self, kafka: Kafka, origin: LiveBroker, access: Access, deadline: float) -> None:
        """Answers become parts of `kafka`; `deadline` is in terms of time.monotonic()."""
        self._kafka, self._access, self._deadline = kafka, access, deadline
        others = [each for each in kafka.brokers.values() if not each.fenced and each != origin]
        self._brokers = [origin, *others]
        self.gaps: dict[str, Gap] = {}

    def ask(self, name: str) -> int:
        """One of the questions; returns how many requests it took."""
        requests = 0
        for broker in self._brokers:
            requests += 1
            try:
                with Connection(broker.host, broker.port, self._access, self._deadline) as asked:
                    setattr(self._kafka, name, QUESTIONS[name](asked, self._kafka))
                    self.gaps.pop(f"kafka.{name}", None)
                    return requests - 1 + asked.requests
            except NoAnswerError as error:
                self.gaps[f"kafka.{name}"] = error.gap
                if error.gap.cause is not Cause.UNREACHABLE:
                    break  # the others would refuse, or keep silence, as this one does
        return requests


def _configs(connection: Connection, names: list[str]) -> Mapping[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(names), TOPICS_AT_ONCE):
        found |= settings.topic_configs(connection, names[start : start + TOPICS_AT_ONCE])
    return found


QUESTIONS: dict[str, Callable[[Connection, Kafka], object]] = {
    "quorum": lambda connection, kafka: settled_quorum(connection, kafka.brokers.values()),
    "acls": lambda connection, _: questions.acls(connection),
    "quotas": lambda connection, _: questions.quotas(connection),
    "scram": lambda connection, _: questions.scram(connection),
    "reassignments": lambda connection, _: questions.reassignments(connection),
    "configs": lambda connection, kafka: _configs(connection, sorted(kafka.topics)),
}
