"""All that was collected, in a file: to look at elsewhere, or to compare with later."""

import os
import stat
from pathlib import Path as File

import msgspec

from generator.common.finding import Finding, FindingsError
from verify.live.live import Live

HELD = frozenset({"kubernetes", "kafka", "listeners", "logins", "backups"})
"""The parts that a dump is made of."""
_LIMIT_BYTES = 512 * 2**20
_OURS = 0o600


def write(file: File, live: Live) -> None:
    """Write everything that was collected, for nobody else to read; Secrets were reduced long before.

    Raises:
        FindingsError: when the file cannot be written.
    """
    try:
        with open(file, "wb", opener=_for_us_alone) as opened:
            opened.write(msgspec.json.format(msgspec.json.encode(live), indent=1))
    except OSError as error:
        raise _failed(file, f"cannot be written: {error.strerror}", "give another file") from error


def _for_us_alone(name: str, flags: int) -> int:
    handle = os.open(name, flags, _OURS)
    # A file that was there before may have been open to others; a device keeps its rights.
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.fchmod(handle, _OURS)
    return handle


def read(file: File) -> Live:
    """What a file holds that `write` wrote.

    Raises:
        FindingsError: when it cannot be read, or is no dump of this version.
    """
    fix = "give a file that strimzi-verify dump wrote"
    try:
        if file.stat().st_size > _LIMIT_BYTES:
            raise _failed(file, "is larger than 512 MiB", fix)
        content = file.read_bytes()
    except OSError as error:
        raise _failed(file, f"cannot be read: {error.strerror}", fix) from error
    try:
        live = msgspec.json.decode(content, type=Live)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _failed(file, f"is no dump: {error}", fix) from error
    if live.version != Live(environment="", taken_at_s=0).version:
        raise _failed(file, f"is a dump of version {live.version}", fix)
    return live


def topic_ids(file: File) -> dict[str, str]:
    """The ids that topics had when a dump was taken.

    Raises:
        FindingsError: when it is no dump.
    """
    kafka = read(file).kafka
    return {name: topic.id for name, topic in kafka.topics.items()} if kafka else {}


def _failed(file: File, message: str, fix: str) -> FindingsError:
    return FindingsError([Finding(str(file), 0, 0, "dump", message, fix)])
