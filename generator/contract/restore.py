"""A restore as its steps of ours read it: which sets go into which topics, and which groups follow. No client is here."""

import msgspec

from generator.contract.settings import BackupStorage

ORDER_KEY = "order.json"
"""Where the order stands in the ConfigMap of a restore."""


class RestoreSet(msgspec.Struct, frozen=True, rename="camel"):
    """One set, and the topic into which each of its topics goes."""

    backup_id: str
    topics: dict[str, str]


class RestoreOrder(msgspec.Struct, frozen=True, rename="camel"):
    """One restore, as the rendered ConfigMap says it; no secret is in it."""

    name: str
    sets: tuple[RestoreSet, ...]
    storage: BackupStorage
    bootstrap: str = ""
    tls: bool = False
    authentication: str = ""
    """`tls` or `scram-sha-512`."""
    user: str = ""
    deadline_seconds: float = 3600
    checkpoint: str = ""
    """Under which name the engine remembers beside a set how far it got; empty where it does not."""
    partitions: tuple[int, ...] = ()
    """The only partitions that are restored; empty for all."""
    since_ms: int | None = None
    until_ms: int | None = None
    creates: bool = False
    """The engine makes topics that are not there."""
    purges: bool = False
    """The engine empties topics first."""
    strips: bool = False
    """Records do not say any more which offset they had."""
    is_part: bool = False
    """Other orders restore more of the same wish: a group need not have read anything of this one."""
    groups: tuple[str, ...] = ()
    """Groups that follow their records; ALL for every one that the sets know."""
    snapshots: str = ""
    """What the name of the group begins with that keeps where a group was; empty where none does."""

    @property
    def is_windowed(self) -> bool:
        """True where only records of a time are restored."""
        return self.since_ms is not None or self.until_ms is not None

    @property
    def topics(self) -> dict[str, str]:
        """Where the records of each topic go, over all sets."""
        return {source: target for each in self.sets for source, target in each.topics.items()}


ALL_GROUPS = ("*",)
"""Every group that a set knows."""
