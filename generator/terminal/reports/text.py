"""Findings for people: one a line, its mend on the next."""

from collections.abc import Sequence

from generator.common.finding import Finding
from generator.common.sanitize import spelled
from generator.terminal.reports._words import place, whose


def report(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """One finding a line, its mend on the next."""
    lines = []
    for finding in findings:
        of = whose(finding, asked)
        lines.append(
            f"{place(finding)}: {finding.severity}: {finding.message} [{finding.rule}]"
            + (f" {of}" if of else "")
        )
        if finding.fix:
            lines.append(f"  fix: {finding.fix}")
    return spelled("".join(line + "\n" for line in lines))
