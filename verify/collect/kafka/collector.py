"""What the brokers say: the cluster's metadata, then every broker asked by itself, side by side.

Metadata alone never proves health: a broker that lost its quorum goes on telling what it last knew.
Every question has its own deadline, and what is not answered becomes a gap, not a zero.
"""

import time
from collections.abc import Callable, Collection, Mapping
from itertools import islice

from kafka.protocol.metadata import MetadataRequest

from verify.collect.kafka import questions, settings
from verify.collect.kafka.access import Access
from verify.collect.kafka.anybody import QUESTIONS, Anybody
from verify.collect.kafka.groups import Offsets, follow, groups
from verify.collect.kafka.partition_offsets import Times, ask_ends
from verify.collect.kafka.wire import Connection, address_of
from verify.collect.thread_pool import side_by_side
from verify.live.gap import NoAnswerError, OtherNodeError
from verify.live.live import (
    ELSEWHERE,
    Cause,
    Gap,
    Group,
    Kafka,
    LiveBroker,
    LiveTopic,
    LogDir,
    Partition,
    Setting,
    Transaction,
)

_LISTENER_NOT_FOUND = 72
"""The partition has a leader, which lacks the listener that we came in by (Kafka 4.3, Errors)."""

_FOREIGN_TRIED = 3
"""A leader that just moved says nothing; several of them in a row say enough."""


class Collector:
    """Asks a cluster everything that checks need; use it once.

    `gaps` names what was not found out, as in `Live.gaps`.
    """

    def __init__(
        self,
        access: Access,
        deadline: float,
        window_s: float = 0,
        foreign: Collection[str] = (),
        known_ids: Collection[str] = (),
        topics: Collection[str] = (),
        ages_s: Mapping[str, float] | None = None,
        times_ms: Times | None = None,
    ) -> None:
        """`deadline` is in terms of time.monotonic(); `window_s` is how long groups are watched.

        `foreign` are topics that we must not be able to read. Where `known_ids` are given, a cluster
        that is not called so is asked for nothing but its name. `topics` are those that should be
        there: whether one is missing or hidden from us is asked for by name. `ages_s` names topics that
        are backed up, and how old a record may be that is not; `times_ms` are times that are looked for.
        """
        self._access = access
        self._deadline = deadline
        self._window_s = window_s
        self._foreign = foreign
        self._known_ids = known_ids
        self._topics = topics
        self._ages_s = ages_s or {}
        self._times_ms = times_ms or {}
        self.gaps: dict[str, Gap] = {}
        self.silent: dict[str, Gap] = {}
        """Bootstrap addresses that did not answer in time: nobody is to wait for them again."""

    def collect(self) -> Kafka | None:
        """All that the cluster says; nothing when no broker answers."""
        try:
            first = self._first()
        except NoAnswerError as error:
            self.gaps["kafka"] = error.gap
            return None
        with first:
            try:
                cluster = questions.cluster(first)
                if self._known_ids and not {cluster.cluster_id}.issuperset(self._known_ids):
                    return Kafka(cluster.cluster_id, first.name, self._access.principal)
                kafka = self._metadata(first, cluster)
            except NoAnswerError as error:
                self.gaps["kafka"] = error.gap
                return None
            origin = kafka.brokers.get(kafka.origin) or LiveBroker(-1, *address_of(first.name))
            anybody = Anybody(kafka, origin, self._access, self._deadline)
            with side_by_side(len(kafka.brokers) + len(QUESTIONS)) as pool:
                # Each on a connection of its own: without a quorum several of them wait in vain.
                asked = [pool.submit(anybody.ask, name) for name in QUESTIONS]
                found = list(pool.map(self._of_broker, kafka.brokers.values()))
                kafka.requests += sum(each.result() for each in asked)
            self.gaps |= anybody.gaps
            for each in found:
                self._merge(kafka, each)
            self._try_foreign(kafka)
            self._offsets(kafka, [each.offsets for each in found if each.offsets is not None])
            times_ms = self._times_ms
            if gap := ask_ends(kafka, self._access, self._ages_s, times_ms, self._deadline):
                self.gaps["kafka.ends"] = gap
            kafka.requests += first.requests
        return kafka

    def _first(self) -> Connection:
        """The first broker that answers; the error of the last one when none does."""
        failed = NoAnswerError(Cause.UNREACHABLE, "no bootstrap address is known")
        for address in self._access.bootstrap:
            try:
                return Connection(*address_of(address), self._access, self._deadline)
            except NoAnswerError as error:
                failed = error
                if error.gap.cause is Cause.TIMED_OUT:
                    self.silent[address] = error.gap
        raise failed

    def _metadata(self, connection: Connection, cluster: questions.ClusterAnswer) -> Kafka:
        answer = connection.ask(
            MetadataRequest(topics=None, allow_auto_topic_creation=False), timeout_s=60
        )
        topics = {}
        for each in answer.topics:
            partitions = sorted(each.partitions, key=lambda p: p.partition_index)
            topics[each.name] = LiveTopic(
                str(each.topic_id),
                each.is_internal,
                tuple(
                    Partition(
                        ELSEWHERE if p.error_code == _LISTENER_NOT_FOUND else p.leader_id,
                        tuple(p.replica_nodes),
                        tuple(p.isr_nodes),
                        tuple(p.offline_replicas),
                    )
                    for p in partitions
                ),
            )
        if not cluster.may_describe:
            for part in ("groups", "transactions"):
                reason = f"we may not see all {part} (ACL: Describe Cluster)"
                self.gaps[f"kafka.{part}"] = Gap(Cause.REFUSED, reason)
        self._look_for(connection, [name for name in self._topics if name not in topics])
        return Kafka(
            cluster_id=cluster.cluster_id,
            bootstrap=connection.name,
            user=self._access.principal,
            protocol=self._access.protocol,
            origin=next((b.id for b in cluster.brokers if b.address == connection.name), -1),
            controller=cluster.controller,
            brokers={broker.id: broker for broker in cluster.brokers},
            topics=topics,
            features=connection.features,
        )

    def _look_for(self, connection: Connection, missing: list[str]) -> None:
        """Metadata leave out what we may not see; asked for by name, brokers say so."""
        try:
            hidden = questions.hidden(connection, missing) if missing else []
        except NoAnswerError as error:
            self.gaps["kafka.topics"] = error.gap
            return
        if hidden:
            reason = f"topics are hidden from us, {hidden[0]} among them (ACL: Describe Topic)"
            self.gaps["kafka.topics"] = Gap(Cause.REFUSED, reason)

    def _of_broker(self, broker: LiveBroker) -> "_OfBroker":
        """What one broker says by itself."""
        found = _OfBroker(broker, self.silent.get(broker.address))
        if found.problem is not None:
            return found
        began = time.monotonic()
        try:
            connection = Connection(broker.host, broker.port, self._access, self._deadline)
        except NoAnswerError as error:
            found.problem = error.gap
            return found
        with connection:
            try:
                found.told = tuple(b.id for b in questions.cluster(connection).brokers)
            except NoAnswerError as error:
                found.problem = error.gap
                return found
            found.took_ms = (time.monotonic() - began) * 1000
            try:
                found.ask("broker_configs", lambda: settings.broker_config(connection, broker.id))
            except OtherNodeError as error:
                found.problem = error.gap
                return found
            found.ask("log_dirs", lambda: questions.log_dirs(connection, broker.id))
            found.ask("transactions", lambda: questions.transactions(connection))
            found.ask("groups", lambda: groups(connection, broker.id))
            if found.groups:
                found.offsets = Offsets(broker, tuple(found.groups))
            found.requests = connection.requests
        return found

    def _merge(self, kafka: Kafka, found: "_OfBroker") -> None:
        told = found.broker
        kafka.brokers[told.id] = LiveBroker(
            told.id, told.host, told.port, told.rack, told.fenced,
            found.problem, found.told, round(found.took_ms, 1),
        )  # fmt: skip
        kafka.requests += found.requests
        kafka.log_dirs += found.log_dirs or []
        kafka.transactions += found.transactions or []
        kafka.groups.update(found.groups or {})
        if found.broker_configs is not None:
            kafka.broker_configs[told.id] = found.broker_configs
        for part, gap in found.gaps.items():
            self.gaps.setdefault(f"kafka.{part}", Gap(gap.cause, f"broker {told.id}: {gap.reason}"))
        if found.problem is not None:
            reason = f"broker {told.id} did not answer: {found.problem.reason}"
            silent = Gap(found.problem.cause, reason)
            # What the others said stays; but nobody can say that this was all.
            for part in ("log_dirs", "broker_configs", "transactions", "groups"):
                self.gaps.setdefault(f"kafka.{part}.{told.id}", silent)

    def _try_foreign(self, kafka: Kafka) -> None:
        """Ask the leader of a topic that is not ours for what only its readers may know."""
        for name in islice(self._foreign, _FOREIGN_TRIED):
            topic = kafka.topics.get(name)
            leader = kafka.brokers.get(topic.partitions[0].leader) if topic else None
            if leader is None or leader.problem is not None:
                continue
            try:
                with Connection(leader.host, leader.port, self._access, self._deadline) as asked:
                    verdict = questions.may_read(asked, name)
            except NoAnswerError as error:
                self.gaps["kafka.forbidden"] = error.gap
                return
            if verdict:
                kafka.forbidden[name] = verdict
                return

    def _offsets(self, kafka: Kafka, offsets: list[Offsets]) -> None:
        """Watch the groups' offsets over the window; groups that stand still cost its whole time."""
        leaders = {
            (name, number): each.leader
            for name, topic in kafka.topics.items() for number, each in enumerate(topic.partitions)
        }  # fmt: skip
        window_s, until = self._window_s, self._deadline
        kafka.requests += follow(self._access, kafka, offsets, leaders, window_s, until)


class _OfBroker:
    """The answers of one broker, gathered in a thread of its own."""

    def __init__(self, broker: LiveBroker, problem: Gap | None) -> None:
        self.broker = broker
        self.problem = problem
        self.told: tuple[int, ...] = ()
        self.took_ms = 0.0
        self.requests = 0
        self.log_dirs: list[LogDir] | None = None
        self.broker_configs: dict[str, Setting] | None = None
        self.transactions: list[Transaction] | None = None
        self.groups: dict[str, Group] | None = None
        self.offsets: Offsets | None = None
        self.gaps: dict[str, Gap] = {}

    def ask(self, part: str, question: Callable[[], object]) -> None:
        """Ask for one part; what is not answered becomes a gap."""
        try:
            setattr(self, part, question())
        except OtherNodeError:
            raise
        except NoAnswerError as error:
            self.gaps[part] = error.gap
