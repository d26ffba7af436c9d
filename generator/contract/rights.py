"""What verification may read of a live cluster: kinds of objects, Secrets, its own Kafka names.

The rendered Role grants exactly what is asked here, and the collector asks exactly this, so that
neither can outgrow the other.
"""

from collections.abc import Iterable
from typing import NamedTuple

from generator.common.kinds import KINDS

NAME = "strimzi-verify"
"""The name of everything that is rendered to run verification inside the cluster."""

PREFIX = f"{NAME}-"
"""What the names of all topics, groups and transactional ids that the probe makes begin with."""

COMMITS = "__consumer_offsets"
"""The topic to which Kafka writes what groups commit."""

USER = "verify"
"""The KafkaUser as whom verification logs in."""


class Read(NamedTuple):
    """A namespaced kind that is listed, in the terms of the API's paths and of RBAC."""

    group: str
    version: str
    plural: str
    kind: str


_ALWAYS = tuple((kind.api_version, kind.name) for kind in KINDS if kind.watched)
"""What tells how a cluster is, whether rendered or made by an operator."""

_CRON_JOB = ("batch/v1", "CronJob")

CLUSTER_SCOPED = frozenset(kind.name for kind in KINDS if not kind.namespaced)
"""Kinds outside of namespaces, which a Role cannot grant."""

_UNREAD = CLUSTER_SCOPED | {"Secret"}

_PLURALS = {"Endpoints": "endpoints"}


def reads(kinds: Iterable[tuple[str, str]]) -> tuple[Read, ...]:
    """Every kind that verification lists in its namespace, given all rendered (apiVersion, kind).

    Secrets are never listed, and what lies outside of namespaces is not read. With CronJobs come the
    Jobs that they make.
    """
    found = {}
    every = {*kinds, *_ALWAYS}
    if _CRON_JOB in every:
        every.add(("batch/v1", "Job"))
    for api_version, kind in sorted(every):
        if kind not in _UNREAD:
            group, _, version = api_version.rpartition("/")
            found[group, kind] = Read(group, version, plural(kind), kind)
    return tuple(sorted(found.values()))


def kinds_beyond(kinds: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rendered (apiVersion, kind) that are listed only because they are rendered, sorted."""
    return sorted({each for each in kinds if each[1] not in _UNREAD} - {*_ALWAYS})


def plural(kind: str) -> str:
    """A kind's name in the API's paths, as English makes it (Kubernetes' own UnsafeGuess)."""
    lower = kind.lower()
    if kind in _PLURALS:
        return _PLURALS[kind]
    if lower.endswith("s"):
        return lower + "es"
    if lower.endswith("y") and lower[-2:-1] not in {*"aeiou"}:
        return lower[:-1] + "ies"
    return lower + "s"


def ca_secret_names(cluster: str) -> tuple[str, str]:
    """The Secrets with the public certificates of a cluster's two CAs: no key is in them."""
    return f"{cluster}-cluster-ca-cert", f"{cluster}-clients-ca-cert"


def trust_bundle_name(cluster: str) -> str:
    """The Secret with the certificates of both CAs that brokers trust (Strimzi 1.2.0, CaReconciler)."""
    return f"{cluster}-trustbundle"
