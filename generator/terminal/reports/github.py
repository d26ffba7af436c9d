"""Findings for pull requests on GitHub."""

from collections.abc import Sequence

from generator.common.finding import Finding, Severity
from generator.common.sanitize import spelled
from generator.terminal.reports._words import whose

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def report(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """Workflow commands that GitHub shows as annotations on the changed lines."""
    lines = []
    for finding in findings:
        properties = {"file": finding.file, "title": finding.rule}
        if finding.line:
            properties |= {"line": str(finding.line), "col": str(finding.column)}
        written = ",".join(
            f"{key}={_escape(value, ':,')}" for key, value in sorted(properties.items())
        )
        said = (finding.message, whose(finding, asked), finding.fix and f"fix: {finding.fix}")
        message = "\n".join(each for each in said if each)
        lines.append(f"::{_LEVELS[finding.severity]} {written}::{_escape(message)}\n")
    return spelled("".join(lines))


def _escape(value: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        value = value.replace(char, f"%{ord(char):02X}")
    return value
