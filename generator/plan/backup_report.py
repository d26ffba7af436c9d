"""Reports of `strimzi-verify run ENV --only backup --format json` as proof that backups are whole.

A report is data of somebody else: it is read strictly, and what it does not say it does not prove.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path as File

import msgspec

from generator.common.finding import Finding, FindingsError
from generator.common.units import format_duration_ms
from generator.contract.recovery import CHECK as RECOVERY
from generator.contract.report import CheckReport, Outcome, ReportDocument
from generator.model.backups.labels import PREFIX

GROUP = "backup"
NEEDED = (
    "backup-manifest",
    "backup-topics",
    "backup-segments",
    "backup-integrity",
    "backup-consistent",
    "backup-coverage",
    "backup-complete",
    "backup-gaps",
    "backup-age",
)
"""The checks that look at what is stored: without one of them nobody knows that it is whole."""
MADE = ("backup-groups", "backup-offsets", "backup-identity", "backup-history")
"""Those that hold it against what Kafka has, and may find nothing of it to compare."""

_MAX_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What one report says; `flaw` is why it says nothing."""

    environment: str
    namespace: str = ""
    cluster: str = ""
    cluster_id: str = ""
    taken_at_s: float = 0
    checks: tuple[CheckReport, ...] = ()
    digest: str = ""
    """`sha256:` and that of the file; empty when the cluster was asked just now."""
    flaw: str = ""

    def fault(self, run: str, runs: Iterable[str]) -> str:
        """Why it does not prove that the backup of a run, one of `runs`, is whole; empty when it does."""
        others = {*runs} - {run}
        by_name = {check.check: check for check in self.checks}
        for name in (*NEEDED, *MADE):
            if name not in by_name:
                return f"the check {name} was not made"
        for check in self.checks:
            if check.check == RECOVERY:
                continue  # whole, however long it takes until it is back
            mine = [each for each in check.outcomes if not _is_about(each, others)]
            needed = check.check in NEEDED
            # There may be nothing to check, such as drills where none are asked for.
            fine = ("pass",) if needed else ("pass", "skip")
            bad = [each for each in mine if each.status not in fine]
            if bad:
                return f"{check.check} is {bad[0].status}: {_line(bad[0].message)}"
            if needed and not mine and (check.outcomes or check.status != "pass"):
                return f"{check.check} says nothing of {run}"
        return ""


def _is_about(outcome: Outcome, runs: Iterable[str]) -> bool:
    """True for what is said of one of these runs, or of its CronJob."""
    return any(outcome.subject in (run, f"cronjob/{PREFIX}{run}") for run in runs)


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200].strip()


def age(seconds: float) -> str:
    """How long ago, to the minute."""
    return format_duration_ms(int(seconds) // 60 * 60_000) if seconds >= 60 else "a moment"


def of_file(file: File) -> BackupReport:
    """The proof that a file holds, with its digest.

    Raises:
        FindingsError: when it cannot be read, or is no report of strimzi-verify.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from error
    if len(raw) > _MAX_BYTES:
        raise _refused(file, "is too large for a report")
    try:
        return of_text(raw, f"sha256:{sha256(raw).hexdigest()}")
    except ValueError as error:
        raise _refused(file, f"is no report of strimzi-verify: {error}") from error


def of_text(raw: bytes, digest: str = "") -> BackupReport:
    """The proof that a report's text is.

    Raises:
        ValueError: when it is no report; the message says why.
    """
    try:
        said = msgspec.json.decode(raw, type=ReportDocument)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except msgspec.MsgspecError as error:
        message, _, place = str(error).partition(" - at `$")
        place = place.strip(".`")
        raise ValueError(f"{place + ': ' if place else ''}{_line(message)}") from None
    checks = tuple(each for each in said.checks if each.group == GROUP)
    return BackupReport(said.environment, said.namespace, said.cluster, said.cluster_id, said.taken_at_s,
                 checks, digest)  # fmt: skip


def _refused(file: File, message: str) -> FindingsError:
    fix = "make one: strimzi-verify run ENVIRONMENT --only backup --format json > FILE"
    return FindingsError([Finding(str(file), 0, 0, "backup-proof", message, fix)])
