"""Questions to brokers that may be dead or frozen, all under one deadline.

No single broker can hold anything up: whoever does not answer in time is asked again by a client
that has never heard of it.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from threading import Event
from typing import TYPE_CHECKING, Any, Self, TypeVar

from verify.collect.kafka.access import Access
from verify.live.live import Cause, Gap

if TYPE_CHECKING:
    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient

Answer = TypeVar("Answer")

_FIRST_PATIENCE_S = 1.0
_PAUSE_S = 0.02
OWN_WORK_S = 10.0
"""With less for all of its work, what did not come in time may be the fault of the time."""


class NoOwnError(Exception):
    """Kafka did not do what the run needs; `gap` says why."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason)


class Deadline:
    """How long there is still time, and whether somebody said stop."""

    def __init__(self, deadline: float, stop: Event | None = None) -> None:
        """`deadline` is in terms of time.monotonic()."""
        self.deadline = deadline
        self.stop = stop or Event()

    def part(self, share: float) -> Self:
        """A clock for a share of what is left."""
        now = time.monotonic()
        return type(self)(now + max(0.0, self.deadline - now) * share, self.stop)

    @property
    def is_up(self) -> bool:
        """Whether nothing more should be begun."""
        return self.stop.is_set() or time.monotonic() >= self.deadline

    def left(self) -> float:
        """Seconds until the deadline.

        Raises:
            NoOwnError: when there are none, or somebody said stop.
        """
        if self.stop.is_set():
            raise NoOwnError(Cause.NOT_ASKED, "it was stopped")
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise NoOwnError(Cause.TIMED_OUT, "the time was up")
        return left

    def pause(self) -> None:
        """Let a moment pass before the same is asked again; a stop ends it."""
        self.stop.wait(_PAUSE_S)


class RetryingAdmin:
    """An admin client that is thrown away as soon as it gets no answer."""

    def __init__(self, access: Access, clock: Deadline) -> None:
        self.clock = clock
        self.access = access
        self.settings = access.librdkafka()
        self._timeout_s = access.timeout_s
        self._errors: list[KafkaError] = []
        self._admin: AdminClient | None = None

    def ask(
        self, question: Callable[["AdminClient", float], Answer], clock: Deadline | None = None
    ) -> Answer:
        """The answer to a question, asked until somebody gives one.

        Raises:
            NoOwnError: when Kafka refuses, or the time is up.
        """
        from confluent_kafka import KafkaException

        clock = clock or self.clock
        patience, said = _FIRST_PATIENCE_S, Gap(Cause.TIMED_OUT, "no answer")
        while True:
            try:
                left = clock.left()
            except NoOwnError as error:
                if error.gap.cause is Cause.TIMED_OUT:
                    raise NoOwnError(said.cause, said.reason) from None
                raise
            try:
                return question(self._client(), min(patience, left))
            except KafkaException as error:
                said = self._gap_of(error.args[0])
            except TimeoutError:
                said = Gap(Cause.TIMED_OUT, "no answer")
            self._admin = None
            if said.cause is Cause.REFUSED:
                raise NoOwnError(said.cause, said.reason)
            patience = min(patience * 1.5, self._timeout_s)
            clock.pause()

    def close(self) -> None:
        """Let go of the client."""
        self._admin = None

    def _client(self) -> "AdminClient":
        from confluent_kafka.admin import AdminClient

        if self._admin is None:
            self._errors.clear()
            self._admin = AdminClient(self.settings | {"error_cb": self._errors.append})
        return self._admin

    def _gap_of(self, error: "KafkaError") -> Gap:
        if self._admin is not None:
            self._admin.poll(0)
        return gap_of(error, news(self._errors, self.access.hopeless))


def in_a_hurry(gap: Gap, given_s: float) -> Gap:
    """Why work with topics of its own did not end; with hardly any time for it, that was why."""
    # Where nobody listens, more time helps nobody.
    if given_s >= OWN_WORK_S or gap.cause is Cause.REFUSED or "Connection refused" in gap.reason:
        return gap
    said = f"it had {max(0, given_s):.0f} s, and needs up to {OWN_WORK_S:.0f}"
    return Gap(Cause.TIMED_OUT, f"{gap.reason}: {said}" if gap.reason else said)


def news(errors: "Iterable[KafkaError]", hopeless: Collection[str]) -> "list[KafkaError]":
    """What clients were told, but for what is said of addresses at which it is known that no broker answers us.

    Source: librdkafka 2.16 calls a broker `ssl://b1:9093/1`, and who coordinates `GroupCoordinator: b1:9093`.
    """
    if not hopeless:
        return list(errors)
    known = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, hopeless))})(?!\d)")
    return [each for each in errors if known.search(each.str()) is None]


def gap_of(error: "KafkaError", others: "Sequence[KafkaError]" = ()) -> Gap:
    """Why a client got no answer: its own error, or what it was told before, which says more."""
    from confluent_kafka import KafkaError

    closed = {KafkaError._AUTHENTICATION, KafkaError._SSL}  # noqa: SLF001 - librdkafka's own names
    for each in (error, *others):
        if each.code() in closed or "tls alert" in each.str():
            return Gap(Cause.REFUSED, each.str())
    if error.code() >= 0 and error.name() not in _PASSES:
        return Gap(Cause.REFUSED, f"{error.str().rstrip('.')} ({error.name()})")
    unreachable = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}  # noqa: SLF001
    down = error.code() in unreachable or any(each.code() in unreachable for each in others)
    said = others[-1].str() if others else error.str()
    return Gap(Cause.UNREACHABLE if down else Cause.TIMED_OUT, said)


_PASSES = frozenset(
    {
        *("NOT_CONTROLLER", "REQUEST_TIMED_OUT", "BROKER_NOT_AVAILABLE", "NETWORK_EXCEPTION"),
        *("COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS", "NOT_COORDINATOR"),
        *("LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION", "UNKNOWN_TOPIC_OR_PART"),
        *("REPLICA_NOT_AVAILABLE", "THROTTLING_QUOTA_EXCEEDED", "NON_EMPTY_GROUP"),
        *("FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH", "OFFSET_NOT_AVAILABLE"),
        *("NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "CONCURRENT_TRANSACTIONS"),
        "UNSTABLE_OFFSET_COMMIT",
    }
)
"""What a broker says that goes away by itself."""


def expect(answer: "Future[Any]", timeout: float, *fine: str) -> None:
    """Wait for an answer; errors of these names are as good as one."""
    from confluent_kafka import KafkaException

    try:
        answer.result(timeout + 1)
    except KafkaException as error:
        if error.args[0].name() not in fine:
            raise
