"""Findings for code scanning."""

import json
from collections.abc import Sequence

from generator import __version__
from generator.common.finding import Finding, Severity
from generator.terminal.reports._words import whose

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def report(findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
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
                "results": [_result(finding, rules, asked) for finding in findings],
            }
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, rules: list[str], asked: Sequence[str]) -> dict[str, object]:
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
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
        "properties": {"environments": list(finding.environments)},
    }
