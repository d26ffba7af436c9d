"""Releases of Strimzi: which Kafka they run, which API they serve, on which Kubernetes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Release:
    """One release; `kafka` oldest first, `apis` oldest first."""

    version: str
    kafka: tuple[str, ...]
    default_kafka: str
    metadata: Mapping[str, str]
    apis: tuple[str, ...]
    stored: str
    kubernetes: str
    feature_gates: Mapping[str, bool]


_ROWS = (
    ("0.45.0", "3.8.0:3.8 3.8.1:3.8 3.9.0*:3.9", "v1beta2", "v1beta2", "1.25"),
    ("0.46.1", "3.9.0:3.9 4.0.0*:4.0", "v1beta2", "v1beta2", "1.25"),
    ("0.47.0", "3.9.0:3.9 3.9.1:3.9 4.0.0*:4.0", "v1beta2", "v1beta2", "1.25"),
    ("0.48.0", "4.0.0:4.0 4.1.0*:4.1", "v1beta2", "v1beta2", "1.27"),
    ("0.49.1", "4.0.0:4.0 4.0.1:4.0 4.1.0:4.1 4.1.1*:4.1", "v1beta2 v1", "v1beta2", "1.27"),
    ("0.50.1", "4.0.0:4.0 4.0.1:4.0 4.1.0:4.1 4.1.1*:4.1", "v1beta2 v1", "v1beta2", "1.27"),
    ("0.51.0", "4.1.0:4.1 4.1.1:4.1 4.2.0*:4.2", "v1beta2 v1", "v1beta2", "1.30"),
    ("1.0.1", "4.1.0:4.1 4.1.1:4.1 4.1.2:4.1 4.2.0*:4.2", "v1", "v1", "1.30"),
    ("1.1.0", "4.2.0:4.2-IV1 4.2.1:4.2-IV1 4.3.0*:4.3-IV0", "v1", "v1", "1.30"),
    ("1.2.0", "4.2.0:4.2-IV1 4.2.1:4.2-IV1 4.3.0:4.3-IV0 4.3.1*:4.3-IV0", "v1", "v1", "1.30"),
)


def numbers(version: str) -> tuple[int, ...]:
    """For comparing: (1, 2, 0) of 1.2.0."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


@cache
def releases() -> tuple[Release, ...]:
    """All of them, oldest first."""
    return tuple(_release(*row) for row in _ROWS)


def release(version: str) -> Release:
    """The release of this version.

    Raises:
        KeyError: when it is not known.
    """
    return _by_version()[version]


def known(version: str) -> bool:
    """Whether this release is one of them."""
    return version in _by_version()


def nearest(version: str) -> Release:
    """This release, or of one that is not known the last one before it; the first where there is none."""
    asked = numbers(version)
    older = [each for each in releases() if numbers(each.version) <= asked]
    return older[-1] if older else releases()[0]


def newest() -> Release:
    """The last one."""
    return releases()[-1]


@cache
def _by_version() -> dict[str, Release]:
    return {each.version: each for each in releases()}


def _release(version: str, kafka: str, apis: str, stored: str, kubernetes: str) -> Release:
    pairs = [each.replace("*", "").split(":") for each in kafka.split()]
    default = next(each.partition("*")[0] for each in kafka.split() if "*" in each)
    return Release(version, tuple(pair[0] for pair in pairs), default, dict(pairs),
                   tuple(apis.split()), stored, kubernetes, {})  # fmt: skip
