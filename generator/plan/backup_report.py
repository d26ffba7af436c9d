"""Reports of `strimzi-verify run ENV --only backup --format json` as proof that backups are whole.

A report is data of somebody else: it is read strictly, and what it does not say it does not prove.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path as File
from typing import Any, NamedTuple

from generator.common.finding import Finding, FindingsError
from generator.common.units import format_duration_ms
from generator.model.backups.backups import PREFIX

GROUP = "backup"
NEEDED = (
    "backup-manifest",
    "backup-topics",
    "backup-segments",
    "backup-integrity",
    "backup-coverage",
    "backup-complete",
    "backup-gaps",
    "backup-age",
)
"""The checks that look at what is stored: without one of them nobody knows that it is whole."""

_MAX_BYTES = 16 * 2**20
_TEXT = {"type": "string"}
_NAME = {"type": "string", "pattern": "^[A-Za-z0-9._-]{0,253}$"}
_STATUS = {"enum": ["pass", "skip", "warn", "unknown", "fail"]}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


_SCHEMA = _object(
    version={"const": 1},
    tool=_object(name={"const": "strimzi-verify"}),
    environment=_NAME,
    namespace=_NAME,
    cluster=_NAME,
    cluster_id=_NAME,
    taken_at_s={"type": "number", "minimum": 0, "maximum": 2**53},
    checks={
        "type": "array",
        "items": _object(
            check=_NAME,
            group=_NAME,
            status=_STATUS,
            outcomes={
                "type": "array",
                "items": _object(status=_STATUS, subject=_TEXT, message=_TEXT),
            },
        ),
    },
)
"""The part of generator/contract/report.schema.json that is read here."""


class Outcome(NamedTuple):
    """One thing that a check found; `subject` is a run's name, or something else, or empty."""

    status: str
    subject: str
    message: str


class Check(NamedTuple):
    """One check of the group backup; without outcomes its status is all that it says."""

    name: str
    status: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What one report says; `flaw` is why it says nothing."""

    environment: str
    namespace: str = ""
    cluster: str = ""
    cluster_id: str = ""
    taken_at_s: float = 0
    checks: tuple[Check, ...] = ()
    digest: str = ""
    """`sha256:` and that of the file; empty when the cluster was asked just now."""
    flaw: str = ""

    def fault(self, run: str, runs: Iterable[str]) -> str:
        """Why it does not prove that the backup of a run, one of `runs`, is whole; empty when it does."""
        others = {*runs} - {run}
        by_name = {check.name: check for check in self.checks}
        for name in NEEDED:
            if name not in by_name:
                return f"the check {name} was not made"
        for check in self.checks:
            mine = [each for each in check.outcomes if not _is_about(each, others)]
            needed = check.name in NEEDED
            # There may be nothing to check, such as drills where none are asked for.
            fine = ("pass",) if needed else ("pass", "skip")
            bad = [each for each in mine if each.status not in fine]
            if bad:
                return f"{check.name} is {bad[0].status}: {_line(bad[0].message)}"
            if needed and not mine and (check.outcomes or check.status != "pass"):
                return f"{check.name} says nothing of {run}"
        return ""


def _is_about(outcome: Outcome, runs: Iterable[str]) -> bool:
    """True for what is said of one of these runs, or of its CronJob."""
    return any(outcome.subject in (run, f"cronjob/{PREFIX}{run}") for run in runs)


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200].strip()


def age(seconds: float) -> str:
    """How long ago, to the minute."""
    return format_duration_ms(int(seconds) // 60 * 60_000) if seconds >= 60 else "a moment"


def of_file(file: File) -> Proof:
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


def of_text(raw: bytes, digest: str = "") -> Proof:
    """The proof that a report's text is.

    Raises:
        ValueError: when it is no report; the message says why.
    """
    data = _parsed(raw)
    error = next(iter(_validator().iter_errors(data)), None)
    if error is not None:
        place = ".".join(str(key) for key in error.instance_path)
        raise ValueError(f"{place + ': ' if place else ''}{_line(error.message)}")
    checks = tuple(
        Check(each["check"], each["status"],
              tuple(Outcome(o["status"], o["subject"], o["message"]) for o in each["outcomes"]))
        for each in data["checks"] if each["group"] == GROUP
    )  # fmt: skip
    return Proof(data["environment"], data["namespace"], data["cluster"], data["cluster_id"],
                 data["taken_at_s"], checks, digest)  # fmt: skip


def _parsed(raw: bytes) -> Any:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number")

    try:
        return json.loads(raw.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is no JSON") from None


@cache
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(_SCHEMA)


def _refused(file: File, message: str) -> FindingsError:
    fix = "make one: strimzi-verify run ENVIRONMENT --only backup --format json > FILE"
    return FindingsError([Finding(str(file), 0, 0, "backup-proof", message, fix)])
