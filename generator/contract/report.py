"""What checks find out, and the document that `--format json` prints of it (report.schema.json)."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

VERSION: Literal[1] = 1


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
        return _BADNESS[self]


_BADNESS = {each: place for place, each in enumerate(Status)}


class Outcome(msgspec.Struct, frozen=True, order=True):
    """One thing that a check found; `subject` is what it is about, empty for the whole cluster."""

    status: Status
    message: str
    subject: str = ""
    resources: bool = False
    """Something lacks room: CPU, memory, disk."""
    timed_out: bool = False
    """Unknown because the time was up, not because somebody refused to say."""
    fix: str = ""
    """What to do about it, where that is not what its check says in general."""
    fills: tuple[tuple[str, str], ...] = ()
    """What the remedy's command needs beside the subject, by the names that it has there."""


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


_Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._-]{0,253}$")]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a report."""

    name: Literal["strimzi-verify"] = "strimzi-verify"
    version: str


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """One check as a report tells it."""

    check: _Name
    group: _Name
    status: Status
    """The worst of its outcomes; pass without any."""
    title: str = ""
    remedy: str = ""
    outcomes: tuple[Outcome, ...]


class CauseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What explains much of what is wrong; `follows` are checks that say nothing else."""

    headline: str
    check: str
    follows: tuple[str, ...] = ()


class ConsequenceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one application cannot do now, and what is lost when nothing is done."""

    application: str
    owner: str
    cannot_write: tuple[str, ...] = ()
    cannot_read: tuple[str, ...] = ()
    does_not_read: tuple[str, ...] = ()
    since_s: float | None = None
    lost: tuple[str, ...] = ()


class UnseenReport(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not looked at, for one reason."""

    reason: str
    what: tuple[str, ...] = ()


class ReportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One verification as `--format json` prints it; new keys may come, none will change.

    What has a default here is told to people, and nobody decides by it.
    """

    version: Literal[1] = VERSION
    tool: Tool
    environment: _Name
    namespace: _Name
    cluster: _Name
    cluster_id: _Name
    """Kafka's own; empty when it was not found out."""
    server: str = ""
    context: str = ""
    taken_at_s: Annotated[float, msgspec.Meta(ge=0, le=2**53)]
    took_s: float = 0
    rounds: int = 1
    kafka_requests: int = 0
    ok: bool = False
    exit_code: int = 0
    verdict: str = ""
    summary: dict[str, int] = {}
    causes: tuple[CauseReport, ...] = ()
    consequences: tuple[ConsequenceReport, ...] = ()
    not_looked_at: tuple[UnseenReport, ...] = ()
    checks: tuple[CheckReport, ...]


def worst(found: Iterable[Status]) -> Status:
    """The worst of them; `pass` when there is none."""
    return max(found, key=lambda status: status.badness, default=Status.PASS)


def ok(message: str, subject: str = "") -> Outcome:
    """All is well, and this is how well."""
    return Outcome(Status.PASS, message, subject)


def warn(message: str, subject: str = "", *, fix: str = "", **fills: str) -> Outcome:
    """It works, but somebody should look; `fills` is for the commands of the remedy."""
    return Outcome(Status.WARN, message, subject, fix=fix, fills=tuple(fills.items()))


def fail(
    message: str, subject: str = "", *, resources: bool = False, fix: str = "", **fills: str
) -> Outcome:
    """It is not what Git says, or does not work; `fills` is for the commands of the remedy."""
    return Outcome(Status.FAIL, message, subject, resources, fix=fix, fills=tuple(fills.items()))


def skip(reason: str, subject: str = "") -> Outcome:
    """There was nothing to check, or nobody wanted it checked."""
    return Outcome(Status.SKIP, reason, subject)


def unknown(reason: str, subject: str = "", *, timed_out: bool = False) -> Outcome:
    """It could not be found out."""
    return Outcome(Status.UNKNOWN, reason, subject, timed_out=timed_out)
