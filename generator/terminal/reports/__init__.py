"""Findings in the formats that people and their tools read: one file each. Pure: findings in, text out.

Each has `report(findings, asked)`; `asked` are the environments that were judged. People are told whose a
finding is unless that goes without saying; formats with fields always have it.
"""

import importlib
import pkgutil
from collections.abc import Sequence

from generator.common.finding import Finding

FORMATS = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name[0] != "_")
"""Report formats by the name that --format and --out take: those of the files here."""


def report(form: str, findings: Sequence[Finding], asked: Sequence[str] = ()) -> str:
    """The findings in a format, which is loaded when it is asked for."""
    module = importlib.import_module(f"{__name__}.{form}")
    text: str = module.report(findings, asked)
    return text
