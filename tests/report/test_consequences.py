"""What a fault means for those who use Kafka: who, of which team, since when, and what is lost."""

from typing import Any

from checks.kafka_answers import answers, broker, cluster, git, kafka_topic, kafka_user, on, topic
from checks.kubernetes_objects import NAMESPACE, NOW_S, body, pod
from msgspec.structs import replace

from generator.contract.report import Result
from verify.checks.registry import all_checks
from verify.desired import Desired
from verify.live.live import (
    Cause,
    Certificate,
    Gap,
    Group,
    GroupOffset,
    Kafka,
    Kubernetes,
    ListenerAnswer,
    Live,
    LiveAcl,
    Quorum,
    Voter,
)
from verify.report.consequences import consequences_of
from verify.report.document import as_data
from verify.report.formats import FORMATS
from verify.report.report import report_of
from verify.report.text import text

GONE = Gap(Cause.UNREACHABLE, "connection refused")


def allows(operation: str, name: str, kind: str = "topic", pattern: str = "literal") -> Any:
    """One rule of a KafkaUser."""
    return {
        "operations": [operation],
        "resource": {"type": kind, "name": name, "patternType": pattern},
        "type": "allow",
    }


def user(name: str, owner: str, *acls: Any) -> Any:
    """An application's KafkaUser."""
    made = kafka_user(name, "scram-sha-512", *acls)
    made["metadata"]["labels"] = {"strimzi-gitops/owner": owner} if owner else {}
    return made


SHOP = user(
    "shop-web", "team-shop", allows("Write", "orders"), allows("Read", "ord", pattern="prefix")
)
BILLING = user("billing", "", allows("Read", "orders"), allows("Read", "billing", "group"))
VERIFY = user("verify", "team-platform", allows("All", "*"))
CONNECTION = body("ConfigMap", "kafka-connection", "v1", data={
    "KAFKA_BOOTSTRAP_SERVERS": "b:9093",
    "listener.tls.bootstrap.servers": "b:9093",
    "listener.plain.bootstrap.servers": "b:9092",
    "application.billing.listener": "plain",
    "application.shop-web.client-profile": "exactly-once",
    "client.exactly-once.producer.properties": "acks=all\ndelivery.timeout.ms=45000\n",
})  # fmt: skip


def wanted(**more: Any) -> Desired:
    """A topic with two applications, and verification itself."""
    orders = kafka_topic(partitions=1, replicas=3, config={"retention.ms": 86400000})
    return git(orders, SHOP, BILLING, VERIFY, CONNECTION, **more)


def found(kafka: Kafka, desired: Desired | None = None, **more: Any) -> list[str]:
    """What is said of a cluster, by applications."""
    desired, live = desired or wanted(), answers(kafka, **more)
    live.kubernetes = live.kubernetes or Kubernetes("https://a", NAMESPACE)
    return [str(each) for each in consequences_of(judged(desired, live), live, desired)]


def judged(desired: Desired, live: Live) -> list[Result]:
    """All checks."""
    return [each.ask(desired, live) for each in all_checks().values()]


def has(desired: Desired, *less: str) -> list[LiveAcl]:
    """The rules of Git, without those of some users."""
    users = desired.users.values()
    return sorted(a for u in users for a in u.acls or () if u.resource not in less)


def test_nothing_is_wrong_for_anybody() -> None:
    """Whatever else is."""
    desired = wanted()
    fine = cluster(acls=has(desired), scram={n: ["SCRAM-SHA-512"] for n in desired.users})

    assert found(fine) == []
    assert consequences_of((), None, desired) == ()


def test_a_partition_without_a_leader() -> None:
    """Nobody writes or reads; since its last broker went, as the quorum's leader saw it."""
    desired = wanted()
    voters = (
        Voter(0, 9, 2_000_000, 2_000_000),
        Voter(1, 9, 900_000, 900_000),
        Voter(2, 9, 800_000, 1),
    )
    down = cluster(
        broker(0, told=(0,)), broker(1, fenced=True, problem=GONE), broker(2, fenced=True, problem=GONE),
        topics={"orders": topic(on(1, 2, leader=-1, isr=(1,)))}, quorum=Quorum(0, 7, 9, voters),
        acls=has(desired), scram={name: ["SCRAM-SHA-512"] for name in desired.users},
    )  # fmt: skip

    assert found(down) == [
        "billing cannot read orders since 1970-01-01 00:15:00 UTC: what it does not read is deleted 1d after"
        " it was written, at the earliest",
        "shop-web (team-shop) cannot write orders and cannot read orders since 1970-01-01 00:15:00 UTC: what it"
        " cannot send is given up after 45s; what it does not read is deleted 1d after it was written, at the"
        " earliest",
    ]


def test_too_few_replicas_in_sync() -> None:
    """Only writing stops; when the pod was last ready is known where the quorum says nothing."""
    desired = wanted()
    few = cluster(
        broker(0), broker(1), broker(2, fenced=True, problem=GONE),
        topics={"orders": topic(on(0, 2, isr=(0,)))}, configs={"orders": {"min.insync.replicas": "2"}},
        acls=has(desired), scram={name: ["SCRAM-SHA-512"] for name in desired.users},
    )  # fmt: skip
    away = pod(2, ready=False)
    away["status"]["conditions"][0]["lastTransitionTime"] = "2026-11-21T11:30:00Z"
    kubernetes = Kubernetes("https://a", NAMESPACE, objects={"Pod": {"events-both-2": away}})
    live = Live("dev", NOW_S, kafka=few, kubernetes=kubernetes)

    (shop,) = consequences_of(judged(desired, live), live, desired)
    assert (shop.application, shop.cannot_write, shop.cannot_read) == ("shop-web", ("orders",), ())
    assert str(shop).startswith(
        "shop-web (team-shop) cannot write orders since 2026-11-21 11:30:00 UTC: what"
    )


def test_old_metadata_are_no_consequence() -> None:
    """What checks are not sure of is not claimed."""
    desired = wanted()
    doubtful = cluster(
        broker(0), broker(1), broker(2, problem=GONE), topics={"orders": topic(on(0, 1, 2))},
        acls=has(desired), scram={name: ["SCRAM-SHA-512"] for name in desired.users},
    )  # fmt: skip

    assert found(doubtful) == []


def test_rules_that_are_missing_or_forbid() -> None:
    """A user without its rule, and one with a DENY that Git does not say."""
    desired = wanted()
    deny = LiveAcl("User:shop-web", "deny", "write", "topic", "orders", "literal")
    known = {name: ["SCRAM-SHA-512"] for name in desired.users}

    assert found(cluster(acls=has(desired, "billing"), scram=known)) == [
        "billing cannot read orders: what it does not read is deleted 1d after it was written, at the earliest"
    ]
    assert found(cluster(acls=[deny, *has(desired)], scram=known)) == [
        "shop-web (team-shop) cannot write orders: what it cannot send is given up after 45s"
    ]
    everybody = replace(deny, principal="User:*")
    assert found(cluster(acls=[everybody, *has(desired)], scram=known)) == [
        "shop-web (team-shop) cannot write orders: what it cannot send is given up after 45s"
    ]
    elsewhere = replace(everybody, host="192.0.2.1")
    assert found(cluster(acls=[elsewhere, *has(desired)], scram=known)) == []


def test_who_cannot_log_in_can_do_nothing() -> None:
    """Brokers do not know its password."""
    desired = wanted()
    known = {"billing": ["SCRAM-SHA-512"], "verify": ["SCRAM-SHA-512"]}

    (shop,) = found(cluster(acls=has(desired), scram=known))
    assert shop.startswith("shop-web (team-shop) cannot write orders and cannot read orders: what")


def test_a_listener_that_lets_nobody_in() -> None:
    """Those who come by it are out, when none of its addresses works."""
    desired = wanted()
    fine = cluster(acls=has(desired), scram={n: ["SCRAM-SHA-512"] for n in desired.users})
    dead = ListenerAnswer("tls", "b0:9093", tls=True, problem=GONE)
    old = ListenerAnswer("tls", "b1:9093", tls=True, trusted="certificate has expired",
                         certificates=(Certificate("CN=b", "CN=b", (), 0, NOW_S, ""),))  # fmt: skip
    plain = ListenerAnswer("plain", "b0:9092", tls=False)

    (shop,) = found(fine, listeners=(dead, old, plain))
    assert shop.startswith("shop-web (team-shop) cannot write orders and cannot read orders: what")
    works = ListenerAnswer("tls", "b1:9093", tls=False)
    assert found(fine, listeners=(dead, works, plain)) == []


def test_a_group_without_members() -> None:
    """Its application could read, and does not."""
    desired = wanted(consumes={"billing": ("orders",)})
    waits = GroupOffset(5, 9, 0)
    empty = cluster(
        groups={"billing": Group("empty", first={"orders-0": waits}, last={"orders-0": waits})},
        acls=has(desired), scram={name: ["SCRAM-SHA-512"] for name in desired.users},
    )  # fmt: skip

    assert found(empty, desired) == [
        "billing does not read orders: what it does not read is deleted 1d after it was written, at the earliest"
    ]


def test_a_topic_that_is_gone_is_told_in_every_report() -> None:
    """Before the checks, and as data."""
    desired = wanted()
    gone = cluster(
        topics={}, acls=has(desired), scram={n: ["SCRAM-SHA-512"] for n in desired.users}
    )
    live = answers(gone)
    report = report_of(desired, live, judged(desired, live))
    lines = text(report).splitlines()
    means = lines.index("what it means")

    assert lines[means + 1].startswith("  billing cannot read orders: what it does not read")
    assert lines[means + 2].startswith(
        "  shop-web (team-shop) cannot write orders and cannot read orders"
    )
    assert "What it means:\n\n- billing cannot read orders: what" in FORMATS["markdown"](report)
    assert "<li>billing cannot read orders: what it does not read" in FORMATS["html"](report)
    assert as_data(report)["consequences"][0] == {
        "application": "billing", "owner": "", "cannot_write": (), "cannot_read": ("orders",),
        "does_not_read": (), "since_s": None,
        "lost": ("what it does not read is deleted 1d after it was written, at the earliest",),
    }  # fmt: skip
