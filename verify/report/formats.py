"""The formats of a report by name; each is loaded when it is asked for."""

from collections.abc import Callable

from verify.report.document import as_json
from verify.report.report import Report
from verify.report.text import text


def _junit(report: Report) -> str:
    from verify.report.ci import junit

    return junit(report)


def _markdown(report: Report) -> str:
    from verify.report.ci import markdown

    return markdown(report)


def _html(report: Report) -> str:
    from verify.report.html import as_html

    return as_html(report)


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "junit": _junit,
    "markdown": _markdown,
    "html": _html,
}
"""Report formats by the name that --format and --out take."""
