"""Findings for scripts."""

import json
from collections.abc import Sequence

from generator import __version__
from generator.common.finding import Finding, has_errors
from generator.terminal.reports._words import as_rows

JSON_VERSION = 1


def report(findings: Sequence[Finding], _: Sequence[str] = ()) -> str:
    """An object with `version`, `ok` and `findings`; new keys may come, none will change."""
    body = {
        "version": JSON_VERSION,
        "tool": {"name": "strimzi-gitops", "version": __version__},
        "ok": not has_errors(findings),
        "findings": as_rows(findings),
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
