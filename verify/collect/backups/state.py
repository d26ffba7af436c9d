"""offsets.db of a backup set, as bytes -> what it says of the last run (kafka-backup-core 0.25.2).

It is a database that somebody else wrote: it is read from memory, only what is a table is asked, and
no question takes longer than it may.
"""

import sqlite3
import time
from contextlib import closing

from verify.collect.backups.manifest import FaultError
from verify.live.backups import JobState

_MAGIC = b"SQLite format 3\x00"
_VERSIONS = slice(18, 20)
"""Where a database says how it is written and read: 1 with a journal, 2 with a log of its own."""
_JOURNAL = b"\x01\x01"
_MOST = 20
_STEPS = 10_000


def state(content: bytes, backup_id: str, deadline: float) -> JobState:
    """What offsets.db says of the set with this id; `deadline` is in terms of time.monotonic().

    Raises:
        FaultError: when it is no such database, or does not know the set.
    """
    if not content.startswith(_MAGIC):
        raise FaultError("is empty" if not content else "is no SQLite database")
    # The engine writes with a log, of which nothing is left in what it uploads; in memory there is none.
    plain = bytearray(content)
    plain[_VERSIONS] = _JOURNAL
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(bytes(plain))
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            rows = _rows(database)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise FaultError(f"cannot be read: {' '.join(str(error).split())[:120]}") from error
    known = {name: JobState(status, began_ms / 1000) for name, status, began_ms in rows}
    found = known.pop(backup_id, None)
    if found is None:
        raise FaultError(f"knows nothing of {backup_id}")
    return JobState(found.status, found.began_at_s, tuple(sorted(known)))


def _rows(database: sqlite3.Connection) -> list[tuple[str, str, int]]:
    # A view of this name could count for ever.
    kinds = database.execute("SELECT type FROM sqlite_schema WHERE name = 'backup_jobs'").fetchall()
    if kinds != [("table",)]:
        raise FaultError("has no table backup_jobs")
    # The engine sets last_heartbeat once, as a run begins.
    rows = database.execute(
        "SELECT backup_id, status, last_heartbeat FROM backup_jobs ORDER BY backup_id LIMIT ?",
        (_MOST,),
    ).fetchall()
    for row in rows:
        if [type(each) for each in row] != [str, str, int] or not 0 <= row[2] <= 2**53:
            raise FaultError("has rows in backup_jobs that no engine wrote")
    return rows
