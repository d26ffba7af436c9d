"""A month of changes to topics and users: what plan said of each is what the operators and brokers then show."""

from collections.abc import Iterator

import pytest
from operators.intent import Deployment, said
from operators.site import Strimzi, conditions, is_ready

pytestmark = [pytest.mark.live, pytest.mark.operators]

INTENT = """\
environment: month
namespace: kafka-month
size: dev
cluster:
  name: events
  listeners:
    tls: {port: 9093, authentication: tls}
    scram: {port: 9094, tls: true, authentication: scram-sha-512}
verify: {image: "example.com/strimzi-verify:1"}
topics:
  orders: {partitions: 3, retention: 7d}
  invoices: {partitions: 1}
applications:
  billing:
    authentication: tls
    consumes: {orders: {group: billing}}
    produces: [invoices]
"""
NOW = INTENT.replace("partitions: 3", "partitions: 6")
AUDIT = """\
  audit:
    authentication: scram-sha-512
    consumes: [orders]
"""


@pytest.fixture(scope="module")
def month(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An environment that is ready; each test begins where the one before has ended."""
    yield Deployment(strimzi, tmp_path_factory.mktemp("month"), "month", INTENT)
    strimzi.remove("kafka-month")


def test_everything_is_as_written(month: Deployment) -> None:
    """Topics with their settings, users with their rules, and strimzi-verify has nothing to say."""
    view = month.view()

    assert {name: (each["partitions"], each["replicas"]) for name, each in view["topics"].items()} == {
        "orders": (3, 1), "invoices": (1, 1),
    }  # fmt: skip
    assert view["topics"]["orders"]["config"]["retention.ms"] == "604800000"
    assert "User:CN=billing READ TOPIC orders" in view["acls"]
    done = month.verify("--wait", "120s")
    assert done.wrong == {}


def test_partitions_grow(month: Deployment) -> None:
    """And cannot be taken back, as the next test shows."""
    effects = month.commit(INTENT.replace("partitions: 3", "partitions: 6"))

    assert "irreversible: partitions 3 to 6 cannot be taken back" in said(effects)
    assert is_ready(month.live("KafkaTopic", "orders"))
    assert month.view()["topics"]["orders"]["partitions"] == 6


def test_partitions_do_not_shrink(month: Deployment) -> None:
    """Refused with NotSupported, while the topic's other settings are applied."""
    fewer = INTENT.replace("retention: 7d", "retention: 6d")
    effects = month.commit(fewer)

    assert (
        "refused: partitions 6 to 3: the Topic Operator answers NotSupported, KafkaTopic Ready=False;"
        " its other settings are applied"
    ) in said(effects)
    (ready,) = conditions(month.live("KafkaTopic", "orders"))
    assert (ready["type"], ready["status"], ready["reason"]) == ("Ready", "False", "NotSupported")
    topic = month.view()["topics"]["orders"]
    assert (topic["partitions"], topic["config"]["retention.ms"]) == (6, "518400000")
    done = month.verify()
    assert done.code == 5
    assert {"resources-ready", "topics-partitions"} <= done.wrong.keys()


def test_retention_is_cut(month: Deployment) -> None:
    """What plan calls lost is beyond the new retention at once."""
    effects = month.commit(NOW.replace("retention: 7d", "retention: 1d"))

    assert "data-loss: retention.ms 6d to 1d" in said(effects)
    assert is_ready(month.live("KafkaTopic", "orders"))
    assert month.view()["topics"]["orders"]["config"]["retention.ms"] == "86400000"


def test_topic_is_called_otherwise(month: Deployment) -> None:
    """Another topic comes, the old one goes with its data, and the writer's rules follow."""
    effects = month.commit(NOW.replace("invoices", "bills"))

    assert "data-loss: the topic is deleted with all its data" in said(effects)
    assert "client-visible: loses Write on topic invoices" in said(effects)
    view = month.view()
    assert view["topics"].keys() == {"orders", "bills"}
    assert "User:CN=billing WRITE TOPIC bills" in view["acls"]
    assert not [each for each in view["acls"] if "invoices" in each]


def test_user_comes_with_a_password(month: Deployment) -> None:
    """Its Secret is made, and the brokers know its password."""
    effects = month.commit(NOW + AUDIT)

    assert "dynamic: a new user; its Secret is made by the User Operator" in said(effects)
    assert month.live("Secret", "audit")["data"].keys() == {"password", "sasl.jaas.config"}
    assert month.view()["scram"] == ["audit"]


def test_user_is_slowed_down(month: Deployment) -> None:
    """Quotas count at once."""
    effects = month.commit(NOW + AUDIT + "    quotas: {consumerByteRate: 1Mi}\n")

    assert "client-visible: consumerByteRate unlimited to 1Mi/s" in said(effects)
    assert is_ready(month.live("KafkaUser", "audit"))
    done = month.verify("--only", "users", "--wait", "60s")
    assert done.wrong == {}, done.said


def test_user_logs_in_otherwise(month: Deployment) -> None:
    """As another one to Kafka: a certificate instead of the password, and grants go along."""
    before = month.live("Secret", "audit")["data"]
    effects = month.commit(NOW + AUDIT.replace("scram-sha-512", "tls"))

    assert (
        "client-visible: authentication scram-sha-512 to tls: ACLs and quotas go from audit to CN=audit, as"
        " which clients have to log in at the same moment; the password is deleted; a certificate is made, in"
        " its Secret"
    ) in said(effects)
    after = month.live("Secret", "audit")["data"]
    assert before.keys().isdisjoint(after)
    view = month.view()
    assert view["scram"] == []
    assert "User:CN=audit READ TOPIC orders" in view["acls"]
    assert not [each for each in view["acls"] if each.startswith("User:audit ")]


def test_user_goes(month: Deployment) -> None:
    """With its rules and its Secret; its certificate is valid on."""
    effects = month.commit(NOW)

    assert "audit may do nothing any more: ACLs and quotas go; its certificate is valid on" in said(
        effects
    )
    gone = {"kind": "Secret", "metadata": {"name": "audit", "namespace": month.namespace}}
    month.strimzi.until_gone(gone)
    assert not [each for each in month.view()["acls"] if "audit" in each]


def test_topic_goes(month: Deployment) -> None:
    """With all that is in it."""
    effects = month.commit(
        NOW.replace("  invoices: {partitions: 1}\n", "").replace("    produces: [invoices]\n", "")
    )

    assert "data-loss: the topic is deleted with all its data" in said(effects)
    assert month.view()["topics"].keys() == {"orders"}
