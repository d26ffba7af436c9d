"""What rules say that Strimzi's operators do when somebody else acts: a client, or who deletes a topic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operators.admin import asked
from operators.examples import Rooms
from operators.site import Strimzi, conditions, is_ready

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

_MANAGED = ("KafkaTopic", "orders", "kafka-examples")


@pytest.fixture(scope="module")
def topic(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A topic, `orders`, that is ready, on real brokers."""
    rooms = Rooms(strimzi, tmp_path_factory.mktemp("acts"))
    with rooms, rooms.real("resource-namespace", 0) as (_, bodies):
        strimzi.until_all_told(bodies)
        yield next(each for each in bodies if each["metadata"]["name"] == "orders")


def _act(strimzi: Strimzi, folder: Path, *words: str) -> None:
    asked(strimzi, _MANAGED[2], folder, "alter.py", *words)


def _look_again(strimzi: Strimzi, topic: Any) -> None:
    """Have the Topic Operator look at the topic, as it does every two minutes by itself."""
    now = strimzi.read(topic)["metadata"]["resourceVersion"]
    noted = {"name": "orders", "namespace": _MANAGED[2], "annotations": {"looked-at": now}}
    body = {"apiVersion": topic["apiVersion"], "kind": "KafkaTopic", "metadata": noted}
    strimzi.kubernetes.apply([body], manager="somebody")


def _setting(strimzi: Strimzi, folder: Path) -> str:
    return asked(strimzi, _MANAGED[2], folder, "view.py")


def test_settings_of_a_client_are_undone(strimzi: Strimzi, topic: Any, tmp_path: Path) -> None:
    """acl-alter: the topic has again what its KafkaTopic says."""
    _act(strimzi, tmp_path, "set", "orders", "retention.ms", "86400001")
    assert "86400001" in _setting(strimzi, tmp_path)
    _look_again(strimzi, topic)

    strimzi.until(lambda: "86400001" not in _setting(strimzi, tmp_path), "end of the setting", 60)
    assert is_ready(strimzi.read(topic))


def test_topic_that_a_client_deletes_comes_back(
    strimzi: Strimzi, topic: Any, tmp_path: Path
) -> None:
    """acl-alter: it is there again, without what was in it."""
    _act(strimzi, tmp_path, "delete", "orders")
    _look_again(strimzi, topic)

    strimzi.until(lambda: '"orders"' in _setting(strimzi, tmp_path), "topic", 60)


def test_partitions_of_a_client_stay(strimzi: Strimzi, topic: Any, tmp_path: Path) -> None:
    """acl-alter: nobody can take them back, and the KafkaTopic is not ready any more."""
    more = str(topic["spec"]["partitions"] + 1)
    _act(strimzi, tmp_path, "grow", "orders", more)
    _look_again(strimzi, topic)

    strimzi.until(lambda: not is_ready(strimzi.read(topic)), "word of it", 60)
    (said,) = conditions(strimzi.read(topic))
    assert (said["type"], said["status"], said["reason"]) == ("Ready", "False", "NotSupported")
    assert said["message"] == "Decreasing partitions not supported"


def test_topic_stays_where_brokers_delete_none(
    strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """broker-delete-topic: its KafkaTopic never goes, and says so."""
    rooms = Rooms(strimzi, tmp_path_factory.mktemp("stays"))
    with rooms, rooms.real("broker-delete-topic", 1) as (namespace, bodies):
        strimzi.until_all_told(bodies)
        strimzi.kubernetes.delete("KafkaTopic", "orders", namespace)
        topic = next(each for each in bodies if each["kind"] == "KafkaTopic")
        try:
            strimzi.until(lambda: not is_ready(strimzi.read(topic)), "word of it", 60)
            (said,) = conditions(strimzi.read(topic))
            assert "deletionTimestamp" in strimzi.read(topic)["metadata"]
            assert (said["type"], said["reason"], said["message"]) == ("Ready", "", "")
        finally:
            freed = {"metadata": {"finalizers": None}}
            path = strimzi.kubernetes.path("KafkaTopic", "orders", namespace)
            strimzi.kubernetes.admin.request("PATCH", path, freed, "application/merge-patch+json")
