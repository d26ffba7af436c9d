"""Kafka's config model and Strimzi's list of forbidden settings, from the released jars.

What it gives: for each version of Kafka which settings topics, brokers and clients have, what they
take and do by default; the settings that later versions removed; the prefixes that users of
a release of Strimzi may not set. Two small Java programs read it off the classes by reflection.
What is as in the next newer version is not there but there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import _fetch
from _kafka_jars import KAFKA_JARS
from _strimzi import ROWS, Row, kafka_versions
from _strimzi_crds import DIFFERENCES

FOLDER = "kafka"
HERE = Path(__file__).resolve().parent

REMOVED_TABLES = ("topic", "broker", "producer", "consumer")

STRIMZI_MODEL = "io.strimzi.api.kafka.model"
# Where Strimzi says which settings of which part are its own. How it reads them follows from
# AbstractConfiguration and KafkaConfiguration in io.strimzi.operator.cluster.model: a setting is
# dropped when its name in lower case starts with a prefix, so a prefix with an upper-case letter
# never matches; it is kept when an exception is exactly its name; an option or parameter is
# forbidden when it is the whole name. For each listener, `listener.name.NAME-PORT.` followed by an
# allowed per-listener setting is one more exception.
STRIMZI_PARTS = {
    "kafka": "kafka.KafkaClusterSpec",
    "cruise_control": "kafka.cruisecontrol.CruiseControlSpec",
    "connect": "connect.KafkaConnectSpec",
    "connector": "connector.AbstractConnectorSpec",
    "mirror_maker_2": "mirrormaker2.KafkaMirrorMaker2ClusterSpec",
    "bridge": "bridge.KafkaBridgeSpec",
    "bridge_admin": "bridge.KafkaBridgeAdminClientSpec",
    "bridge_consumer": "bridge.KafkaBridgeConsumerSpec",
    "bridge_producer": "bridge.KafkaBridgeProducerSpec",
    "bridge_http_tls": "bridge.KafkaBridgeHttpTls",
    "custom_listener_authentication": "kafka.listener.KafkaListenerAuthenticationCustom",
    "custom_client_authentication": "common.authentication.KafkaClientAuthenticationCustom",
}

# What to use instead of a removed setting, by the beginning of its name; the longest match counts.
# What is said of 4.0 comes from the notes on upgrading and on KRaft and ZooKeeper in Kafka's
# documentation, the rest from that of the settings and features named.
INSTEAD = {
    "auto.include.jmx.reporter": "metric.reporters, which has JmxReporter by default",
    "broker.id.generation.enable": "nothing: each KRaft node is given its node.id",
    "control.plane.listener.name": "controller.listener.names",
    "controlled.shutdown.": "nothing: the KRaft controller moves leaders before a broker stops",
    "delegation.token.master.key": "delegation.token.secret.key",
    "inter.broker.protocol.version": "metadataVersion of the Kafka resource",
    "leader.imbalance.per.broker.percentage": "nothing: only ZooKeeper mode had it",
    "log.message.format.version": "nothing: there is one message format left",
    "log.message.timestamp.difference.max.ms": (
        "log.message.timestamp.before.max.ms and log.message.timestamp.after.max.ms"
    ),
    "message.format.version": "nothing: there is one message format left",
    "message.timestamp.difference.max.ms": (
        "message.timestamp.before.max.ms and message.timestamp.after.max.ms"
    ),
    "offsets.commit.required.acks": "nothing: all replicas in sync acknowledge commits",
    "password.encoder.": "nothing: KRaft does not encode passwords",
    "reserved.broker.max.id": "nothing: each KRaft node is given its node.id",
    "zookeeper.": "nothing: KRaft has no ZooKeeper",
    "eligible.leader.replicas.enable": "the feature eligible.leader.replicas.version",
    "group.coordinator.new.enable": "nothing: there is one group coordinator left",
    "group.share.enable": "the feature share.version",
    "internal.metadata.max.fetch.size.in.bytes": "controller.quorum.fetch.max.bytes",
    "log.message.downconversion.enable": "nothing: brokers convert no messages for old clients",
    "message.downconversion.enable": "nothing: brokers convert no messages for old clients",
}

Table = dict[str, dict[str, Any]]


def kafka_files() -> dict[str, bytes]:
    """Return the files of the folder."""
    with _classes() as classes:
        models = {version: _kafka(classes, version) for version in kafka_versions()}
        forbidden = all_constants(lambda row: _strimzi(classes, row))
    files = {
        f"{version}.json": _to_json({"kafka": version, **model})
        for version, model in newest_of_equals(models).items()
    }
    files["removed.json"] = _to_json(removed(models))
    files |= {
        f"strimzi-{version}.json": _to_json({"strimzi": version, **table})
        for version, table in newest_of_equals(forbidden).items()
    }
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def newest_of_equals(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the documents, given oldest first, without those that the next newer one equals."""
    versions = list(documents)
    return {
        version: documents[version]
        for version, newer in zip_longest(versions, versions[1:])
        if newer is None or documents[version] != documents[newer]
    }


def all_constants(read: Callable[[Row], Table]) -> dict[str, Table]:
    """Return the settings that each release forbids, oldest first; `read` gives those of its jar.

    Of a release without a jar they are those of the next newer one, without what differences.json says.
    """
    differences = json.loads(DIFFERENCES.read_bytes())
    found: dict[str, Table] = {}
    newer: Table = {}
    for row in reversed(ROWS):
        known = row.api is not None
        newer = read(row) if known else without(newer, differences[row.version]["constants"])
        found[row.version] = newer
    return dict(reversed(found.items()))


def without(newer: Table, entries: Table) -> Table:
    """Return a table without entries of its lists.

    Raises:
        ValueError: when a list has no such entry.
    """
    older = deepcopy(newer)
    for part, lists in entries.items():
        for name, gone in lists.items():
            for entry in gone:
                older[part][name].remove(entry)
    return older


def removed(names: Mapping[str, Mapping[str, Collection[str]]]) -> dict[str, Table]:
    """Return when the settings that the last version lacks went, from all versions' settings.

    Args:
        names: settings by table by version, the versions in ascending order.
    """
    last = names[list(names)[-1]]
    tables: dict[str, Table] = {table: {} for table in REMOVED_TABLES}
    for (_, older), (version, newer) in pairwise(names.items()):
        minor = ".".join(version.split(".")[:2])
        for table, gone in tables.items():
            for name in set(older[table]) - set(newer[table]) - set(last[table]):
                hint = instead(name)
                gone[name] = {"removed": minor, **({"instead": hint} if hint else {})}
    return tables


def instead(name: str) -> str:
    """Return what to use instead of a removed setting, empty when there is nothing to say."""
    found = [start for start in INSTEAD if name.startswith(start)]
    return INSTEAD[max(found, key=len)] if found else ""


def _kafka(classes: Path, version: str) -> dict[str, Any]:
    """Return what the Java program tells about a Kafka version."""
    tables: dict[str, Any] = json.loads(_run_java(classes, KAFKA_JARS[version], "KafkaConfigModel"))
    return tables


def _strimzi(classes: Path, row: Row) -> Table:
    """Return the settings that a release forbids, by part; a part that it has not has none."""
    parts = {f"{STRIMZI_MODEL}.{name}": part for part, name in STRIMZI_PARTS.items()}
    output = _run_java(classes, row.jars, "StrimziConstants", *parts)
    table: Table = {part: {} for part in STRIMZI_PARTS}
    for line in output.splitlines():
        name, constant, value = line.split("\t")
        # Split as AbstractConfiguration does.
        table[parts[name]][constant.lower()] = re.split(r"\s*,+\s*", value)
    return table


def _run_java(classes: Path, jars: Sequence[_fetch.Jar], program: str, *arguments: str) -> str:
    """Return what one of the compiled programs prints when the jars are on its class path."""
    path = os.pathsep.join([str(classes), *(str(jar.fetch()) for jar in jars)])
    return _fetch.run([_fetch.java(), "-cp", path, program, *arguments])


@contextmanager
def _classes() -> Iterator[Path]:
    """Give a folder with the compiled programs, for as long as the context lasts."""
    home = os.environ.get("JAVA_HOME")
    compiler = shutil.which("javac", path=f"{home}/bin" if home else None) or "javac"
    (clients,) = (
        jar for jar in KAFKA_JARS[kafka_versions()[-1]] if jar.artifact == "kafka-clients"
    )
    with tempfile.TemporaryDirectory() as folder:
        sources = [str(HERE / f"{name}.java") for name in ("KafkaConfigModel", "StrimziConstants")]
        options = ["--release", "17", "-cp", str(clients.fetch()), "-d", folder]
        _fetch.run([compiler, *options, *sources])
        yield Path(folder)


def _to_json(document: dict[str, Any]) -> bytes:
    """Serialise with one line for each setting, so that a change of one is a change of one line."""
    blocks = [f"{json.dumps(key)}: {_block(value)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(blocks) + "\n}\n").encode()


def _block(value: Any) -> str:
    """Return a table with one line for each entry, and anything else in one line."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    lines = [f" {json.dumps(key)}: {json.dumps(entry)}" for key, entry in sorted(value.items())]
    return "{\n" + ",\n".join(lines) + "\n}"
