"""Strimzi's CustomResourceDefinitions, release by release, and what is made from them.

A release whose classes Maven Central has is printed by Strimzi's own generator; another one is its
next newer release, but for what strimzi/differences.json says of it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import _fetch
import yaml
from _convert import Definitions, Schema, crd_documents
from _strimzi import ROWS, Row, kafka_versions

Crds = dict[str, bytes]

FOLDER = Path(__file__).resolve().parent / "strimzi"
DIFFERENCES = FOLDER / "differences.json"
MODEL = "io.strimzi.api.kafka.model"
CLASSES = (
    "bridge.KafkaBridge",
    "connect.KafkaConnect",
    "connector.KafkaConnector",
    "kafka.Kafka",
    "mirrormaker2.KafkaMirrorMaker2",
    "nodepool.KafkaNodePool",
    "podset.StrimziPodSet",
    "rebalance.KafkaRebalance",
)
# These two had versions of the API before v1beta2, which went with it.
OLD_CLASSES, OLD_APIS = ("topic.KafkaTopic", "user.KafkaUser"), ("v1alpha1", "v1beta1")
# The arguments with which Strimzi's own build makes its installation files, except for the last
# line: no version is in the range that gets descriptions.
OPTIONS = (
    *("--label", "app:strimzi", "--label", "strimzi.io/crd-install:true"),
    *("--target-kube", "1.16+", "--crd-api-version", "v1", "--yaml"),
    *("--describe-api-versions", "v2"),
)


def all_crds() -> dict[str, Crds]:
    """Return the CustomResourceDefinitions of each release by name, the newest release first."""
    differences = json.loads(DIFFERENCES.read_bytes())
    found: dict[str, Crds] = {}
    newer: Crds = {}
    for row in reversed(ROWS):
        newer = printed(row) if row.api else made(newer, differences[row.version]["fields"])
        found[row.version] = newer
    return found


def printed(row: Row) -> Crds:
    """Return what Strimzi's generator prints for a release."""
    apis = (*OLD_APIS, *row.apis) if "v1beta2" in row.apis else row.apis
    calls = ((CLASSES + row.more_classes, row.apis), (OLD_CLASSES, apis))
    path = ":".join(str(jar.fetch()) for jar in row.jars)
    program = [_fetch.java(), "-cp", path, "io.strimzi.crdgenerator.CrdGenerator", *OPTIONS]
    found: Crds = {}
    with tempfile.TemporaryDirectory() as folder:
        for classes, served in calls:
            versions = ("--api-versions", ",".join(served), "--storage-version", row.apis[0])
            targets = [f"{MODEL}.{name}={folder}/{name}.yaml" for name in classes]
            _fetch.run([*program, *versions, *targets])
        for file in Path(folder).iterdir():
            text = file.read_bytes()
            found[parsed(text)["metadata"]["name"]] = text
    return found


def made(newer: Mapping[str, bytes], fields: Mapping[str, Mapping[str, Any]]) -> Crds:
    """Return a release's definitions from those of the next newer one and what differs."""
    found = dict(newer)
    for name, differences in fields.items():
        crd = deepcopy(parsed(newer[name]))
        for version in crd["spec"]["versions"]:
            for path, keywords in differences.items():
                change(version["schema"]["openAPIV3Schema"], path, keywords)
        found[name] = yaml.safe_dump(crd, sort_keys=False, width=100).encode()
    return found


def change(schema: Schema, path: str, keywords: Mapping[str, Any] | None) -> None:
    """Take a field out of a schema, or replace keywords of it; one that is null is taken out.

    Raises:
        KeyError: when there is no such field or keyword.
    """
    *above, last = path.replace("[]", ".[]").split(".")
    node = schema
    for key in above:
        node = node["items"] if key == "[]" else node["properties"][key]
    if keywords is None:
        del node["properties"][last]
        return
    field = node["properties"][last]
    for keyword, value in keywords.items():
        del field[keyword]
        if value is not None:
            field[keyword] = value


def parsed(text: bytes) -> dict[str, Any]:
    """Return a definition as data."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    crd: dict[str, Any] = yaml.load(text, loader)  # noqa: S506 (both loaders are safe)
    return crd


def served(crds: Iterable[bytes]) -> dict[str, list[str]]:
    """Return which versions of the API each kind is served in, as its definition has them."""
    specs = [parsed(text)["spec"] for text in crds]
    kinds = {
        spec["names"]["kind"]: [each["name"] for each in spec["versions"] if each["served"]]
        for spec in specs
    }
    return {kind: sorted(kinds[kind], key=_age) for kind in sorted(kinds)}


def stored(crds: Iterable[bytes]) -> str:
    """Return the version of the API in which objects are stored, which is one for all kinds."""
    (version,) = {
        each["name"]
        for text in crds
        for each in parsed(text)["spec"]["versions"]
        if each["storage"]
    }
    return str(version)


def _age(version: str) -> tuple[bool, str]:
    """Order versions of the API from the oldest on: v1alpha1, v1beta1, v1beta2, v1."""
    return (version == "v1", version)


def schemas(crds: Iterable[bytes], definitions: Definitions) -> dict[str, Schema]:
    """Return the JSON Schemas of a release by file."""
    return {
        name: schema
        for text in crds
        for name, schema in crd_documents(parsed(text), definitions).items()
    }


def stored_once(releases: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """Return files as `RELEASE/FILE`, without those that the next newer release has as they are.

    Args:
        releases: files by name by release, the newest release first.
    """
    found: dict[str, bytes] = {}
    seen: dict[str, bytes] = {}
    for release, files in releases.items():
        for name, content in files.items():
            if seen.get(name) != content:
                found[f"{release}/{name}"] = seen[name] = content
    return found


def versions_json(releases: Mapping[str, Crds]) -> bytes:
    """Return the table that the product reads: a line for each release, oldest first."""
    lines = []
    for row in ROWS:
        kinds = served(releases[row.version].values())
        common = [api for api in kinds["Kafka"] if all(api in apis for apis in kinds.values())]
        entry = {
            "version": row.version,
            "kafka": row.kafka,
            "default_kafka": row.default_kafka,
            "kubernetes": row.kubernetes,
            "feature_gates": row.feature_gates,
            "apis": common,
            "stored": stored(releases[row.version].values()),
            "kinds": kinds,
        }
        lines.append(" " + json.dumps(entry))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def intent_schema(text: bytes) -> bytes:
    """Return the schema of the intent with the releases, and what they run, as what editors offer."""
    schema = json.loads(text)
    parts = schema["definitions"]
    parts["strimzi"]["properties"]["version"]["examples"] = [row.version for row in ROWS]
    parts["cluster"]["properties"]["kafkaVersion"]["examples"] = list(kafka_versions())
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()
