"""Versions: of Kafka and of its metadata."""

import re
from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.strimzi.releases import nearest
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_VERSION = ("spec", "kafka", "version")
_METADATA = ("spec", "kafka", "metadataVersion")


def _minor(text: object) -> tuple[int, ...] | None:
    """(4, 3) of 4.3.1 and of 4.3-IV0."""
    match = re.match(r"([0-9]+)\.([0-9]+)(?![0-9])", str(text))
    return (int(match[1]), int(match[2])) if match else None


def _minors(system: System) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """What the metadata and the brokers are, where both say it."""
    metadata, brokers = (_minor(system.spec.get(path[-1])) for path in (_METADATA, _VERSION))
    return None if metadata is None or brokers is None else (metadata, brokers)


@rule("kafka-version-supported")
def kafka_version(system: System) -> Iterator[Flaw]:
    """The operator runs the Kafka version.

    Why: it has no image for another one, and leaves the cluster as it is, NotReady.
    Fix: write a version that it runs; after an upgrade of Strimzi, upgrade Kafka before the next.
    Source: Strimzi 1.2.0, kafka-versions.yaml; seen on its Cluster Operator:
        UnsupportedKafkaVersionException, "Unsupported Kafka.spec.kafka.version: 4.1.0".
    """
    version = system.spec.get("version")
    strimzi = nearest(system.strimzi)
    if version is not None and version not in strimzi.kafka:
        yield Flaw(_VERSION, f"Strimzi {strimzi.version} does not run Kafka {version}",
                   f"it runs {', '.join(strimzi.kafka)}", on=system.kafka)  # fmt: skip


@rule("version-pinned")
def pinned(system: System) -> Iterator[Flaw]:
    """The cluster says the version of Kafka and of its metadata.

    Why: without, the next operator upgrades both by itself: it restarts every broker, and there is no
        way back once the metadata has the new version.
    Fix: write version and metadataVersion.
    Source: Strimzi 1.2.0 documentation, "Upgrading Kafka"; KRaftVersionChangeCreator.
    """
    for path in (_VERSION, _METADATA):
        if system.spec.get(path[-1]) is None:
            yield Flaw(path, f"{path[-1]} is not said, so the operator decides", on=system.kafka)


@rule("metadata-version-old", Severity.WARNING)
def metadata_old(system: System) -> Iterator[Flaw]:
    """The metadata has the brokers' version, once these have proved themselves.

    Why: until then new features are off, such as fixes that need new records. Strimzi puts the same
        warning into the status; it refuses only what Kafka itself does not know any more (below 3.3).
    Fix: raise metadataVersion; there is no way back from that.
    Source: Strimzi 1.2.0, KafkaSpecChecker (KafkaMetadataVersion), KRaftVersionChangeCreator.
    """
    minors = _minors(system)
    if minors and minors[0] < minors[1]:
        yield Flaw(_METADATA, f"the metadata is {system.spec['metadataVersion']},"
                   f" Kafka {system.spec['version']}", on=system.kafka)  # fmt: skip


@rule("metadata-version-new")
def metadata_new(system: System) -> Iterator[Flaw]:
    """The metadata is no newer than the brokers.

    Why: the operator leaves the metadata of a running cluster as it is, and gives a new one that of its
        Kafka version, with no more than a line in its log; where it is as new already, it refuses the
        older brokers.
    Fix: raise kafkaVersion, or write the metadataVersion of its Kafka version.
    Source: Strimzi 1.2.0, KRaftVersionChangeCreator; seen on its Cluster Operator: "Default metadata
        version for given Kafka version (4.2-IV1) will be used instead".
    """
    minors = _minors(system)
    if minors and minors[0] > minors[1]:
        yield Flaw(_METADATA, f"the metadata is {system.spec['metadataVersion']},"
                   f" Kafka {system.spec['version']}", on=system.kafka)  # fmt: skip
