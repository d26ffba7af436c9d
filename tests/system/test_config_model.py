"""Kafka's settings by version of Kafka and release of Strimzi."""

import pytest

from generator.common.strimzi.releases import kafka_versions, releases
from generator.system.config_model import config_model

LISTENER = "listener.name.tls-9093.max.connections"
KAFKA = {"listeners": [{"name": "tls", "port": 9093}]}


@pytest.mark.parametrize("version", kafka_versions())
def test_every_version_has_a_model(version: str) -> None:
    """Also one whose file lies with a newer one; it goes by its own name."""
    model = config_model(version)

    assert model.version == version
    assert model.setting("topic", "retention.ms")


@pytest.mark.parametrize(
    ("version", "name", "expected"),
    [
        ("3.9.0", "zookeeper.connect", None),
        ("4.0.0", "zookeeper.connect", "Kafka 4.0 removed zookeeper.connect"),
        ("4.3.1", "zookeeper.connect", "Kafka 4.0 removed zookeeper.connect"),
        ("4.0.0", "group.share.max.groups", None),
        ("4.1.0", "group.share.max.groups", "Kafka 4.1 removed group.share.max.groups"),
        ("3.8.0", "group.share.max.groups",
         "Kafka 3.8.0 has no broker setting group.share.max.groups"),
    ],
)  # fmt: skip
def test_removed_is_told_from_then_on(version: str, name: str, expected: str | None) -> None:
    """Before, it is a setting like others, or one that is not there yet."""
    complaint = config_model(version).complaint("broker", name, "1")

    assert (complaint and complaint.message) == expected


@pytest.mark.parametrize(
    ("strimzi", "name", "forbidden"),
    [
        ("0.46.1", "prometheus.metrics.reporter.listener", False),
        ("0.47.0", "prometheus.metrics.reporter.listener", True),
        ("0.48.0", "prometheus.metrics.reporter.listener", True),
        ("0.47.0", "controller.socket.timeout.ms", True),
        ("0.48.0", "controller.socket.timeout.ms", False),
        ("1.0.1", "cordoned.log.dirs", False),
        ("1.1.0", "cordoned.log.dirs", False),
        ("1.2.0", "cordoned.log.dirs", True),
    ],
)
def test_forbidden_by_release(strimzi: str, name: str, forbidden: bool) -> None:
    """Each release has its own list."""
    assert config_model("4.2.0", strimzi).forbidden(name) is forbidden


@pytest.mark.parametrize("strimzi", [each.version for each in releases()])
def test_settings_of_listeners_are_passed_on_since_0_51(strimzi: str) -> None:
    """Before, Strimzi drops them as all that begins so."""
    passed = strimzi in ("0.51.0", "1.0.1", "1.1.0", "1.2.0")

    assert config_model("4.2.0", strimzi).drops(LISTENER, KAFKA) is not passed
