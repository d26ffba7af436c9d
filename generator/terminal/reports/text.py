"""Findings for people: one a line, its mend on the next; advice that is the same of many things stands there once."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from generator.common.finding import Finding, Severity
from generator.common.sanitize import spelled
from generator.terminal.reports._words import place, whose

_SUBJECT = re.compile(r"([A-Z][A-Za-z0-9]+) (\S+): (.*)", re.DOTALL)
"""How a finding begins that is about an object: its kind and its name."""
_ALONE = 3
"""So many alike are still told one by one."""


class _Alike(NamedTuple):
    """What findings share that are the same but for the object."""

    rule: str
    kind: str
    message: str
    fix: str
    severity: Severity
    of: str


def report(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """One finding a line, its mend on the next.

    Errors all have their place; of advice that many objects get alike the first place is told, and their names.
    """
    keys = [_alike(finding, asked) for finding in findings]
    alike: dict[_Alike | None, list[Finding]] = {}
    for same, finding in zip(keys, findings, strict=True):
        alike.setdefault(same, []).append(finding)
    lines: list[str] = []
    told: set[_Alike] = set()
    for same, finding in zip(keys, findings, strict=True):
        group = alike[same]
        if same is None or len(group) <= _ALONE:
            lines += _told(finding, finding.message, asked)
        elif same not in told:
            told.add(same)
            lines += _told(
                finding,
                f"{len(group)} of kind {same.kind}, each: {same.message}",
                asked,
                _names(group),
            )
    return spelled("".join(line + "\n" for line in lines))


def _alike(finding: Finding, asked: Sequence[str]) -> _Alike | None:
    match = _SUBJECT.fullmatch(finding.message)
    if match is None or finding.severity is Severity.ERROR:
        return None
    return _Alike(
        finding.rule, match[1], match[3], finding.fix, finding.severity, whose(finding, asked)
    )


def _names(group: Sequence[Finding]) -> str:
    names = [match[2] for each in group if (match := _SUBJECT.fullmatch(each.message))]
    more = len(names) - _ALONE
    return f"  these: {', '.join(names[:_ALONE])} and {more} more; all with --format json"


def _told(finding: Finding, message: str, asked: Sequence[str], more: str = "") -> list[str]:
    of = whose(finding, asked)
    line = f"{place(finding)}: {finding.severity}: {message} [{finding.rule}]" + (
        f" {of}" if of else ""
    )
    return [line, *([more] if more else []), *([f"  fix: {finding.fix}"] if finding.fix else [])]
