"""Verification on a test's cluster: how it comes in, what it made, and that nothing is left of it."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from confluent_kafka.admin import ConsumerGroupListing
from live.answers import Rejected, answer_of
from live.applier import RENDERED, User, _manifests, apply_users
from live.kafka import Kafka
from live.node import LOOPBACK

from generator.contract.report import Status
from generator.contract.rights import PREFIX
from verify.checks.registry import all_checks
from verify.collect.kafka.access import Access
from verify.collect.kafka.quorum import quorum
from verify.collect.kafka.wire import Connection
from verify.collect.probe.probe import probe
from verify.collect.probe.scratch import fresh_name
from verify.desired import Desired
from verify.live.live import Flow, Live, Probe

GENEROUS_S = 60
SLACK_S = 5
"""What a slow machine may take beyond a deadline to notice it."""


def leader_of(kafka: Kafka, access: Access) -> int:
    """The node that leads the quorum."""
    port = next(node.ports["tls"] for node in kafka.nodes if node.responds)
    with Connection(LOOPBACK, port, access, soon()) as connection:
        return quorum(connection).leader


def verify_user(authentication: str) -> User:
    """The user as whom verification comes in, with the rights that are rendered for it."""
    ((name, spec),) = _manifests(RENDERED / "staging/verify", "KafkaUser")
    return User(name, authentication, tuple(spec["authorization"]["acls"]), {})


_known: WeakKeyDictionary[Kafka, set[str]] = WeakKeyDictionary()


def access_of(
    kafka: Kafka, listener: str = "tls", user: str = "verify", password: str = ""
) -> Access:
    """How a user comes in; `verify` is created where it is not there."""
    assert kafka.security is not None
    authentication = "tls" if listener == "tls" else "scram-sha-512"
    known = _known.setdefault(kafka, set())
    if user == "verify" and listener not in known:
        apply_users(kafka, [verify_user(authentication)])
        kafka.settle()
        known.add(listener)
    said = kafka.application(listener, user)

    def pem(key: str) -> str:
        return Path(said[key]).read_text(encoding="utf-8") if key in said else ""

    return Access(
        tuple(said["bootstrap.servers"].split(",")),
        tls=True,
        ca_pem=pem("ssl.ca.location"),
        certificate_pem=pem("ssl.certificate.location"),
        key_pem=pem("ssl.key.location"),
        username="" if listener == "tls" else user,
        password=password or said.get("sasl.password", ""),
    )


def probed(kafka: Kafka, seconds: float = GENEROUS_S) -> Probe:
    access = access_of(kafka)
    return probe(access, fresh_name("probe"), ids(kafka), time.monotonic() + seconds)


def ids(kafka: Kafka) -> dict[int, str]:
    """All brokers, none of which is known not to answer."""
    return dict.fromkeys((node.id for node in kafka.nodes), "")


def soon() -> float:
    return time.monotonic() + GENEROUS_S


def desired() -> Desired:
    return Desired("dev", ())


def statuses(made: Probe | None = None, done: Flow | None = None) -> set[Status]:
    """How the checks of what was made end."""
    live = Live("dev", 0, probe=made, flow=done)
    asked = {name for name, part in (("probe", made), ("flow", done)) if part is not None}
    checks = [each for each in all_checks().values() if each.group in asked]
    assert checks
    return {each.ask(desired(), live).status for each in checks}


def own_topics(kafka: Kafka) -> set[str]:
    """The topics that there are of any run, as one that answers knows them."""
    return _with_prefix(list(_metadata(kafka)))


def _metadata(kafka: Kafka) -> list[str]:
    node = next(node for node in kafka.nodes if node.responds)
    known = kafka.own_metadata(node, GENEROUS_S)
    assert known is not None, "nobody knows which topics there are"
    return list(known.topics)


def own_groups(kafka: Kafka) -> set[str]:
    found: list[ConsumerGroupListing] = answer_of(kafka.admin.list_consumer_groups()).valid
    return _with_prefix([each.group_id for each in found])


def _with_prefix(names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(PREFIX)}


def gone(kafka: Kafka) -> None:
    """Wait until every broker has heard that nothing of any run is there."""
    asked: tuple[Callable[[Kafka], set[str]], ...] = (own_topics, own_groups)
    for names in asked:
        kafka.until(lambda names=names: not names(kafka), "be as it was")  # type: ignore[misc]


def clean(request: pytest.FixtureRequest) -> None:
    """Remove what a test had to leave behind, so that it does not disturb the next one."""
    for name in {"dev", "staging"} & set(request.fixturenames):
        kafka: Kafka = request.getfixturevalue(name)
        for topic in own_topics(kafka):
            with suppress(Rejected):
                kafka.delete_topic(topic)
