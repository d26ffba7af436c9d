"""Kafka 4.1, 4.2 and 4.3 on one log directory, in the order that `strimzi-gitops upgrade` plans, and in another."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer
from live.jars import MissingError, java, of_kafka, tools
from live.kafka import DEADLINE_S, Kafka
from live.node import ServerError

from generator.plan.upgrade.path import Kind, Versions, path

pytestmark = pytest.mark.live

FIRST, LAST = "4.1.0", "4.3.1"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One node of the oldest version; each test begins where the one before has ended."""
    try:
        for version in (FIRST, "4.2.0", LAST):
            of_kafka(version)
    except MissingError as error:
        pytest.skip(str(error))
    kafka = Kafka(tmp_path_factory.mktemp("versions"))
    kafka.nodes[0].kafka = FIRST
    with kafka:
        kafka.create_topic("orders", partitions=1)
        yield kafka


def features(kafka: Kafka, *words: str) -> str:
    """What Kafka's own tool for features says."""
    command = [java(), "-cp", f"{tools()}:{of_kafka(LAST)}", "org.apache.kafka.tools.FeatureCommand",
               "--bootstrap-server", kafka.bootstrap, *words]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    return done.stdout + done.stderr


def metadata(kafka: Kafka) -> str:
    """The metadata version that is finalized."""
    (line,) = (
        each for each in features(kafka, "describe").splitlines() if "metadata.version" in each
    )
    return line.partition("FinalizedVersionLevel:")[2].split()[0]


def records(kafka: Kafka) -> list[str]:
    """All values of the topic."""
    settings: dict[str, Any] = {"bootstrap.servers": kafka.bootstrap, "group.id": "tells",
                                "auto.offset.reset": "earliest", "enable.partition.eof": True,
                                "enable.auto.commit": False}  # fmt: skip
    consumer = Consumer(settings)
    consumer.subscribe(["orders"])
    found: list[str] = []
    while (message := consumer.poll(DEADLINE_S)) is not None and message.error() is None:
        value = message.value()
        assert value is not None
        found.append(value.decode())
    consumer.close()
    return found


def run_as(kafka: Kafka, version: str) -> None:
    """Start the node anew, of a version."""
    (node,) = kafka.nodes
    node.leave()
    node.kafka = version
    kafka.take_back(node)


def planned() -> list[tuple[Kind, str]]:
    """Kafka's moves from the first to the last, under operators that have them."""
    start = Versions("0.51.0", FIRST, "4.1-IV1", "v1", "v1")
    found: list[tuple[Kind, str]] = []
    for move in path({"x": start}, "1.2.0", LAST):
        after = move.after["x"]
        if move.kind is Kind.KAFKA:
            found.append((move.kind, after.kafka))
        elif move.kind is Kind.METADATA:
            found.append((move.kind, after.metadata))
    return found


def test_metadata_before_brokers_is_refused(kafka: Kafka) -> None:
    """A broker takes no metadata version that it does not know."""
    kafka.produce("orders", None, "of 4.1")
    before = metadata(kafka)

    assert "4.3" in features(kafka, "upgrade", "--metadata", "4.3-IV0")
    assert metadata(kafka) == before


def test_in_the_order_of_the_plan(kafka: Kafka) -> None:
    """Records stay, and the metadata version is the old one until the last step."""
    moves = planned()
    assert moves == [(Kind.KAFKA, "4.2.0"), (Kind.KAFKA, LAST), (Kind.METADATA, "4.3-IV0")]
    written = ["of 4.1"]
    for kind, version in moves:
        before = metadata(kafka)
        if kind is Kind.KAFKA:
            run_as(kafka, version)
            assert metadata(kafka) == before
        else:
            features(kafka, "upgrade", "--metadata", version)
            assert metadata(kafka) == version
        kafka.produce("orders", None, f"{kind} {version}")
        written.append(f"{kind} {version}")
        assert records(kafka) == written


def test_there_is_no_way_back(kafka: Kafka) -> None:
    """An older Kafka does not start on the new metadata; the new one goes on."""
    (node,) = kafka.nodes
    node.leave()
    node.kafka = "4.2.0"
    node.run()
    with pytest.raises(ServerError):
        kafka.wait_for(node)
    assert "metadata.version" in node.log_tail()
    node.process = None
    node.kafka = LAST
    kafka.take_back(node)

    assert len(records(kafka)) == 4
