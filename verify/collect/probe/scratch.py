"""The topics and groups that a run makes for itself: their names, their making, their removal."""

import re
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from generator.contract.rights import PREFIX
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, RetryingAdmin, expect
from verify.live.live import Cause

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient, ClusterMetadata, NewTopic

REMOVAL_S = 10.0
"""How long removal may take, whatever is left of the run's own time."""
_LEFTOVER_S = 3600
"""Older than this it is no run's any more."""
_SWEEP_S = 3.0
_START_SHARE = 0.3
_RETENTION_MS = 600_000
"""What could not be removed is empty after this."""
_NAME = re.compile(rf"{re.escape(PREFIX)}[a-z]+-(\d{{9,11}})-[0-9a-f]{{8}}(-[a-z]+)*")


def fresh_name(purpose: str) -> str:
    """A name that no other run has, and that tells how old it is."""
    return f"{PREFIX}{purpose}-{int(time.time())}-{secrets.token_hex(4)}"


def is_leftover(name: str, now_s: float) -> bool:
    """Whether an earlier run made this and cannot be using it any more."""
    match = _NAME.fullmatch(name)
    return match is not None and now_s - int(match[1]) > _LEFTOVER_S


class Scratch(RetryingAdmin):
    """The topics and groups that one run makes for itself; left, it takes them away again.

    `left_behind` then says what could not be removed, and so does a note of an exception.
    """

    def __init__(self, access: Access, clock: Deadline) -> None:
        super().__init__(access, clock)
        self.swept: tuple[str, ...] = ()
        self.left_behind: tuple[str, ...] = ()
        self._topics: set[str] = set()
        self._groups: set[str] = set()
        self._pending: list[Future[Any]] = []

    def start(self) -> dict[int, str]:
        """The brokers that are there and let us in, with their addresses; sweeps what older runs left.

        Raises:
            NoOwnError: when nobody answers or lets us in.
        """
        metadata = self.ask(
            lambda admin, timeout: admin.list_topics(timeout=timeout), self.clock.part(_START_SHARE)
        )
        brokers = {each.id: f"{each.host}:{each.port}" for each in metadata.brokers.values()}
        # A bootstrap address may lead to a broker that takes connections and never answers.
        known = dict.fromkeys([*self.settings["bootstrap.servers"].split(","), *brokers.values()])
        self.settings["bootstrap.servers"] = ",".join(self.access.without_refused(known))
        self._sweep(metadata)
        let_in = {n: each for n, each in brokers.items() if each not in self.access.refused}
        return dict(sorted(let_in.items()))

    def create(self, topics: Mapping[str, Sequence[Sequence[int]]], clock: Deadline) -> None:
        """Create topics with these replicas for each of their partitions.

        Raises:
            NoOwnError: when Kafka refuses, or the time is up.
        """
        from confluent_kafka.admin import NewTopic

        new = [NewTopic(name, replica_assignment=[list(each) for each in replicas],
                        num_partitions=len(replicas), config=_config(len(replicas[0])))
               for name, replicas in topics.items()]  # fmt: skip
        self._topics.update(topics)
        self.ask(lambda admin, timeout: self._create(admin, new, timeout), clock)

    def _create(self, admin: "AdminClient", new: "list[NewTopic]", timeout: float) -> None:
        answers = admin.create_topics(new, request_timeout=timeout, operation_timeout=timeout)
        # Removal must not overtake a creation that was interrupted.
        self._pending = list(answers.values())
        for answer in self._pending:
            expect(answer, timeout, "TOPIC_ALREADY_EXISTS")
        self._pending = []

    def leaders(self, topic: str, partitions: int, clock: Deadline) -> dict[int, int]:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            self._remove()
        except (KeyboardInterrupt, SystemExit):
            # Who is in a hurry waits for the removal all the same; the second time he does not.
            self._remove()
            raise
        if error is not None and self.left_behind:
            error.add_note(f"left behind: {', '.join(self.left_behind)}")

    def _remove(self) -> None:
        clock = Deadline(time.monotonic() + REMOVAL_S)
        for each in self._pending:
            with suppress(Exception):
                each.result(min(_SWEEP_S, clock.left()))
        self.left_behind = self._delete(self._topics, self._groups, clock)
        self.close()

    def _sweep(self, metadata: "ClusterMetadata") -> None:
        """Remove what interrupted runs left; that it cannot be told or removed is no harm."""
        clock = Deadline(min(self.clock.deadline, time.monotonic() + _SWEEP_S), self.clock.stop)
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
        self, topics: Collection[str], groups: Collection[str], clock: Deadline
    ) -> tuple[str, ...]:
        return remove(self, topics, groups, clock)


def remove(
    asker: RetryingAdmin, topics: Collection[str], groups: Collection[str], clock: Deadline
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
            answers = admin.delete_topics(these, request_timeout=timeout)
            asked |= {("topic", name): answer for name, answer in answers.items()}
        failure: Exception | None = None
        for key, answer in asked.items():
            try:
                expect(answer, timeout, "UNKNOWN_TOPIC_OR_PART", "GROUP_ID_NOT_FOUND")
            except Exception as error:  # noqa: BLE001 - the others are to be told apart first
                failure = error
            else:
                left.discard(key)
        if failure is not None:
            raise failure

    if left:
        with suppress(NoOwnError):
            asker.ask(delete, clock)
    return tuple(sorted(name for _, name in left))


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
