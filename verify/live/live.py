"""What is: all that was collected of a live cluster, as plain data that a dump holds.

Parts that could not be collected are missing, and `Live.gaps` says why. Times ending in `_s` are
seconds since 1970, sizes are bytes.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from verify.live.backups import BackupSet
from verify.live.certificate import Certificate, Moment
from verify.live.gap import Cause, Gap
from verify.live.kafka import (
    ELSEWHERE,
    Ends,
    Group,
    GroupOffset,
    Kafka,
    LiveAcl,
    LiveBroker,
    LiveTopic,
    Located,
    LogDir,
    Partition,
    Quorum,
    Reassignment,
    Setting,
    Transaction,
    Voter,
    stands_still,
)
from verify.live.restored import Restored

__all__ = [
    "ELSEWHERE",
    "BackupSet",
    "Cause",
    "Certificate",
    "Ends",
    "Flow",
    "FlowStep",
    "FormatAnswer",
    "Gap",
    "Group",
    "GroupOffset",
    "Kafka",
    "Kubernetes",
    "ListenerAnswer",
    "Live",
    "LiveAcl",
    "LiveBroker",
    "LiveTopic",
    "Located",
    "LogDir",
    "Login",
    "Partition",
    "Probe",
    "ProbeBroker",
    "Quorum",
    "Reassignment",
    "Redis",
    "Secret",
    "Setting",
    "Transaction",
    "Voter",
    "stands_still",
]


class Secret(msgspec.Struct, frozen=True):
    """A Secret without its secrets."""

    name: str
    labels: dict[str, str]
    keys: tuple[str, ...]
    certificates: tuple[Certificate, ...] = ()


class Definition(msgspec.Struct, frozen=True):
    """A CustomResourceDefinition of Strimzi's that two versions of its API are served of."""

    name: str
    kind: str
    storage: str
    """The version in which objects are written."""
    stored: tuple[str, ...]
    """Those in which objects may be kept."""
    objects: int = 0
    """How many there are, counted where they may be kept in several versions."""
    old: int = 0
    """How many of them were not written since the definition changed."""


class Kubernetes(msgspec.Struct):
    """What the API server says of one namespace."""

    server: str
    namespace: str
    context: str = ""
    version: str = ""
    in_cluster: bool = False
    served: dict[str, list[str]] = {}
    """Kinds by API version: `{"kafka.strimzi.io/v1": ["Kafka", …]}`."""
    unserved: dict[str, list[str]] = {}
    """Strimzi's objects, `KafkaTopic/orders`, by versions in which they were written and which are served no more."""
    objects: dict[str, dict[str, dict[str, Any]]] = {}
    """Objects by kind and name, without managedFields."""
    secrets: dict[str, Secret] = {}
    authorities: dict[str, str] = {}
    """The public certificates of the cluster's two authorities, in PEM, by Secret."""
    nodes: dict[str, str] = {}
    """Zones by the name of the Kubernetes node."""
    application: dict[str, Any] | None = None
    """Argo CD's Application of this environment."""
    ahead_s: float | None = None
    """How far the API server's clock is ahead of ours."""
    prometheuses: list[dict[str, Any]] = []
    """Prometheus objects of all namespaces."""
    definitions: list[Definition] = []
    """Where two versions of Strimzi's API are served."""
    operators: list[dict[str, Any]] = []
    """Deployments of Strimzi's cluster operator, of all namespaces."""


class ListenerAnswer(msgspec.Struct, frozen=True):
    """What somebody outside meets at one address of one listener."""

    listener: str
    address: str
    tls: bool
    authentication: str = ""
    bootstrap: bool = True
    """An address that clients begin with, not that of one broker."""
    outside: bool = False
    """Meant for clients outside of Kubernetes."""
    given: bool = False
    """Nobody but the user says that Kafka is there."""
    problem: Gap | None = None
    """Why no connection came about; the handshake's own words for TLS."""
    certificates: tuple[Certificate, ...] = ()
    """As shown in the handshake, the server's own first."""
    trusted: str = ""
    """Why the chain or the name is not to be trusted; empty when it is."""
    anonymous: str = ""
    """What became of a client that says nobody: `denied: …`, `accepted`, or empty when not asked."""
    stranger: str = ""
    """The same of a client with a made-up name and password or certificate."""


class Login(msgspec.Struct, frozen=True):
    """What became of logging in with what a user's Secret holds."""

    secret: str
    address: str = ""
    """Where it was tried; empty where it was not."""
    problem: Gap | None = None


class ProbeBroker(msgspec.Struct, frozen=True):
    """What became of the records sent to the partition that one broker leads."""

    broker: int
    sent: int
    acknowledged: int
    received: int
    out_of_order: int = 0
    duplicated: int = 0
    produce_ms: tuple[float, ...] = ()
    """Of every acknowledged record, sorted."""
    end_to_end_ms: tuple[float, ...] = ()
    """Of every received record, sorted."""
    problem: str = ""
    ahead_s: float | None = None
    """How far its clock is ahead of ours, by when it took a record."""

    @property
    def lost(self) -> int:
        """Records that were acknowledged and never came back."""
        return max(0, self.acknowledged - self.received)


class Probe(msgspec.Struct):
    """The one-shot canary."""

    topic: str
    brokers: tuple[ProbeBroker, ...]
    committed: bool = False
    """The group's offsets were committed, and read back as committed."""
    left_behind: tuple[str, ...] = ()
    """Topics and groups that could not be removed again."""
    may_appear: tuple[str, ...] = ()
    """Topics whose creation nobody answered: it may still be carried out."""
    swept: tuple[str, ...] = ()
    """What an earlier, interrupted run had left, and is gone now."""
    problem: str = ""
    gap: Gap | None = None
    """Why it could not be made at all; that says nothing of the brokers' work."""


class FlowStep(msgspec.Struct, frozen=True):
    """One step of the flow."""

    ok: bool
    message: str
    took_ms: float = 0
    numbers: dict[str, float] = {}
    gap: Gap | None = None
    """Why it was not found out whether it works."""


class FormatAnswer(msgspec.Struct, frozen=True):
    """Records of one topic held against the format that the topic names."""

    topic: str
    read: int
    wrong: tuple[str, ...] = ()
    """The first few that do not keep to it: `partition 0, offset 7: …`, without their content."""
    problem: str = ""
    late: bool = False
    """The problem is that nobody answered in time."""


class Flow(msgspec.Struct):
    """Exactly-once, dead letters, formats and a bounded load."""

    transaction: FlowStep | None = None
    dead_letter: FlowStep | None = None
    formats: tuple[FormatAnswer, ...] = ()
    performance: FlowStep | None = None
    left_behind: tuple[str, ...] = ()
    may_appear: tuple[str, ...] = ()
    gap: Gap | None = None
    """Why it could not be made at all."""


class Redis(msgspec.Struct):
    """What a Redis says of itself."""

    address: str
    role: str = ""
    version: str = ""
    replicas: int = 0
    replicas_online: int = 0
    replica_lag_bytes: int = 0
    link_up: bool = True
    cluster: bool = False
    cluster_state: str = ""
    slots_ok: int = 0
    used_bytes: int = 0
    limit_bytes: int = 0


class Live(msgspec.Struct):
    """Everything that was collected, and when."""

    environment: str
    taken_at_s: Moment
    version: int = 1
    kubernetes: Kubernetes | None = None
    kafka: Kafka | None = None
    listeners: tuple[ListenerAnswer, ...] = ()
    logins: dict[str, Login] = {}
    """By KafkaUser."""
    probe: Probe | None = None
    flow: Flow | None = None
    redis: tuple[Redis, ...] = ()
    backups: dict[str, BackupSet] = {}
    """Sets of backups by the runs that write them."""
    restored: dict[str, Restored] = {}
    """What came of restores, by their names."""
    gaps: dict[str, Gap] = {}
    """Why parts are missing, by name: `kafka`, `kafka.acls`, `kubernetes.Pod`, `probe`."""
    before: dict[str, str] = {}
    """Topic ids of an earlier run, by topic."""

    def untold(self, parts: Iterable[str]) -> list[str]:
        """Those parts of which nothing is here, and no word why."""
        told = {name.partition(".")[0] for name in self.gaps}
        return [each for each in parts if not getattr(self, each) and each not in told]

    def gap(self, part: str) -> Gap | None:
        """Why a part, or the whole it belongs to, was not found out."""
        return next((self.gaps[each] for each in _wholes(part) if each in self.gaps), None)


def _wholes(part: str) -> Iterator[str]:
    pieces = part.split(".")
    for count in range(1, len(pieces) + 1):
        yield ".".join(pieces[:count])
