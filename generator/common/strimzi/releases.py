"""The releases of Strimzi that this program knows: what each supports, from schemas/strimzi/versions.json. A leaf."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from generator.common.paths import schemas_folder


@dataclass(frozen=True, slots=True)
class Release:
    """One release."""

    version: str
    kafka: tuple[str, ...]
    """The versions of Kafka that it has images for, oldest first."""
    default_kafka: str
    metadata: Mapping[str, str]
    """The metadata version that it gives a cluster, by version of Kafka."""
    apis: tuple[str, ...]
    """The versions of its API in which all its kinds are served, oldest first."""
    stored: str
    """The one in which Kubernetes keeps its objects."""
    kinds: Mapping[str, tuple[str, ...]]
    """The versions of its API in which each kind is served, oldest first; some know older ones than all."""
    kubernetes: str
    """The lowest minor version of Kubernetes, such as 1.30."""
    feature_gates: Mapping[str, bool]
    """Which it has, and whether they are on when nobody says so."""


@cache
def releases() -> tuple[Release, ...]:
    """All releases, oldest first."""
    text = (schemas_folder() / "strimzi" / "versions.json").read_bytes()
    return tuple(
        Release(
            each["version"],
            tuple(each["kafka"]),
            each["default_kafka"],
            each["kafka"],
            tuple(each["apis"]),
            each["stored"],
            {kind: tuple(apis) for kind, apis in each["kinds"].items()},
            each["kubernetes"],
            each["feature_gates"],
        )
        for each in json.loads(text)
    )


def release(version: str) -> Release:
    """The release of a version.

    Raises:
        KeyError: for a version that this program does not know.
    """
    for each in releases():
        if each.version == version:
            return each
    raise KeyError(version)


def known(version: str) -> bool:
    """Whether this is one of them."""
    return any(each.version == version for each in releases())


def nearest(version: str) -> Release:
    """This release, or of one that is not known the last one before it; the first where there is none."""
    asked = numbers(version)
    older = [each for each in releases() if numbers(each.version) <= asked]
    return older[-1] if older else releases()[0]


def newest() -> Release:
    """The newest release."""
    return releases()[-1]


def since(version: str) -> tuple[Release, ...]:
    """A release and all newer ones, oldest first: where its files are looked for, in this order.

    Raises:
        KeyError: for a version that this program does not know.
    """
    everything = releases()
    return everything[everything.index(release(version)) :]


@cache
def kafka_versions() -> tuple[str, ...]:
    """Every version of Kafka that a release has images for, oldest first."""
    return tuple(sorted({version for each in releases() for version in each.kafka}, key=numbers))


def numbers(version: str) -> tuple[int, ...]:
    """A version's numbers, by which versions are ordered; what is no number does not count."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
