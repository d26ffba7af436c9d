"""One run at a time in one set: the lock that lies in the set, whoever has started the Jobs.

A Job's next try takes over what an earlier try of it has left; so does anybody once the Job that holds it must have ended.
"""

from datetime import UTC, datetime

import msgspec

from verify.collect.backups.guard.writer import Writer

LOCK = "strimzi-gitops-lock.json"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class _Lock(msgspec.Struct):
    job: str = ""
    """Whose it is; empty where nobody's."""
    until: str = ""
    """When that Job has ended for certain."""


class HeldError(Exception):
    """Another Job holds the lock, or nobody can tell who."""


def take(writer: Writer, backup_id: str, job: str, until_s: float, now_s: float) -> bool:
    """Hold the lock of a set until then at most; a try that follows another one of its Job holds it no longer.

    False when another Job that begins in the same moment would not be told.

    Raises:
        HeldError: when somebody else may be at work.
        NoRoomError: when there is no room for it.
    """

    def mine(content: bytes) -> bytes:
        found = _read(content)
        until = time_of(until_s)
        if found.job == job:
            until = found.until
        elif found.job and found.until > time_of(now_s):
            raise HeldError(
                f"the Job {found.job} is at work in {backup_id} until {found.until} at the latest, and two runs at once"
                f" would damage the set; wait for it, and if it has ended without letting go, until then"
            )
        return msgspec.json.encode(_Lock(job, until))

    return writer.swap(f"{backup_id}/{LOCK}", mine)


def keep(writer: Writer, backup_id: str, job: str) -> None:
    """Make sure that it is still this Job's.

    Raises:
        HeldError: when it is somebody else's.
    """

    def same(content: bytes) -> bytes:
        found = _read(content)
        if found.job != job:
            raise HeldError(
                f"the lock of {backup_id} is no longer that of {job}, but of {found.job or 'nobody'}"
            )
        return content

    writer.swap(f"{backup_id}/{LOCK}", same)


def release(writer: Writer, backup_id: str, job: str) -> None:
    """Let go of it, where it is this Job's."""

    def free(content: bytes) -> bytes:
        return msgspec.json.encode(_Lock()) if _read(content).job == job else content

    writer.swap(f"{backup_id}/{LOCK}", free)


def time_of(at_s: float) -> str:
    """A time as it is written here: later ones sort behind earlier ones."""
    return datetime.fromtimestamp(at_s, UTC).strftime(_FORM)


def _read(content: bytes) -> _Lock:
    if not content:
        return _Lock()
    try:
        return msgspec.json.decode(content, type=_Lock)
    except msgspec.DecodeError as error:
        raise HeldError(f"{LOCK} is no lock that this program wrote: {error}") from error
