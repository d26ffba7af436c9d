"""What is, of backups: what their sets in the storage hold, as plain data. Part of `verify.live`.

Of a manifest only what checks need is kept: a set may have a hundred thousand segments.
"""

from collections.abc import Iterable
from itertools import islice

import msgspec

from verify.live.gap import Gap

_NAMED = 20
CLOCKS_S = 5 * 60
"""How far clocks may be apart."""


class Few(msgspec.Struct, frozen=True):
    """How many there are, and the first of them."""

    count: int = 0
    first: tuple[str, ...] = ()


def few(names: Iterable[str]) -> Few:
    """Sorted, and bounded in what a dump takes."""
    every = sorted(names)
    return Few(len(every), tuple(islice(every, _NAMED)))


class Range(msgspec.Struct, frozen=True, array_like=True):
    """Offsets from the first to the last, both included."""

    first: int
    last: int
    reason: str = ""
    at_s: float = 0
    """When it was noticed; 0 where nobody says."""


class BackedUpPartition(msgspec.Struct, frozen=True):
    """What the manifest says of one partition; offsets are -1 where it says none."""

    segments: int = 0
    records: int = 0
    plain_bytes: int = 0
    """What its records take without compression; of segments that do not say it, what they take packed."""
    last_record: int = -1
    """The offset of the last record."""
    newest_ms: int = -1
    """The time of the last record."""
    through: int = -1
    """The last offset that is accounted for: in a segment, as a gap, or as dropped by retention."""
    captured_end: int = -1
    """Where the partition ended, its first free offset, when the last run began."""
    gaps: tuple[Range, ...] = ()
    """What Kafka had already deleted when the backup came for it."""
    holes: tuple[Range, ...] = ()
    """What nothing accounts for although segments before and after it are there."""
    overlaps: tuple[Range, ...] = ()
    """What is in more than one segment."""
    unheld: Range | None = None
    """The last offsets that are accounted for, where no segment holds them and nothing says why."""


class BackedUpTopic(msgspec.Struct, frozen=True):
    """What the manifest says of one topic; partitions without a record are left out."""

    count: int = -1
    """How many partitions it had when it was last read."""
    partitions: dict[int, BackedUpPartition] = {}
    compacted: bool = False
    """As it was set when it was last read; what is a default of brokers nobody wrote down."""


class GroupSnapshot(msgspec.Struct, frozen=True):
    """What consumer groups had committed, as the last run wrote it down."""

    taken_at_s: float
    groups: int
    offsets: dict[str, dict[str, int]] = {}
    """By group and `topic-partition`."""

    @property
    def settled_ms(self) -> int:
        """A time before it was taken, however far clocks are apart: what was committed then is in it."""
        return int((self.taken_at_s - CLOCKS_S) * 1000)


class Identity(msgspec.Struct, frozen=True):
    """Of which cluster and topics a set is, as the run wrote it down that proved it."""

    cluster_id: str
    topics: dict[str, str]
    """Ids by name."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """The record of a segment that is the easiest to find again in Kafka: the first of its latest time."""

    offset: int
    time_ms: int
    since: int
    """From here to it, every offset has a record in the segment."""


class JobState(msgspec.Struct, frozen=True):
    """What offsets.db says of the last run."""

    status: str
    """`running`, also of a run that died or failed; `completed`, also of one that was told to stop."""
    began_at_s: float
    others: tuple[str, ...] = ()
    """Other backup ids in the same file."""


class Room(msgspec.Struct, frozen=True):
    """The file system that holds a set."""

    total_bytes: int
    free_bytes: int


class Integrity(msgspec.Struct, frozen=True):
    """Segments that were read, every record of them, and held against the manifest."""

    wanted: int = 0
    read: int = 0
    without_sum: int = 0
    """Segments in all the set for which the manifest has none."""
    wrong: Few = Few()
    """What is not as the manifest says, and why."""
    problem: Gap | None = None
    """Why not all that were wanted were read."""
    marks: dict[str, tuple[Mark, ...]] = {}
    """Of those that are as they should be, by `topic-partition`."""


class NewerSet(msgspec.Struct, frozen=True):
    """A full set that is not the one that is judged."""

    fault: str = ""
    """Why its manifest cannot be used; empty when it is not complete."""
    state: JobState | None = None


class BackupSet(msgspec.Struct):
    """One set: of several full ones the newest that is complete."""

    place: str
    """Where it lies, for people: an address or a folder."""
    backup_id: str
    fault: str = ""
    """Why its manifest cannot be used; then nothing is known of what it lists."""
    copied: bool = False
    """Somebody said where it is: a copy, whose files have times of their own."""
    manifest_at_s: float = 0
    """When the storage got the manifest."""
    files: int = 0
    bytes: int = 0
    segments: int = 0
    topics: dict[str, BackedUpTopic] = {}
    missing_topics: tuple[str, ...] = ()
    """Topics that Kafka did not have when the last run looked for them."""
    uploaded_at_s: float = 0
    """When the newest segment was uploaded, by the clock of who did."""
    stored_at_s: float = 0
    """The same by the clock of the storage; 0 where the segment is not there."""
    contradictions: Few = Few()
    """What the manifest says that cannot be."""
    missing: Few = Few()
    sizes: Few = Few()
    """Segments that are not as long as the manifest says."""
    unlisted: Few = Few()
    """Segments that the manifest does not name."""
    integrity: Integrity = Integrity()
    groups: GroupSnapshot | None = None
    groups_fault: str = ""
    groups_altered: bool = False
    """Since it was proved, by somebody who took no snapshot."""
    identity: Identity | None = None
    """None where nobody wrote it down."""
    identity_fault: str = ""
    state: JobState | None = None
    state_fault: str = ""
    room: Room | None = None
    newer: dict[str, NewerSet] = {}
    """Newer full sets, none of which is complete."""
    older: Few = Few()
    """Older full sets."""

    @property
    def unfinished(self) -> list[tuple[str, int, BackedUpPartition]]:
        """Partitions whose last run ended before it had read what there was when it began."""
        return [
            (topic, number, each)
            for topic, found in sorted(self.topics.items())
            for number, each in sorted(found.partitions.items())
            if each.captured_end > each.through + 1
        ]
