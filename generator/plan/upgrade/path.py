"""The way from one Strimzi and Kafka to others: which versions lie between, and in which order.

Pure: versions in, steps out. What a release is comes from the table of releases.
Source: Strimzi's documentation, "Upgrading Strimzi" and "Upgrading Kafka", and kafka-versions.yaml of each tag.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, pairwise

from generator.common.strimzi import Release, nearest, numbers, release, releases

V1, V1BETA2 = "v1", "v1beta2"
ONLY_V1 = "1.0.0"
"""From this one on the operator and its CustomResourceDefinitions know nothing but v1."""


class Kind(StrEnum):
    """What a step changes."""

    OPERATOR = "operator"
    KAFKA = "kafka"
    API = "api"
    STORED = "stored"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Versions:
    """What an environment has at one time."""

    strimzi: str
    kafka: str
    metadata: str
    api: str
    """The version of Strimzi's API that manifests are written in."""
    stored: str
    """The one that the CustomResourceDefinitions store."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of all environments that share an operator, or of one of them."""

    kind: Kind
    environments: tuple[str, ...]
    before: Mapping[str, Versions]
    after: Mapping[str, Versions]


class NoPathError(Exception):
    """There is no way; the message says why, in words for people."""


def path(
    start: Mapping[str, Versions], strimzi: str, kafka: str, asked: Collection[str] = ()
) -> list[Move]:
    """The moves that bring all environments to one Strimzi, and those asked for to a Kafka and its metadata version.

    The others change only what the operator demands; all are asked for where none is named. As few as possible, over the newest releases that will do: Kafka changes only under an operator that
    has both versions, manifests are written and stored as v1 before the operator knows nothing else, and
    the metadata version, which has no way back, comes last.

    Raises:
        NoPathError: when there is none.
    """
    here = {versions.strimzi for versions in start.values()}
    if len(here) != 1:
        raise NoPathError(f"the environments have different operators: {', '.join(sorted(here))}")
    asked = sorted(asked) or sorted(start)
    _possible({name: start[name] for name in asked}, next(iter(here)), release(strimzi), kafka)
    targets = {name: (kafka,) if name in asked else release(strimzi).kafka for name in start}
    ways = _ways(start, next(iter(here)), strimzi, targets)
    chain, kafkas = min(ways, key=_cost, default=((), {}))
    if not chain:
        raise NoPathError(_nothing_between(start, strimzi))
    return list(
        _moves(start, chain, kafkas, dict.fromkeys(asked, release(strimzi).metadata[kafka]))
    )


Way = tuple[tuple[str, ...], dict[str, tuple[str, ...]]]
"""Operators one after the other, and by environment the Kafka that each of them ends with."""


def _possible(start: Mapping[str, Versions], here: str, target: Release, kafka: str) -> None:
    if numbers(target.version) < numbers(here):
        raise NoPathError(
            f"Strimzi {target.version} is older than {here}: going back is no upgrade"
        )
    if kafka not in target.kafka:
        raise NoPathError(
            f"Strimzi {target.version} does not run Kafka {kafka}; it runs {', '.join(target.kafka)}"
        )
    for name, versions in sorted(start.items()):
        if numbers(versions.kafka) > numbers(kafka):
            raise NoPathError(
                f"{name} runs Kafka {versions.kafka}, which is newer than {kafka}: going back is no upgrade"
            )


def _ways(
    start: Mapping[str, Versions], here: str, target: str, kafkas: Mapping[str, Sequence[str]]
) -> Iterator[Way]:
    between = [
        each.version
        for each in releases()
        if numbers(here) < numbers(each.version) < numbers(target)
    ]
    ends = (target,) if target != here else ()
    for count in range(len(between) + 1):
        for chosen in combinations(between, count):
            chain = (here, *chosen, *ends)
            if not all(_follows(*pair) for pair in pairwise(chain)):
                continue
            found = {name: _kafkas(chain, each.kafka, kafkas[name]) for name, each in start.items()}
            if all(found.values()):
                yield chain, {name: way for name, way in found.items() if way}


def _follows(older: str, newer: str) -> bool:
    """Whether an operator may follow another: what stores v1beta2 has to meet one that knows both.

    Source: Strimzi 1.0.0, documentation, "Upgrading to Strimzi 1.0": resources are converted with 0.49 to 0.51.
    """
    return numbers(newer) < numbers(ONLY_V1) or V1 in nearest(older).apis


def _kafkas(chain: Sequence[str], start: str, targets: Sequence[str]) -> tuple[str, ...] | None:
    """The Kafka that each operator of a chain ends with, with as few changes as possible; None without any."""
    newest = max(numbers(each) for each in targets)
    ways: dict[str, tuple[int, tuple[str, ...]]] = {start: (0, ())}
    for place, version in enumerate(chain):
        known = [each for each in nearest(version).kafka if is_listed(start, version) or place]
        after = nearest(chain[place + 1]).kafka if place + 1 < len(chain) else targets
        reached: dict[str, tuple[int, tuple[str, ...]]] = {}
        for kafka, (count, way) in ways.items():
            for other in (kafka, *known):
                possible = other == kafka or numbers(kafka) < numbers(other) <= newest
                if not possible or other not in after:
                    continue
                cost = (count + (other != kafka), (*way, other))
                if other not in reached or _cheaper(cost, reached[other]):
                    reached[other] = cost
        ways = reached
    found = min(ways.values(), key=lambda each: each[0], default=None)
    return found[1] if found else None


def is_listed(kafka: str, strimzi: str) -> bool:
    """Whether an operator can upgrade brokers that run this Kafka.

    Source: Strimzi, kafka-versions.yaml of each tag, which keeps what is no longer supported; up to 0.51.0
    KRaftVersionChangeCreator looks the running version up there, from 1.0.0 on any will do.
    """
    if numbers(strimzi) >= numbers(ONLY_V1):
        return True
    until = [
        each for each in releases() if numbers(each.version) <= numbers(strimzi)
    ] or releases()[:1]
    oldest = min(numbers(each) for each in until[-1].kafka)
    return numbers(kafka) < oldest or any(kafka in each.kafka for each in until)


def _cheaper(one: tuple[int, tuple[str, ...]], other: tuple[int, tuple[str, ...]]) -> bool:
    """Fewer changes, or as many with the newer versions."""
    if one[0] != other[0]:
        return one[0] < other[0]
    return [numbers(each) for each in one[1]] > [numbers(each) for each in other[1]]


def _cost(way: Way) -> tuple[int, list[tuple[int, ...]]]:
    chain, kafkas = way
    steps = len(chain) + sum(len(set(each)) for each in kafkas.values())
    # Among equals the newest: what lies between has its faults mended.
    return steps, [tuple(-number for number in numbers(version)) for version in chain]


def _nothing_between(start: Mapping[str, Versions], strimzi: str) -> str:
    told = "; ".join(f"{name} runs Kafka {each.kafka} under Strimzi {each.strimzi}"
                     for name, each in sorted(start.items()))  # fmt: skip
    return f"no releases that are known lead to Strimzi {strimzi}: {told}"


def _moves(
    start: Mapping[str, Versions],
    chain: Sequence[str],
    kafkas: Mapping[str, Sequence[str]],
    metadata: Mapping[str, str],
) -> Iterator[Move]:
    now = dict(start)

    def move(kind: Kind, names: Sequence[str], **changed: str) -> Iterator[Move]:
        before = {name: now[name] for name in names}
        after = {name: replace(now[name], **changed) for name in names}
        if before != after:
            now.update(after)
            yield Move(kind, tuple(names), before, after)

    everybody = sorted(start)
    for place, version in enumerate(chain):
        if place:
            yield from move(Kind.OPERATOR, everybody, strimzi=version)
        following = chain[place + 1] if place + 1 < len(chain) else version
        needed = numbers(following) >= numbers(ONLY_V1) > numbers(version)
        if V1 in nearest(version).apis and (needed or place + 1 == len(chain)):
            for name in everybody:
                yield from move(Kind.API, [name], api=V1)
        if needed:
            yield from move(Kind.STORED, everybody, stored=V1)
        for name in everybody:
            yield from move(Kind.KAFKA, [name], kafka=kafkas[name][place])
    for name, version in metadata.items():
        yield from move(Kind.METADATA, [name], metadata=version)
