"""What is, of Kafka: all that its brokers said, as plain data. Part of `verify.live`."""

import msgspec

from verify.live.certificate import Certificate
from verify.live.gap import Gap


class LiveBroker(msgspec.Struct, frozen=True):
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

    @property
    def address(self) -> str:
        """Where it says that clients find it: `host:port`."""
        return f"{self.host}:{self.port}"


class Setting(msgspec.Struct, frozen=True, array_like=True):
    """What a broker has a setting at, from where, and what Kafka itself would have it at."""

    value: str
    origin: str = "static"
    """`broker` or `default` where it was set while it ran, for it alone or for all; `static`, `kafka`."""
    kafka: str | None = None
    """Kafka's own default; None where it has none."""

    @property
    def was_set_live(self) -> bool:
        """Whether it was set while the broker ran, and is in no file."""
        return self.origin in ("broker", "default")


ELSEWHERE = -2
"""The leader of a partition that is not to be seen on the listener that was asked."""


class Partition(msgspec.Struct, frozen=True, array_like=True):
    """Where a partition's replicas are; `leader` is -1 when there is none, or ELSEWHERE."""

    leader: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline: tuple[int, ...] = ()


class LiveTopic(msgspec.Struct, frozen=True):
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
    ahead_s: float | None = None
    """How far its leader's clock is ahead of ours, who asked."""
    settled: bool = True
    """Its leader had time to hear of every node; False where our own time was up before."""


class LogDir(msgspec.Struct, frozen=True):
    """One log directory of a broker; sizes are -1 where the broker does not say."""

    broker: int
    path: str
    total_bytes: int
    usable_bytes: int
    replicas_bytes: int
    problem: str = ""


class LiveAcl(msgspec.Struct, frozen=True, order=True):
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
    """What a group has committed of one partition, and where that ends and begins; -1 is unknown."""

    committed: int
    """-1 where a member has the partition, and nothing was ever committed of it."""
    end: int
    start: int = -1

    @property
    def lag(self) -> int:
        """Records that are there and not yet consumed; all of them where nothing was ever committed."""
        return max(0, self.end - max(self.committed, self.start, 0)) if self.end >= 0 else 0

    @property
    def lost(self) -> int:
        """Records that were deleted before they were consumed."""
        return max(0, self.start - self.committed) if self.committed >= 0 else 0

    @property
    def is_beyond(self) -> bool:
        """True when the group believes to have read what never was there."""
        return self.committed > self.end >= 0


_MARKERS = 2
"""Offsets that the end of a transaction takes, and that no consumer ever commits by itself."""


def stands_still(first: GroupOffset, last: GroupOffset) -> bool:
    """True when records wait and nothing was committed between two looks at a partition."""
    waits = last.lag > _MARKERS or (last.lag > 0 and last.end != first.end)
    if last.committed < 0:
        # Who begins at the end, as auto.offset.reset may say, has nothing to commit until something comes.
        waits = last.end != first.end
    return waits and last.committed == first.committed


class Group(msgspec.Struct):
    """A consumer group; offsets by `topic-partition`, first and last sample of a window."""

    state: str
    protocol: str = ""
    members: int = 0
    """-1 where its coordinator does not say."""
    assigned: tuple[str, ...] = ()
    """The partitions that members have."""
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


class Ends(msgspec.Struct, frozen=True, array_like=True):
    """Where a partition begins and ends, as who reads committed records sees it."""

    first: int
    """The oldest record that is still there."""
    end: int
    """The first offset that no record has yet."""
    young: int = -1
    """The oldest record that need not be backed up yet; -1 when there is none."""
    high: int = -1
    """The end as who reads all records sees it, those of open transactions, too; -1 is unknown."""


class Located(msgspec.Struct, frozen=True, array_like=True):
    """The first record of a partition that is no older than a time; an offset of -1 when there is none."""

    asked_ms: int
    offset: int
    time_ms: int


class Kafka(msgspec.Struct):
    """What the brokers say."""

    cluster_id: str
    bootstrap: str
    user: str = ""
    """As whom the run came, as quotas call it: with a certificate, its subject."""
    certificate: Certificate | None = None
    """What the run showed, and brokers accepted."""
    protocol: str = ""
    """Kafka's security.protocol, by which the run came."""
    origin: int = -1
    """The broker that told the metadata."""
    controller: int = -1
    brokers: dict[int, LiveBroker] = {}
    topics: dict[str, LiveTopic] = {}
    configs: dict[str, dict[str, str]] = {}
    """Settings of topics that are set on the topic itself."""
    broker_configs: dict[int, dict[str, Setting]] = {}
    """All settings of brokers that are no secrets."""
    features: dict[str, int] = {}
    """Finalized feature levels, such as metadata.version."""
    quorum: Quorum | None = None
    log_dirs: list[LogDir] = []
    acls: list[LiveAcl] = []
    quotas: dict[str, dict[str, float]] = {}
    """By user, `User:` left out; `<default>` is everybody's."""
    scram: dict[str, list[str]] = {}
    """SCRAM mechanisms by user."""
    groups: dict[str, Group] = {}
    reassignments: list[Reassignment] = []
    transactions: list[Transaction] = []
    ends: dict[str, Ends] = {}
    """Of partitions that are backed up, by `topic-partition`."""
    located: dict[str, tuple[Located, ...]] = {}
    """The same: what they have at times that a backup knows."""
    forbidden: dict[str, str] = {}
    """What became of reading topics that we have no right to read: `denied` or `accepted`."""
    requests: int = 0
    """How many questions all this took."""
