"""Names of topics."""

import re
from collections.abc import Iterator
from functools import lru_cache

from generator.common.finding import Severity
from generator.rules._place import of_tool
from generator.rules.registry import Broker, Flaw, rule
from generator.system.system import System, SystemTopic

_INTERNAL = ("__consumer_offsets", "__transaction_state", "__share_group_state",
             "__cluster_metadata", "__remote_log_metadata")  # fmt: skip
_LEGAL = re.compile(r"[A-Za-z0-9._-]{1,249}")
_TOOLS = re.compile(r"_schemas|connect-.*(?:configs|(?P<kept>offsets|status))")
"""Topics of Schema Registry and of Kafka Connect, by the names that their documentation gives them."""
_VERSION = re.compile(r"[.-]v[0-9]+$", re.IGNORECASE)
_STAGES = re.compile(
    r"(?:^|[._-])(development|qa|uat|staging|prod|production)(?:$|[._-])"
    r"|^(dev|test)(?:$|[._-])|[._-](dev|test)$"
)
"""Environments' names; dev and test, which are words of their own, only at either end."""


def _place(topic: SystemTopic) -> tuple[str, ...]:
    spec = topic.manifest.body["spec"]
    return ("spec", "topicName") if "topicName" in spec else ("metadata", "name")


def _flaw(topic: SystemTopic, message: str, fix: str = "") -> Flaw:
    """A flaw of the name: at the topic's key, or where an override or a manifest says the name."""
    return Flaw(_place(topic), message, fix, on_key=topic.intent is not None)


@rule("topic-name", broker=Broker.REJECTS)
def legal(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic's name has only letters, digits, '.', '_' and '-', at most 249, and is not '.' or '..'.

    Why: the broker refuses any other name, and the KafkaTopic goes Ready=False after the merge.
    Fix: choose another name.
    Source: Kafka 4.3, org.apache.kafka.common.internals.Topic; seen on Strimzi's Topic Operator:
        KafkaError, "Topic name is invalid: 'or/ders' contains one or more characters other than ASCII
        alphanumerics, '.', '_' and '-'".
    """
    if not _LEGAL.fullmatch(topic.name) or topic.name in (".", ".."):
        yield _flaw(topic, f"'{topic.name}' is no topic name")


@rule("topic-name-collision", broker=Broker.REJECTS)
def collision(system: System) -> Iterator[Flaw]:
    """No two topics of a cluster differ only in '.' and '_'.

    Why: their metrics would have the same name, so the broker refuses the second one.
    Fix: rename one of the two.
    Source: Kafka 4.3, Topic.hasCollision.
    """
    first: dict[str, SystemTopic] = {}
    for topic in sorted(system.topics, key=lambda topic: topic.name):
        other = first.setdefault(topic.name.replace(".", "_"), topic)
        if other.name != topic.name:
            flaw = _flaw(topic, f"{topic.name} and {other.name} are the same to metrics")
            yield flaw._replace(on=topic.manifest)


@rule("topic-name-separators", Severity.WARNING)
def separators(system: System) -> Iterator[Flaw]:
    """The topics of a cluster separate words with '.' or with '_', not with both.

    Why: Kafka itself warns of it, because two names may collide one day.
    Fix: choose the separator that most of the topics have.
    Source: Kafka 4.3, TopicCommand ("it is best to use either, but not both").
    """
    with_dot = [topic for topic in system.topics if "." in topic.name]
    with_line = [topic for topic in system.topics if "_" in topic.name.strip("_")]
    fewer, more = sorted((with_dot, with_line), key=len)
    for topic in fewer:
        flaw = _flaw(topic, f"{topic.name} separates words otherwise than {len(more)} topics")
        yield flaw._replace(on=topic.manifest)


@rule("topic-name-internal", broker=Broker.ACCEPTS)
def internal(topic: SystemTopic) -> Iterator[Flaw]:
    """No KafkaTopic manages one of Kafka's own topics.

    Why: the broker takes changes to them and even their deletion, and refuses __cluster_metadata
        alone; without __consumer_offsets every consumer group loses its position.
    Fix: drop the topic; Kafka makes it itself.
    Source: Kafka 4.3, Topic.INTERNAL_TOPICS (measured: created and deleted without complaint).
    """
    if topic.name in _INTERNAL:
        yield _flaw(topic, f"{topic.name} is Kafka's own")


@rule("topic-name-reserved", broker=Broker.ACCEPTS)
def reserved(topic: SystemTopic) -> Iterator[Flaw]:
    """No topic has a name that tools keep for themselves.

    Why: Connect, Schema Registry and Cruise Control make their topics with settings that they rely
        on; the Topic Operator would set others. Those of Connect and of the registry may be declared as
        these want them: compacted, and what holds an order with a single partition.
    Fix: choose another name, declare the topic as its tool wants it, or list it in
        policy.naming.reservedAllowed.
    Source: Kafka 4.3 documentation, "Kafka Connect: User Guide" (config.storage.topic has one partition
        and is compacted, like the topics for offsets and status); documentation of Confluent Schema
        Registry (kafkastore.topic); Strimzi 1.2.0, Cruise Control.
    """
    naming = topic.system.policy.naming
    if topic.name in _INTERNAL or topic.name in naming.reserved_allowed:
        return
    form, settings = _TOOLS.fullmatch(topic.name), topic.settings
    alone = form is not None and not form["kept"]
    if (
        form
        and settings.compacts
        and not settings.deletes
        and not (alone and settings.partitions > 1)
    ):
        return
    for prefix in naming.reserved:
        if topic.name.startswith(prefix):
            yield _flaw(topic, f"names that begin with '{prefix}' belong to tools")


@rule("topic-managed-twice")
def managed_twice(system: System) -> Iterator[Flaw]:
    """One KafkaTopic manages a topic, and no second one.

    Why: the newer one gets ResourceConflict, Ready=False, and nothing of what it says happens; of two
        made in the same second, as by one sync, both do.
    Fix: drop one of the two, or give it another topicName.
    Source: Strimzi 1.2.0, BatchingTopicController (validateSingleManagingResource); seen on its Topic
        Operator: ResourceConflict, "Managed by Ref{namespace='kafka-examples', name='invoices'}".
    """
    first: dict[str, SystemTopic] = {}
    for topic in system.topics:
        other = first.setdefault(topic.name, topic)
        if other is not topic:
            message = f"KafkaTopic {other.manifest.name} manages the topic {topic.name} as well"
            yield Flaw(_place(topic), message, on=topic.manifest)


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> re.Pattern[str] | str:
    """A regular expression; a text that is none gives what is wrong with it."""
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)


@rule("policy-pattern")
def policy_pattern(system: System) -> Iterator[Flaw]:
    """What the policy demands of names is a regular expression.

    Why: nothing can match a pattern that cannot be read, so no name would be judged.
    Fix: correct policy.naming.topicPattern; '[', '(' and '{' have to be closed, or escaped by '\\'.
    Source: Python documentation, "re: Regular expression operations".
    """
    wrong = _compiled(system.policy.naming.pattern)
    if isinstance(wrong, str):
        path = ("policy", "naming", "topicPattern")
        yield Flaw(path, f"it is no regular expression: {wrong}")


@rule("topic-name-pattern", Severity.WARNING)
def pattern(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic's name is formed as the policy says.

    Why: names cannot be changed later; one convention lets people, prefixes and dashboards find
        what they look for.
    Fix: choose a name that matches policy.naming.topicPattern.
    Source: the policy of this project.
    """
    wanted = topic.system.policy.naming.pattern
    form = _compiled(wanted)
    if isinstance(form, str):  # policy-pattern says so, once
        return
    if not form.fullmatch(topic.name) and not (of_tool(topic) or topic.name.startswith("__")):
        yield _flaw(topic, f"'{topic.name}' does not match {wanted}")


@rule("topic-name-length", Severity.WARNING)
def length(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic's name leaves room for the suffixes that tools add.

    Why: Kafka's limit is 249; -changelog, .dlq or the prefix of a mirror must still fit.
    Fix: shorten the name, or raise policy.naming.maxLength.
    Source: Kafka 4.3, Topic.MAX_NAME_LENGTH.
    """
    most = topic.system.policy.naming.max_length
    if len(topic.name) > most:
        yield _flaw(topic, f"its name has {len(topic.name)} characters; the policy allows {most}")


@rule("topic-name-team-prefix")
def team_prefix(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic's name begins with a prefix of the team that owns it, and with no longer one of another.

    Why: prefixes are what teams are granted; a topic under another team's prefix is open to it.
    Fix: rename the topic, correct its owner, or give the team the prefix in
        policy.naming.teamPrefixes.
    Source: the policy of this project.
    """
    prefixes = topic.system.policy.naming.team_prefixes.get(topic.owner or "", ())
    if prefixes and not topic.name.startswith(tuple(prefixes)):
        yield _flaw(topic, f"{topic.owner} names its topics {', '.join(prefixes)}...")
        return
    nearest, teams = topic.system.prefix_of(topic.name)
    if topic.owner and teams and topic.owner not in teams:
        whose = f"{', '.join(teams)}, not {topic.owner}"
        yield _flaw(topic, f"what begins with '{nearest}' belongs to {whose}")


@rule("topic-name-version", Severity.INFO)
def version(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic's name carries no version while there is only one.

    Why: a version in the name moves every reader and writer with each change; compatible schemas
        need none.
    Fix: drop the suffix, unless two versions live side by side.
    Source: the field's practice.
    """
    if _VERSION.search(topic.name) and topic.intent is not None:
        stem = _VERSION.sub("", topic.name)
        family = topic.system.versions_of_names.get(stem, 0)
        if family < 2:
            yield _flaw(topic, "its name ends in a version, and there is no other")


@rule("topic-name-environment", Severity.WARNING)
def environment(topic: SystemTopic) -> Iterator[Flaw]:
    """A topic has the same name in every environment.

    Why: an environment is a cluster of its own; its name in a topic forces every application to
        compute names.
    Fix: drop the environment from the name.
    Source: the field's practice (kafka-ops/julie#97).
    """
    found = _STAGES.search(topic.name)
    if found and topic.intent is not None:
        word = next(each for each in found.groups() if each)
        yield _flaw(topic, f"its name contains the environment '{word}'")
