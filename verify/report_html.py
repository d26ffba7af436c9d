"""A report as one self-contained page."""

from verify.report import Report, closing


def as_html(report: Report) -> str:
    """The page."""
    return closing(report)
