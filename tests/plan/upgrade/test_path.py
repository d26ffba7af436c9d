"""The path between releases keeps every rule of the way, for all pairs of versions."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.common.strimzi.releases import nearest, numbers, release, releases
from generator.plan.upgrade.path import (
    V1,
    V1BETA2,
    Kind,
    Move,
    NoPathError,
    Versions,
    is_listed,
    path,
)

_ALL = [each.version for each in releases()]


def at(strimzi: str, kafka: str, metadata: str = "", api: str = "") -> Versions:
    """An environment whose metadata version is that of its Kafka, and which says nothing of the API."""
    known = release(strimzi)
    return Versions(
        strimzi, kafka, metadata or known.metadata[kafka], api or known.apis[0], known.stored
    )


def told(moves: list[Move]) -> list[str]:
    """Moves in short."""
    parts = {
        "operator": "strimzi",
        "api": "api",
        "stored": "stored",
        "kafka": "kafka",
        "metadata": "metadata",
    }
    return [
        f"{move.kind} {getattr(next(iter(move.after.values())), parts[move.kind])}"
        for move in moves
    ]


def test_the_longest_way() -> None:
    """From the last with ZooKeeper to the newest: the stop for v1, Kafka under operators that have both."""
    assert told(path({"prod": at("0.45.0", "3.8.1")}, "1.2.0", "4.3.1")) == [
        "kafka 3.9.0",
        "operator 0.47.0",
        "kafka 4.0.0",
        "operator 0.50.1",
        "api v1",
        "stored v1",
        "kafka 4.1.1",
        "operator 1.0.1",
        "kafka 4.2.0",
        "operator 1.2.0",
        "kafka 4.3.1",
        "metadata 4.3-IV0",
    ]


def test_manifests_are_v1_where_they_can_be() -> None:
    """Without need nobody stores them otherwise."""
    assert told(path({"prod": at("0.48.0", "4.1.0")}, "0.51.0", "4.2.0")) == [
        "operator 0.51.0",
        "api v1",
        "kafka 4.2.0",
        "metadata 4.2",
    ]


def test_environments_that_share_an_operator_go_together() -> None:
    """Each Kafka changes for itself, before the operator that has the old one no more."""
    start = {"dev": at("1.0.1", "4.2.0"), "prod": at("1.0.1", "4.1.2")}

    moves = path(start, "1.2.0", "4.3.1")

    assert [(str(move.kind), move.environments) for move in moves] == [
        ("kafka", ("prod",)),
        ("operator", ("dev", "prod")),
        ("kafka", ("dev",)),
        ("kafka", ("prod",)),
        ("metadata", ("dev",)),
        ("metadata", ("prod",)),
    ]


def test_others_change_what_the_operator_demands() -> None:
    """Who is not asked for keeps its Kafka as long as it can, and its metadata version."""
    start = {
        "dev": at("1.0.1", "4.1.2"),
        "prod": at("1.0.1", "4.2.0"),
        "test": at("1.0.1", "4.2.0"),
    }

    moves = path(start, "1.2.0", "4.3.1", ["prod"])

    assert [(str(move.kind), move.environments) for move in moves] == [
        ("kafka", ("dev",)),
        ("operator", ("dev", "prod", "test")),
        ("kafka", ("prod",)),
        ("metadata", ("prod",)),
    ]


def test_releases_that_somebody_chooses() -> None:
    """Kafka changes with the operator where no version is run by both, and only there."""
    start = {"prod": at("0.45.0", "3.9.0")}

    moves = path(start, "1.2.0", "4.3.1", via=["0.48.0", "0.51.0", "1.0.1", "1.1.0"])

    assert told(moves) == [
        "operator 0.48.0",
        "operator 0.51.0",
        "api v1",
        "stored v1",
        "kafka 4.2.0",
        "operator 1.0.1",
        "operator 1.1.0",
        "operator 1.2.0",
        "kafka 4.3.1",
        "metadata 4.3-IV0",
    ]
    assert moves[0].after["prod"].kafka == "4.1.0"
    with pytest.raises(NoPathError):
        path(start, "1.2.0", "4.3.1", via=["0.48.0", "1.0.1"])


@pytest.mark.parametrize(
    ("start", "strimzi", "kafka", "why"),
    [
        (at("1.2.0", "4.3.1"), "1.1.0", "4.3.0", "Strimzi 1.1.0 is older than 1.2.0: going back is no upgrade"),
        (at("1.1.0", "4.3.0"), "1.2.0", "4.2.1", "prod runs Kafka 4.3.0, which is newer than 4.2.1: going back"),
        (at("0.51.0", "4.2.0"), "1.2.0", "4.1.1", "Strimzi 1.2.0 does not run Kafka 4.1.1; it runs 4.2.0, 4.2.1"),
        (Versions("0.48.0", "4.0.1", "4.0", V1BETA2, V1BETA2), "0.48.0", "4.1.0",
         "no releases that are known lead to Strimzi 0.48.0: prod runs Kafka 4.0.1 under Strimzi 0.48.0"),
    ],
)  # fmt: skip
def test_no_way(start: Versions, strimzi: str, kafka: str, why: str) -> None:
    """In words that say what is in the way."""
    with pytest.raises(NoPathError) as caught:
        path({"prod": start}, strimzi, kafka)

    assert why in str(caught.value)


def test_different_operators() -> None:
    """Nothing is guessed for who is not together."""
    with pytest.raises(NoPathError, match=r"different releases: a 1\.1\.0, b 1\.2\.0"):
        path({"a": at("1.1.0", "4.3.0"), "b": at("1.2.0", "4.3.0")}, "1.2.0", "4.3.1")


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[dict[str, Versions], str, str]:
    begin = draw(st.sampled_from(_ALL))
    end = draw(st.sampled_from(_ALL[_ALL.index(begin) :]))
    names = draw(st.sampled_from([["prod"], ["dev", "prod"]]))
    start = {}
    for name in names:
        kafka = draw(st.sampled_from(release(begin).kafka))
        start[name] = at(begin, kafka, api=draw(st.sampled_from(release(begin).apis)))
    least = max(numbers(each.kafka) for each in start.values())
    kafka = draw(st.sampled_from(release(end).kafka))
    return start, end, kafka if numbers(kafka) >= least else release(end).kafka[-1]


@given(_pairs())
def test_no_step_skips_a_rule(case: tuple[dict[str, Versions], str, str]) -> None:
    """Any release to any newer one, any Kafka of the one to any newer one of the other."""
    start, strimzi, kafka = case
    least = max(numbers(each.kafka) for each in start.values())
    if numbers(kafka) < least:
        return

    moves = path(start, strimzi, kafka)

    now = dict(start)
    for move in moves:
        for name in move.environments:
            before, after = now[name], move.after[name]
            assert move.before[name] == before
            _one_rule(move.kind, before, after)
            now[name] = after
    goal = release(strimzi)
    assert {(each.strimzi, each.kafka, each.metadata) for each in now.values()} == {
        (strimzi, kafka, goal.metadata[kafka])
    }
    assert {each.api for each in now.values()} == {goal.apis[-1]}
    raising = [place for place, move in enumerate(moves) if move.kind is Kind.METADATA]
    assert raising == list(range(len(moves) - len(raising), len(moves)))


def _one_rule(kind: Kind, before: Versions, after: Versions) -> None:
    """What has to hold of one step."""
    old, new = nearest(before.strimzi), nearest(after.strimzi)
    assert after.kafka in new.kafka
    assert after.api in new.apis
    assert numbers(before.kafka) <= numbers(after.kafka)
    if kind is Kind.OPERATOR:
        assert numbers(before.strimzi) < numbers(after.strimzi)
        assert before.kafka == after.kafka
        assert before.kafka in old.kafka
        assert set(old.apis) & set(new.apis)
        if V1BETA2 not in new.apis:
            assert (before.api, before.stored) == (V1, V1)
    if kind is Kind.KAFKA:
        assert is_listed(before.kafka, after.strimzi)
    if kind is Kind.STORED:
        assert set(new.apis) == {V1, V1BETA2}
        assert before.api == V1


def test_every_release_leads_to_the_newest() -> None:
    """By its default Kafka, over neighbours that share one."""
    for older, newer in pairwise(_ALL):
        assert path(
            {"prod": at(older, release(older).default_kafka)}, newer, release(newer).default_kafka
        )
    assert set(_ALL) == {
        each for each in _ALL
        if each == _ALL[-1] or path({"x": at(each, release(each).kafka[0])}, _ALL[-1], "4.3.1")
    }  # fmt: skip


def test_what_an_operator_can_upgrade_from() -> None:
    """What it lists, however old; from 1.0 on anything."""
    assert [is_listed("3.9.1", version) for version in ("0.45.0", "0.46.1", "0.47.0", "1.2.0")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert is_listed("3.6.0", "0.45.0")
    assert not is_listed("4.0.1", "0.48.0")
