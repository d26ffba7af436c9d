"""Listeners let clients in, show a right certificate, and keep others out."""

from dataclasses import replace
from typing import Any

import pytest
from checks.kafka_answers import answers, cluster, git, on, said, topic
from checks.kubernetes_objects import DAY_S, NOW_S, body

from generator.contract.settings import Certificates
from verify.live.live import ELSEWHERE, Cause, Certificate, Gap, Kubernetes, ListenerAnswer

DENIED = "denied: TLS: tlsv13 alert certificate required"
REFUSED = Gap(Cause.UNREACHABLE, "connection refused")
LATE = Gap(Cause.TIMED_OUT, "no connection in time")


def shown(days: float = 300) -> Certificate:
    """A broker's certificate."""
    ends_s = NOW_S + days * DAY_S
    return Certificate("CN=events-kafka", "CN=ca", ("b0", "10.0.0.1"), NOW_S, ends_s, "00")


def answer(address: str = "b0:9093", **more: Any) -> ListenerAnswer:
    """What somebody met at an address who was met as it should be."""
    usual: dict[str, Any] = {"tls": True, "authentication": "tls", "certificates": (shown(),),
             "anonymous": DENIED, "stranger": DENIED}  # fmt: skip
    return ListenerAnswer("tls", address, **(usual | more))


def met(*found: ListenerAnswer) -> Any:
    """What was collected with these."""
    return answers(listeners=found)


PLAIN = answer("b0:9092", tls=False, authentication="", certificates=(), anonymous="", stranger="")


def test_listeners_are_as_they_should_be() -> None:
    """How many addresses, certificates and tries."""
    found = met(answer(), answer("b1:9093"), PLAIN)

    assert said("listeners-reachable", git(), found) == ["pass: 3 addresses of tls"]
    assert said("listeners-certificate", git(), found) == ["pass: 2 certificates"]
    assert said("listeners-closed-to-strangers", git(), found) == ["pass: 4 tries"]


def test_listeners_that_cannot_be_reached() -> None:
    """Nobody listening is something else than nobody answering; who was reached is counted."""
    nameless = ListenerAnswer("", "b2:9093", tls=True, problem=REFUSED)
    found = met(answer(), answer("b1:9093", problem=LATE), nameless)

    assert said("listeners-reachable", git(), found) == [
        "fail b2:9093: unreachable: connection refused",
        "fail tls b1:9093: no answer: no connection in time",
        "pass: 1 address of tls",
    ]


def test_addresses_that_were_not_given_time() -> None:
    """They may only be slow."""
    hurried = Gap(Cause.TIMED_OUT, "no connection in time (there were 0.1 s)", hurried=True)
    assert said("listeners-reachable", git(), met(answer("b1:9093", problem=hurried))) == [
        "unknown tls b1:9093: no connection in time (there were 0.1 s)",
        "pass: 0 addresses",
    ]


def test_listeners_that_nobody_looked_at() -> None:
    """Reachable are only those that were met."""
    spec = {"kafka": {"listeners": [{"name": "tls"}, {"name": "external"}, {"name": "plain"}]}}
    desired = replace(git(), objects=(body("Kafka", "events", spec=spec),))
    assert said("listeners-reachable", desired, met(answer())) == [
        "pass: 1 address of tls; not looked at: external, plain"
    ]


def test_addresses_that_may_be_closed_to_us() -> None:
    """A load balancer from inside, and an address that only the user named while Kafka was met."""
    outside = met(answer(outside=True, problem=REFUSED))
    given = met(answer(given=True, problem=REFUSED))
    alone = met(answer(given=True, problem=REFUSED))
    alone.kafka = None
    outside.kubernetes = Kubernetes("https://a", "kafka-dev", in_cluster=True)

    assert said("listeners-reachable", git(), outside)[0] == (
        "warn tls b0:9093: unreachable: connection refused; ask again from outside of the cluster"
    )
    outside.kubernetes.in_cluster = False
    assert said("listeners-reachable", git(), outside)[0].startswith("fail tls b0:9093: ")
    assert said("listeners-reachable", git(), given)[0] == (
        "warn tls b0:9093: unreachable: connection refused; Kafka was met at b0:9092"
    )
    assert said("listeners-reachable", git(), alone)[0].startswith("fail tls b0:9093: ")


def test_partitions_led_where_the_listener_is_missing() -> None:
    """Their brokers never started it."""
    found = met(answer())
    found.kafka = cluster(topics={"a": topic(on(0, leader=ELSEWHERE), on(1)), "b": topic(on(0))})

    assert said("listeners-reachable", git(), found) == [
        "fail: 1 partition led by a broker that lacks the listener we came by",
        "pass: 1 address of tls",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Hostname mismatch, certificate is not valid for 'b0'.", "; it names b0, 10.0.0.1"),
        ("IP address mismatch, certificate is not valid for '::1'.", "; it names b0, 10.0.0.1"),
        ("certificate has expired", ""),
        ("unable to get local issuer certificate", ""),
    ],
)
def test_certificates_that_are_not_to_be_trusted(words: str, told: str) -> None:
    """Whose name is wrong is told what it names instead."""
    assert said("listeners-certificate", git(), met(answer(trusted=words), answer("b1:9093"))) == [
        f"fail tls b0:9093: not to be trusted: {words}{told}",
        "pass: 2 certificates",
    ]


@pytest.mark.parametrize(
    ("days", "said_"),
    [
        (30, ["pass: 1 certificate"]),
        (29.9, ["warn tls b0:9093: its certificate ends in 29.9 days", "pass: 1 certificate"]),
        (7, ["warn tls b0:9093: its certificate ends in 7.0 days", "pass: 1 certificate"]),
        (6.9, ["fail tls b0:9093: its certificate ends in 6.9 days", "pass: 1 certificate"]),
        (-1, ["fail tls b0:9093: its certificate ends in -1.0 days", "pass: 1 certificate"]),
    ],
)
def test_certificates_that_end_soon(days: float, said_: list[str]) -> None:
    """Thirty days are a warning, seven a failure."""
    assert said("listeners-certificate", git(), met(answer(certificates=(shown(days),)))) == said_


def test_limits_of_certificates_are_the_intents() -> None:
    """verify.certificates."""
    found = met(answer(certificates=(shown(80),)))

    assert said("listeners-certificate", git(certificates=Certificates(90, 60)), found)[0] == (
        "warn tls b0:9093: its certificate ends in 80.0 days"
    )


def test_listeners_without_tls_or_an_answer_show_nothing() -> None:
    """Which is no verdict."""
    skipped = ["skip: no listener that was reached speaks TLS"]

    assert said("listeners-certificate", git(), met(PLAIN)) == skipped
    assert said("listeners-certificate", git(), met(answer(problem=LATE))) == skipped


def test_listeners_that_let_in_anybody() -> None:
    """Those who say nobody, those nobody knows, and what could not be found out."""
    found = met(
        answer(anonymous="accepted"), answer("b1:9093", stranger="accepted"),
        answer("b2:9093", anonymous="", stranger=DENIED),
    )  # fmt: skip

    assert said("listeners-closed-to-strangers", git(), found) == [
        "fail tls b0:9093: lets nobody in",
        "fail tls b1:9093: lets a stranger in",
        "unknown tls b2:9093: it did not say in time whether it lets nobody in",
        "pass: 6 tries",
    ]


@pytest.mark.parametrize(
    "found", [PLAIN, answer(problem=LATE), answer(trusted="certificate has expired")]
)
def test_strangers_are_not_tried_everywhere(found: ListenerAnswer) -> None:
    """Not where everybody is let in, and not with a server that nobody should talk to."""
    assert said("listeners-closed-to-strangers", git(), met(found)) == [
        "skip: no listener with authentication was reached"
    ]


def test_foreign_topics_are_closed() -> None:
    """Tried as the user of verification only."""
    assert said("foreign-topics-denied", git(), answers(cluster(forbidden={"a": "denied"}))) == [
        "pass topic a: denied"
    ]
    assert said("foreign-topics-denied", git(), answers(cluster(forbidden={"a": "accepted"}))) == [
        "fail topic a: may be read without the right to"
    ]
    assert said("foreign-topics-denied", git(), answers()) == [
        "skip: only tried as the user that is rendered for verification"
    ]
