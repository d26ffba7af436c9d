"""What rules say of brokers is put to brokers: every flaw of a rule's own failing examples, alone.

`accepts` means that the broker takes it without a word, `rejects` that it refuses it and takes the
same without the flaw. What is asked is what was rendered; three brokers are as many as its intent has.
"""

from collections.abc import Callable
from functools import partial

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic
from live.flaws import Asked, Flaw, answer, answer_to, answer_to_topic, asked_of, flaws_of, made
from live.kafka import Kafka
from support import Project

from generator.rules.registry import Broker, all_rules
from generator.system.effective_settings import TopicSettings

pytestmark = pytest.mark.live

CLAIMS = {each.name: each.broker for each in all_rules().values() if each.broker is not None}

NODES = {
    # One node has heard of a topic as soon as it is made, and tells its settings.
    "topic-config-spelling": "broker",
    "topic-local-retention-above": "tiered_broker",
    "topic-tiered-compacted": "tiered_broker",
}
"""Rules for which others than the three brokers are asked, by their fixture."""


def _compact_keyed(kafka: Kafka, flaw: Flaw) -> str:
    """The topic is made, and then records without a key are refused."""
    return _answer_before_refusal(kafka, flaw, "INVALID_RECORD", None, "value")


def _message_above_segment(kafka: Kafka, flaw: Flaw) -> str:
    """The topic is made, and then a message that it allows is refused."""
    size = (_said(flaw, "segment.bytes") + _said(flaw, "max.message.bytes")) // 2
    return _answer_before_refusal(kafka, flaw, "RECORD_LIST_TOO_LARGE", "key", "x" * size)


def _answer_before_refusal(
    kafka: Kafka, flaw: Flaw, error: str, key: str | None, value: str
) -> str:
    """The answer to the topic; a small record with a key is accepted, and the other one is not."""
    asked = asked_of(kafka, flaw)

    def make() -> None:
        with made(kafka, asked):
            kafka.produce(asked.name, "key", "value")
            assert answer(lambda: kafka.produce(asked.name, key, value)).startswith(error)

    return answer(make)


def _message_above_broker(kafka: Kafka, flaw: Flaw) -> str:
    """A message that only the topic's limit allows is written, and the followers get it."""
    asked = asked_of(kafka, flaw)
    size = _said(flaw, "max.message.bytes") - 1024
    usual = flaw.system.broker("message.max.bytes")
    assert isinstance(usual, int)
    assert size > usual

    def make() -> None:
        with made(kafka, asked):
            kafka.produce(asked.name, "key", "x" * size, acks="all")

    return answer(make)


def _said(flaw: Flaw, key: str) -> int:
    return int(flaw.topic.settings.config[key])


def _config_spelling(kafka: Kafka, flaw: Flaw) -> str:
    """The broker tells the value in another spelling."""
    asked = asked_of(kafka, flaw)
    key = str(flaw.path[-1])

    def make() -> None:
        with made(kafka, asked):
            told, written = kafka.topic_config(asked.name)[key], asked.config[key]
            assert told == written.strip().lower() != written

    return answer(make)


def _name(kafka: Kafka, flaw: Flaw) -> str:
    """Of names at its limits, too, the broker refuses those that the rule complains about."""
    names = ("", ".", "..", "...", "-", "A_b-c.9", "or ders", "örders", "a" * 249, "a" * 250)
    for name in names:
        complains = any(all_rules()["topic-name"].judge(flaw.topic._replace(name=name)))
        assert bool(answer_to_topic(kafka, Asked(name))) is complains, name
    return answer_to(kafka, flaw)


def _name_collision(kafka: Kafka, flaw: Flaw) -> str:
    """The first of the two topics is there."""
    (other,) = (each for each in flaw.system.topics if each.manifest is not flaw.manifest)
    with made(kafka, Asked(other.name)):
        return answer_to(kafka, flaw)


def _name_internal(kafka: Kafka, flaw: Flaw) -> str:
    """Kafka's own topics are changed and deleted like any other; only its metadata are no topic."""
    asked = asked_of(kafka, flaw)
    for name in ("__transaction_state", "__share_group_state", "__remote_log_metadata"):
        assert answer_to_topic(kafka, asked._replace(name=name)) == ""
    prohibited = answer_to_topic(kafka, asked._replace(name="__cluster_metadata"))
    assert prohibited.startswith("INVALID_REQUEST")

    def change() -> None:
        with made(kafka, asked):
            kafka.alter_topic_config(asked.name, {"retention.ms": "1000"})

    return answer(change)


def _partitions_bulk(kafka: Kafka, flaw: Flaw) -> str:
    """At its limit, too, the broker refuses what the rule complains about; nothing is made of it."""
    complain = all_rules()["topic-partitions-bulk"].judge
    for config in ({}, {"retention.ms": "3600000", "segment.ms": "600000"}):
        for number in range(9_996, 10_002):
            topic = NewTopic("orders", number, 3, config=config)
            done = kafka.admin.create_topics([topic], validate_only=True)["orders"]
            spec = {"partitions": number, "replicas": 3, "config": config}
            complains = any(complain(TopicSettings(flaw.system, spec, None)))
            error = done.exception()
            assert error is None or isinstance(error, KafkaException)
            assert (error is not None) is complains, f"{number} partitions, {config}: {error}"
    return answer_to(kafka, flaw)


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
"""Rules of which there is more to show than that one object is accepted or refused."""


@pytest.fixture
def nodes(rule: str, request: pytest.FixtureRequest) -> Kafka:
    """The brokers to which a rule's flaws are put."""
    kafka: Kafka = request.getfixturevalue(NODES.get(rule, "brokers"))
    return kafka


@pytest.mark.parametrize("rule", CLAIMS)
def test_broker_does_what_the_rule_says(project: Project, nodes: Kafka, rule: str) -> None:
    """Each flaw of the rule's failing examples gets the answer that the rule claims."""
    flaws = list(flaws_of(rule, project))

    assert flaws
    for flaw in flaws:
        said = SPECIAL.get(rule, answer_to)(nodes, flaw)
        verdict = Broker.REJECTS if said else Broker.ACCEPTS
        what = f"{flaw.path} of {flaw.manifest.body['spec']}"
        assert verdict is CLAIMS[rule], f"{rule}: {what}: the broker says {said or 'nothing'}"
        if said and flaw.manifest.kind == "KafkaTopic":
            assert answer_to_topic(nodes, asked_of(nodes, flaw).without(flaw.path)) == ""


def test_no_case_without_claim() -> None:
    """A case whose rule is gone, or claims nothing any more, would be tried by nobody."""
    assert {*SPECIAL, *NODES} <= set(CLAIMS)


def test_acks_all_while_a_broker_restarts(brokers: Kafka) -> None:
    """What the rules about min.insync.replicas say: equal to the replicas or above, writes stop."""
    least = {name: {"min.insync.replicas": name} for name in "1234"}
    for name in "234":
        brokers.create_topic(name, replicas=3, config=least[name])
    # On the broker that stays and on the one that goes: then the leader is alone.
    pair = NewTopic("1", 1, replica_assignment=[[1, 3]], config=least["1"])
    brokers.admin.create_topics([pair])["1"].result()
    writes = {name: partial(brokers.produce, name, "key", "value", acks="all") for name in least}
    assert [answer(write) for write in writes.values()] == [""] * 4

    with brokers.restarting(brokers.nodes[2]):
        said = {name: answer(write) for name, write in writes.items()}
    assert (said["1"], said["2"]) == ("", "")
    assert said["3"].startswith("NOT_ENOUGH_REPLICAS")
    assert said["4"].startswith("NOT_ENOUGH_REPLICAS")

    assert [answer(write) for write in writes.values()] == [""] * 4
    for name in least:
        brokers.delete_topic(name)
