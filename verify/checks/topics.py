"""Topics: those that Git says against those that brokers have."""

import base64
import re
from collections.abc import Iterable, Iterator
from shlex import quote

from generator.common.kafka_values import shown
from generator.contract.report import Outcome, Status, fail, ok, skip, unknown, warn
from verify.checks._compare import same_setting
from verify.checks._partitions import counted
from verify.checks._words import bounded, count, listed, looked_at
from verify.checks.registry import check
from verify.desired import Desired, WantedTopic
from verify.live.live import Cause, Live, LiveTopic, Partition

_PROBE = "strimzi-verify-"
_MADE_BY_OTHERS = re.compile(
    r"__.*|.*-(?:changelog|repartition)|.*-KTABLE-FK-JOIN-SUBSCRIPTION-.*-topic"
    r"|strimzi\.cruisecontrol\..*|connect-cluster-(?:configs|offsets|status)"
    r"|(?:mirrormaker2-cluster|mm2)-.*|(?:.*\.)?heartbeats|.*\.checkpoints\.internal|"
    + re.escape(_PROBE)
    + ".*"
)
"""Topics that Kafka Streams, Connect, MirrorMaker, Cruise Control and the probe make themselves."""
_IGNORED = ("leader.replication.throttled.replicas", "follower.replication.throttled.replicas")
"""Told by a check of their own."""


def _both(desired: Desired, live: Live) -> Iterator[tuple[WantedTopic, LiveTopic]]:
    """Managed topics that are on both sides."""
    if live.kafka is not None:
        for name, wanted in sorted(desired.topics.items()):
            found = live.kafka.topics.get(name)
            if found is not None and wanted.managed:
                yield wanted, found


@check("topics-present", needs=("kafka", "kafka.topics"), drift=True)
def topics_present(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every topic that Git says is there.

    Compares: managed KafkaTopics with the topics in the metadata.
    Why: a client that writes to a missing topic waits for a minute and fails.
    Fix: kubectl -n {namespace} get kafkatopic -l strimzi.io/cluster={cluster}: its conditions say why the
        Topic Operator did not create it; a topic deleted by hand comes back, empty, with its next
        reconciliation, and at once with {mend}.
    Source: Strimzi 1.2.0, Topic Operator.
    """
    if live.kafka is None:
        return
    managed = [topic.name for topic in desired.topics.values() if topic.managed]
    missing = sorted(name for name in managed if name not in live.kafka.topics)
    if missing:
        resources = [desired.topics[name].resource for name in missing]
        again = looked_at(desired.namespace, "kafkatopic", *resources)
        yield fail(f"missing: {listed(missing)}", mend=again)
    else:
        yield ok(count(managed, "topic"))


@check("topics-partitions", needs=("kafka", "kafka.topics"), drift=True)
def topics_partitions(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Topics have as many partitions as Git says.

    Compares: spec.partitions of KafkaTopics with the partitions in the metadata.
    Why: keys go to other partitions when there are more; fewer can never be had again.
    Fix: kubectl -n {namespace} get kafkatopic {resource} -o yaml for why there are fewer; where there are more,
        raise topics.{name}.partitions in environments/{environment}: Strimzi takes none away.
    Source: Strimzi 1.2.0, Topic Operator: "Decreasing partitions not supported".
    """
    yield from bounded(
        fail(f"has {count(len(found.partitions), 'partition')}, desired {wanted.partitions}",
             wanted.name)
        for wanted, found in _both(desired, live)
        if wanted.partitions is not None and wanted.partitions != len(found.partitions)
    )  # fmt: skip


@check("topics-replicas", needs=("kafka", "kafka.topics", "kafka.reassignments"), drift=True)
def topics_replicas(desired: Desired, live: Live) -> Iterator[Outcome]:
    """All partitions of topics have as many replicas as Git says.

    Compares: spec.replicas of KafkaTopics with the replicas in the metadata.
    Why: with fewer replicas the loss of a broker may lose records; Strimzi changes them only through
        Cruise Control.
    Fix: enable cluster.cruiseControl in environments/{environment} and let the Topic Operator do it; without it,
        write a plan with the wanted replicas for kafka-reassign-partitions.sh.
    Source: Strimzi 1.2.0, Topic Operator: "Replication factor change not supported".
    """
    replicas: dict[str, list[Partition]] = {}
    for name, _, partition in counted(live.kafka) if live.kafka else ():
        replicas.setdefault(name, []).append(partition)
    yield from bounded(
        fail(f"{count(wrong, 'partition')} {'has' if len(wrong) == 1 else 'have'}"
             f" {_replicas(wrong)},"
             f" desired {wanted.replicas}", wanted.name)
        for wanted, _ in _both(desired, live)
        if wanted.replicas is not None
        and (wrong := [p for p in replicas[wanted.name] if len(p.replicas) != wanted.replicas])
    )  # fmt: skip


def _replicas(partitions: Iterable[Partition]) -> str:
    numbers = sorted({len(each.replicas) for each in partitions})
    return f"{' or '.join(map(str, numbers))} replica{'s' * (numbers != [1])}"


@check("topics-config", needs=("kafka", "kafka.topics", "kafka.configs"), drift=True)
def topics_config(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Topics have the settings that Git says, and no others of their own.

    Compares: spec.config of KafkaTopics with the settings that brokers have for the topic itself;
        what a topic inherits is not looked at.
    Why: retention that differs deletes records too early or fills disks; the Topic Operator puts it
        back with its next reconciliation, unless it failed.
    Fix: kubectl -n {namespace} get kafkatopic {resource} -o yaml for its conditions; put the value into the
        topic's intent if it is the right one. What was set past the Topic Operator it takes back at once with {mend}.
        A setting that stands in the KafkaTopic and not in Git was added by hand, which Argo CD leaves:
        kubectl -n {namespace} edit kafkatopic {resource}.
    Source: Strimzi 1.2.0, Topic Operator; Kafka 4.3, DescribeConfigs; seen on Argo CD 3.5.1 (ServerSideApply).
    """
    if live.kafka is None:
        return
    configs = live.kafka.configs
    yield from bounded(
        fail(
            "; ".join(differences),
            wanted.name,
            mend=looked_at(desired.namespace, "kafkatopic", wanted.resource),
        )
        for wanted, _ in _both(desired, live)
        if (differences := list(config_differences(wanted, configs.get(wanted.name, {}))))
    )


def config_differences(wanted: WantedTopic, found: dict[str, str]) -> Iterator[str]:
    """How a topic's own settings differ, in words, sorted by key."""
    for key in sorted({*wanted.config, *found} - set(_IGNORED)):
        asked, have = wanted.config.get(key), found.get(key)
        if asked is None:
            yield f"{key} is {shown(key, have)}, desired nothing of its own"
        elif have is None:
            yield f"{key} is not set, desired {shown(key, asked)}"
        elif not same_setting(asked, have):
            yield f"{key} is {shown(key, have)}, desired {shown(key, asked)}"


@check("topics-same", needs=("kafka", "kafka.topics"))
def topics_same(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Topics are still the ones that they were: none was deleted and made again.

    Compares: the topic id that brokers tell with status.topicId of the KafkaTopic, and with the ids
        of the run that --since names.
    Why: a topic deleted and made again has the right name and settings, and lost every record.
    Fix: kubectl -n {namespace} get events; look for who deleted it, and restore it from the backup.
    Source: Kafka 4.3, topic ids (KIP-516); Strimzi 1.2.0, KafkaTopicStatus.topicId.
    """
    if live.kafka is None:
        return
    objects = live.kubernetes.objects.get("KafkaTopic", {}) if live.kubernetes else {}
    known = 0
    for wanted, found in _both(desired, live):
        status = (objects.get(wanted.resource, {}).get("status") or {}).get("topicId")
        sources = (("Strimzi's status", status), ("the earlier run", live.before.get(wanted.name)))
        told = {who: before for who, before in sources if before}
        known += bool(told)
        other = [
            f"{who} knows {_base64(before)}"
            for who, before in told.items()
            if not _same_id(before, found.id)
        ]
        if other:
            yield fail(
                f"is another topic now: its id is {_base64(found.id)}, {', '.join(other)}",
                wanted.name,
            )
    gap = live.gap("kubernetes")
    if not known and gap is not None and gap.cause is not Cause.NOT_ASKED:
        yield unknown(gap.reason, timed_out=gap.cause is Cause.TIMED_OUT)
    elif not known:
        yield skip("no earlier ids are known: give --since, or a kubeconfig")


def _same_id(one: str, other: str) -> bool:
    """True for one id in Kafka's two spellings: hexadecimal as UUIDs are, or base64 without padding."""
    return _hexadecimal(one) == _hexadecimal(other)


def _base64(id_: str) -> str:
    """An id as Kafka's tools and Strimzi write it."""
    try:
        return base64.urlsafe_b64encode(bytes.fromhex(_hexadecimal(id_))).decode().rstrip("=")
    except ValueError:
        return id_


def _hexadecimal(text: str) -> str:

    plain = text.replace("-", "")
    if len(plain) == 32 and all(c in "0123456789abcdefABCDEF" for c in plain):
        return plain.lower()
    try:
        return base64.urlsafe_b64decode(text + "==").hex()
    except ValueError:
        return text


@check("topics-unmanaged", needs=("kafka", "kafka.topics"), severity=Status.WARN, drift=True)
def topics_unmanaged(desired: Desired, live: Live) -> Iterator[Outcome]:
    """There is no topic that Git does not know.

    Compares: the topics in the metadata with KafkaTopics; internal ones, those of Kafka Streams,
        Connect and MirrorMaker, and verify.ignoreTopics are left out.
    Why: nobody says how long its records are kept, who owns it and who may read it.
    Fix: declare it under topics: (Strimzi adopts it with its settings), or add it to
        verify.ignoreTopics; `kafka-topics.sh --delete --topic {topic}` when nobody needs it.
    Source: Strimzi 1.2.0, unidirectional Topic Operator: it leaves topics alone that have no KafkaTopic.
    """
    if live.kafka is None:
        return
    try:
        ignored = [re.compile(pattern) for pattern in desired.settings.ignore_topics]
    except re.error as error:
        yield unknown(f"verify.ignoreTopics: {error.pattern!r} is no regular expression: {error}")
        return
    known = {*desired.topics, *_of_connect(desired)}
    extra = sorted(
        name
        for name, topic in live.kafka.topics.items()
        if name not in known
        and not topic.internal
        and not _MADE_BY_OTHERS.fullmatch(name)
        and not any(pattern.search(name) for pattern in ignored)
    )
    if extra:
        # The tool takes a regular expression, in which a dot is any character.
        first = quote(re.escape(extra[0]).replace(r"\-", "-"))
        yield warn(f"{count(extra, 'topic')} nobody declared: {listed(extra)}", topic=first)


def _of_connect(desired: Desired) -> Iterator[str]:
    """The topics in which Connect and MirrorMaker keep their own state."""
    for kind in ("KafkaConnect", "KafkaMirrorMaker2"):
        for body in desired.of_kind(kind).values():
            spec = body.get("spec") or {}
            for place in (spec, spec.get("target") or {}):
                for key in ("configStorageTopic", "offsetStorageTopic", "statusStorageTopic"):
                    if key in place:
                        yield str(place[key])
