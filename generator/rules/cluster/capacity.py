"""What topics ask of brokers, disks and budgets."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.common.units import approximate_bytes
from generator.rules.registry import Flaw, rule
from generator.system.capacity import NEAR, Use, capacity, partition_budget
from generator.system.system import System


def _told(use: Use) -> str:
    limit = use.limit or 0
    if use.unit == "bytes":
        return f"{approximate_bytes(use.used)} of {approximate_bytes(limit)}"
    return f"{use.used:,} of {limit:,}"


def _brokers(system: System) -> Flaw:
    pool = next((p for p in system.pools if "broker" in p.body["spec"].get("roles", ())), None)
    return Flaw(("spec", "replicas"), "", on=pool or system.kafka)


def _use(system: System, what: str) -> Use:
    return next(use for use in capacity(system).uses if use.what == what)


@rule("broker-partition-budget")
def partitions(system: System) -> Iterator[Flaw]:
    """Brokers carry no more partition replicas than the policy allows.

    Why: each costs memory, file handles, and time when a broker fails; beyond a few thousand a broker
        takes long to come back, and a rolling restart waits for each of them.
    Fix: add brokers, use fewer partitions, or raise policy.budgets.partitionsPerBroker.
    Source: Amazon MSK, "Best practices for Standard brokers" (1,000 to 4,000 by size); Strimzi 1.2.0,
        KafkaRoller (the next restart waits for the broker that recovers).
    """
    use = _use(system, "partition replicas")
    if partition_budget(system) and use.share > 1:
        yield _brokers(system)._replace(message=f"partition replicas: {_told(use)}")


@rule("broker-partition-budget-near", Severity.WARNING)
def partitions_near(system: System) -> Iterator[Flaw]:
    """A fifth of the partition budget is free, so that the next topics fit.

    Why: partitions cannot be taken away, and adding a broker takes days.
    Fix: plan the next broker now, or use fewer partitions.
    Source: the policy of this project.
    """
    use = _use(system, "partition replicas")
    if partition_budget(system) and NEAR < use.share <= 1:
        yield _brokers(system)._replace(message=f"partition replicas: {_told(use)}")


@rule("broker-disk-budget")
def disk(system: System) -> Iterator[Flaw]:
    """What topics keep fits on the brokers' disks.

    Why: a broker whose disk is full stops, and so do the others, since they keep the same data.
    Fix: grow the volumes, add brokers, or keep less.
    Source: Kafka 4.3 documentation, "Disks and Filesystem".
    """
    use = _use(system, "broker disks")
    if use.limit and use.share > 1:
        yield _brokers(system)._replace(message=f"bytes kept: {_told(use)}")


@rule("broker-disk-budget-near", Severity.WARNING)
def disk_near(system: System) -> Iterator[Flaw]:
    """A fifth of the brokers' disks is free when every topic is full.

    Why: partitions are never spread evenly, and a broker that catches up needs room.
    Fix: grow the volumes, add brokers, or keep less.
    Source: the policy of this project: earlier than Strimzi's example alert KafkaRunningOutOfSpace,
        which comes when 15 % are left (1.2.0, examples/metrics).
    """
    use = _use(system, "broker disks")
    if use.limit and NEAR < use.share <= 1:
        yield _brokers(system)._replace(message=f"bytes kept: {_told(use)}")


@rule("team-budget")
def team(system: System) -> Iterator[Flaw]:
    """A team asks for no more than its budget.

    Why: the cluster is shared; what one team takes beyond its share the others cannot have.
    Fix: ask for less, or raise policy.budgets.teams with whoever pays for it.
    Source: the policy of this project.
    """
    for name, uses in capacity(system).teams.items():
        for use in uses:
            if use.limit is not None and use.used > use.limit:
                path = ("policy", "budgets", "teams", name, use.what)
                yield Flaw(path, f"{name} asks for {_told(use)} {use.what}")
