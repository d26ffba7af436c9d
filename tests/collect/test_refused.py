"""A broker that is known not to let us in is not asked, and what it says is no news."""

from confluent_kafka import KafkaError

from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import gap_of, news
from verify.live.live import Cause

BAD = KafkaError(KafkaError._SSL, "ssl://b1:9093/1: SSL handshake failed")
LATE = KafkaError(KafkaError._TIMED_OUT, "Timed out")


def test_others_are_asked() -> None:
    """And all of them, where none else is left."""
    some = Access(("b1:9093", "b2:9093"), refused=("b1:9093",))

    assert some.librdkafka()["bootstrap.servers"] == "b2:9093"
    every = Access(("b1:9093",), refused=("b1:9093",))
    assert every.librdkafka()["bootstrap.servers"] == "b1:9093"


def test_what_it_says_is_no_news() -> None:
    """What another one says is; and no address is taken for one that begins with it."""
    other = KafkaError(KafkaError._SSL, "ssl://b1:90931/2: SSL handshake failed")

    assert news([BAD, other], ("b1:9093",)) == [other]
    assert gap_of(LATE, [BAD]).cause is Cause.REFUSED
    assert gap_of(LATE, news([BAD], ("b1:9093",))).cause is Cause.TIMED_OUT
