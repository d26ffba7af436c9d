"""What checks find out. A leaf: plain data, written into reports as it stands."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """How a check ended; `unknown` (could not find out) is never as good as `pass`."""

    PASS = "pass"  # noqa: S105 (no password)
    SKIP = "skip"
    WARN = "warn"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def badness(self) -> int:
        """Higher is worse."""
        return list(Status).index(self)


class Outcome(msgspec.Struct, frozen=True, order=True):
    """One thing that a check found; `subject` is what it is about, empty for the whole cluster."""

    status: Status
    message: str
    subject: str = ""
    resources: bool = False
    """Something lacks room: CPU, memory, disk."""
    timed_out: bool = False
    """Unknown because the time was up, not because somebody refused to say."""


class Result(msgspec.Struct, frozen=True):
    """One check with all that it found; without outcomes it passed."""

    check: str
    group: str
    title: str
    outcomes: tuple[Outcome, ...] = ()
    remedy: str = ""
    """What to do about it, with the command to run; empty where nothing is to be done."""

    @property
    def status(self) -> Status:
        """The worst outcome."""
        return worst(outcome.status for outcome in self.outcomes)


def worst(found: Iterable[Status]) -> Status:
    """The worst of them; `pass` when there is none."""
    return max(found, key=lambda status: status.badness, default=Status.PASS)


def ok(message: str, subject: str = "") -> Outcome:
    """All is well, and this is how well."""
    return Outcome(Status.PASS, message, subject)


def warn(message: str, subject: str = "") -> Outcome:
    """It works, but somebody should look."""
    return Outcome(Status.WARN, message, subject)


def fail(message: str, subject: str = "", *, resources: bool = False) -> Outcome:
    """It is not what Git says, or does not work."""
    return Outcome(Status.FAIL, message, subject, resources)


def skip(reason: str, subject: str = "") -> Outcome:
    """There was nothing to check, or nobody wanted it checked."""
    return Outcome(Status.SKIP, reason, subject)


def unknown(reason: str, subject: str = "", *, timed_out: bool = False) -> Outcome:
    """It could not be found out."""
    return Outcome(Status.UNKNOWN, reason, subject, timed_out=timed_out)
