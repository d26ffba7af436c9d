"""Manifests judged by another release of Strimzi than the newest."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from mutants.agreement import kubeconform_refusals
from mutants.documents import Mutant
from mutants.releases import RELEASES, apis, of_release

from generator.common.strimzi.releases import newest
from generator.documents.manifest import Manifest
from generator.validate import newer
from generator.validate.schemas import Schemas, schema_folders

NEWEST = Schemas(schema_folders())


def manifest(api: str, kind: str, spec: Mapping[str, Any]) -> Manifest:
    metadata = {"name": "x", "labels": {"strimzi.io/cluster": "events"}}
    body = {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
    return Manifest("extra", body, ("extra", "x"))


def found(release: str, api: str, kind: str, spec: Mapping[str, Any]) -> list[str]:
    """What a release has against an object, and what to write where it has it not."""
    said = NEWEST.of(release).check(manifest(f"kafka.strimzi.io/{api}", kind, spec))
    return [
        f"[{each.rule}] {each.message}" + (f", {each.fix}" if each.rule == "unknown-kind" else "")
        for each in said
    ]


USER = {"authentication": {"type": "tls", "validityDays": 30, "renewalDays": 3}}
CONNECT = {"bootstrapServers": "b:9093"}
PLACE = "KafkaUser x: spec.authentication"


@pytest.mark.parametrize(
    ("release", "api", "kind", "spec", "expected"),
    [
        ("1.1.0", "v1", "KafkaUser", USER, []),
        ("1.0.1", "v1", "KafkaUser", USER, [
            f"[manifest-schema] {PLACE}.renewalDays: unknown key 'renewalDays';"
            " Strimzi 1.1.0 is the first that knows it",
            f"[manifest-schema] {PLACE}.validityDays: unknown key 'validityDays';"
            " Strimzi 1.1.0 is the first that knows it",
        ]),
        ("0.48.0", "v1beta2", "KafkaConnect", CONNECT | {"groupId": "c"}, [
            "[manifest-schema] KafkaConnect x: spec.groupId: unknown key 'groupId';"
            " Strimzi 0.49.1 is the first that knows it",
        ]),
        ("0.46.1", "v1beta2", "KafkaBridge",
         CONNECT | {"authentication": {"type": "custom"}}, [
            '[manifest-schema] KafkaBridge x: spec.authentication.type: "custom" is not one of tls,'
            " scram-sha-256, scram-sha-512, plain, oauth; Strimzi 0.48.0 is the first that takes it",
        ]),
        ("0.48.0", "v1", "KafkaTopic", {}, [
            "[unknown-kind] KafkaTopic x: apiVersion: Strimzi 0.48.0 serves KafkaTopic as v1alpha1,"
            " v1beta1, v1beta2, not as v1, write apiVersion: kafka.strimzi.io/v1beta2",
        ]),
        ("0.49.1", "v1", "KafkaTopic", {}, []),
        ("0.49.1", "v1beta2", "KafkaTopic", {}, []),
        ("0.45.0", "v1beta1", "KafkaTopic", {}, []),
        ("1.0.1", "v1beta2", "KafkaTopic", {}, [
            "[unknown-kind] KafkaTopic x: apiVersion: Strimzi 1.0.1 serves KafkaTopic as v1, not as"
            " v1beta2, write apiVersion: kafka.strimzi.io/v1",
        ]),
        ("0.46.1", "v1beta2", "KafkaMirrorMaker", {}, [
            "[unknown-kind] KafkaMirrorMaker x: kind: Strimzi 0.46.1 has no KafkaMirrorMaker:"
            " 0.45.0 is the last that has it, remove it",
        ]),
        ("1.2.0", "v1", "KafkaUser", {"nobody": 1}, [
            "[manifest-schema] KafkaUser x: spec.nobody: unknown key 'nobody'",
        ]),
    ],
)  # fmt: skip
def test_release_is_judged_by_its_own(
    release: str, api: str, kind: str, spec: Mapping[str, Any], expected: list[str]
) -> None:
    """What it lacks is told, and which newer one has it."""
    assert found(release, api, kind, spec) == expected


def test_kinds_of_others_are_the_same_in_all() -> None:
    """Kubernetes' own kinds do not depend on Strimzi, and what is unknown stays so."""
    wrong = Manifest("extra", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"},
                               "dat": {}}, ("extra", "x"))  # fmt: skip
    said = [[each.message for each in NEWEST.of(release).check(wrong)] for release in RELEASES]

    assert said == [["ConfigMap x: dat: unknown key 'dat'"]] * len(RELEASES)
    assert found("0.45.0", "v1", "Kafkaa", {})[0].startswith("[unknown-kind] Kafkaa x: kind: no")


def test_schemas_of_a_release_are_kept() -> None:
    """Each is made once in a run, and the way back leads to the first."""
    old = NEWEST.of("0.51.0")

    assert NEWEST.of("0.51.0") is old
    assert old.of(newest().version) is NEWEST
    assert NEWEST.of(newest().version) is NEWEST
    assert NEWEST.of("1.3.0").strimzi == newest().version
    assert NEWEST.of("0.44.0").strimzi == "0.45.0"
    assert not NEWEST.adds("1.3.0")


def test_folders_of_the_user_come_first(tmp_path: Path) -> None:
    """In every release, and what they hold is believed whatever a release serves."""
    schema = {"properties": {"apiVersion": {}, "kind": {}, "metadata": {}, "spec": {"enum": [1]}}}
    (tmp_path / "kafkatopic-kafka-v1.json").write_text(json.dumps(schema))
    schemas = Schemas(schema_folders([tmp_path]))

    for release in ("0.45.0", "1.2.0"):
        assert schemas.of(release).folders == schema_folders([tmp_path], release)
        topic = manifest("kafka.strimzi.io/v1", "KafkaTopic", {})
        assert [each.rule for each in schemas.of(release).check(topic)] == ["manifest-schema"]


def test_newer_releases_are_read_only_when_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A good manifest costs what it did."""
    monkeypatch.setattr(newer, "_at", None)

    assert found("1.1.0", "v1", "KafkaUser", USER) == []


@pytest.mark.kubeconform
@pytest.mark.parametrize("release", RELEASES)
def test_kubeconform_agrees_on_goldens_and_mutants(release: str, kubeconform: str) -> None:
    """All real documents of Strimzi's kinds, in each version of the API that the release serves, and mutants."""
    assert kubeconform
    schemas = NEWEST.of(release)
    chosen = [each for api in apis(release) for each in of_release(api, seed=2, count=150)]
    theirs = kubeconform_refusals([each.document for each in chosen], schemas)
    assert theirs is not None
    differ = [
        f"{each.what}: ours {ours}, theirs {told}"
        for each, told in zip(chosen, theirs, strict=True)
        if bool(ours := _by_schema(schemas, each)) != bool(told)
    ]

    assert differ == []
    assert 20 < sum(map(bool, theirs)) < len(chosen)


def _by_schema(schemas: Schemas, mutant: Mutant) -> list[str]:
    """What the schema alone has against it: kubeconform knows neither CEL nor what takes two fields."""
    compiled = schemas._of(mutant.document["apiVersion"], mutant.document["kind"])
    assert compiled is not None
    return [error.message for error in compiled.validator.iter_errors(mutant.document)]
