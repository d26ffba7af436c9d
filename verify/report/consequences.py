"""What faults mean for those who use Kafka: who cannot write or read now, since when, and what is lost."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from generator.common.kafka_values import shown
from generator.contract.report import Result, Status
from verify.checks._words import listed
from verify.checks.partitions import min_isr
from verify.checks.registry.commands import pod_of
from verify.desired import Desired, WantedUser
from verify.live.live import Kafka, Live, LiveAcl, Partition
from verify.live.times import seconds

_OWNER = "strimzi-gitops/owner"
_DELIVERY_MS, _RETENTION_MS = "120000", "604800000"
"""Kafka's defaults of delivery.timeout.ms and retention.ms (4.3)."""
_STOPPED = ("groups-running", "groups-progress", "groups-committed", "groups-stopped")
_LOCKED_OUT = ("scram-users", "user-secrets")
_EVERYBODY = "User:*"
_READ, _WRITE, _STILL = "read", "write", "still"


class Consequence(NamedTuple):
    """What one application cannot do now."""

    application: str
    owner: str
    """The team, or empty where Git does not say."""
    cannot_write: tuple[str, ...]
    cannot_read: tuple[str, ...]
    does_not_read: tuple[str, ...]
    """Though it could: its group stands still, or nobody is in it."""
    since_s: float | None
    lost: tuple[str, ...]
    """What is lost when nothing is done."""

    def __str__(self) -> str:
        who = f"{self.application} ({self.owner})" if self.owner else self.application
        does = " and ".join(
            f"{verb} {listed(topics)}"
            for verb, topics in (
                ("cannot write", self.cannot_write),
                ("cannot read", self.cannot_read),
                ("does not read", self.does_not_read),
            )
            if topics
        )
        at = f" since {_time(self.since_s)}" if self.since_s else ""
        return f"{who} {does}{at}: {'; '.join(self.lost)}"


def _time(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


class _Trouble(NamedTuple):
    """A topic that one or all cannot use, in one way."""

    what: str
    topic: str
    user: str = ""
    """Empty for everybody."""
    since_s: float | None = None


def consequences_of(
    results: Sequence[Result], live: Live | None, desired: Desired | None
) -> tuple[Consequence, ...]:
    """What applications of Git cannot do, by their names; nothing of what nobody knows for certain."""
    if live is None or desired is None or live.kafka is None:
        return ()
    of_all = list(_of_topics(results, live, desired))
    own: dict[str, list[_Trouble]] = {}
    for each in _of_users(results, live, live.kafka, desired):
        own.setdefault(each.user, []).append(each)
    every = (
        _of(user, [*of_all, *own.get(user.resource, ())], live.kafka, desired)
        for name, user in sorted(desired.users.items())
        if name != desired.settings.user
    )
    return tuple(each for each in every if each.lost)


def _of(user: WantedUser, found: Iterable[_Trouble], kafka: Kafka, desired: Desired) -> Consequence:
    reach = {_WRITE: _Reach(user, _WRITE), _READ: _Reach(user, _READ), _STILL: _Reach(user, _READ)}
    hit = [each for each in found if each.topic in reach[each.what]]
    topics = {
        what: tuple(dict.fromkeys(each.topic for each in hit if each.what == what))
        for what in reach
    }
    unread = topics[_READ] + topics[_STILL]
    since = [each.since_s for each in hit if each.since_s is not None]
    lost = []
    if topics[_WRITE]:
        lost.append(f"what it cannot send is given up after {_delivery(desired, user.resource)}")
    if unread:
        lost.append(f"what it does not read is deleted {_kept(kafka, desired, unread)}")
    labels = desired.of_kind("KafkaUser")[user.resource]["metadata"].get("labels") or {}
    return Consequence(
        user.resource, labels.get(_OWNER, ""), topics[_WRITE], topics[_READ], topics[_STILL],
        min(since, default=None), tuple(lost),
    )  # fmt: skip


class _Reach:
    """The topics with which a user may do something; who has no rules has none that anybody knows."""

    def __init__(
        self, user: WantedUser, operation: str, rules: Iterable[LiveAcl] | None = None
    ) -> None:
        fit = [
            acl
            for acl in (user.acls or () if rules is None else rules)
            if acl.resource == "topic" and acl.operation in (operation, "all")
        ]
        self._names = {acl.name for acl in fit if acl.pattern == "literal"}
        self._beginnings = tuple(acl.name for acl in fit if acl.pattern == "prefixed")

    def __contains__(self, topic: str) -> bool:
        return topic in self._names or "*" in self._names or topic.startswith(self._beginnings)


def _of_topics(results: Sequence[Result], live: Live, desired: Desired) -> Iterator[_Trouble]:
    """Topics that nobody can write to or read from, where the checks were sure of it."""
    kafka = live.kafka
    assert kafka is not None  # noqa: S101 (asked before)
    failed = {each.check for each in results if each.status is Status.FAIL}
    for name, wanted in sorted(desired.topics.items()):
        topic = kafka.topics.get(name)
        if topic is None:
            if "topics-present" in failed and wanted.managed:
                yield from (_Trouble(what, name) for what in (_WRITE, _READ))
            continue
        least = min_isr(kafka, name)
        for each in topic.partitions:
            if "partitions-online" in failed and each.leader == -1:
                since = _away_since_s(live, desired, each)
                yield from (_Trouble(what, name, since_s=since) for what in (_WRITE, _READ))
            elif "partitions-min-isr" in failed and len(each.isr) < least:
                yield _Trouble(_WRITE, name, since_s=_away_since_s(live, desired, each))


def _of_users(
    results: Sequence[Result], live: Live, kafka: Kafka, desired: Desired
) -> Iterator[_Trouble]:
    """What single users cannot do: no way to log in, rules that they lack or that forbid it, groups that stand still."""
    locked = {each.rpartition("/")[2] for each in _subjects(results, _LOCKED_OUT, Status.FAIL)}
    locked |= _without_listener(results, live, desired)
    stopped = _subjects(results, _STOPPED, Status.WARN, Status.FAIL)
    lacking = _subjects(results, ("acls-present",), Status.FAIL)
    extra = _subjects(results, ("acls-extra",), Status.FAIL)
    here = set(kafka.acls)
    for name, user in desired.users.items():
        # A rule for single addresses may be about others.
        whom = {user.principal, _EVERYBODY}
        denied = [
            each for each in here
            if each.permission == "deny" and each.host == "*" and each.principal in whom & extra
        ]  # fmt: skip
        if name in locked or user.principal in lacking or denied:
            for what in (_WRITE, _READ):
                asked = _Reach(user, what)
                left = _Reach(user, what, (user.acls or frozenset()) & here)
                not_here = _Reach(user, what, denied)
                for topic in filter(asked.__contains__, desired.topics):
                    if name in locked or topic not in left or topic in not_here:
                        yield _Trouble(what, topic, name)
        groups = {acl.name for acl in user.acls or () if acl.resource == "group"}
        for group in sorted(groups & stopped):
            yield from (_Trouble(_STILL, t, name) for t in desired.settings.consumes.get(group, ()))


def _without_listener(results: Sequence[Result], live: Live, desired: Desired) -> set[str]:
    """Applications whose listener lets nobody in at any of its addresses, or that no NetworkPolicy lets in."""
    checks = ("listeners-reachable", "listeners-certificate")
    failed = _subjects(results, checks, Status.FAIL)
    kept_out = _subjects(results, ("listeners-admit",), Status.FAIL)
    works = {each.removeprefix("listener "): False for each in kept_out}
    for each in live.listeners:
        bad = f"{each.listener} {each.address}" in failed
        if f"listener {each.listener}" not in kept_out:
            works[each.listener] = works.get(each.listener, False) or not bad
    data = _connection(desired)
    default = next((key.split(".")[1] for key, value in data.items() if key.endswith(".bootstrap.servers")
                    and value == data.get("KAFKA_BOOTSTRAP_SERVERS")), "")  # fmt: skip
    return {
        name
        for name in desired.users
        if not works.get(data.get(f"application.{name}.listener", default), True)
    }


def _subjects(results: Sequence[Result], checks: Sequence[str], *statuses: Status) -> set[str]:
    return {
        each.subject
        for result in results
        if result.check in checks
        for each in result.outcomes
        if each.status in statuses
    }


def _away_since_s(live: Live, desired: Desired, partition: Partition) -> float | None:
    """When the last of a partition's brokers that are away went, as far as somebody says."""
    kafka = live.kafka
    assert kafka is not None  # noqa: S101 (asked before)
    nodes = [*kafka.quorum.voters, *kafka.quorum.observers] if kafka.quorum else []
    fetched = {each.id: each.last_fetch_ms / 1000 for each in nodes if each.last_fetch_ms > 0}
    pods = live.kubernetes.objects.get("Pod", {}) if live.kubernetes else {}
    times = []
    for broker in partition.replicas:
        there = kafka.brokers.get(broker)
        if there is not None and there.problem is None and not there.fenced:
            continue
        status = (pods.get(pod_of(desired, live, broker)) or {}).get("status") or {}
        unready = (
            seconds(each.get("lastTransitionTime"))
            for each in status.get("conditions") or ()
            if each.get("type") == "Ready" and each.get("status") != "True"
        )
        times.append(fetched.get(broker) or next(unready, None))
    return max((each for each in times if each is not None), default=None)


def _delivery(desired: Desired, application: str) -> str:
    """How long a producer tries, as the application's client profile says."""
    data = _connection(desired)
    profile = data.get(f"application.{application}.client-profile", "")
    lines = data.get(f"client.{profile}.producer.properties", "").splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    return shown("delivery.timeout.ms", said.get("delivery.timeout.ms", _DELIVERY_MS))


def _connection(desired: Desired) -> dict[str, str]:
    """What Git tells applications of how to come in; empty where it tells nothing."""
    every = (body.get("data") or {} for body in desired.of_kind("ConfigMap").values())
    return next((data for data in every if "KAFKA_BOOTSTRAP_SERVERS" in data), {})


def _kept(kafka: Kafka, desired: Desired, topics: Sequence[str]) -> str:
    """How long the least of these topics keeps its records."""
    default = desired.broker_config.get("log.retention.ms", _RETENTION_MS)
    texts = [
        (kafka.configs.get(name) or desired.topics[name].config).get("retention.ms", default)
        for name in topics
        if name in desired.topics
    ]
    limits = [int(each) for each in texts if each.lstrip("-").isdecimal() and int(each) >= 0]
    if not limits:
        return "never: these topics keep everything"
    return f"{shown('retention.ms', str(min(limits)))} after it was written, at the earliest"
