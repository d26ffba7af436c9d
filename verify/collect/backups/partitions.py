"""What a manifest lists of partitions -> what checks need of them, and where it contradicts itself."""

from collections.abc import Iterable, Iterator

from verify.collect.backups.listed import ListedGap, ListedPartition, ListedPruned, ListedSegment
from verify.live.backups import BackedUpPartition, Range

_MOST = 50
"""How many ranges of one partition are told; of a set that is that broken, nobody reads more."""


def short(text: str) -> str:
    """One line of a bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"


def contradictions(every: Iterable[tuple[str, ListedPartition]], backup_id: str) -> Iterator[str]:
    """What no engine writes of a segment: another place's file, a file twice, numbers that cannot be."""
    owners: dict[str, str] = {}
    for topic, partition in every:
        at = f"{topic}-{partition.partition_id}"
        folder = f"{backup_id}/topics/{topic}/partition={partition.partition_id}/"
        for each in partition.segments:
            key, span = short(each.key), each.end_offset - each.start_offset + 1
            if not each.key.startswith(folder):
                yield f"{key} is listed as one of {at}"
            if each.key in owners:
                yield f"{key} is listed twice: as one of {owners[each.key]} and of {at}"
            owners[each.key] = at
            if not 1 <= each.record_count <= span:
                yield (
                    f"{key} says {each.record_count} records at offsets {each.start_offset} to"
                    f" {each.end_offset}"
                )
            if each.start_offset < each.first or each.end_offset > each.last:
                yield f"{key} has records at offsets that it does not account for"


def reduced(said: ListedPartition) -> BackedUpPartition:
    """What checks need of a partition."""
    segments = sorted(said.segments, key=lambda each: (each.first, each.last))
    gaps = sorted(said.gaps, key=lambda each: each.start_offset)
    ends = [each.last for each in segments]
    ends += [each.end_offset - 1 for each in gaps] + [each.end_offset for each in said.pruned]
    reached = max(ends, default=-1)
    if said.covered_through is not None:
        reached = max(reached, said.covered_through)
    captured = said.snapshot_end_offset
    unheld = _unheld(said, max(ends, default=-1), reached)
    return BackedUpPartition(
        segments=len(segments),
        records=sum(each.record_count for each in segments),
        plain_bytes=sum(each.uncompressed_size or each.compressed_size for each in segments),
        last_record=max((each.end_offset for each in segments), default=-1),
        newest_ms=max((each.end_timestamp for each in segments), default=-1),
        through=reached,
        captured_end=-1 if captured is None else captured,
        gaps=tuple(
            Range(each.start_offset, each.end_offset - 1, short(each.reason), each.detected_at / 1000)
            for each in gaps[:_MOST]
        ),
        holes=tuple(_holes(segments, gaps, said.pruned))[:_MOST],
        overlaps=tuple(_overlaps(segments))[:_MOST],
        unheld=unheld,
    )  # fmt: skip


def _holes(
    segments: list[ListedSegment], gaps: Iterable[ListedGap], pruned: Iterable[ListedPruned]
) -> Iterator[Range]:
    """Offsets between two segments that nothing accounts for.

    Older engines left out what compaction had removed; only a segment that says what it covers
    proves that something is lacking before it.
    """
    spans = [(each.first, each.last, each.covered_start_offset is not None) for each in segments]
    spans += [(each.start_offset, each.end_offset - 1, False) for each in gaps]
    spans += [(each.start_offset, each.end_offset, False) for each in pruned]
    reached: int | None = None
    for first, last, says in sorted(spans):
        if reached is not None and says and first > reached + 1:
            yield Range(reached + 1, first - 1)
        reached = last if reached is None else max(reached, last)


def _overlaps(segments: list[ListedSegment]) -> Iterator[Range]:
    reached: int | None = None
    for each in segments:
        if reached is not None and each.first <= reached:
            yield Range(each.first, min(each.last, reached))
        reached = each.last if reached is None else max(reached, each.last)


def _unheld(said: ListedPartition, explicit: int, reached: int) -> Range | None:
    """The end of what the set accounts for, where no segment holds it and nothing says why.

    Transactions leave offsets without a record, which the engine counts. Compaction leaves some, too,
    but never the last ones of a log.
    """
    newest = max(said.segments, key=lambda each: each.end_offset, default=None)
    why = said.tail_control_records_skipped + said.tail_aborted_records_dropped
    last = explicit
    if newest is not None and newest.last == explicit:
        why, last = why + newest.skipped, newest.end_offset
    if newest is None and explicit < 0 and why:
        return None  # nobody says where the partition began
    return Range(last + 1, reached) if reached - last > why else None
