"""What should be alike in all environments."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.rules.registry import Flaw, rule
from generator.system.system import Systems, SystemTopic


@rule("topic-environments-differ", Severity.WARNING)
def differ(systems: Systems) -> Iterator[Flaw]:
    """A topic has the same partitions and the same cleanup policy wherever releases are proved.

    Why: what works with 3 partitions before production may not with 12: the order of records, the
        number of consumers and what a join demands depend on them.
    Fix: say it in the inherited layer, or list the difference in policy.differences.
    Source: the field's practice. Size dev is left out: it is there to be different.
    """
    first: dict[str, tuple[str, SystemTopic]] = {}
    for name, system in systems.by_environment.items():
        if system.size == "dev":
            continue
        for topic in system.topics:
            other_name, other = first.setdefault(topic.name, (name, topic))
            if other is topic:
                continue
            for path, mine, theirs in _differences(topic, other):
                if not system.policy.allows("KafkaTopic", topic.name, ".".join(path)):
                    message = f"{path[-1]} is {mine}, but {theirs} in {other_name}"
                    yield Flaw(path, message, on=topic.manifest, environment=name)


def _differences(
    topic: SystemTopic, other: SystemTopic
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    mine, theirs = topic.settings, other.settings
    if mine.partitions != theirs.partitions:
        yield ("spec", "partitions"), str(mine.partitions), str(theirs.partitions)
    ours, other_policy = (sorted(each.cleanup) for each in (mine, theirs))
    if ours != other_policy:
        yield ("spec", "config", "cleanup.policy"), ",".join(ours), ",".join(other_policy)
