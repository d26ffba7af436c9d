"""What a manifest lists of a topic, in the engine's own words (kafka-backup-core 0.25.2, manifest.rs)."""

from typing import Annotated

import msgspec

Offset = Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Time = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class ListedSegment(msgspec.Struct):
    """A segment as a manifest has it."""

    key: str
    start_offset: Offset
    end_offset: Offset
    start_timestamp: Time = 0
    end_timestamp: Time = 0
    uncompressed_size: Size = 0
    compressed_size: Size = 0
    sha256: str = ""
    uploaded_at: Time = 0
    covered_start_offset: Offset | None = None
    covered_end_offset: Offset | None = None
    record_count: Size = 0
    control_records_skipped: Size = 0
    aborted_records_dropped: Size = 0

    @property
    def first(self) -> int:
        """The first offset that it accounts for."""
        start = self.covered_start_offset
        return self.start_offset if start is None else start

    @property
    def last(self) -> int:
        """The last one."""
        end = self.covered_end_offset
        return self.end_offset if end is None else end

    @property
    def skipped(self) -> int:
        """How many offsets in it have no record because of transactions."""
        return self.control_records_skipped + self.aborted_records_dropped


class ListedGap(msgspec.Struct):
    """Offsets that Kafka no longer had when the engine came for them."""

    start_offset: Offset
    end_offset: Offset
    """Not part of the gap."""
    reason: str = ""
    detected_at: Time = 0


class ListedPruned(msgspec.Struct):
    """Offsets that retention of the backup has dropped."""

    start_offset: Offset
    end_offset: Offset


class ListedPartition(msgspec.Struct):
    """A partition as a manifest has it."""

    partition_id: Number
    segments: list[ListedSegment]
    gaps: list[ListedGap] = []
    pruned: list[ListedPruned] = []
    covered_through: Offset | None = None
    tail_control_records_skipped: Size = 0
    tail_aborted_records_dropped: Size = 0
    snapshot_end_offset: Offset | None = None
