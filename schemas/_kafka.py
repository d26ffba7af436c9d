"""Kafka's config model and Strimzi's list of forbidden settings, from the released jars.

What it gives: for each version of Kafka which settings topics, brokers and clients have, what they
take and do by default; the settings that later versions removed; the prefixes that users of
Strimzi may not set. Two small Java programs read it off the classes by reflection.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import _fetch
from _kafka_jars import KAFKA_JARS

FOLDER = "kafka"
HERE = Path(__file__).resolve().parent

# The versions that the pinned Strimzi runs; it has the same list.
SUPPORTED = ("4.2.0", "4.2.1", "4.3.0", "4.3.1")
# One of each minor version. 3.9 is the last that knew ZooKeeper, so the last with its settings.
COMPARED = ("3.9.1", "4.0.0", "4.1.0", "4.2.0", "4.3.1")
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
        names = {version: _kafka(classes, version, "names") for version in COMPARED}
        models = {version: _kafka(classes, version, "model") for version in SUPPORTED}
        forbidden = _strimzi(classes)
    files = {
        f"{version}.json": _to_json({"kafka": version, **model})
        for version, model in models.items()
    }
    files["removed.json"] = _to_json(removed(names))
    strimzi = _fetch.STRIMZI_JARS[0].version
    files[f"strimzi-{strimzi}.json"] = _to_json({"strimzi": strimzi, **forbidden})
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def removed(names: dict[str, dict[str, Sequence[str]]]) -> dict[str, Table]:
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


def _kafka(classes: Path, version: str, what: str) -> dict[str, Any]:
    """Return what the Java program tells about a Kafka version: its `model` or only `names`."""
    output = _run_java(classes, KAFKA_JARS[version], "KafkaConfigModel", what)
    tables: dict[str, Any] = json.loads(output)
    return tables


def _strimzi(classes: Path) -> Table:
    """Return the settings that Strimzi forbids, by part."""
    parts = {f"{STRIMZI_MODEL}.{name}": part for part, name in STRIMZI_PARTS.items()}
    output = _run_java(classes, _fetch.STRIMZI_JARS, "StrimziConstants", *parts)
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
    (clients,) = (jar for jar in KAFKA_JARS[SUPPORTED[-1]] if jar.artifact == "kafka-clients")
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
