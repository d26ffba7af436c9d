"""The topics and groups that a run makes for itself: their names, their making, their removal.

Everything has one deadline, and no single broker can hold anything up: whoever does not answer in
time is asked again by a client that has never heard of it.
"""

import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any, Self, TypeVar

from generator.live_access import PREFIX
from verify.access import Access
from verify.live import Cause, Gap

if TYPE_CHECKING:
    from confluent_kafka import KafkaError
    from confluent_kafka.admin import AdminClient, ClusterMetadata, NewTopic

Answer = TypeVar("Answer")

REMOVAL_S = 10.0
"""How long removal may take, whatever is left of the run's own time."""
_LEFTOVER_S = 3600
"""Older than this it is no run's any more."""
_SWEEP_S = 3.0
_RETENTION_MS = 600_000
"""What could not be removed is empty after this."""
_FIRST_PATIENCE_S = 1.0
_PAUSE_S = 0.02
_NAME = re.compile(rf"{re.escape(PREFIX)}[a-z]+-(\d{{9,11}})-[0-9a-f]{{8}}(-[a-z]+)*")


class NoOwnError(Exception):
    """Kafka did not do what the run needs; `gap` says why."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.gap = Gap(cause, reason)


def fresh_name(purpose: str) -> str:
    """A name that no other run has, and that tells how old it is."""
    return f"{PREFIX}{purpose}-{int(time.time())}-{secrets.token_hex(4)}"


def is_leftover(name: str, now_s: float) -> bool:
    """Whether an earlier run made this and cannot be using it any more."""
    match = _NAME.fullmatch(name)
    return match is not None and now_s - int(match[1]) > _LEFTOVER_S


class Clock:
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


class Own:
    """What one run makes for itself, and takes away again."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self.clock = clock
        self.settings = access.librdkafka()
        self.swept: tuple[str, ...] = ()
        self._timeout_s = access.timeout_s
        self._topics: set[str] = set()
        self._groups: set[str] = set()
        self._pending: list[Future[Any]] = []
        self._errors: list[KafkaError] = []
        self._admin: AdminClient | None = None

    def start(self) -> dict[int, str]:
        """The brokers that are there, with their addresses; sweeps what older runs left.

        Raises:
            NoOwnError: when nobody answers or lets us in.
        """
        metadata = self.ask(lambda admin, timeout: admin.list_topics(timeout=timeout))
        brokers = {each.id: f"{each.host}:{each.port}" for each in metadata.brokers.values()}
        # A bootstrap address may lead to a broker that takes connections and never answers.
        known = dict.fromkeys([*self.settings["bootstrap.servers"].split(","), *brokers.values()])
        self.settings["bootstrap.servers"] = ",".join(known)
        self._sweep(metadata)
        return dict(sorted(brokers.items()))

    def ask(
        self, question: Callable[["AdminClient", float], Answer], clock: Clock | None = None
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
            patience = min(patience * 2, self._timeout_s)
            clock.pause()

    def create(self, topics: Mapping[str, Sequence[Sequence[int]]]) -> None:
        """Create topics with these replicas for each of their partitions.

        Raises:
            NoOwnError: when Kafka refuses, or the time is up.
        """
        from confluent_kafka.admin import NewTopic

        new = [NewTopic(name, replica_assignment=[list(each) for each in replicas],
                        num_partitions=len(replicas), config=_config(len(replicas[0])))
               for name, replicas in topics.items()]  # fmt: skip
        self._topics.update(topics)
        self.ask(lambda admin, timeout: self._create(admin, new, timeout))

    def _create(self, admin: "AdminClient", new: "list[NewTopic]", timeout: float) -> None:
        answers = admin.create_topics(new, request_timeout=timeout, operation_timeout=timeout)
        # Removal must not overtake a creation that was interrupted.
        self._pending = list(answers.values())
        for answer in self._pending:
            _expect(answer, timeout, "TOPIC_ALREADY_EXISTS")
        self._pending = []

    def leaders(self, topic: str, partitions: int, clock: Clock) -> dict[int, int]:
        """The leaders of a topic's partitions: all of them, or those known when the time is up.

        Raises:
            NoOwnError: when Kafka refuses.
        """
        found: dict[int, int] = {}
        while len(found) < partitions and not clock.is_up:
            try:
                metadata = self.ask(
                    lambda admin, timeout: admin.list_topics(topic, timeout=timeout), clock
                )
            except NoOwnError as error:
                if error.gap.cause is Cause.REFUSED:
                    raise
                break
            parts = metadata.topics[topic].partitions.values()
            found = {part.id: part.leader for part in parts if part.leader >= 0}
            if len(found) < partitions:
                clock.pause()
        return found

    def group(self, name: str) -> str:
        """A group that is to be removed, since offsets are about to be committed in it."""
        self._groups.add(name)
        return name

    def remove(self) -> tuple[str, ...]:
        """What could not be removed of all that was made."""
        clock = Clock(time.monotonic() + REMOVAL_S)
        for each in self._pending:
            with suppress(Exception):
                each.result(min(_SWEEP_S, clock.left()))
        left = self._delete(self._topics, self._groups, clock)
        self._topics.clear()
        self._groups.clear()
        self._admin = None
        return left

    def _sweep(self, metadata: "ClusterMetadata") -> None:
        """Remove what interrupted runs left; that it cannot be told or removed is no harm."""
        clock = Clock(min(self.clock.deadline, time.monotonic() + _SWEEP_S), self.clock.stop)
        groups: set[str] = set()
        with suppress(NoOwnError):
            answer = self.ask(
                lambda admin, timeout: admin.list_consumer_groups(request_timeout=timeout).result(
                    timeout + 1
                ),
                clock,
            )
            groups = {each.group_id for each in answer.valid}
        old_topics, old_groups = (
            {name for name in names if is_leftover(name, time.time())}
            for names in (metadata.topics, groups)
        )
        left = self._delete(old_topics, old_groups, clock)
        self.swept = tuple(sorted((old_topics | old_groups).difference(left)))

    def _delete(
        self, topics: Collection[str], groups: Collection[str], clock: Clock
    ) -> tuple[str, ...]:
        """What is still there after deleting these for as long as there is time."""
        left = {*(("group", name) for name in groups), *(("topic", name) for name in topics)}

        def delete(admin: "AdminClient", timeout: float) -> None:
            asked: dict[tuple[str, str], Future[None]] = {}
            these = [name for kind, name in left if kind == "group"]
            if these:
                answers = admin.delete_consumer_groups(these, request_timeout=timeout)
                asked |= {("group", name): answer for name, answer in answers.items()}
            these = [name for kind, name in left if kind == "topic"]
            if these:
                answers = admin.delete_topics(
                    these, request_timeout=timeout, operation_timeout=timeout
                )
                asked |= {("topic", name): answer for name, answer in answers.items()}
            failure: Exception | None = None
            for key, answer in asked.items():
                try:
                    _expect(answer, timeout, "UNKNOWN_TOPIC_OR_PART", "GROUP_ID_NOT_FOUND")
                except Exception as error:  # noqa: BLE001 - the others are to be told apart first
                    failure = error
                else:
                    left.discard(key)
            if failure is not None:
                raise failure

        if left:
            with suppress(NoOwnError):
                self.ask(delete, clock)
        return tuple(sorted(name for _, name in left))

    def _client(self) -> "AdminClient":
        from confluent_kafka.admin import AdminClient

        if self._admin is None:
            self._errors.clear()
            self._admin = AdminClient(self.settings | {"error_cb": self._errors.append})
        return self._admin

    def _gap_of(self, error: "KafkaError") -> Gap:
        if self._admin is not None:
            self._admin.poll(0)
        return gap_of(error, self._errors)


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


def _expect(answer: "Future[Any]", timeout: float, *fine: str) -> None:
    from confluent_kafka import KafkaException

    try:
        answer.result(timeout + 1)
    except KafkaException as error:
        if error.args[0].name() not in fine:
            raise


def _config(replicas: int) -> dict[str, str]:
    # One replica fewer than there are: a single frozen follower must not stop every record.
    in_sync = max(1, min(2, replicas - 1))
    return {"min.insync.replicas": str(in_sync), "retention.ms": str(_RETENTION_MS),
            "cleanup.policy": "delete"}  # fmt: skip


def spread(brokers: Sequence[int], replicas: int = 3) -> list[list[int]]:
    """One partition for each broker, which is its preferred leader."""
    count = min(replicas, len(brokers))
    twice = [*brokers, *brokers]
    return [twice[place : place + count] for place in range(len(brokers))]
