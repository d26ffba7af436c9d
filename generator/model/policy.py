"""What an environment's `policy` demands, and what is built in (sizes.yaml) where it says nothing."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple, cast

from generator.common.units import parse_bytes, parse_duration_ms
from generator.intent.layers import builtin, merge
from generator.intent.sections import (
    DataClassSection,
    OwnRuleSection,
    PolicyBackupGateSection,
    PolicyPricesSection,
    PolicySection,
    SuppressionSection,
    TeamBudgetSection,
)

MAX_DAYS = 45


class Limits(NamedTuple):
    """What `policy.approvals` allows."""

    max_days: int = MAX_DAYS
    patterns: bool = False
    """Whether '*' may stand for several changes, and whether the value may be left open."""

    def looser(self, other: "Limits") -> str:
        """What the other one allows that this one does not; empty when nothing."""
        if other.patterns and not self.patterns:
            return "approvals may be patterns and leave values open"
        if other.max_days > self.max_days:
            return f"approvals may hold for {other.max_days} instead of {self.max_days} days"
        return ""


class NameBounds(NamedTuple):
    """What topics may be called."""

    pattern: str
    max_length: int
    team_prefixes: Mapping[str, list[str]]
    reserved: tuple[str, ...]
    reserved_allowed: tuple[str, ...]


class TopicBounds(NamedTuple):
    """What topics may be like; -1 is no bound."""

    min_partitions: int
    max_partitions: int
    min_replicas: int
    max_replicas: int
    min_insync_replicas: int
    min_retention_ms: int
    max_retention_ms: int
    consumer_outage_ms: int
    min_segment_bytes: int
    min_segment_ms: int
    min_delete_retention_ms: int
    max_message_bytes: int
    message_limit_bytes: int


class AclBounds(NamedTuple):
    """What users may be granted."""

    min_prefix_length: int
    administrators: tuple[str, ...]
    external_topics: tuple[str, ...]


class Budgets(NamedTuple):
    """What there is to share; None where nobody says it."""

    partitions_per_broker: int | None
    broker_throughput_bytes: int | None
    request_percentage: int
    teams: Mapping[str, TeamBudgetSection]


class Policy(NamedTuple):
    """What rules and guards demand."""

    severities: Mapping[str, str]
    naming: NameBounds
    topics: TopicBounds
    data_classes: Mapping[str, DataClassSection]
    acls: AclBounds
    budgets: Budgets
    prices: PolicyPricesSection
    guard: tuple[str, ...]
    deletions: Mapping[str, int]
    approvals: Limits
    backup_gate: PolicyBackupGateSection | None
    differences: tuple[str, ...]
    suppressions: Mapping[str, SuppressionSection]
    rules: Mapping[str, OwnRuleSection]

    def allows(self, kind: str, name: str, field: str) -> bool:
        """True for a difference between environments that it lists as `Kind/name field`, '*' for anything.

        A pattern without a field allows every difference of the object.
        """
        for pattern in self.differences:
            thing, _, where = pattern.partition(" ")
            if fnmatchcase(f"{kind}/{name}", thing) and fnmatchcase(field, where or "*"):
                return True
        return False


def policy_of(section: PolicySection) -> Policy:
    """The policy that a section says, whole or in part."""
    said = cast("PolicySection", merge(builtin("defaults").data["policy"], {**section}))
    approvals = said.get("approvals", {})
    return Policy(
        severities=said.get("severities", {}),
        naming=_names(said),
        topics=_topics(said),
        data_classes=said.get("dataClasses", {}),
        acls=_acls(said),
        budgets=_budgets(said),
        prices=said.get("prices", {}),
        guard=tuple(said["guard"]),
        deletions=said["deletions"],
        approvals=Limits(approvals.get("maxDays", MAX_DAYS), approvals.get("patterns", False)),
        backup_gate=said.get("backupGate"),
        differences=tuple(said.get("differences", ())),
        suppressions=said.get("suppressions", {}),
        rules=said.get("rules", {}),
    )


def _names(said: PolicySection) -> NameBounds:
    naming = said["naming"]
    return NameBounds(
        naming["topicPattern"],
        naming["maxLength"],
        naming.get("teamPrefixes", {}),
        tuple(naming["reserved"]),
        tuple(naming.get("reservedAllowed", ())),
    )


def _topics(said: PolicySection) -> TopicBounds:
    topics = said["topics"]
    return TopicBounds(
        topics["minPartitions"],
        topics["maxPartitions"],
        topics["minReplicas"],
        topics["maxReplicas"],
        topics["minInsyncReplicas"],
        parse_duration_ms(topics["minRetention"]),
        parse_duration_ms(topics["maxRetention"]),
        parse_duration_ms(topics["consumerOutage"]),
        parse_bytes(topics["minSegmentSize"]),
        parse_duration_ms(topics["minSegmentTime"]),
        parse_duration_ms(topics["minDeleteRetention"]),
        parse_bytes(topics["maxMessageSize"]),
        parse_bytes(topics["messageSizeLimit"]),
    )


def _acls(said: PolicySection) -> AclBounds:
    acls = said["acls"]
    return AclBounds(
        acls["minPrefixLength"],
        tuple(acls.get("administrators", ())),
        tuple(acls.get("externalTopics", ())),
    )


def _budgets(said: PolicySection) -> Budgets:
    budgets = said["budgets"]
    throughput = budgets.get("brokerThroughput")
    return Budgets(
        budgets.get("partitionsPerBroker"),
        None if throughput is None else parse_bytes(throughput),
        budgets["requestPercentage"],
        budgets.get("teams", {}),
    )
