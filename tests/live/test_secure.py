"""Clusters with security do what Strimzi's do: they let in who may come in, for what is allowed."""

from collections.abc import Callable

import pytest
from live.application import Application
from live.applier import RENDERED, Topic, User, apply, quotas, topics_of, users_of
from live.certificates import EXPIRED, NOT_YET, Identity
from live.kafka import Kafka, Rejected
from live.security import Security, shown

pytestmark = pytest.mark.live

_SHORT_S = 5
"""How long tests wait for what never comes, where there is no other sign of it."""

# Operations with which a user may know that a topic is there.
_DESCRIBE = {"Read", "Write", "Delete", "Alter", "Describe", "All"}

_CERTIFICATES: dict[str, Callable[[Security], Identity]] = {
    "expired": lambda security: security.clients_ca.issue("llm-gateway", lifetime=EXPIRED),
    "not yet valid": lambda security: security.clients_ca.issue("llm-gateway", lifetime=NOT_YET),
    "of an unknown authority": lambda security: security.wrong_ca.issue("llm-gateway"),
    "of the brokers' authority": lambda security: security.cluster_ca.issue("llm-gateway"),
}


@pytest.fixture(params=["dev", "staging"])
def environment(request: pytest.FixtureRequest) -> str:
    """The name of an environment, and of the fixture that is its cluster."""
    name: str = request.param
    return name


def test_topics_are_as_rendered(cluster: Kafka, environment: str) -> None:
    """Every topic has its partitions, replicas and settings."""
    known = cluster.admin.list_topics(timeout=10).topics
    for topic in topics_of(RENDERED / environment):
        partitions = known[topic.name].partitions
        assert len(partitions) == topic.partitions
        assert {len(part.replicas) for part in partitions.values()} == {topic.replicas}
        assert topic.config.items() <= cluster.topic_config(topic.name).items()


def test_everybody_sees_what_the_acls_say(cluster: Kafka, environment: str) -> None:
    """On each listener on which a user may come in, it knows of its topics and of no other."""
    topics = topics_of(RENDERED / environment)
    for user in users_of(RENDERED / environment):
        for listener in _listeners(user):
            seen = Application(cluster.application(listener, user.name)).topics()
            assert seen == _visible(user, topics), f"{user.name} on {listener}"


def test_application_does_what_it_may_and_nothing_else(cluster: Kafka) -> None:
    """Who may write does not read, who may read does not write, and nobody uses others' groups."""
    writer = Application(cluster.application("tls", "llm-gateway"))
    reader = Application(cluster.application("tls", "llm-trace-store"))
    writer.write("llm-traces", "asked", key="1")
    assert reader.read("llm-traces", "llm-trace-store") == ["asked"]

    assert _refusal(lambda: writer.write("orders.order.created", "x")) == "TOPIC"
    assert _refusal(lambda: reader.write("llm-traces", "x")) == "TOPIC"
    assert _refusal(lambda: reader.read("orders.order.created", "llm-trace-store")) == "TOPIC"
    assert _refusal(lambda: reader.read("llm-traces", "orders-api")) == "GROUP"


@pytest.mark.parametrize("listener", ["scram", "plain"])
def test_password_lets_in(cluster: Kafka, listener: str) -> None:
    """With its password a user writes what it may; with another it is nobody."""
    settings = cluster.application(listener, "warehouse-connect")
    Application(settings).write("orders.order.created.retry-1", "again", key=listener)
    with pytest.raises(Rejected, match="invalid credentials"):
        Application(settings | {"sasl.password": "guessed"}).topics()
    with pytest.raises(Rejected, match="invalid credentials"):
        Application(settings | {"sasl.username": "llm-gateway"}).topics()


@pytest.mark.parametrize("wrong", _CERTIFICATES)
def test_wrong_certificate_is_refused(dev: Kafka, wrong: str) -> None:
    """The right name helps nobody whose certificate does not count."""
    assert dev.security is not None
    identity = _CERTIFICATES[wrong](dev.security)
    with pytest.raises(Rejected, match=r"alert (bad certificate|certificate unknown)"):
        Application(dev.application("tls", "llm-gateway") | shown(identity)).topics()


def test_no_certificate_is_refused(dev: Kafka) -> None:
    """On `tls` nobody comes in without a certificate."""
    settings = dev.application("tls", "llm-gateway")
    del settings["ssl.certificate.location"], settings["ssl.key.location"]
    with pytest.raises(Rejected, match="alert bad certificate"):
        Application(settings).topics()


def test_broker_of_an_unknown_authority_is_not_trusted(dev: Kafka) -> None:
    """An application that trusts another authority does not talk to the brokers."""
    assert dev.security is not None
    other = {"ssl.ca.location": str(dev.security.wrong_ca.certificate)}
    for listener in ("tls", "scram"):
        with pytest.raises(Rejected, match="certificate verify failed"):
            Application(dev.application(listener, "warehouse-connect") | other).topics()


@pytest.mark.parametrize("listener", ["scram", "plain"])
def test_anonymous_is_refused(dev: Kafka, listener: str) -> None:
    """Who gives no name is hung up on, which looks as if nobody answered."""
    settings = dev.application(listener, "warehouse-connect")
    anonymous = {key: said for key, said in settings.items() if not key.startswith("sasl.")}
    anonymous["security.protocol"] = settings["security.protocol"].removeprefix("SASL_")
    with pytest.raises(TimeoutError):
        Application(anonymous, deadline=_SHORT_S).topics()
    assert "Unexpected Kafka request of type METADATA during SASL handshake" in dev.log_tail()


def test_quotas_are_as_rendered(cluster: Kafka, environment: str) -> None:
    """Quotas are set for whom Strimzi sets them, and gone when they are said no more."""
    said = {user.principal: user.quotas for user in users_of(RENDERED / environment)}
    with quotas(cluster) as connection:
        asked = {name: each for name, each in said.items() if each}
        cluster.until(lambda: connection.all() == asked, "learn of all quotas")
        connection.set({"CN=billing": {}})
        cluster.until(lambda: "CN=billing" not in connection.all(), "take billing's quotas away")
        connection.set({"CN=billing": said["CN=billing"]})
        with pytest.raises(Rejected, match="much"):
            connection.set({"CN=billing": {"much": 1}})


def test_applied_again_all_is_as_rendered(dev: Kafka) -> None:
    """What was changed by hand is as the manifests say after they are applied again."""
    asked = {topic.name: topic for topic in topics_of(RENDERED / "dev")}["llm-events"]
    changed = {"retention.ms": "1000", "max.message.bytes": "2000"}
    dev.alter_topic_config(asked.name, changed)
    dev.create_acl("topic", "todo", "prefix", "Read", "User:CN=llm-gateway")
    dev.settle()
    gateway = Application(dev.application("tls", "llm-gateway"))
    assert any(name.startswith("todo") for name in gateway.topics())

    apply(dev, RENDERED / "dev")

    config = dev.topic_config(asked.name)
    assert {key: config[key] for key in asked.config} == asked.config
    assert config["max.message.bytes"] != "2000"
    assert not any(name.startswith("todo") for name in gateway.topics())


def _listeners(user: User) -> tuple[str, ...]:
    return ("scram", "plain") if user.authentication == "scram-sha-512" else ("tls",)


def _visible(user: User, topics: list[Topic]) -> set[str]:
    """The topics of which a user's ACLs let it know; these manifests only allow."""
    seen = set()
    for acl in user.acls:
        resource = acl["resource"]
        if resource["type"] != "topic" or not _DESCRIBE & set(acl["operations"]):
            continue
        for topic in topics:
            if resource["name"] in ("*", topic.name) or (
                resource.get("patternType") == "prefix" and topic.name.startswith(resource["name"])
            ):
                seen.add(topic.name)
    return seen


def _refusal(action: Callable[[], object]) -> str:
    """For what kind of resource the broker refuses something."""
    with pytest.raises(Rejected) as refused:
        action()
    assert refused.value.name.endswith("_AUTHORIZATION_FAILED"), refused.value
    return refused.value.name.split("_")[0]
