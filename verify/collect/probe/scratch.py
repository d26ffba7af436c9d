"""The topics and groups that a run makes for itself: their names, their making, their removal."""

import re
import secrets
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING, Any, Self

from generator.contract.rights import PREFIX
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, RetryingAdmin, expect
from verify.live.gap import NoAnswerError
from verify.live.live import Cause

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient, NewTopic

REMOVAL_S = 10.0
"""How long removal may take, whatever is left of the run's own time."""
_LEFTOVER_S = 600
"""Older than this it is no run's any more: none takes longer than a few minutes."""
_SWEEP_S = 3.0
_START_SHARE, _COORDINATOR_SHARE = 0.3, 0.2
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
        self._unanswered: set[str] = set()
        self._topics: set[str] = set()
        self._groups: set[str] = set()
        self._pending: list[Future[Any]] = []

    def start(self, silent: Collection[int] = ()) -> dict[int, str]:
        """The brokers that are there, with their addresses; sweeps what older runs left.

        Those that are known to be silent are left out, and asked nothing.

        Raises:
            NoOwnError: when nobody answers or lets us in.
        """
        metadata = self.ask(
            lambda admin, timeout: admin.list_topics(timeout=timeout), self.clock.part(_START_SHARE)
        )
        brokers = {each.id: f"{each.host}:{each.port}" for each in metadata.brokers.values()
                   if each.id not in silent}  # fmt: skip
        if not brokers:
            raise NoOwnError(
                Cause.UNREACHABLE, "no broker answers at the address that it advertises"
            )
        # A bootstrap address may lead to a broker that takes connections and never answers.
        known = self.access.without_hopeless(
            dict.fromkeys([*self.access.bootstrap, *brokers.values()])
        )
        self.access = replace(self.access, bootstrap=known)
        self.settings["bootstrap.servers"] = ",".join(known)
        self._sweep()
        return dict(sorted(brokers.items()))

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
        self._unanswered.update(topics)
        try:
            self.ask(lambda admin, timeout: self._create(admin, new, timeout), clock)
        except NoOwnError as error:
            if error.gap.cause is Cause.REFUSED:
                self._unanswered.difference_update(topics)
            raise
        self._unanswered.difference_update(topics)

    def _create(self, admin: "AdminClient", new: "list[NewTopic]", timeout: float) -> None:
        answers = admin.create_topics(new, request_timeout=timeout, operation_timeout=timeout)
        # Removal must not overtake a creation that was interrupted.
        self._pending = list(answers.values())
        for answer in self._pending:
            expect(answer, timeout, "TOPIC_ALREADY_EXISTS")
        self._pending = []

    @property
    def may_appear(self) -> tuple[str, ...]:
        """Topics whose creation nobody answered: a quorum that comes back may carry it out."""
        return tuple(sorted(self._unanswered.difference(self.left_behind)))

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
        """A group that is to be removed, since offsets are about to be committed in it.

        Raises:
            NoOwnError: when nobody answers who would take them.
        """
        self.coordinated(name)
        self._groups.add(name)
        return name

    def coordinated(self, name: str, *, transaction: bool = False) -> None:
        """Return at once, unless it is known that who coordinates a group or a transaction does not answer.

        Raises:
            NoOwnError: then, since clients would wait for that broker as long as they may.
        """
        if not self.access.hopeless:
            return
        from verify.collect.kafka.questions import GROUP, TRANSACTION, coordinators
        from verify.collect.kafka.wire import Connection, address_of

        kind = TRANSACTION if transaction else GROUP
        clock = self.clock.part(_COORDINATOR_SHARE)
        for address in cycle(self.access.bootstrap):
            if clock.is_up:
                return
            with (
                suppress(NoAnswerError),
                Connection(*address_of(address), self.access, clock.deadline) as asked,
            ):
                at = coordinators(asked, [name], kind).get(name)
                if at in self.access.hopeless:
                    raise NoOwnError(Cause.UNREACHABLE, f"the coordinator at {at} does not answer")
                if at is not None:
                    return
            clock.pause()

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
        self.left_behind = self._delete(clock)
        self.close()

    def _delete(self, clock: Deadline) -> tuple[str, ...]:
        """What is still there after removing all that was made."""
        from verify.collect.probe.removal import remove

        return remove(self.access, self._topics, self._groups, clock)

    def _sweep(self) -> None:
        """Remove what interrupted runs left; that it cannot be told or removed is no harm."""
        from verify.collect.probe.removal import remove_all

        clock = Deadline(min(self.clock.deadline, time.monotonic() + _SWEEP_S), self.clock.stop)
        found, left = remove_all(self.access, lambda name: is_leftover(name, time.time()), clock)
        self.swept = tuple(each for each in found if each not in left)


def _config(replicas: int) -> dict[str, str]:
    # One replica fewer than there are: a single frozen follower must not stop every record.
    in_sync = max(1, min(2, replicas - 1))
    # Brokers refuse what a clock stamps that is far ahead (Kafka 4.3, message.timestamp.after.max.ms).
    return {"min.insync.replicas": str(in_sync), "retention.ms": str(_RETENTION_MS),
            "cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}  # fmt: skip


def spread(brokers: Sequence[int], replicas: int = 3) -> list[list[int]]:
    """One partition for each broker, which is its preferred leader."""
    count = min(replicas, len(brokers))
    twice = [*brokers, *brokers]
    return [twice[place : place + count] for place in range(len(brokers))]
