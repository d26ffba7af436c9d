"""The way from one Strimzi and Kafka to others: which versions lie between, and in which order.

Pure: versions in, steps out. What a release is comes from the table of releases.
Source: Strimzi's documentation, "Upgrading Strimzi" and "Upgrading Kafka", and kafka-versions.yaml of each tag.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, combinations, pairwise

from generator.common.strimzi.releases import Release, nearest, numbers, release, releases

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
    start: Mapping[str, Versions],
    strimzi: str,
    kafka: str,
    asked: Collection[str] = (),
    via: Sequence[str] | None = None,
) -> list[Move]:
    """The moves that bring all environments to one Strimzi, and those asked for to a Kafka and its metadata version.

    The others change only what the operator demands; all are asked for where none is named. As few as
    possible, over the newest releases that will do: Kafka changes only under an operator that has both
    versions, manifests are written and stored as v1 before the operator knows nothing else, and the metadata
    version, which has no way back, comes last. `via` are the releases between, where somebody chooses them:
    then Kafka may have to change with the operator, from a version that the new one only lists.

    Raises:
        NoPathError: when there is none.
    """
    here = {versions.strimzi for versions in start.values()}
    if len(here) != 1:
        said = ", ".join(f"{name} {start[name].strimzi}" for name in sorted(start))
        raise NoPathError(f"one operator serves environments that say different releases: {said}")
    (first,) = here
    asked = sorted(asked) or sorted(start)
    _possible({name: start[name] for name in asked}, first, release(strimzi), kafka)
    targets = {name: (kafka,) if name in asked else release(strimzi).kafka for name in start}
    ends = (strimzi,) if strimzi != first else ()
    lines = [(first, *between, *ends) for between in _between(first, strimzi, via)]
    operators, kafkas = min(_ways(start, lines, targets, via), key=_cost, default=((), {}))
    if not operators:
        raise NoPathError(_nothing_between(start, strimzi, via))
    metadata = dict.fromkeys(asked, release(strimzi).metadata[kafka])
    return list(_moves(start, operators, kafkas, metadata))


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


def _between(first: str, last: str, via: Sequence[str] | None) -> Iterable[tuple[str, ...]]:
    """What may lie between two releases."""
    if via is not None:
        return [tuple(via)]
    known = [
        each.version
        for each in releases()
        if numbers(first) < numbers(each.version) < numbers(last)
    ]
    return chain.from_iterable(combinations(known, count) for count in range(len(known) + 1))


def _ways(
    start: Mapping[str, Versions],
    lines: Iterable[tuple[str, ...]],
    targets: Mapping[str, Sequence[str]],
    via: Sequence[str] | None,
) -> Iterator[Way]:
    for operators in lines:
        if all(_follows(*pair) for pair in pairwise(operators)):
            found = {
                name: _kafkas(operators, each.kafka, targets[name], together=via is not None)
                for name, each in start.items()
            }
            if all(found.values()):
                yield operators, {name: way for name, way in found.items() if way}


def _follows(older: str, newer: str) -> bool:
    """Whether an operator may follow another: what stores v1beta2 has to meet one that knows both.

    Source: Strimzi 1.0.0, documentation, "Upgrading to Strimzi 1.0": resources are converted with 0.49 to 0.51.
    """
    return numbers(newer) < numbers(ONLY_V1) or V1 in nearest(older).apis


def _kafkas(
    operators: Sequence[str], start: str, targets: Sequence[str], *, together: bool
) -> tuple[str, ...] | None:
    """The Kafka that each operator ends with, with as few changes as possible; None without any.

    Only `together` with the operator it may leave a version that the next one does not run.
    """
    newest = max(numbers(each) for each in targets)
    ways: dict[str, tuple[int, tuple[str, ...]]] = {start: (0, ())}
    for place, version in enumerate(operators):
        following = operators[place + 1] if place + 1 < len(operators) else ""
        after = nearest(following).kafka if following else targets
        reached: dict[str, tuple[int, tuple[str, ...]]] = {}
        for kafka, (count, way) in ways.items():
            for other in _next(kafka, version, newest, first=not place):
                listed = together and bool(following) and is_listed(other, following)
                cost = (count + (other != kafka), (*way, other))
                if (other in after or listed) and (
                    other not in reached or _cheaper(cost, reached[other])
                ):
                    reached[other] = cost
        ways = reached
    found = min(ways.values(), key=lambda each: each[0], default=None)
    return found[1] if found else None


def _next(kafka: str, operator: str, newest: tuple[int, ...], *, first: bool) -> Iterator[str]:
    """What becomes of a Kafka under an operator: it stays, where it is run or there already, or is upgraded."""
    known = nearest(operator).kafka
    if first or kafka in known:
        yield kafka
    if is_listed(kafka, operator):
        yield from (each for each in known if numbers(kafka) < numbers(each) <= newest)


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
    operators, kafkas = way
    steps = len(operators) + sum(len(set(each)) for each in kafkas.values())
    # Among equals the newest: what lies between has its faults mended.
    return steps, [tuple(-number for number in numbers(version)) for version in operators]


def _nothing_between(start: Mapping[str, Versions], strimzi: str, via: Sequence[str] | None) -> str:
    told = "; ".join(f"{name} runs Kafka {each.kafka} under Strimzi {each.strimzi}"
                     for name, each in sorted(start.items()))  # fmt: skip
    over = (
        "no releases that are known lead"
        if via is None
        else f"no way over {', '.join(via) or 'none'} leads"
    )
    return f"{over} to Strimzi {strimzi}: {told}"


def _moves(
    start: Mapping[str, Versions],
    operators: Sequence[str],
    kafkas: Mapping[str, Sequence[str]],
    metadata: Mapping[str, str],
) -> Iterator[Move]:
    now = dict(start)

    def move(kind: Kind, names: Sequence[str], **changed: str) -> Iterator[Move]:
        before = {name: now[name] for name in names}
        after = {name: replace(now[name], **changed) for name in names}
        if kind is Kind.OPERATOR:
            # A Kafka that the new one does not run has to change with it.
            known = nearest(changed["strimzi"]).kafka
            after = {
                name: each if each.kafka in known else replace(each, kafka=kafkas[name][place])
                for name, each in after.items()
            }
        if before != after:
            now.update(after)
            yield Move(kind, tuple(names), before, after)

    everybody = sorted(start)
    for place, version in enumerate(operators):
        if place:
            yield from move(Kind.OPERATOR, everybody, strimzi=version)
        following = operators[place + 1] if place + 1 < len(operators) else version
        needed = numbers(following) >= numbers(ONLY_V1) > numbers(version)
        if V1 in nearest(version).apis and (needed or place + 1 == len(operators)):
            for name in everybody:
                yield from move(Kind.API, [name], api=V1)
        if needed:
            yield from move(Kind.STORED, everybody, stored=V1)
        for name in everybody:
            yield from move(Kind.KAFKA, [name], kafka=kafkas[name][place])
    for name, version in metadata.items():
        yield from move(Kind.METADATA, [name], metadata=version)
