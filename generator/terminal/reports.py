"""Findings in the formats that people and their tools read. Pure: findings in, text out.

`asked` are the environments that were judged. People are told whose a finding is unless that goes without
saying; formats with fields always have it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from generator import __version__
from generator.common.finding import Finding, Severity, has_errors
from generator.common.paths import ENVIRONMENTS

JSON_VERSION = 1
_NAMED = 4
"""Environments that are still named one by one when a finding is of all."""
_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


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


def text(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
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
    return "".join(line + "\n" for line in lines)


def as_json(findings: Sequence[Finding], _: Sequence[str] = ()) -> str:
    """An object with `version`, `ok` and `findings`; new keys may come, none will change."""
    body = {
        "version": JSON_VERSION,
        "tool": {"name": "strimzi-gitops", "version": __version__},
        "ok": not has_errors(findings),
        "findings": as_rows(findings),
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def as_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
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


def junit(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
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
        body = escape(_printable(f"{said}fix: {finding.fix}"), quote=False)
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

    return f'"{escape(_printable(value))}"'


def _printable(value: str) -> str:
    """The text without the control characters that XML 1.0 forbids."""
    return "".join(char if char >= " " or char in "\n\t" else "?" for char in value)


def sarif(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """SARIF 2.1.0, as code scanning takes it."""
    rules = sorted({finding.rule for finding in findings})
    body = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "strimzi-gitops",
                        "version": __version__,
                        "rules": [
                            {"id": rule, "shortDescription": {"text": rule.replace("-", " ")}}
                            for rule in rules
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(finding, rules, asked) for finding in findings],
            }
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _sarif_result(finding: Finding, rules: list[str], asked: Sequence[str]) -> dict[str, object]:
    location: dict[str, object] = {
        "artifactLocation": {"uri": finding.file.replace(" ", "%20"), "uriBaseId": "%SRCROOT%"}
    }
    if finding.line:
        location["region"] = {"startLine": finding.line, "startColumn": finding.column}
    of = whose(finding, asked)
    message = f"{finding.message} ({of})" if of else finding.message
    if finding.fix:
        message = f"{message}. Fix: {finding.fix}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
        "properties": {"environments": list(finding.environments)},
    }


def github(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """Workflow commands that GitHub shows as annotations on the changed lines."""
    lines = []
    for finding in findings:
        properties = {"file": finding.file, "title": finding.rule}
        if finding.line:
            properties |= {"line": str(finding.line), "col": str(finding.column)}
        written = ",".join(
            f"{key}={_github_escape(value, ':,')}" for key, value in sorted(properties.items())
        )
        said = (finding.message, whose(finding, asked), finding.fix and f"fix: {finding.fix}")
        message = "\n".join(each for each in said if each)
        lines.append(f"::{_GITHUB_LEVELS[finding.severity]} {written}::{_github_escape(message)}\n")
    return "".join(lines)


def _github_escape(value: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        value = value.replace(char, f"%{ord(char):02X}")
    return value


FORMATS: dict[str, Callable[..., str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "github": github,
}
"""Report formats by the name that --format and --out take."""
