"""What Git says, as checks look at it: from rendered files, and from live custom resources."""

import json
from pathlib import Path
from typing import Any

import pytest
from checks.kafka_answers import git, kafka_topic, kafka_user
from checks.kubernetes_objects import Body, body
from support import REPOSITORY

from generator.common.finding import FindingsError
from generator.common.kafka_values import config_text
from generator.contract.settings import VerifySettings
from verify.desired import Desired, of_cluster, of_rendered, operation_word
from verify.live.live import Kubernetes, LiveAcl


def pool(name: str, replicas: int, *roles: str) -> Body:
    """A KafkaNodePool."""
    return body("KafkaNodePool", name, spec={"replicas": replicas, "roles": list(roles)})


def test_nodes_are_counted_by_their_roles() -> None:
    """One with both counts twice."""
    desired = Desired("dev", (pool("a", 3, "controller"), pool("b", 5, "broker"),
                              pool("c", 1, "broker", "controller")))  # fmt: skip

    assert (desired.brokers, desired.controllers) == (6, 4)
    assert list(desired.pools) == ["a", "b", "c"]


def test_nothing_is_desired() -> None:
    """Settings still say where."""
    empty = Desired("dev", (), settings=VerifySettings(namespace="kafka-dev", cluster="events"))

    assert (empty.cluster, empty.namespace, empty.brokers, empty.topics) == (
        "events",
        "kafka-dev",
        0,
        {},
    )
    assert empty.kafka == {}


def test_the_kafka_object_says_where() -> None:
    """Over the settings."""
    other = VerifySettings(namespace="else", cluster="else")
    desired = Desired("dev", (body("Kafka", "events"),), settings=other)

    assert (desired.cluster, desired.namespace) == ("events", "kafka-dev")


def test_topics_go_by_the_names_that_kafka_knows() -> None:
    """With what Strimzi leaves to the brokers left open."""
    odd = kafka_topic("legacy-1", topicName="Legacy_Orders.V1", partitions=3, config={"a": True})
    loose = kafka_topic("loose", managed=False)
    bare = body("KafkaTopic", "bare")
    topics = git(odd, loose, bare).topics

    assert list(topics) == ["Legacy_Orders.V1", "loose", "bare"]
    first = topics["Legacy_Orders.V1"]
    assert (first.resource, first.partitions, first.replicas) == ("legacy-1", 3, None)
    assert (first.config, first.managed) == ({"a": "true"}, True)
    assert (topics["loose"].managed, topics["bare"].managed) == (False, True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (7, "7"), (0.5, "0.5"), ("x", "x"),
     (["compact", "delete"], "compact,delete"), ([True, 1], "true,1")],
)  # fmt: skip
def test_settings_as_kafka_stores_them(value: Any, text: str) -> None:
    """Whatever YAML makes of them."""
    assert config_text(value) == text


@pytest.mark.parametrize(
    ("how", "name"),
    [("tls", "CN=a"), ("tls-external", "CN=a"), ("scram-sha-512", "a"), ("", "a")],
)
def test_users_go_by_how_they_log_in(how: str, name: str) -> None:
    """A certificate's subject is its CN (Strimzi 1.2.0); without authentication the name itself."""
    user = git(kafka_user("a", how)).users["a"]

    assert (user.name, user.principal, user.acls, user.quotas) == (name, f"User:{name}", None, {})


def test_rules_are_one_for_each_operation() -> None:
    """In Kafka's words, with Strimzi's defaults filled in."""
    user = kafka_user(
        "a", "scram-sha-512",
        {"resource": {"type": "topic", "name": "t", "patternType": "prefix"},
         "operations": ["Read", "DescribeConfigs"]},
        {"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"], "type": "deny"},
        {"resource": {"type": "transactionalId", "name": "*"}, "operations": ["All"], "host": "h"},
    )  # fmt: skip

    assert set(git(user).users["a"].acls or ()) == {
        LiveAcl("User:a", "allow", "read", "topic", "t", "prefixed"),
        LiveAcl("User:a", "allow", "describe_configs", "topic", "t", "prefixed"),
        LiveAcl("User:a", "deny", "idempotent_write", "cluster", "kafka-cluster", "literal"),
        LiveAcl("User:a", "allow", "all", "transactional_id", "*", "literal", "h"),
    }
    assert operation_word("AlterConfigs") == "alter_configs"


def test_rules_of_before_v1() -> None:
    """A rule in v1beta2 may name one operation in a word of its own."""
    topic = {"type": "topic", "name": "orders", "patternType": "literal"}
    old = git(kafka_user("a", "tls", {"resource": topic, "operation": "Read"})).users["a"]
    new = git(kafka_user("a", "tls", {"resource": topic, "operations": ["Read"]})).users["a"]

    assert old.acls == new.acls
    none = git(kafka_user("a", "tls", {"resource": topic})).users["a"]
    assert none.acls == frozenset()


def test_quotas_go_by_kafkas_names() -> None:
    """All four that Strimzi knows."""
    user = kafka_user("a", "tls", producerByteRate=1, consumerByteRate=2, requestPercentage=3,
                      controllerMutationRate=0.5)  # fmt: skip

    assert git(user).users["a"].quotas == {
        "producer_byte_rate": 1.0, "consumer_byte_rate": 2.0, "request_percentage": 3.0,
        "controller_mutation_rate": 0.5,
    }  # fmt: skip


def test_rendered_environments_are_read() -> None:
    """The shipped ones, with what their ConfigMap says."""
    for name, brokers in (("dev", 1), ("staging", 3)):
        desired = of_rendered(REPOSITORY / "rendered" / name, name)

        assert (desired.cluster, desired.namespace) == ("events", f"kafka-{name}")
        assert (desired.brokers, desired.rendered, len(desired.topics)) == (brokers, True, 50)
        assert desired.settings.environment == name
        assert desired.users[desired.settings.user].acls


def _settings(text: str | None) -> Body:
    more = {} if text is None else {"data": {"settings.json": text}}
    return body("ConfigMap", "strimzi-verify", "v1", **more)


def _rendered(folder: Path, *bodies: Body) -> Desired:
    for number, each in enumerate(bodies):
        (folder / f"{number}.yaml").write_text(json.dumps(each))
    return of_rendered(folder, "dev")


def test_settings_stand_in_a_config_map(tmp_path: Path) -> None:
    """And are the usual ones without it."""
    assert _rendered(tmp_path, body("Kafka", "events")).settings == VerifySettings(
        environment="dev"
    )
    text = '{"environment": "dev", "disk": {"warnPercent": 50}, "unknown": 1}'
    settings = _rendered(tmp_path, body("Kafka", "events"), _settings(text)).settings

    assert (settings.disk.warn_percent, settings.disk.fail_percent) == (50, 85)


def _kept_in(storage: str) -> str:
    return f'{{"backups": {{"b": {{"cronJob": "b", "backupId": "b", "storage": {{{storage}}}}}}}}}'


@pytest.mark.parametrize(
    "text",
    [
        "{", '{"skip": 1}', None, _kept_in('"backend": "tape"'),
        _kept_in('"backend": "s3", "bucket": "a b"'),
        _kept_in('"backend": "s3", "endpoint": "http://a b"'),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    """Whoever edited the rendered file is told."""
    with pytest.raises(FindingsError):
        _rendered(tmp_path, _settings(text))


def test_files_that_are_no_objects(tmp_path: Path) -> None:
    """Are told by their names, and a folder that is not there with what makes it."""
    (tmp_path / "a.yaml").write_text("- 1\n")
    with pytest.raises(FindingsError) as raised:
        of_rendered(tmp_path, "dev")
    assert raised.value.findings[0].file == f"{tmp_path}/a.yaml"

    with pytest.raises(FindingsError) as raised:
        of_rendered(tmp_path / "none", "dev")
    assert raised.value.findings[0].fix == "strimzi-gitops render dev"


def test_live_custom_resources_are_git_in_the_cluster() -> None:
    """With every kind that settings say is rendered; what operators made is nobody's wish."""
    objects = {
        kind: {"a": body(kind, "a")}
        for kind in ("Kafka", "KafkaTopic", "Role", "Pod", "Deployment")
    }
    settings = VerifySettings(environment="dev", kinds=(("rbac.authorization.k8s.io/v1", "Role"),))
    desired = of_cluster("dev", Kubernetes("https://a", "kafka-dev", objects=objects), settings)

    assert [each["kind"] for each in desired.objects] == ["Kafka", "KafkaTopic", "Role"]
    assert (desired.rendered, desired.settings) == (False, settings)
