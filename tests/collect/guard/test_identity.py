"""Whose records a set holds: what is refused, and what is written down."""

import time
from pathlib import Path

import msgspec
import pytest

from generator.contract.backup import SetIdentity, TopicIdentity
from verify.collect.backups.guard import identity
from verify.collect.backups.guard.source import Source, SourceTopic, not_reached
from verify.collect.backups.guard.writer import WritableFolder
from verify.collect.backups.manifest import SetManifest
from verify.live.backups import BackedUpPartition, BackedUpTopic, Few


def _source(cluster: str = "c1", end: int = 100, first: int = 0, **ids: str) -> Source:
    """Every topic with one partition."""
    topics = {name: SourceTopic(id_, 1, {0: (first, end)}) for name, id_ in ids.items()}
    return Source(cluster, topics)


def _known(cluster: str = "c1", **ids: str) -> SetIdentity:
    return SetIdentity(
        cluster_id=cluster, topics={name: TopicIdentity(id_, 1) for name, id_ in ids.items()}
    )


def _set(**through: int) -> SetManifest:
    topics = {
        name: BackedUpTopic(1, {0: BackedUpPartition(through=last, captured_end=last + 1)})
        for name, last in through.items()
    }
    return SetManifest(topics, (), [], Few())


FINE = {
    "the same": (_known(a="1"), _set(a=99), _source(a="1")),
    "a new topic": (_known(a="1"), _set(a=99), _source(a="1", b="2")),
    "a topic that is gone": (_known(a="1", b="2"), _set(a=99, b=99), _source(a="1")),
    "nothing known, and offsets fit": (None, _set(a=99), _source(a="1")),
    "a first run": (None, None, _source(a="1")),
    "a partition without a leader": (
        _known(a="1"), _set(a=99), Source("c1", {"a": SourceTopic("1", 1, {})}),
    ),
}  # fmt: skip
STRANGE = {
    "another cluster": (
        _known("c0", a="1"), _set(a=99), _source(a="1"),
        ["it is a set of the cluster c0, and this is c1"],
    ),
    "a topic made again": (
        _known(a="1", b="2"), _set(a=9, b=9), _source(a="1", b="3"),
        ["the topic b was deleted and made again since: the set holds records of the one with the id 2, and Kafka has"
         " one with the id 3"],
    ),
    "nothing known, and offsets do not fit": (
        None, _set(a=100), _source(a="1"),
        ["the set holds a[0] up to offset 100, and Kafka's own ends at 99: it was deleted and made again, or has lost"
         " records"],
    ),
    "the same topic that has lost records": (
        _known(a="1"), _set(a=150), _source(a="1"),
        ["the set holds a[0] up to offset 150, and Kafka's own ends at 99: it was deleted and made again, or has lost"
         " records"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_set_of_the_same_topics_goes_on(name: str) -> None:
    """Nothing speaks against it."""
    assert list(identity.strangers(*FINE[name])) == []


@pytest.mark.parametrize("name", STRANGE)
def test_set_of_others_is_told(name: str) -> None:
    """Each by its name, with both ids, or with what cannot be."""
    known, said, source, words = STRANGE[name]
    assert list(identity.strangers(known, said, source)) == words


def test_what_was_known_of_a_topic_that_is_gone_stays_known(tmp_path: Path) -> None:
    """Made again some day, it is told from the one that the set holds."""
    folder = WritableFolder(tmp_path, time.monotonic() + 60)
    identity.written(folder, "business", _known(a="1", b="2"), _source(a="1"), 1_700_000_000, "00")
    found = identity.known(folder, "business")

    assert found is not None
    assert list(found.topics) == ["a", "b"]
    assert list(identity.strangers(found, None, _source(b="3")))
    raw = (tmp_path / "business/strimzi-gitops-identity.json").read_bytes()
    assert msgspec.json.decode(raw) == {
        "version": 1,
        "clusterId": "c1",
        "topics": {"a": {"id": "1", "partitions": 1}, "b": {"id": "2", "partitions": 1}},
        "provedAt": "2023-11-14T22:13:20Z",
        "manifestSha256": "00",
    }


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]"])
def test_identity_that_is_none_is_not_known(tmp_path: Path, content: bytes | None) -> None:
    """Nobody refuses a set for that."""
    file = tmp_path / "business/strimzi-gitops-identity.json"
    file.parent.mkdir()
    if content is not None:
        file.write_bytes(content)
    assert identity.known(WritableFolder(tmp_path, time.monotonic() + 60), "business") is None


def test_partition_that_is_not_reached_is_told() -> None:
    """By what Kafka had when the run began, and by what the engine had captured."""
    before = _source(a="1", b="2")
    said = _set(a=98)

    assert list(not_reached(said, before, before)) == [
        "the set holds a[0] up to offset 98, and it reached 99 when the run began",
        "the set holds b[0] up to offset -1, and it reached 99 when the run began",
    ]
    assert list(not_reached(_set(a=99, b=120), before, before)) == []


def test_captured_end_counts_as_well() -> None:
    """The engine was told to stop before it had read what it wanted to."""
    topics = {"a": BackedUpTopic(1, {0: BackedUpPartition(through=99, captured_end=150)})}
    source = _source(a="1")
    (words,) = not_reached(SetManifest(topics, (), [], Few()), source, source)

    assert words == "the set holds a[0] up to offset 99, and it reached 149 when the run began"


def test_what_kafka_deleted_in_the_meantime_is_not_asked_for() -> None:
    """Nobody could have read it; and an empty partition has nothing to be read."""
    assert list(not_reached(None, _source(a="1"), _source(a="1", first=100))) == []
    assert list(not_reached(None, _source(a="1", first=100), _source(a="1"))) == []
