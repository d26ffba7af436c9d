"""A broker that is known not to answer us, or not to let us in, is not asked, and what it says is no news."""

from confluent_kafka import KafkaError

from verify.collect.addresses import hopeless
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import gap_of, news
from verify.live.live import Cause, Gap, Kafka, LiveBroker

BAD = KafkaError(KafkaError._SSL, "ssl://b1:9093/1: SSL handshake failed")
LATE = KafkaError(KafkaError._TIMED_OUT, "Timed out")


def test_others_are_asked() -> None:
    """And all of them, where none else is left."""
    some = Access(("b1:9093", "b2:9093"), hopeless=("b1:9093",))

    assert some.librdkafka()["bootstrap.servers"] == "b2:9093"
    every = Access(("b1:9093",), hopeless=("b1:9093",))
    assert every.librdkafka()["bootstrap.servers"] == "b1:9093"


def test_what_it_says_is_no_news() -> None:
    """What another one says is; and no address is taken for one that begins with it."""
    others = [
        KafkaError(KafkaError._SSL, f"{said}: SSL handshake failed")
        for said in ("ssl://b1:90931/2", "ssl://b1.b1:9092/3", "GroupCoordinator: my-b1:9093")
    ]
    coordinators = [
        KafkaError(KafkaError._SSL, f"{kind}Coordinator: b1:9093: SSL handshake failed")
        for kind in ("Group", "Txn")
    ]

    assert news([BAD, *others, *coordinators], ("b1:9093",)) == others
    assert gap_of(LATE, [BAD]).cause is Cause.REFUSED
    assert gap_of(LATE, news([BAD], ("b1:9093",))).cause is Cause.TIMED_OUT


def test_an_address_at_which_somebody_answers_is_not_hopeless() -> None:
    """Also where another broker says that it is its own."""
    gap = Gap(Cause.REFUSED, "node 1 answers there")
    brokers = [
        LiveBroker(1, "b1", 9093),
        LiveBroker(2, "b1", 9093, problem=gap),
        LiveBroker(3, "b3", 9093, problem=gap),
    ]
    assert hopeless(Kafka("id", "b1:9093", brokers={each.id: each for each in brokers})) == (
        "b3:9093",
    )
