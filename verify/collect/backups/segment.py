"""One segment of a set, as bytes -> what it holds (kafka-backup-core 0.25.2, segment/format.rs).

Read as a restore reads it, and more strictly: a restore is content with fewer records than a segment
says that it has. Whoever may write to the storage wrote it, so that no number in it is believed.
"""

import io
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from verify.collect.backups.manifest import FaultError, Segment
from verify.collect.backups.store import in_time
from verify.live.backups import Mark
from verify.live.gap import Cause, NoAnswerError

if TYPE_CHECKING:
    from typing import BinaryIO

Bytes = bytes | bytearray

_BEGIN, _END, _VERSION = b"KBAK", b"BKAE", 1
_HEADER = struct.Struct("<4sBB2xQqq")
_FOOTER = struct.Struct("<I4s")
_HEAD = struct.Struct("<Iqq")
"""The length of what follows it, then a record's time and its offset."""
_IN_LENGTH = 16
"""How much of a record's head is counted in its length."""
_LENGTH = struct.Struct("<i")
_COUNT = struct.Struct("<H")
_LARGEST = 2**30
"""Kafka's requests have lengths of 31 bits, and a batch has more than its record."""
_BUFFER = 2**20
_ROUND = 4096
"""After so many records somebody looks at the clock."""


class Decoded(NamedTuple):
    """What a segment holds; it does not tell of which topic and partition it is."""

    first: int
    last: int
    records: int
    size: int
    """Unpacked."""
    first_time_ms: int
    last_time_ms: int
    mark: Mark


def wrong_with(segment: Segment, content: Bytes, deadline: float = float("inf")) -> str:
    """Why these bytes are not the segment that the manifest lists; empty when they are.

    Raises:
        NoAnswerError: when the time is up.
    """
    return compared(segment, content, deadline)[0]


def compared(segment: Segment, content: Bytes, deadline: float) -> tuple[str, Decoded | None]:
    """The same, and what the segment holds where it can be read."""
    from hashlib import sha256

    if len(content) != segment.size:
        return f"has {len(content)} bytes, not {segment.size}", None
    if segment.sha256 and sha256(content).hexdigest() != segment.sha256:
        return "has another checksum than the manifest says", None
    try:
        found = decoded(content, deadline)
    except FaultError as error:
        return str(error), None
    said = {
        "first offset": (found.first, segment.first),
        "last offset": (found.last, segment.last),
        "number of records": (found.records, segment.records),
        "unpacked size": (found.size, segment.unpacked or found.size),
        "first time": (found.first_time_ms, segment.first_time_ms or found.first_time_ms),
        "last time": (found.last_time_ms, segment.last_time_ms or found.last_time_ms),
    }
    wrong = [
        f"its {what} is {is_}, not {told}" for what, (is_, told) in said.items() if is_ != told
    ]
    return ", ".join(wrong), found


def decoded(content: Bytes, deadline: float = float("inf")) -> Decoded:
    """What a segment holds, every record of it looked at.

    Raises:
        FaultError: when a restore could not read it, or would read something else than it says.
        NoAnswerError: when the time is up, or what unpacks it is not installed.
    """
    if len(content) < _HEADER.size + _FOOTER.size:
        raise FaultError("is too short for a segment")
    begin, version, packed, records, first, last = _HEADER.unpack_from(content)
    if begin != _BEGIN:
        raise FaultError("does not begin as a segment does")
    if version != _VERSION:
        raise FaultError(f"is of version {version}, which nobody here knows")
    view = memoryview(content)
    body, footer = view[: -_FOOTER.size], view[-_FOOTER.size :]
    checksum, end = _FOOTER.unpack(footer)
    if end != _END:
        raise FaultError("does not end as a segment does")
    if checksum != crc32(body):
        raise FaultError("has another CRC than it says")
    with _unpacked(packed, body[_HEADER.size :]) as stream:
        found = _read(stream, records, deadline)
    if (found.first, found.last) != (first, last):
        raise FaultError(
            f"says that it holds offsets {first} to {last}, and holds {found.first} to {found.last}"
        )
    return found


def _unpacked(packed: int, body: memoryview) -> "BinaryIO":
    """The records, unpacked as they are read where that is possible."""
    if packed == 0:
        return io.BytesIO(body)
    if packed == 1:
        stream = _zstandard().ZstdDecompressor().stream_reader(body, read_across_frames=True)
        return io.BufferedReader(stream, _BUFFER)
    if packed == 2:
        lz4 = _lz4()
        try:
            return io.BytesIO(lz4.decompress(body))
        except (lz4.LZ4BlockError, ValueError, MemoryError, OverflowError) as error:
            raise FaultError("cannot be unpacked") from error
    raise FaultError(f"is packed in a way that nobody here knows ({packed})")


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise _not_installed("zstandard") from None
    return zstandard


def _lz4() -> Any:
    try:
        import lz4.block
    except ImportError:
        raise _not_installed("lz4") from None
    return lz4.block


def _not_installed(name: str) -> NoAnswerError:
    reason = f"{name} is not installed: pip install 'strimzi-gitops[backup]'"
    return NoAnswerError(Cause.UNREACHABLE, reason)


def _read(stream: "BinaryIO", records: int, deadline: float) -> Decoded:
    broken = _zstandard().ZstdError
    first = last = since = size = 0
    mark = Mark(-1, -(2**63), 0)
    times = (0, 0)
    number = 0
    try:
        for length, time_ms, offset in _records(stream):
            size += length
            number += 1
            if number == 1:
                first = since = offset
                times = (time_ms, time_ms)
            elif offset <= last:
                raise FaultError(f"has offset {offset} after offset {last}")
            elif offset != last + 1:
                since = offset
            last, times = offset, (times[0], time_ms)
            if time_ms > mark.time_ms:
                mark = Mark(offset, time_ms, since)
            if number > records:
                raise FaultError(f"holds more records than the {records} that it says")
            if not number % _ROUND:
                in_time(deadline)
    except broken as error:
        raise FaultError("cannot be unpacked") from error
    if number != records or not number:
        raise FaultError(f"says that it holds {records} records, and holds {number}")
    return Decoded(first, last, number, size, *times, mark)


def _records(stream: "BinaryIO") -> Iterator[tuple[int, int, int]]:
    """Every record's whole length, time and offset."""
    head, size = _HEAD.unpack_from, _HEAD.size
    buffer, at, have = b"", 0, 0
    while True:
        if at + size <= have:
            length, time_ms, offset = head(buffer, at)
            if not _IN_LENGTH < length <= _LARGEST:
                raise FaultError(f"has a record of {length} bytes")
            end = at + _LENGTH.size + length
            if end <= have:
                ended = _end_of(buffer, at + size, end)
                if ended != end:
                    why = "is too long" if 0 <= ended < end else "cannot be read"
                    raise FaultError(f"has a record at offset {offset} that {why}")
                yield length + _LENGTH.size, time_ms, offset
                at = end
                continue
            wanted = end - have
        else:
            wanted = 0
        more = stream.read(max(_BUFFER, wanted))
        if not more:
            if at < have:
                raise FaultError("ends within a record")
            return
        buffer = buffer[at:] + more
        at, have = 0, len(buffer)


def _end_of(buffer: bytes, at: int, end: int) -> int:
    """Where key, value and headers of a record end that begin here; -1 where they do not fit before `end`."""
    length_at, count_at = _LENGTH.unpack_from, _COUNT.unpack_from
    try:
        for _ in range(2):
            (length,) = length_at(buffer, at)
            at += _LENGTH.size + max(length, 0)
            if length < -1 or at > end:
                return -1
        (count,) = count_at(buffer, at)
        at += _COUNT.size
        while count:
            (length,) = count_at(buffer, at)
            at += _COUNT.size + length
            (length,) = length_at(buffer, at)
            at += _LENGTH.size + max(length, 0)
            if length < -1 or at > end:
                return -1
            count -= 1
    except struct.error:
        return -1
    return at
