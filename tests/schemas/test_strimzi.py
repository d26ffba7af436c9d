"""Releases of Strimzi: what is stored once is found again, and the table says what the CRDs say."""

from __future__ import annotations

import gzip
import importlib
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from live.jars import MissingError
from operators.parts import data
from support import crd_files

from generator.common.strimzi.releases import numbers

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
sys.path.insert(0, str(SCHEMAS))

_convert: Any = importlib.import_module("_convert")
_kafka: Any = importlib.import_module("_kafka")
_strimzi: Any = importlib.import_module("_strimzi")
_crds: Any = importlib.import_module("_strimzi_crds")

RELEASES = [row.version for row in _strimzi.ROWS]
MADE = [row.version for row in _strimzi.ROWS if not row.api]


def crds(release: str) -> dict[str, bytes]:
    """Return a release's definitions by name, as they are found."""
    files = [file for file in crd_files(release) if file.name.endswith("strimzi.io.yaml")]
    return {file.stem: file.read_bytes() for file in files}


def test_rows_are_ordered() -> None:
    """Releases and their versions of Kafka go from the oldest to the newest."""
    assert sorted(RELEASES, key=numbers) == RELEASES
    for row in _strimzi.ROWS:
        assert sorted(row.kafka, key=numbers) == list(row.kafka)
        assert row.default_kafka == max(row.kafka, key=numbers)


def test_table_follows_from_rows_and_definitions() -> None:
    """versions.json is what the stored definitions and the rows give."""
    made = _crds.versions_json({release: crds(release) for release in RELEASES})

    assert made == (SCHEMAS / "strimzi/versions.json").read_bytes()


def test_intent_takes_the_rows() -> None:
    """`strimzi.version` is one of the rows, oldest first."""
    schema = (SCHEMAS / "intent.schema.json").read_bytes()

    assert _crds.intent_schema(schema) == schema


@pytest.mark.parametrize("release", RELEASES)
def test_every_served_version_has_a_schema(release: str) -> None:
    """A schema is found for all that a release serves, and it is the one that its definition makes."""

    class WithoutMetadata(_convert.Definitions):  # type: ignore[misc]
        def object_meta(self, _group: str, _kind: str) -> dict[str, Any]:
            return {}

    folders = [SCHEMAS / "strimzi" / each for each in RELEASES[RELEASES.index(release) :]]
    made = _crds.schemas(crds(release).values(), WithoutMetadata({"definitions": {}}))
    for name, schema in made.items():
        stored = json.loads(next(f / name for f in folders if (f / name).is_file()).read_text())
        del stored["definitions"]
        stored["properties"]["metadata"] = {}
        assert stored == schema
    assert len(made) == sum(map(len, _crds.served(crds(release).values()).values()))


def test_nothing_is_stored_twice() -> None:
    """No file equals the one that would be found without it."""
    for place in ("*.json", "crds/*.yaml"):
        newer: dict[str, bytes] = {}
        for release in reversed(RELEASES):
            for file in (SCHEMAS / "strimzi" / release).glob(place):
                content = file.read_bytes()
                assert newer.get(file.name) != content, file
                newer[file.name] = content


def test_stored_once() -> None:
    """A file is kept where it changed, and one that went with the release that had it last."""
    releases = {"3": {"a": b"1"}, "2": {"a": b"1", "b": b"x"}, "1": {"a": b"2", "b": b"x"}}

    assert _crds.stored_once(releases) == {"3/a": b"1", "2/b": b"x", "1/a": b"2"}


def test_newest_of_equals() -> None:
    """What equals the next newer version is not kept, even if an older one differs."""
    assert _kafka.newest_of_equals({"1": 1, "2": 2, "3": 2, "4": 1}) == {"1": 1, "3": 2, "4": 1}


def test_differences_are_applied() -> None:
    """A field goes, keywords are replaced or go, and a field that is not there is told."""

    def schema(**spec: Any) -> dict[str, Any]:
        return {"properties": {"spec": {"items": {"properties": spec}}}}

    changed = schema(a={"enum": ["x", "y"], "minLength": 1}, b={})
    _crds.change(changed, "spec[].b", None)
    _crds.change(changed, "spec[].a", {"enum": ["x"], "minLength": None})

    assert changed == schema(a={"enum": ["x"]})
    with pytest.raises(KeyError):
        _crds.change(changed, "spec[].c", None)
    with pytest.raises(ValueError, match="not in list"):
        _kafka.without({"kafka": {"p": ["a"]}}, {"kafka": {"p": ["b"]}})


@pytest.mark.parametrize("release", MADE)
def test_made_definitions_are_those_of_the_tag(release: str) -> None:
    """Where our table makes a release, it makes what its tag has."""
    texts = gzip.decompress(_test_data(f"strimzi-operators/{release}/crds.yaml.gz").read_bytes())
    documents = yaml.load_all(texts, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    of_the_tag = {each["metadata"]["name"]: _plain(each) for each in documents if each}

    assert {name: _plain(_crds.parsed(text)) for name, text in crds(release).items()} == of_the_tag


@pytest.mark.parametrize("release", MADE)
def test_made_constants_are_those_of_the_tag(release: str) -> None:
    """Where our table makes the forbidden settings of a release, its classes have them."""
    jar = _test_data(f"strimzi-operators/{release}/api-{release}.jar")
    files = (SCHEMAS / f"kafka/strimzi-{each}.json" for each in RELEASES[RELEASES.index(release) :])
    table = json.loads(next(filter(Path.is_file, files)).read_text())
    for part, name in _kafka.STRIMZI_PARTS.items():
        with zipfile.ZipFile(jar) as archive:
            content = archive.read(f"{_crds.MODEL}.{name}".replace(".", "/") + ".class")
        for entries in table[part].values():
            pattern = r",\s*".join(map(re.escape, entries))
            assert re.search(pattern.encode(), content), part


def _test_data(name: str) -> Path:
    try:
        return data(name)
    except MissingError as error:
        pytest.skip(str(error))


def _plain(crd: Mapping[str, Any]) -> Any:
    """Return a definition without texts for humans, of which the data of tests lack some."""
    for version in crd["spec"]["versions"]:
        for column in version.get("additionalPrinterColumns", ()):
            column.pop("description", None)
        schema = version["schema"]
        schema["openAPIV3Schema"] = _convert.strip_descriptions(schema["openAPIV3Schema"])
    return crd
