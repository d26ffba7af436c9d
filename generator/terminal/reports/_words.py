"""What every format says alike: places, and whose a finding is."""

from collections.abc import Iterable, Sequence

from generator.common.finding import Finding
from generator.common.paths import ENVIRONMENTS

_NAMED = 4
"""Environments that are still named one by one when a finding is of all."""


def place(finding: Finding) -> str:
    """`file:line:column`, or the file alone when the whole of it is meant."""
    if not finding.line:
        return finding.file
    return f"{finding.file}:{finding.line}:{finding.column}"


def whose(finding: Finding, asked: Sequence[str] = ()) -> str:
    """The environments that a finding is of; empty where its place says so, or only one was asked."""
    names = finding.environments
    own = len(names) == 1 and finding.file.startswith(f"{ENVIRONMENTS}/{names[0]}/")
    if not names or own or (len(asked) == 1 and len(names) == 1):
        return ""
    if len(names) > _NAMED and set(names) == set(asked):
        return f"in all {len(names)} environments"
    return f"in {', '.join(names)}"


def as_rows(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Each finding with all that it says, as JSON has it."""
    return [
        {
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "severity": str(finding.severity),
            "rule": finding.rule,
            "message": finding.message,
            "fix": finding.fix,
            "environments": list(finding.environments),
        }
        for finding in findings
    ]
