"""The config models in schemas/kafka/: complete, and right wherever Kafka's manual is explicit."""

from __future__ import annotations

import importlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
sys.path.insert(0, str(SCHEMAS))

# The script is no package; importing it by name keeps type checkers from looking for one.
_kafka: Any = importlib.import_module("_kafka")
_strimzi: Any = importlib.import_module("_strimzi")

VERSIONS = _strimzi.kafka_versions()
TABLES = ["admin", "broker", "consumer", "producer", "topic"]
TYPES = {
    *("boolean", "class", "double", "int", "list", "long", "password", "short", "string"),
}  # fmt: skip
FIELDS = {
    *("type", "default", "required", "min", "max", "allowed", "ignore_case", "nonempty", "unique"),
    *("validator", "importance", "internal", "broker", "update"),
}

# What Kafka's manual says of single settings: version, table, setting, and fields of its entry.
FACTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("4.3.1", "topic", "segment.bytes", {"type": "int", "default": 2**30, "min": 2**20}),
    ("4.3.1", "topic", "retention.ms", {"type": "long", "default": 604800000, "min": -1}),
    ("4.3.1", "topic", "cleanup.policy", {"default": ["delete"], "allowed": ["compact", "delete"]}),
    ("4.3.1", "topic", "min.cleanable.dirty.ratio", {"type": "double", "min": 0, "max": 1}),
    (
        *("4.3.1", "topic", "compression.type"),
        {"allowed": ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]},
    ),
    ("4.3.1", "topic", "compression.gzip.level", {"allowed": [-1, 1, 2, 3, 4, 5, 6, 7, 8, 9]}),
    (
        *("4.3.1", "topic", "retention.ms"),
        {
            "broker": [
                ["log.retention.ms", 1],
                ["log.retention.minutes", 60_000],
                ["log.retention.hours", 3_600_000],
            ]
        },
    ),
    ("4.3.1", "topic", "max.message.bytes", {"broker": [["message.max.bytes", 1]]}),
    ("4.3.1", "topic", "internal.segment.bytes", {"internal": True}),
    ("4.3.1", "broker", "log.retention.ms", {"default": None, "update": "cluster-wide"}),
    ("4.3.1", "broker", "log.retention.hours", {"default": 168, "update": "read-only"}),
    ("4.3.1", "broker", "log.cleaner.threads", {"default": 1, "update": "cluster-wide"}),
    ("4.2.0", "broker", "log.cleaner.threads", {"update": "cluster-wide"}),
    ("4.2.0", "broker", "num.network.threads", {"default": 3, "update": "cluster-wide"}),
    ("4.3.1", "broker", "num.network.threads", {"default": 3, "update": "cluster-wide"}),
    ("4.2.0", "broker", "ssl.keystore.location", {"update": "per-broker"}),
    ("4.3.1", "broker", "ssl.keystore.location", {"update": "per-broker"}),
    (
        *("4.3.1", "broker", "process.roles"),
        {"required": True, "nonempty": True, "unique": True, "update": "read-only"},
    ),
    ("4.3.1", "broker", "ssl.keystore.password", {"type": "password", "default": None}),
    ("4.3.1", "producer", "acks", {"default": "all", "allowed": ["all", "-1", "0", "1"]}),
    ("4.3.1", "producer", "key.serializer", {"type": "class", "required": True}),
    ("4.3.1", "producer", "linger.ms", {"default": 5, "importance": "medium"}),
    (
        *("4.3.1", "consumer", "security.protocol"),
        {"allowed": ["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL", "SSL"], "ignore_case": True},
    ),
]


@cache
def read(name: str) -> dict[str, Any]:
    """Return the content of one file of the folder, of a version that of the first that is there."""
    names = VERSIONS[VERSIONS.index(name) :] if name in VERSIONS else [name]
    files = (SCHEMAS / "kafka" / f"{each}.json" for each in names)
    document: dict[str, Any] = json.loads(next(filter(Path.is_file, files)).read_bytes())
    return document


@pytest.mark.parametrize("version", VERSIONS)
def test_model_is_complete_and_of_one_form(version: str) -> None:
    """Each version has all tables, and each entry says type, default, importance and no more."""
    model = read(version)
    assert list(model) == ["kafka", *TABLES]
    assert model["kafka"].split(".")[:2] == version.split(".")[:2]
    for table in TABLES:
        assert list(model[table]) == sorted(model[table])
        for name, entry in model[table].items():
            assert entry["type"] in TYPES, name
            assert ("default" in entry) is not entry.get("required", False), name
            assert entry["importance"] in {"high", "medium", "low"}, name
            assert set(entry) <= FIELDS, name
            assert ("update" in entry) is (table == "broker"), name


@pytest.mark.parametrize("version", VERSIONS)
def test_default_passes_its_own_limits(version: str) -> None:
    """Where a default is a number or a word, the limits beside it allow it."""
    model = read(version)
    for table in TABLES:
        for name, entry in model[table].items():
            default = entry.get("default")
            if isinstance(default, int | float):
                assert entry.get("min", default) <= default <= entry.get("max", default), name
            if isinstance(default, str) and "allowed" in entry:
                same = str.lower if entry.get("ignore_case") else str
                assert same(default) in map(same, entry["allowed"]), name


@pytest.mark.parametrize("version", VERSIONS)
def test_broker_synonyms_are_broker_settings(version: str) -> None:
    """What a topic setting names as its broker settings exists in the same version."""
    model = read(version)
    synonyms = {
        synonym for entry in model["topic"].values() for synonym, _ in entry.get("broker", [])
    }
    assert len(synonyms) == (36 if version.startswith("3.") else 33)
    assert synonyms <= set(model["broker"])


def test_number_of_public_topic_settings() -> None:
    """Kafka 4.3.1's manual lists 33 topic settings."""
    entries = read("4.3.1")["topic"].values()
    assert sum(not entry.get("internal") for entry in entries) == 33


@pytest.mark.parametrize(
    ("version", "table", "name", "fields"), FACTS, ids=lambda value: str(value)[:40]
)
def test_fact(version: str, table: str, name: str, fields: dict[str, Any]) -> None:
    """Entries say what the manual says."""
    entry = read(version)[table][name]
    assert {field: entry.get(field, ...) for field in fields} == fields


def test_removed_settings_are_not_in_the_last_model() -> None:
    """Removed settings are gone for good, and say since when and what instead."""
    gone = read("removed")
    assert gone["topic"]["message.format.version"]["removed"] == "4.0"
    assert gone["broker"]["zookeeper.connect"] == {
        "removed": "4.0",
        "instead": "nothing: KRaft has no ZooKeeper",
    }
    assert gone["broker"]["log.message.timestamp.difference.max.ms"]["instead"] == (
        "log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms"
    )
    for table, settings in gone.items():
        assert not set(settings) & set(read(VERSIONS[-1])[table])


def test_strimzi_forbids() -> None:
    """Strimzi's list for Kafka has the prefixes that its documentation names."""
    kafka = read("strimzi-1.2.0")["kafka"]
    assert {"listeners", "advertised.", "node.id", "log.dir"} <= set(kafka["forbidden_prefixes"])
    assert "ssl.cipher.suites" in kafka["forbidden_prefix_exceptions"]
    assert kafka["allowed_per_listener_configs"] == [
        *("connections.max.reauth.ms", "max.connections", "max.connection.creation.rate"),
    ]


def test_removed_compares_neighbours_and_the_last() -> None:
    """A setting that came back is not removed; one that went names the first minor without it."""

    def names(*broker: str) -> dict[str, list[str]]:
        return {"topic": [], "broker": list(broker), "producer": [], "consumer": []}

    found = _kafka.removed(
        {
            "3.9.1": names("zookeeper.connect", "here.and.gone", "a"),
            "4.0.0": names("here.and.gone", "a"),
            "4.1.0": names("a", "b"),
            "4.2.0": names("zookeeper.set.acl", "here.and.gone"),
            "4.3.1": names("a"),
        }
    )
    assert found["broker"] == {
        "zookeeper.connect": {"removed": "4.0", "instead": "nothing: KRaft has no ZooKeeper"},
        "here.and.gone": {"removed": "4.3"},
        "b": {"removed": "4.2"},
        "zookeeper.set.acl": {"removed": "4.3", "instead": "nothing: KRaft has no ZooKeeper"},
    }


def test_files_have_one_line_for_each_setting() -> None:
    """A change of one setting is a change of one line."""
    text = _kafka._to_json({"kafka": "1", "topic": {"b": {"x": 1}, "a": [1, "z"]}, "none": {}})
    assert text.decode().splitlines() == [
        "{",
        '"kafka": "1",',
        '"topic": {',
        ' "a": [1, "z"],',
        ' "b": {"x": 1}',
        "},",
        '"none": {}',
        "}",
    ]
