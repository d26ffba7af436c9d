"""What is: all that was collected of a live cluster, as plain data that a dump holds.

Parts that could not be collected are missing, and `Live.gaps` says why. Times ending in `_s` are
seconds since 1970, sizes are bytes.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec


class Cause(StrEnum):
    """Why something was not found out."""

    NOT_ASKED = "not asked"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed out"


class Gap(msgspec.Struct, frozen=True):
    """Something that was not found out, and why."""

    cause: Cause
    reason: str


class Certificate(msgspec.Struct, frozen=True):
    """What a certificate says; never its key."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """DNS names and IP addresses it is good for."""
    not_before_s: float
    not_after_s: float
    fingerprint: str
    """SHA-256 in hexadecimal."""
    where: str = ""
    """The key of a Secret that holds it."""


class Secret(msgspec.Struct, frozen=True):
    """A Secret without its secrets."""

    name: str
    labels: dict[str, str]
    keys: tuple[str, ...]
    certificates: tuple[Certificate, ...] = ()


class Kubernetes(msgspec.Struct):
    """What the API server says of one namespace."""

    server: str
    namespace: str
    context: str = ""
    version: str = ""
    in_cluster: bool = False
    served: dict[str, list[str]] = {}
    """Kinds by API version: `{"kafka.strimzi.io/v1": ["Kafka", …]}`."""
    objects: dict[str, dict[str, dict[str, Any]]] = {}
    """Objects by kind and name, without managedFields."""
    secrets: dict[str, Secret] = {}
    nodes: dict[str, str] = {}
    """Zones by the name of the Kubernetes node."""
    application: dict[str, Any] | None = None
    """Argo CD's Application of this environment."""
    prometheuses: list[dict[str, Any]] = []
    """Prometheus objects of all namespaces."""
    operators: list[dict[str, Any]] = []
    """Deployments of Strimzi's cluster operator, of all namespaces."""


class Broker(msgspec.Struct, frozen=True):
    """One broker as the cluster's metadata names it, and what it answered itself."""

    id: int
    host: str
    port: int
    rack: str = ""
    fenced: bool = False
    problem: Gap | None = None
    """Why it did not answer by itself."""
    told: tuple[int, ...] = ()
    """The brokers that it itself knows of."""
    took_ms: float = 0


ELSEWHERE = -2
"""The leader of a partition that is not to be seen on the listener that was asked."""


class Partition(msgspec.Struct, frozen=True, array_like=True):
    """Where a partition's replicas are; `leader` is -1 when there is none, or ELSEWHERE."""

    leader: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline: tuple[int, ...] = ()


class Topic(msgspec.Struct, frozen=True):
    """A topic as a broker knows it; partitions in the order of their numbers."""

    id: str
    internal: bool
    partitions: tuple[Partition, ...]


class Voter(msgspec.Struct, frozen=True):
    """A member of the KRaft quorum; times are -1 where the leader does not say."""

    id: int
    log_end_offset: int
    last_fetch_ms: int
    last_caught_up_ms: int


class Quorum(msgspec.Struct, frozen=True):
    """The KRaft quorum as its leader describes it."""

    leader: int
    epoch: int
    high_watermark: int
    voters: tuple[Voter, ...]
    observers: tuple[Voter, ...] = ()


class LogDir(msgspec.Struct, frozen=True):
    """One log directory of a broker; sizes are -1 where the broker does not say."""

    broker: int
    path: str
    total_bytes: int
    usable_bytes: int
    replicas_bytes: int
    problem: str = ""


class Acl(msgspec.Struct, frozen=True, order=True):
    """One access rule, with one operation, in Kafka's words."""

    principal: str
    permission: str
    operation: str
    resource: str
    name: str
    pattern: str
    host: str = "*"

    def __str__(self) -> str:
        host = "" if self.host == "*" else f" from {self.host}"
        name = f"{self.name}*" if self.pattern == "prefixed" else self.name
        return f"{self.principal} {self.permission} {self.operation} {self.resource} {name}{host}"


class GroupOffset(msgspec.Struct, frozen=True):
    """What a group has committed of one partition, and where the partition ended; -1 is unknown."""

    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Records not yet consumed; 0 where the end is unknown or was passed by deletion."""
        return max(0, self.end - self.committed) if self.end >= 0 and self.committed >= 0 else 0


class Group(msgspec.Struct):
    """A consumer group; offsets by `topic-partition`, first and last sample of a window."""

    state: str
    protocol: str = ""
    members: int = 0
    coordinator: int = -1
    problem: str = ""
    first: dict[str, GroupOffset] = {}
    last: dict[str, GroupOffset] = {}
    window_s: float = 0


class Reassignment(msgspec.Struct, frozen=True):
    """A partition on its way to other brokers."""

    topic: str
    partition: int
    adding: tuple[int, ...]
    removing: tuple[int, ...]


class Transaction(msgspec.Struct, frozen=True):
    """A transaction that has not ended."""

    id: str
    producer_id: int
    state: str


class Kafka(msgspec.Struct):
    """What the brokers say."""

    cluster_id: str
    bootstrap: str
    user: str = ""
    origin: int = -1
    """The broker that told the metadata."""
    controller: int = -1
    brokers: dict[int, Broker] = {}
    topics: dict[str, Topic] = {}
    configs: dict[str, dict[str, str]] = {}
    """Settings of topics that are set on the topic itself."""
    broker_configs: dict[int, dict[str, str]] = {}
    """Settings of brokers that were set while they ran, and those that checks need."""
    features: dict[str, int] = {}
    """Finalized feature levels, such as metadata.version."""
    quorum: Quorum | None = None
    log_dirs: list[LogDir] = []
    acls: list[Acl] = []
    quotas: dict[str, dict[str, float]] = {}
    """By user, `User:` left out; `<default>` is everybody's."""
    scram: dict[str, list[str]] = {}
    """SCRAM mechanisms by user."""
    groups: dict[str, Group] = {}
    reassignments: list[Reassignment] = []
    transactions: list[Transaction] = []
    forbidden: dict[str, str] = {}
    """What became of reading topics that we have no right to read: `denied` or `accepted`."""
    requests: int = 0
    """How many questions all this took."""


class ListenerAnswer(msgspec.Struct, frozen=True):
    """What somebody outside meets at one address of one listener."""

    listener: str
    address: str
    tls: bool
    authentication: str = ""
    bootstrap: bool = True
    """An address that clients begin with, not that of one broker."""
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
    swept: tuple[str, ...] = ()
    """What an earlier, interrupted run had left, and is gone now."""
    problem: str = ""
    gap: Gap | None = None
    """Why it could not be made at all; that says nothing of the brokers' work."""


class Step(msgspec.Struct, frozen=True):
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


class Flow(msgspec.Struct):
    """Exactly-once, dead letters, formats and a bounded load."""

    transaction: Step | None = None
    dead_letter: Step | None = None
    formats: tuple[FormatAnswer, ...] = ()
    performance: Step | None = None
    left_behind: tuple[str, ...] = ()
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
    taken_at_s: float
    version: int = 1
    kubernetes: Kubernetes | None = None
    kafka: Kafka | None = None
    listeners: tuple[ListenerAnswer, ...] = ()
    probe: Probe | None = None
    flow: Flow | None = None
    redis: tuple[Redis, ...] = ()
    gaps: dict[str, Gap] = {}
    """Why parts are missing, by name: `kafka`, `kafka.acls`, `kubernetes.Pod`, `probe`."""
    before: dict[str, str] = {}
    """Topic ids of an earlier run, by topic."""

    def gap(self, part: str) -> Gap | None:
        """Why a part, or the whole it belongs to, was not found out."""
        return next((self.gaps[each] for each in _wholes(part) if each in self.gaps), None)


def _wholes(part: str) -> Iterator[str]:
    pieces = part.split(".")
    for count in range(1, len(pieces) + 1):
        yield ".".join(pieces[:count])
