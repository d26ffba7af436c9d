"""The releases of Strimzi that this tool knows: one row for each, oldest first.

The next release is one more row, and `python schemas/generate.py`. Where a row's facts come from, each
in the repository of Strimzi at the release's tag: Kafka's versions from `kafka-versions.yaml` (those with
`supported: true`), the lowest Kubernetes from `documentation/shared/attributes.adoc`, the feature gates
from `FeatureGates.java` of the Cluster Operator, the versions of the API from the calls of the CRD
generator in `api/pom.xml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from _fetch import Jar


def generator(version: str, sha256: str) -> Jar:
    """Return the jar of the program that prints CustomResourceDefinitions."""
    return Jar("io.strimzi", "crd-generator", version, sha256)


GENERATOR = generator("1.2.0", "76bb2430e702a1e6a24c071d26c865d5e9572cbc630d176d3b912033ae23ed00")


@dataclass(frozen=True)
class Row:
    """A release; `kafka` has the metadata version of each version of Kafka, the default one last."""

    version: str
    kafka: dict[str, str]
    kubernetes: str
    feature_gates: dict[str, bool]
    api_sha256: str = ""
    """Of its jar; empty where Maven Central has none, and differences.json says what it is like."""
    generator: Jar = GENERATOR
    apis: tuple[str, ...] = ("v1",)
    """Which versions its CustomResourceDefinitions have, the stored one first."""
    more_classes: tuple[str, ...] = ()
    """Kinds that went later."""

    @property
    def api(self) -> Jar | None:
        """Return the jar with the classes behind its CustomResourceDefinitions."""
        return Jar("io.strimzi", "api", self.version, self.api_sha256) if self.api_sha256 else None

    @property
    def default_kafka(self) -> str:
        """Return the version of Kafka that a cluster gets that says none."""
        return list(self.kafka)[-1]

    @property
    def jars(self) -> tuple[Jar, ...]:
        """Return what prints its CustomResourceDefinitions, nothing where Maven Central has it not."""
        return (self.api, self.generator) if self.api else ()


_APPLY, _BUILDAH = "ServerSideApplyPhase1", "UseConnectBuildWithBuildah"

ROWS = (
    Row(
        "0.45.0",
        {"3.8.0": "3.8", "3.8.1": "3.8", "3.9.0": "3.9"},
        "1.25",
        {"ContinueReconciliationOnManualRollingUpdateFailure": True},
        "7112a02ebf29d38b2eb2ad8da90353d2a3922aea2fe2bddc2abe4e5956fdfe9a",
        # A newer one prints fields of resources that were not printed then.
        generator("0.45.0", "f03aab1b83d29bbd340ce484a4bb651faac7685c685865a30351a636da6008ea"),
        apis=("v1beta2",),
        more_classes=("mirrormaker.KafkaMirrorMaker",),
    ),
    Row(
        "0.46.1",
        {"3.9.0": "3.9", "4.0.0": "4.0"},
        "1.25",
        {"DummyFeatureGate": False},
        "f6e8ef60543c5eae403657488bade7f82a00b0bfc3ad217ddade598bd9e00a48",
        apis=("v1beta2",),
    ),
    Row(
        "0.47.0",
        {"3.9.0": "3.9", "3.9.1": "3.9", "4.0.0": "4.0"},
        "1.25",
        {"DummyFeatureGate": False},
        "c427ed450607d16599ae61ab8f6603948d2a0b0fedd5791da8ecd57c55446828",
        apis=("v1beta2",),
    ),
    Row(
        "0.48.0",
        {"4.0.0": "4.0", "4.1.0": "4.1"},
        "1.27",
        {_APPLY: False},
        "98e08b69959b187a3227b80eede0da3f541e2525bc9ce4e51ecd62db956a61dd",
        apis=("v1beta2",),
    ),
    Row(
        "0.49.1",
        {"4.0.0": "4.0", "4.0.1": "4.0", "4.1.0": "4.1", "4.1.1": "4.1"},
        "1.27",
        {_APPLY: False, _BUILDAH: False},
        "8b7defedfc973dc0082bc18fbbf50e2113ba5d5662570bfc08e48144d697d26d",
        apis=("v1beta2", "v1"),
    ),
    Row(
        "0.50.1",
        {"4.0.0": "4.0", "4.0.1": "4.0", "4.1.0": "4.1", "4.1.1": "4.1"},
        "1.27",
        {_APPLY: False, _BUILDAH: False},
        "d7de57982df2733e355789942ec1e5e45d7a50db1b588a2bc586f8b794e9f73c",
        apis=("v1beta2", "v1"),
    ),
    Row(
        "0.51.0",
        {"4.1.0": "4.1", "4.1.1": "4.1", "4.2.0": "4.2"},
        "1.30",
        {_APPLY: True, _BUILDAH: False},
        "219b54d570c408523f62bffc999041c64ea926afbc784be942290709fbbcde62",
        apis=("v1beta2", "v1"),
    ),
    Row(
        "1.0.1",
        {"4.1.0": "4.1", "4.1.1": "4.1", "4.1.2": "4.1", "4.2.0": "4.2"},
        "1.30",
        {_APPLY: True, _BUILDAH: True},
    ),
    Row(
        "1.1.0",
        {"4.2.0": "4.2-IV1", "4.2.1": "4.2-IV1", "4.3.0": "4.3-IV0"},
        "1.30",
        {_APPLY: True, _BUILDAH: True, "UseBackgroundPodDeletion": False},
    ),
    Row(
        "1.2.0",
        {"4.2.0": "4.2-IV1", "4.2.1": "4.2-IV1", "4.3.0": "4.3-IV0", "4.3.1": "4.3-IV0"},
        "1.30",
        {_BUILDAH: True, "UseBackgroundPodDeletion": False},
        "566961ae5e5646a001ae91312beda5cba3a5d467e740e205e1b761754335fe4e",
    ),
)


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers, by which versions are ordered."""
    return tuple(int(part) for part in version.split("."))


def kafka_versions() -> list[str]:
    """Return all versions of Kafka that a release runs, oldest first."""
    return sorted({version for row in ROWS for version in row.kafka}, key=numbers)
