"""How much of a cluster its topics use, what teams may use, and what it costs.

A topic's bytes are known when it bounds them (retention.bytes per partition) or says its
throughput (bytes a second, kept for its retention); otherwise they are unknown, and said so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator.common.units import parse_bytes, parse_cpu_m, parse_quantity_bytes
from generator.documents.manifest import Body
from generator.intent.sections import PolicyPricesSection
from generator.system.effective_settings import UNLIMITED, TopicSettings
from generator.system.system import System, SystemTopic

NEAR = 0.8
"""From this share on, a limit is near."""
_SECONDS_A_MONTH = 2_629_800
"""A twelfth of a Julian year."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one limit is used; amounts in `unit` (partitions, topics or bytes)."""

    what: str
    unit: str
    used: int
    limit: int | None
    """None where nobody set one."""

    @property
    def share(self) -> float:
        """Used over limit; infinite when something is used of nothing, 0 without a limit."""
        if self.limit:
            return self.used / self.limit
        return float("inf") if self.used and self.limit == 0 else 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the monthly bill; `amount` in `unit`, `price` in the currency of the policy."""

    what: str
    amount: float
    unit: str
    price: float


@dataclass(frozen=True, slots=True)
class Capacity:
    """The uses of one cluster, those of its teams, and the topics whose bytes nobody can know.

    Compacted topics are not among these: what they keep depends on their keys, which nothing bounds.
    """

    uses: tuple[Use, ...]
    teams: Mapping[str, tuple[Use, ...]]
    costs: tuple[Cost, ...]
    currency: str
    unknown_bytes: tuple[str, ...]

    @property
    def exceeded(self) -> bool:
        """True when more is used than there is, or than a team may use."""
        uses = [*self.uses, *(use for team in self.teams.values() for use in team)]
        return any(use.share > 1 for use in uses)


@lru_cache(maxsize=4)
def capacity(system: System) -> Capacity:
    """What the topics ask of the brokers, by cluster and by team."""
    alike = {id(topic.settings): topic.settings for topic in system.topics}
    sizes = {key: stored_bytes(settings) for key, settings in alike.items()}
    known = {topic.name: sizes[id(topic.settings)] for topic in system.topics}
    replicas = sum(topic.settings.partitions * topic.settings.replicas for topic in system.topics)
    uses = (
        Use("partition replicas", "partitions", replicas, partition_budget(system)),
        Use("broker disks", "bytes", sum(size or 0 for size in known.values()), disks(system)),
    )
    unknown = tuple(sorted(topic.name for topic in system.topics
                           if topic.settings.deletes and known[topic.name] is None))  # fmt: skip
    prices = system.policy.prices
    currency = prices.get("currency", "")
    costs = tuple(_costs(system, prices))
    return Capacity(uses, dict(_teams(system, known)), costs, currency, unknown)


def limits(system: System) -> list[list[Any]]:
    """What is used of every limit: team (empty: the whole cluster), what, used, limit or None."""
    measured = capacity(system)
    found = [["", use.what, use.used, use.limit] for use in measured.uses]
    for team, uses in measured.teams.items():
        found += [[team, use.what, use.used, use.limit] for use in uses]
    return found


def partition_budget(system: System) -> int | None:
    """Partition replicas that the brokers together should carry at most."""
    budget = system.policy.budgets.partitions_per_broker
    return None if budget is None else budget * system.brokers


def disks(system: System) -> int:
    """Bytes of all volumes of all brokers."""
    return sum(
        pool.body["spec"].get("replicas", 0) * size
        for pool in system.pools
        if "broker" in pool.body["spec"].get("roles", ())
        for size in _volumes(pool.body["spec"].get("storage", {}))
    )


def _each_volume(storage: Body) -> Iterable[Body]:
    """A storage's volumes; one that is no JBOD is one itself."""
    return storage["volumes"] or () if "volumes" in storage else (storage,)


def _volumes(storage: Body) -> Iterator[int]:
    for volume in _each_volume(storage):
        yield parse_quantity_bytes(volume.get("size", volume.get("sizeLimit"))) or 0


def stored_bytes(settings: TopicSettings) -> int | None:
    """Bytes that a full topic takes on all brokers together; None when nothing bounds them."""
    retention_ms = settings.number("retention.ms")
    local_size = UNLIMITED
    if settings.tiered:
        # What has moved to the object store no longer takes the brokers' disks.
        local_size = settings.number("local.retention.bytes")
        local = settings.number("local.retention.ms")
        retention_ms = retention_ms if local < 0 else local
    kept = _kept_bytes(settings, retention_ms, local_size)
    return None if kept is None else kept * settings.replicas


def held_bytes(settings: TopicSettings) -> int | None:
    """Bytes of all that a full topic holds, once each and wherever it lies; None when nothing bounds them."""
    return _kept_bytes(settings, settings.number("retention.ms"))


def written_bytes(settings: TopicSettings, span_ms: int) -> int | None:
    """Bytes that producers write in that time; None when nobody says how fast."""
    throughput = settings.intent.throughput_bytes if settings.intent else None
    return None if throughput is None else throughput * span_ms // 1000


def _kept_bytes(settings: TopicSettings, kept_ms: int, *sizes: int) -> int | None:
    """The least of what a topic keeps by size of its partitions, and by time at its throughput."""
    if not settings.deletes:
        return None
    bounds = [size * settings.partitions
              for size in (settings.number("retention.bytes"), *sizes) if size >= 0]  # fmt: skip
    written = None if kept_ms == UNLIMITED else written_bytes(settings, kept_ms)
    return min([*bounds, *([] if written is None else [written])], default=None)


def _teams(
    system: System, known: Mapping[str, int | None]
) -> Iterator[tuple[str, tuple[Use, ...]]]:
    budgets = system.policy.budgets.teams
    owned: dict[str, list[SystemTopic]] = {team: [] for team in budgets}
    for topic in system.topics:
        owned.setdefault(topic.owner or "-", []).append(topic)
    for team, topics in sorted(owned.items()):
        budget = budgets.get(team, {})
        replicas = sum(topic.settings.partitions * topic.settings.replicas for topic in topics)
        stored = sum(known[topic.name] or 0 for topic in topics)
        storage = budget.get("storage")
        limit = None if storage is None else parse_bytes(storage)
        yield (
            team,
            (
                Use("topics", "topics", len(topics), budget.get("topics")),
                Use("partitions", "partitions", replicas, budget.get("partitions")),
                Use("storage", "bytes", stored, limit),
            ),
        )


def _costs(system: System, prices: PolicyPricesSection) -> Iterator[Cost]:
    """The monthly bill of the pools and of what producers write, where prices are given."""
    cpu = memory = disk = 0.0
    for pool in system.pools:
        spec = pool.body["spec"]
        count = spec.get("replicas", 0)
        requests = spec.get("resources", {}).get("requests", {})
        cpu += count * parse_cpu_m(requests.get("cpu", 0)) / 1000
        memory += count * (parse_quantity_bytes(requests.get("memory")) or 0) / 2**30
        storage = spec.get("storage", {})
        persistent = [
            volume for volume in _each_volume(storage) if volume.get("type") == "persistent-claim"
        ]
        disk += count * sum(_volumes({"volumes": persistent})) / 2**30
    written = sum(topic.intent.throughput_bytes or 0 for topic in system.topics if topic.intent)
    traffic = written * _SECONDS_A_MONTH / 2**30
    for what, price, amount, unit in (
        ("cpu", prices.get("cpu"), cpu, "cores"),
        ("memory", prices.get("memoryGi"), memory, "Gi"),
        ("disks", prices.get("storageGi"), disk, "Gi"),
        ("traffic", prices.get("trafficGi"), traffic, "Gi written"),
    ):
        if price is not None:
            yield Cost(what, amount, unit, amount * price)
