"""A run of a backup as the two steps around its engine know it, and what they keep beside the set. No client is here.

`strimzi-verify backup begin` -> the engine reads Kafka -> `strimzi-verify backup prove`
"""

import msgspec

from generator.contract.settings import BackupStorage

JOB = "BACKUP_ID"
"""The variable that tells the name of the Job; of a full backup it is the id of the set, too."""


class BackupOrder(msgspec.Struct, frozen=True, rename="camel"):
    """One run, as the rendered ConfigMap says it; no secret is in it."""

    backup: str
    """The backup in the intent that this is a run of."""
    config: str
    """The name of the engine's file."""
    backup_id: str
    """The folder of its set; of a full backup, what the folder of each run begins with."""
    storage: BackupStorage
    incremental: bool = True
    groups: bool = True
    """Whether the engine writes down what consumer groups have committed."""
    retention: bool = False
    """Whether the engine drops old segments."""
    bootstrap: str = ""
    tls: bool = False
    authentication: str = ""
    """`tls` or `scram-sha-512`."""
    user: str = ""
    deadline_seconds: float = 3600

    def set_of(self, job: str) -> str:
        """The folder of the set that a Job writes."""
        return self.backup_id if self.incremental else job


class TopicIdentity(msgspec.Struct, frozen=True):
    """Which topic it was whose records a set holds."""

    id: str
    partitions: int


class SetIdentity(msgspec.Struct, frozen=True, rename="camel"):
    """Whose records a set holds, and when it was last proved to be whole."""

    version: int = 1
    cluster_id: str = ""
    topics: dict[str, TopicIdentity] = {}
    proved_at: str = ""
    manifest_sha256: str = ""
