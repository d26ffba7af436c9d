"""A sample of a set's segments, read record by record and held against the manifest."""

from collections.abc import Mapping
from threading import Lock

from verify.collect.backups.look import ALL, SAMPLE, Look
from verify.collect.backups.manifest import Segment
from verify.collect.backups.sample import chosen
from verify.collect.backups.segment import compared
from verify.collect.backups.store import Store, Stored
from verify.live.backups import Integrity, Mark, few
from verify.live.gap import NoAnswerError

_SAMPLE_BYTES = 64 * 2**20
_DAY_S = 86_400
_ONE = Lock()
"""A segment is in memory as a whole, which the pod has room for once, however many sets are read."""


def integrity(
    store: Store,
    segments: list[Segment],
    files: Mapping[str, Stored],
    look: Look,
    now_s: float,
    deadline: float,
) -> Integrity:
    """What is found in as many segments as are wanted, of those that are there in full."""
    whole = [each for each in segments if each.key in files and files[each.key].size == each.size]
    count = SAMPLE if look.sample is None else look.sample
    most_bytes = _SAMPLE_BYTES if look.sample is None else 2**63
    count = len(whole) if count == ALL else min(count, len(whole))
    wanted = chosen(whole, count, most_bytes, int(now_s // _DAY_S)) if count else []
    marks: dict[str, list[Mark]] = {}
    wrong, read, problem = [], 0, None
    for each in wanted:
        known = (f"{store.place}/{each.key}", each.sha256)
        try:
            why, mark = "", look.proved.get(known)
            if mark is None:
                with _ONE:
                    why, found = compared(each, _content(store, each), deadline)
                mark = found.mark if found is not None else None
        except NoAnswerError as error:
            problem = error.gap
            break
        read += 1
        if why:
            wrong.append(f"{each.key} {why}")
        elif mark is not None:
            marks.setdefault(f"{each.topic}-{each.partition}", []).append(mark)
            if each.sha256:
                look.proved[known] = mark
    without = sum(not each.sha256 for each in segments)
    told = {at: tuple(sorted(found, key=lambda m: m.offset)) for at, found in sorted(marks.items())}
    return Integrity(len(wanted), read, without, few(wrong), problem, told)


def _content(store: Store, segment: Segment) -> bytearray:
    content = bytearray()
    for piece in store.pieces(segment.key, segment.size):
        content += piece
    return content
