"""What rules say of brokers is put to brokers: every flaw of a rule's own failing examples, alone.

`accepts` means that the broker takes it without a word, `rejects` that it refuses it and takes the
same without the flaw. What is asked is what was rendered; three brokers are as many as its intent has.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic
from live.kafka import Kafka, Rejected
from support import Project
from test_rules import _BASE, _HEADER, _documents

from generator.finding import Path
from generator.manifest import Manifest
from generator.rules import Broker, all_rules, judge
from generator.system import System

pytestmark = pytest.mark.live

CLAIMS = {each.name: each.broker for each in all_rules().values() if each.broker is not None}

NODES = {
    # One node has heard of a topic as soon as it is made, and tells its settings.
    "topic-config-spelling": "broker",
    "topic-local-retention-above": "tiered_broker",
    "topic-tiered-compacted": "tiered_broker",
}
"""Rules for which others than the three brokers are asked, by their fixture."""


class Flaw(NamedTuple):
    """One place at which a manifest breaks a rule, and the other places at which it does, too."""

    system: System
    manifest: Manifest
    path: Path
    others: frozenset[Path]


class Asked(NamedTuple):
    """A topic as the Topic Operator asks for it."""

    name: str
    partitions: int
    replicas: int
    config: Mapping[str, str]

    def without(self, path: Path) -> "Asked":
        """The topic with something harmless at a flaw's place."""
        match path:
            case ("spec", "config", key):
                return self._replace(config={k: self.config[k] for k in self.config if k != key})
            case ("spec", "partitions" | "replicas" as key):
                return self._replace(**{str(key): 1})
            case ("spec", "topicName") | ("metadata", "name"):
                return self._replace(name="mended")
        raise ValueError(path)


def _flaws(project: Project, rule: str) -> Iterator[Flaw]:
    """What the rule complains about in its failing examples."""
    for document in _documents(rule)[1:]:
        project.write("environments/base/base.yaml", _BASE)
        project.write("environments/test/environment.yaml", _HEADER + document)
        (rendered,) = project.everything("test").environments
        assert rendered.system is not None
        breaches = [each for each in judge(rendered.system) if each.rule == rule]
        for each in breaches:
            assert each.on is not None
            mine = {other.flaw.path for other in breaches if other.on is each.on}
            others = frozenset(mine - {each.flaw.path})
            yield Flaw(rendered.system, each.on, each.flaw.path, others)


def _asked(kafka: Kafka, flaw: Flaw) -> Asked:
    """The topic with this flaw and no other; a single node has room for one replica."""
    topic = next(each for each in flaw.system.topics if each.manifest is flaw.manifest)
    settings = topic.settings
    config = {key: _text(value) for key, value in settings.config.items()}
    match flaw.path:
        case ("spec", "config", str(key)) if key not in config and "cluster" in settings.origin(
            key
        ):
            # What the cluster's config says is said by the topic: these brokers have their own.
            config[key] = _text(settings.value(key))
    replicas = 1 if len(kafka.nodes) == 1 else settings.replicas
    asked = Asked(topic.name, settings.partitions, replicas, config)
    for path in flaw.others:
        asked = asked.without(path)
    return asked


def _text(value: Any) -> str:
    """A value as the operators write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _made(kafka: Kafka, topic: Asked) -> Iterator[None]:
    kafka.create_topic(*topic)
    try:
        yield
    finally:
        kafka.delete_topic(topic.name)


def _answer(action: Callable[[], object]) -> str:
    """What the broker says against something; nothing where it accepts."""
    try:
        action()
    except Rejected as refused:
        return f"{refused.name} {refused}".strip()
    return ""


def _answer_to_topic(kafka: Kafka, topic: Asked) -> str:
    def make() -> None:
        with _made(kafka, topic):
            pass

    return _answer(make)


def _answer_to_user(kafka: Kafka, flaw: Flaw) -> str:
    """What the broker says to the quota or the ACL rule at the flaw's place."""
    user = next(each for each in flaw.system.users if each.manifest is flaw.manifest)
    match flaw.path:
        case ("spec", "quotas", str(key)):
            name = re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", key)
            quotas = {name: str(user.quotas[key])}
            return _answer(lambda: kafka.alter_quotas(user.principal, quotas))
        case ("spec", "authorization", "acls", int(index), *inner):
            acl = user.acls[index]
            assert (acl.type, acl.host) == ("allow", "*"), "create_acl knows no other"
            name = acl.name or "kafka-cluster"
            said = []
            for number, operation in enumerate(acl.operations):
                if inner[0] != "operations" or inner[1:] in ([], [number]):
                    what = (acl.resource, name, acl.pattern, operation, f"User:{user.principal}")
                    said.append(_answer(lambda what=what: kafka.create_acl(*what)))  # type: ignore[misc]
            assert said
            return "\n".join(filter(None, said))
    raise ValueError(flaw.path)


def _answer_to(kafka: Kafka, flaw: Flaw) -> str:
    """What the broker says to the object with this flaw."""
    if flaw.manifest.kind == "KafkaUser":
        return _answer_to_user(kafka, flaw)
    return _answer_to_topic(kafka, _asked(kafka, flaw))


def _name(kafka: Kafka, flaw: Flaw) -> str:
    """Names up to the rule's limits are accepted, and beyond them refused."""
    for name in ("...", "a" * 249, "-", "A_b-c.9"):
        assert _answer_to_topic(kafka, Asked(name, 1, 1, {})) == ""
    for name in ("", ".", "..", "a" * 250, "or ders", "örders"):
        assert _answer_to_topic(kafka, Asked(name, 1, 1, {})).startswith("TOPIC_EXCEPTION")
    return _answer_to(kafka, flaw)


def _name_collision(kafka: Kafka, flaw: Flaw) -> str:
    """The first of the two topics is there."""
    (other,) = (each for each in flaw.system.topics if each.manifest is not flaw.manifest)
    with _made(kafka, Asked(other.name, 1, 1, {})):
        return _answer_to(kafka, flaw)


def _name_internal(kafka: Kafka, flaw: Flaw) -> str:
    """Kafka's own topics are changed and deleted like any other; the metadata log is no topic."""
    topic = _asked(kafka, flaw)
    for name in ("__transaction_state", "__share_group_state", "__remote_log_metadata"):
        assert _answer_to_topic(kafka, topic._replace(name=name)) == ""
    prohibited = _answer_to_topic(kafka, topic._replace(name="__cluster_metadata"))
    assert prohibited.startswith("INVALID_REQUEST")

    def change() -> None:
        with _made(kafka, topic):
            kafka.alter_topic_config(topic.name, {"retention.ms": "1000"})

    return _answer(change)


def _partitions_bulk(kafka: Kafka, flaw: Flaw) -> str:
    """One less is not refused; nothing is made of it."""
    asked = _asked(kafka, flaw)
    fewer = NewTopic(asked.name, asked.partitions - 1, asked.replicas, config=dict(asked.config))
    try:
        kafka.admin.create_topics([fewer], validate_only=True)[asked.name].result()
    except KafkaException as error:
        pytest.fail(f"{asked.partitions - 1} are too many as well: {error}")
    return _answer_to(kafka, flaw)


def _config_spelling(kafka: Kafka, flaw: Flaw) -> str:
    """The value is stored as it was written."""
    asked = _asked(kafka, flaw)
    key = str(flaw.path[-1])

    def make() -> None:
        with _made(kafka, asked):
            assert kafka.topic_config(asked.name)[key] == asked.config[key]

    return _answer(make)


def _compact_keyed(kafka: Kafka, flaw: Flaw) -> str:
    """The topic is made, and then records without a key are refused."""
    return _answer_before_refusal(kafka, flaw, "INVALID_RECORD", None, "value")


def _message_above_segment(kafka: Kafka, flaw: Flaw) -> str:
    """The topic is made, and then a message that it allows is refused."""
    size = (_limit(flaw, "segment.bytes") + _limit(flaw, "max.message.bytes")) // 2
    return _answer_before_refusal(kafka, flaw, "RECORD_LIST_TOO_LARGE", "key", "x" * size)


def _answer_before_refusal(
    kafka: Kafka, flaw: Flaw, error: str, key: str | None, value: str
) -> str:
    """The answer to the topic; a small record with a key is accepted, and the other one is not."""
    asked = _asked(kafka, flaw)

    def make() -> None:
        with _made(kafka, asked):
            kafka.produce(asked.name, "key", "value")
            assert _answer(lambda: kafka.produce(asked.name, key, value)).startswith(error)

    return _answer(make)


def _message_above_broker(kafka: Kafka, flaw: Flaw) -> str:
    """A message that only the topic's limit allows is written, and all followers get it."""
    asked = _asked(kafka, flaw)
    size = _limit(flaw, "max.message.bytes") - 1024
    assert size > flaw.system.broker("message.max.bytes")

    def make() -> None:
        with _made(kafka, asked):
            kafka.produce(asked.name, "key", "x" * size, acks="all")

    return _answer(make)


def _limit(flaw: Flaw, key: str) -> int:
    return int(flaw.manifest.body["spec"]["config"][key])


SPECIAL: dict[str, Callable[[Kafka, Flaw], str]] = {
    "topic-compact-keyed": _compact_keyed,
    "topic-config-spelling": _config_spelling,
    "topic-message-above-broker": _message_above_broker,
    "topic-message-above-segment": _message_above_segment,
    "topic-name": _name,
    "topic-name-collision": _name_collision,
    "topic-name-internal": _name_internal,
    "topic-partitions-bulk": _partitions_bulk,
}
"""Rules whose flaw is in more than one object, or shows only afterwards; the rest needs no code."""


@pytest.fixture
def nodes(rule: str, request: pytest.FixtureRequest) -> Kafka:
    """The brokers to which a rule's flaws are put."""
    kafka: Kafka = request.getfixturevalue(NODES.get(rule, "brokers"))
    return kafka


@pytest.mark.parametrize("rule", CLAIMS)
def test_broker_does_what_the_rule_says(project: Project, nodes: Kafka, rule: str) -> None:
    """Each flaw of the rule's failing examples gets the answer that the rule claims."""
    flaws = list(_flaws(project, rule))

    assert flaws
    for flaw in flaws:
        said = SPECIAL.get(rule, _answer_to)(nodes, flaw)
        verdict = Broker.REJECTS if said else Broker.ACCEPTS
        assert verdict is CLAIMS[rule], f"{flaw.path} of {flaw.manifest.body}: {said or 'accepted'}"
        if verdict is Broker.REJECTS and flaw.manifest.kind == "KafkaTopic":
            assert _answer_to_topic(nodes, _asked(nodes, flaw).without(flaw.path)) == ""


def test_no_case_without_claim() -> None:
    """A case whose rule is gone, or claims nothing any more, would be tried by nobody."""
    assert {*SPECIAL, *NODES} <= set(CLAIMS)


def test_acks_all_while_a_broker_restarts(brokers: Kafka) -> None:
    """What the rules about min.insync.replicas say: equal to or above the replicas, writes stop."""
    config = {name: {"min.insync.replicas": name} for name in "1234"}
    for name in "234":
        brokers.create_topic(name, replicas=3, config=config[name])
    # On the broker that stays and the one that leaves: then the leader is alone.
    alone = NewTopic("1", replica_assignment=[[1, 3]], config=config["1"])
    brokers.admin.create_topics([alone])["1"].result()
    for name in config:
        brokers.produce(name, "key", "value", acks="all")

    with brokers.restarting(brokers.nodes[2]):
        said = {name: _answer(lambda name=name: brokers.produce(name, "key", "value")) for name in config}  # type: ignore[misc] # fmt: skip

    assert [name for name in said if said[name].startswith("NOT_ENOUGH_REPLICAS")] == ["3", "4"]
    assert said["1"] == said["2"] == ""
    for name in config:
        brokers.produce(name, "key", "value", acks="all")
        brokers.delete_topic(name)
