"""Findings for test viewers."""

from collections.abc import Sequence

from generator.common.finding import Finding, Severity
from generator.common.sanitize import spelled
from generator.terminal.reports._words import place, whose


def report(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """One test case a finding; errors are failures, the rest passes with its text as output."""
    from html import escape

    failures = sum(finding.severity is Severity.ERROR for finding in findings)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="strimzi-gitops" tests="{max(len(findings), 1)}" failures="{failures}">',
        f'  <testsuite name="validate" tests="{max(len(findings), 1)}" failures="{failures}">',
    ]
    for finding in findings:
        case = f"{finding.rule} {place(finding)}"
        lines.append(f"    <testcase classname={_attribute(finding.file)} name={_attribute(case)}>")
        of = whose(finding, asked)
        said = f"{finding.message}\n{of}\n" if of else f"{finding.message}\n"
        body = escape(spelled(f"{said}fix: {finding.fix}"), quote=False)
        if finding.environments:
            names = _attribute(",".join(finding.environments))
            lines += ["      <properties>",
                      f'        <property name="environments" value={names}/>',
                      "      </properties>"]  # fmt: skip
        if finding.severity is Severity.ERROR:
            message = _attribute(finding.message)
            lines.append(f"      <failure message={message} type={_attribute(finding.rule)}>")
            lines.append(f"{body}</failure>")
        else:
            lines.append(f"      <system-out>{finding.severity}: {body}</system-out>")
        lines.append("    </testcase>")
    if not findings:
        lines.append('    <testcase classname="strimzi-gitops" name="no findings"/>')
    lines += ["  </testsuite>", "</testsuites>"]
    return "\n".join(lines) + "\n"


def _attribute(value: str) -> str:
    from html import escape

    return f'"{escape(spelled(value))}"'
