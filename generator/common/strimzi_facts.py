"""What Strimzi did not always do: facts that changed from one release to another, each with its source.

Whoever says something that is not so in every release asks here, and not for a number. Of both sides of
the border the source names the place: a file or method of Strimzi's at the tags of these versions.
"""

from dataclasses import dataclass

from generator.common.strimzi import numbers


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds in some releases."""

    text: str
    source: str
    since: str = ""
    """The first release in which it holds; empty where it always has."""
    until: str = ""
    """The first release in which it holds no more; empty where it still does."""

    def holds(self, version: str) -> bool:
        """Whether it holds in this release."""
        asked = numbers(version)
        return numbers(self.since) <= asked and not (self.until and numbers(self.until) <= asked)


KRAFT_ANNOTATIONS = Fact(
    "a Kafka is one of KRaft and of node pools only where its annotations strimzi.io/kraft and"
    " strimzi.io/node-pools are enabled",
    "CHANGELOG 0.48.0; ReconcilerUtils.nodePoolsEnabled and kraftEnabled at 0.47.0, gone at 0.48.0",
    until="0.48.0",
)
RACK_TYPE = Fact(
    "spec.kafka.rack has a type",
    "KafkaBrokerConfigurationBuilder.withRackId at 0.51.0 and 1.0.1",
    since="1.0.0",
)
METRICS_REPORTER = Fact(
    "brokers and controllers can have Strimzi's own metrics reporter",
    "CHANGELOG 0.47.0",
    since="0.47.0",
)
