"""Certificates last, and everybody has the Secret to log in with."""

import pytest
from checks.kubernetes_objects import (
    KAFKA,
    Body,
    body,
    certificate,
    desired,
    live,
    said,
    secret,
    seen,
)
from msgspec.structs import replace

from verify.live.live import Cause, Certificate, Gap, Kafka, ListenerAnswer, Login, Secret

NAMES = ("events-cluster-ca-cert", "events-clients-ca-cert")


def user(name: str, authentication: str = "tls") -> Body:
    """A KafkaUser; without authentication it has rights, but no Secret."""
    spec = {"authentication": {"type": authentication}} if authentication else {}
    return body("KafkaUser", name, spec=spec)


def expiry(*found: Certificate) -> list[str]:
    """What is said of certificates in one Secret."""
    return said("certificate-expiry", desired(), live(secrets=[secret("a", certificates=found)]))


def test_certificates_last() -> None:
    """The first one to end is named; an authority that was renewed may end, and its copy in the trust bundle."""
    old = certificate(-1, "ca-2026-01-31T00:00:00Z.crt")

    assert expiry(certificate(300), certificate(90, "user.crt"), old) == [
        "pass: the first one to end does so in 90 days: secret/a user.crt"
    ]
    bundle = secret("events-trustbundle", certificates=(certificate(-1, "cluster-ca.crt"),))
    assert said("certificate-expiry", desired(), live(secrets=[bundle])) == [
        "skip: no Secret of the cluster holds a certificate"
    ]
    assert said("certificate-expiry", desired(), live()) == [
        "skip: no Secret of the cluster holds a certificate"
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (certificate(29.5), "warn secret/a ca.crt: ends in 29 days, on 2026-12-21"),
        (certificate(7), "fail secret/a ca.crt: ends in 7 days, on 2026-11-28"),
        (certificate(1), "fail secret/a ca.crt: ends in 1 day, on 2026-11-22"),
        (certificate(0.5), "fail secret/a ca.crt: ends in less than a day, on 2026-11-22"),
        (certificate(-1), "fail secret/a ca.crt: ended on 2026-11-20"),
        (certificate(90, begins=1), "fail secret/a ca.crt: is not valid before 2026-11-22"),
    ],
)
def test_certificates_end(found: Certificate, words: str) -> None:
    """30 days before it is worth a warning, a week before a failure."""
    assert expiry(found) == [words]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (29, "pass: the first one to end does so in 29 days: secret/guard user.crt"),
        (9.5, "warn secret/guard user.crt: ends in 9 days, on 2026-12-01"),
        (6, "warn secret/guard user.crt: ends in 6 days, on 2026-11-27"),
        (4.5, "fail secret/guard user.crt: ends in 4 days, on 2026-11-26"),
    ],
)
def test_certificate_that_is_renewed_late(days: float, words: str) -> None:
    """One that lives for a month, and is renewed ten days before its end, is no news before that."""
    spec = {"authentication": {"type": "tls", "validityDays": 30, "renewalDays": 10}}
    found = live(secrets=[secret("guard", certificates=(certificate(days, "user.crt"),))])

    assert said("certificate-expiry", desired(body("KafkaUser", "guard", spec=spec)), found) == [
        words
    ]


def test_authority_that_is_renewed_late() -> None:
    """Its users' certificates go by it where they say nothing themselves."""
    cluster = {**KAFKA, "spec": {**KAFKA["spec"], "clientsCa": {"renewalDays": 10}}}
    wanted = desired(cluster, user("guard"))
    names = ("guard", "events-clients-ca-cert", "events-cluster-ca-cert")
    found = live(secrets=[secret(name, certificates=(certificate(20),)) for name in names])

    assert said("certificate-expiry", wanted, found) == [
        "warn secret/events-cluster-ca-cert ca.crt: ends in 20 days, on 2026-12-11"
    ]


def test_thousands_of_certificates_that_end_are_one_line() -> None:
    """They were made on the same day."""
    ending = [secret(f"u{i:04}", certificates=(certificate(5, "user.crt"),)) for i in range(2000)]

    (words,) = said("certificate-expiry", desired(), live(secrets=ending))

    assert words.startswith("fail: ends in 5 days, on 2026-11-26: secret/u0000 user.crt, ")
    assert words.endswith(" … and 1990 more")


def test_both_authorities_are_there() -> None:
    """With a certificate that clients can trust."""
    both = [secret(name, "ca.crt", certificates=(certificate(300),)) for name in NAMES]

    assert said("authorities", desired(), live(secrets=both)) == []
    assert said("authorities", desired(), live(secrets=[secret(NAMES[0], "ca.crt")])) == [
        "fail secret/events-clients-ca-cert: is missing",
        "fail secret/events-cluster-ca-cert: has no certificate as ca.crt",
    ]
    gaps = {"kubernetes.Secret": Gap(Cause.REFUSED, "nobody allowed it")}
    assert said("authorities", desired(), live(gaps=gaps)) == ["unknown: nobody allowed it"]


def test_every_user_has_a_secret() -> None:
    """Under the name that the operator says, else with the prefix that is asked for."""
    spec = {"entityOperator": {"userOperator": {"secretPrefix": "kafka-"}}}
    prefixed = {**KAFKA, "spec": spec}
    wanted = desired(
        prefixed, user("a"), user("b", "scram-sha-512"), user("c", ""), user("d", "tls-external")
    )
    found = live(
        seen(user("a"), secret="told"),  # noqa: S106 (a name)
        secrets=[
            secret("told", "ca.crt", "user.crt", "user.key", "user.p12"),
            secret("kafka-b", "password", "sasl.jaas.config"),
        ],
    )

    assert said("user-secrets", wanted, found) == ["pass: 2 users"]


def test_users_without_a_usable_secret() -> None:
    """It is missing, or lacks what it is for."""
    wanted = desired(user("a"), user("b"), user("c", "scram-sha-512"))
    found = live(secrets=[secret("b", "ca.crt", "user.crt")])

    assert said("user-secrets", wanted, found) == [
        "fail: has no Secret: kafkauser/a, kafkauser/c",
        "fail kafkauser/b: its Secret lacks user.key",
    ]


def test_in_the_cluster_secrets_of_users_are_nobodys_business() -> None:
    """The Role allows the authorities' alone, which are judged all the same."""
    gaps = {"kubernetes.Secret.user": Gap(Cause.NOT_ASKED, "not allowed")}
    both = [secret(name, "ca.crt", certificates=(certificate(300),)) for name in NAMES]
    found = live(secrets=both, gaps=gaps)

    assert said("user-secrets", desired(user("a")), found) == ["skip: not allowed"]
    assert said("authorities", desired(), found) == []


def signed(where: str, *by: str) -> Certificate:
    """A certificate that these authorities signed."""
    return replace(certificate(300, where), signed_by=by)


def of(kind: str, name: str, *certificates: Certificate) -> Secret:
    """A Secret that Strimzi made for one of its kinds."""
    return Secret(name, {"strimzi.io/kind": kind}, (), certificates)


CLUSTER, CLIENTS = NAMES
AUTHORITIES = dict.fromkeys(NAMES, "PEM")


def chain(*secrets: Secret, kafka: Kafka | None = None, listeners: tuple[ListenerAnswer, ...] = (),
          authorities: dict[str, str] | None = None) -> list[str]:  # fmt: skip
    """What is said of who signed what."""
    found = live(secrets=secrets, authorities=AUTHORITIES if authorities is None else authorities)
    found.kafka, found.listeners = kafka, listeners
    spec = {"kafka": {"listeners": [
        {"name": "tls"}, {"name": "own", "configuration": {"brokerCertChainAndKey": {}}},
    ]}}  # fmt: skip
    return said("certificate-chain", desired(body("Kafka", "events", spec=spec)), found)


def test_everybody_was_signed_by_whom_they_should() -> None:
    """Authorities themselves, and what nobody of Strimzi made, do not count."""
    assert chain(
        of("Kafka", CLUSTER, signed("ca.crt", CLUSTER)), of("Kafka", "events-brokers", signed("b.crt", CLUSTER)),
        of("Kafka", "events-trustbundle", signed("clients-ca.crt", CLIENTS)),
        of("KafkaUser", "billing", signed("ca.crt"), signed("user.crt", CLIENTS)), secret("mine", certificates=(signed("a.crt"),)),
    ) == ["pass: 2 certificates"]  # fmt: skip
    assert chain() == [
        "skip: no certificate was seen that one of the authorities should have signed"
    ]


def test_certificates_that_were_brought_are_not_asked_for_their_signer() -> None:
    """Strimzi 1.0 and later puts them into the Secret of each pod; the pod's own has to be right all the same."""
    pod = "events-brokers-0"
    brought, own = signed("tls-9093.crt", "elsewhere"), signed(f"{pod}.crt", CLUSTER)
    assert chain(of("Kafka", pod, brought, own)) == ["pass: 1 certificate"]
    assert chain(of("Kafka", pod, brought, signed(f"{pod}.crt", CLIENTS))) == [
        f"fail secret/{pod} {pod}.crt: was signed by CN=ca, which is not in secret/{CLUSTER}"
    ]


def test_certificates_of_all_pods_in_one_secret() -> None:
    """As Strimzi 0.45 keeps them."""
    names = ("events-brokers-0", "events-brokers-1")
    secret = of(
        "Kafka", "events-kafka-brokers", *(signed(f"{name}.crt", CLUSTER) for name in names)
    )
    assert chain(secret) == ["pass: 2 certificates"]


def test_one_that_a_stranger_signed() -> None:
    """With who that was; the other authority is a stranger, too."""
    assert chain(
        of("KafkaUser", "billing", signed("user.crt", CLIENTS)), of("KafkaUser", "shop", signed("user.crt", CLUSTER)),
        of("Kafka", "events-brokers", signed("b.crt", CLIENTS)),
    ) == [
        f"fail secret/events-brokers b.crt: was signed by CN=ca, which is not in secret/{CLUSTER}",
        f"fail secret/shop user.crt: was signed by CN=ca, which is not in secret/{CLIENTS}",
    ]  # fmt: skip


def test_authority_that_signed_nothing_is_the_one_to_blame() -> None:
    """Once, however many there are."""
    users = [of("KafkaUser", name, signed("user.crt")) for name in ("billing", "shop", "todo")]
    assert chain(*users) == [
        f"fail secret/{CLIENTS}: has signed none of 3 certificates that it should have: was it replaced?"
    ]
    assert chain(*users, authorities={CLUSTER: "PEM"}) == [
        "skip: no certificate was seen that one of the authorities should have signed"
    ]


def test_what_brokers_show_and_accept_counts() -> None:
    """But not where somebody brought a certificate for a listener."""
    ours = Kafka("abc", "b", certificate=signed("", "elsewhere"))
    shown = tuple(ListenerAnswer(name, f"{name}:1", True, certificates=(signed("", "x"),))
                  for name in ("tls", "own", ""))  # fmt: skip
    assert chain(kafka=ours, listeners=shown) == [
        f"fail brokers accept from this run: was signed by CN=ca, which is not in secret/{CLIENTS}",
        f"fail listener tls tls:1 shows: was signed by CN=ca, which is not in secret/{CLUSTER}",
    ]


def test_users_get_in_or_not() -> None:
    """Who was not tried is named with the reason."""
    found = live()
    found.logins = {
        "billing": Login("billing", "b:1"),
        "shop": Login("shop", "b:1", Gap(Cause.REFUSED, "authentication failed")),
        "slow": Login("slow", "b:1", Gap(Cause.TIMED_OUT, "no answer in time")),
        "todo": Login("todo", problem=Gap(Cause.NOT_ASKED, "no listener with tls can be reached from here")),
    }  # fmt: skip
    assert said("credentials", desired(), found) == [
        "fail kafkauser/shop: does not get in at b:1 with secret/shop: authentication failed",
        "unknown kafkauser/slow: b:1: no answer in time",
        "skip: not tried: no listener with tls can be reached from here: todo",
        "pass: 1 user got in",
    ]
    found.logins = {"billing": Login("billing", "b:1")}
    assert said("credentials", desired(), found) == ["pass: 1 user got in"]
