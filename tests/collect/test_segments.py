"""Segments, record by record: what the engine writes can be read, and nothing else is believed."""

import struct
import time
from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest
from backup_sets import Record, packed, records_of, unpacked_size
from hypothesis import example, given, settings
from hypothesis import strategies as some

from verify.collect.backups.manifest import FaultError, Segment
from verify.collect.backups.segment import decoded, wrong_with
from verify.live.backups import Mark
from verify.live.gap import Cause, NoAnswerError

RECORDS = [
    Record(7, 1000),
    Record(8, 1005, None, None),
    Record(9, 1003, b"", b""),
    Record(12, 1009, b"key", b"x" * 5000, (("a", b"1"), ("a", None), ("", b""))),
    Record(13, 1009),
]
"""With a hole, as compaction and transactions leave it, and times that are not in order."""


@pytest.mark.parametrize("compression", ["none", "zstd", "lz4"])
def test_what_a_segment_holds(compression: str) -> None:
    """However it is packed."""
    content = packed(RECORDS, compression)
    found = decoded(content)

    assert (found.first, found.last, found.records) == (7, 13, 5)
    assert (found.first_time_ms, found.last_time_ms) == (1000, 1009)
    assert found.size == unpacked_size(RECORDS)
    assert found.mark == Mark(12, 1009, 12)
    assert list(records_of(content)) == RECORDS


def _sealed(content: bytes) -> bytes:
    """With the CRC of what is in it."""
    return content[:-8] + struct.pack("<I", crc32(content[:-8])) + content[-4:]


def _body(content: bytes) -> bytes:
    """Packed records, as a segment that is not packed."""
    header = struct.pack("<4sBB2xQqq", b"KBAK", 1, 0, 1, 7, 7)
    return _sealed(header + content + b"....BKAE")


def _record(length: int = 0, rest: bytes = b"") -> bytes:
    body = struct.pack("<qq", 1000, 7) + (rest or struct.pack("<iiH", -1, -1, 0))
    return struct.pack("<I", length or len(body)) + body


GOOD = packed(RECORDS, "none")
WRONG: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is too short for a segment"),
    "something else": (b"x" * 50, "does not begin as a segment does"),
    "a later format": (_sealed(GOOD[:4] + b"\2" + GOOD[5:]), "is of version 2, which nobody here knows"),
    "cut off": (GOOD[:-3], "does not end as a segment does"),
    "a flipped bit": (GOOD[:50] + b"\xff" + GOOD[51:], "has another CRC than it says"),
    "packed by somebody else": (
        _sealed(GOOD[:5] + b"\7" + GOOD[6:]), "is packed in a way that nobody here knows (7)"),
    "no zstd": (_sealed(GOOD[:5] + b"\1" + GOOD[6:]), "cannot be unpacked"),
    "no lz4": (_sealed(GOOD[:5] + b"\2" + GOOD[6:]), "cannot be unpacked"),
    "fewer records": (packed(RECORDS, count=6), "says that it holds 6 records, and holds 5"),
    "more records": (packed(RECORDS, count=4), "holds more records than the 4 that it says"),
    "other offsets": (
        packed(RECORDS, last=20), "says that it holds offsets 7 to 20, and holds 7 to 13"),
    "an offset twice": (packed([*RECORDS, Record(13, 1)]), "has offset 13 after offset 13"),
    "half a record": (_body(_record()[:-1]), "ends within a record"),
    "half of its head": (_body(_record() + b"xyz"), "ends within a record"),
    "no record": (_body(b""), "says that it holds 1 records, and holds 0"),
    "a record of no length": (_body(_record(3)), "has a record of 3 bytes"),
    "a record of all memory": (_body(_record(2**32 - 1)), "has a record of 4294967295 bytes"),
    "a key that is too long": (
        _body(_record(rest=struct.pack("<iiH", 99, -1, 0))), "has a record at offset 7 that cannot be read"),
    "a key of a negative length": (
        _body(_record(rest=struct.pack("<iiH", -2, -1, 0))), "has a record at offset 7 that cannot be read"),
    "headers that are not there": (
        _body(_record(rest=struct.pack("<iiH", -1, -1, 9))), "has a record at offset 7 that cannot be read"),
    "more than a record": (
        _body(_record(rest=struct.pack("<iiH", -1, -1, 0) + b"x")), "has a record at offset 7 that is too long"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_no_restore_could_read(what: str) -> None:
    """Is told in words, and never read as something."""
    content, why = WRONG[what]
    with pytest.raises(FaultError) as caught:
        decoded(content)

    assert str(caught.value) == why


def _listed(content: bytes, **other: Any) -> Segment:
    from hashlib import sha256

    usual = Segment(
        "b/topics/t/partition=0/segment-7", len(content), sha256(content).hexdigest(), 0, newest=True,
        topic="t", partition=0, first=7, last=13, records=5, unpacked=unpacked_size(RECORDS),
        first_time_ms=1000, last_time_ms=1009,
    )  # fmt: skip
    return usual._replace(**other)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, ""),
        ({"sha256": "", "unpacked": 0}, ""),  # as older engines wrote them
        ({"size": 5}, "has {size} bytes, not 5"),
        ({"sha256": "0" * 64}, "has another checksum than the manifest says"),
        ({"first": 6}, "its first offset is 7, not 6"),
        ({"last": 14}, "its last offset is 13, not 14"),
        ({"records": 4}, "its number of records is 5, not 4"),
        ({"unpacked": 9}, "its unpacked size is {unpacked}, not 9"),
        ({"first_time_ms": 1}, "its first time is 1000, not 1"),
        ({"last_time_ms": 1}, "its last time is 1009, not 1"),
        (
            {"first": 1, "records": 9},
            "its first offset is 7, not 1, its number of records is 5, not 9",
        ),
    ],
)
def test_what_the_manifest_says_else(other: dict[str, Any], why: str) -> None:
    """Whatever it is, though the segment by itself be good."""
    content = packed(RECORDS)
    told = why.format(size=len(content), unpacked=unpacked_size(RECORDS))

    assert wrong_with(_listed(content, **other), content) == told


def test_no_segment_takes_longer_than_there_is_time() -> None:
    """A small file may unpack to a hundred million records."""
    content = packed(Record(each, 1000) for each in range(5000))

    with pytest.raises(NoAnswerError) as caught:
        decoded(content, time.monotonic() - 1)
    assert caught.value.gap.cause is Cause.TIMED_OUT


_FIELDS = some.none() | some.binary(max_size=30)


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(_FIELDS, _FIELDS), min_size=1, max_size=20), some.data())
@example([(b"k", b"v")] * 20, None)
def test_no_bit_goes_unnoticed(
    fields: list[tuple[bytes | None, bytes | None]], data: object
) -> None:
    """Wherever it is flipped, the CRC or the words around it tell."""
    records = [Record(5 + place, 9, *each) for place, each in enumerate(fields)]
    content = bytearray(packed(records))
    draw: Callable[[object], int] = getattr(data, "draw", lambda _: 40)
    place = draw(some.integers(0, len(content) - 1))
    if place in (6, 7):
        return  # reserved, and covered by the CRC as all the rest
    content[place] ^= 1

    with pytest.raises(FaultError):
        decoded(content)
