"""What the program knows of the releases of Strimzi."""

import pytest

from generator.common.strimzi.releases import (
    kafka_versions,
    newest,
    numbers,
    release,
    releases,
    since,
)


def test_releases_are_typed() -> None:
    """Oldest first; facts of single ones as their tags have them."""
    assert [each.version for each in releases()] == [
        *("0.45.0", "0.46.1", "0.47.0", "0.48.0", "0.49.1", "0.50.1", "0.51.0"),
        *("1.0.1", "1.1.0", "1.2.0"),
    ]
    bridge = release("0.49.1")
    assert (bridge.apis, bridge.stored, bridge.kubernetes) == (("v1beta2", "v1"), "v1beta2", "1.27")
    assert bridge.kinds["KafkaUser"] == ("v1alpha1", "v1beta1", "v1beta2", "v1")
    assert bridge.kafka == ("4.0.0", "4.0.1", "4.1.0", "4.1.1")
    assert (bridge.default_kafka, bridge.metadata["4.1.1"]) == ("4.1.1", "4.1")
    assert release("1.1.0").metadata["4.2.0"] == "4.2-IV1"
    assert [each.version for each in releases() if "KafkaMirrorMaker" in each.kinds] == ["0.45.0"]
    assert release("0.51.0").feature_gates["ServerSideApplyPhase1"]
    assert newest() == releases()[-1]


def test_files_are_looked_for_in_newer_ones_too() -> None:
    """The release itself first."""
    assert [each.version for each in since("1.0.1")] == ["1.0.1", "1.1.0", "1.2.0"]


@pytest.mark.parametrize("version", ["1.3.0", "", "1.2"])
def test_unknown_release(version: str) -> None:
    """It is told, not guessed."""
    with pytest.raises(KeyError):
        release(version)


def test_kafka_versions_are_ordered_by_number() -> None:
    """All that any release runs."""
    assert kafka_versions()[0] == "3.8.0"
    assert kafka_versions()[-1] == newest().default_kafka
    assert sorted(kafka_versions(), key=numbers) == list(kafka_versions())
    assert numbers("4.10.0") > numbers("4.9.1") > numbers("4.9")
