"""The flow on real brokers: transactions, dead letters, formats and a load."""

import json
import time
from collections.abc import Iterator

import pytest
from live.answers import DEADLINE_S
from live.kafka import Kafka
from live.probing import (
    SLACK_S,
    access_of,
    clean,
    gone,
    soon,
    statuses,
)

from generator.contract.report import Status
from generator.contract.settings import Performance, VerifySettings
from verify.collect.kafka.access import Access
from verify.collect.kafka.clients import Reader, Sender
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe.flow import flow
from verify.collect.probe.flow_steps import Transactor, places_of, read_all
from verify.collect.probe.scratch import REMOVAL_S, fresh_name

pytestmark = pytest.mark.live

_ORDER = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer"}},
}


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins on a cluster as it was."""
    yield
    clean(request)


def test_flow_goes_through(each_cluster: Kafka) -> None:
    """Exactly once, dead letters and a load; what nobody asked for is left out."""
    done = flow(access_of(each_cluster), fresh_name("flow"), VerifySettings(), (), (), soon())
    assert statuses(done=done) == {Status.PASS, Status.SKIP}
    assert done.performance is None
    done = flow(
        access_of(each_cluster),
        fresh_name("flow"),
        VerifySettings(performance=Performance(2000)),
        (),
        (),
        soon(),
    )
    assert done.transaction is not None
    assert done.dead_letter is not None
    assert done.performance is not None
    assert done.transaction.ok, done.transaction.message
    assert done.dead_letter.ok, done.dead_letter.message
    assert done.dead_letter.message == "3 poisoned records became dead letters, 9 were handled"
    assert done.performance.ok, done.performance.message
    assert done.performance.numbers["records"] == 2000
    assert done.performance.numbers["produce_records_per_s"] > 0
    assert done.left_behind == ()
    gone(each_cluster)


def test_load_is_bounded_by_time(dev: Kafka) -> None:
    """More records than there is time for are as many as there was time for."""
    asked = VerifySettings(performance=Performance(10**8, 10_000))
    begun = time.monotonic()
    done = flow(access_of(dev), fresh_name("flow"), asked, (), (), begun + 25)
    assert time.monotonic() - begun < 25 + REMOVAL_S + SLACK_S
    assert done.performance is not None
    assert done.performance.ok, done.performance.message
    assert "as many as there was time for" in done.performance.message
    gone(dev)


def test_formats_right_and_wrong(staging: Kafka) -> None:
    """Places and rules are told, and not a word of what the records say."""
    access, topic = access_of(staging), "orders.order.created"
    asked = VerifySettings(formats={topic: _ORDER})
    assert _formats(access, asked) == {topic: (0, (), "")}

    for number in range(30):
        staging.produce(topic, str(number), json.dumps({"amount": number}))
    read, wrong, problem = _formats(access, asked)[topic]
    assert 0 < read <= 20
    assert (wrong, problem) == ((), "")

    for key in range(40):
        staging.produce(topic, str(key), '{"amount": "4111-1111", "secret": "hush"}')
        staging.produce(topic, str(key), "hush, no JSON")
        staging.produce(topic, str(key), "{}")
    read, wrong, problem = _formats(access, asked)[topic]
    assert problem == ""
    assert len(wrong) == 5
    rules = {each.partition(": ")[2] for each in wrong}
    assert rules <= {"breaks /properties/amount/type", "it is no JSON", "breaks /required"}
    assert all(each.startswith("partition ") for each in wrong)


def test_formats_that_cannot_be_judged(staging: Kafka) -> None:
    """Topics that are not there or not ours to read, and formats that are none, are told so."""
    staging.produce("llm-events", None, '{"amount": 1}')
    asked = {"gone": _ORDER, "wanted": _ORDER, "llm-events": _ORDER,
             "llm-traces": {"$ref": "http://127.0.0.1:1/x"}}  # fmt: skip
    found = _formats(access_of(staging), VerifySettings(formats=asked), ("wanted",))
    assert set(found) == {"wanted", "llm-events", "llm-traces"}
    assert found["wanted"][2] == "there is no such topic, or we may not see it"
    assert "TOPIC_AUTHORIZATION_FAILED" in found["llm-events"][2]
    assert found["llm-traces"][2] == "its format is no JSON Schema"


def test_open_transaction_is_aborted_when_interrupted(dev: Kafka) -> None:
    """Nobody waits for a transaction that nobody will end."""
    topic, clock = fresh_name("flow"), Deadline(time.monotonic() + DEADLINE_S)
    access_of(dev)
    dev.create_topic(topic)
    settings = access_of(dev).librdkafka()

    def interrupted() -> None:
        with Transactor(settings, topic, clock) as transactor:
            transactor.begin()
            transactor.send((topic, 0), b"never")
            transactor.flush(clock)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with Sender(settings) as sender:
        sender.send((topic, 0), b"after it")
        sender.flush(clock)
    with Reader(settings, topic) as reader:
        # Behind an open transaction nothing committed could be read.
        assert [each.value for each in read_all(reader, places_of(topic, 1), 1, clock)] == [
            b"after it"
        ]
    dev.delete_topic(topic)


def _formats(
    access: Access, settings: VerifySettings, wanted: tuple[str, ...] = ()
) -> dict[str, tuple[int, tuple[str, ...], str]]:
    done = flow(access, fresh_name("flow"), settings, wanted, (), soon())
    return {each.topic: (each.read, each.wrong, each.problem) for each in done.formats}
