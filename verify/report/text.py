"""A report for people at a terminal: first the cause, then what is wrong and what to do, then what was not seen."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.contract.report import Result, Status
from verify.checks._words import SHOWN, listed
from verify.report.causes import Cause, split
from verify.report.consequences import Consequence
from verify.report.report import (
    MAX_MESSAGE,
    MAX_OUTCOMES,
    Report,
    closing,
    following,
    heading,
    originals,
    said,
    short,
    telling,
)
from verify.report.unseen import Unseen

MEANS, NOT_FOUND, NOT_SEEN = "what it means", "not found out", "not looked at"
ORIGINALS = "what clients said"
FIRST = "once before the remedies with tools of kafka"


def text(report: Report) -> str:
    """Checks by group, one a line, with what is wrong and what to do about it below."""
    width = max((len(result.check) for result in report.results), default=0)
    folded = report.folded
    explain, blind = split(report.causes)
    lines = [heading(report), *_causes("", explain), *_consequences(report.consequences)]
    lines += _causes(NOT_FOUND, blind)
    shown = [result for result in report.results if result.check not in folded]
    for group, members in groupby(shown, lambda result: result.group):
        lines += ["", one_line(group)]
        for result in members:
            lines += _check(result, width)
            if report.debug:
                lines += [f"      said: {one_line(said)}" for said in originals(result)]
    if report.debug:
        lines += _folded_originals(report, folded)
    if report.preparation:
        lines += ["", FIRST, f"  {one_line(report.preparation)}"]
    return "\n".join([*lines, *_unseen(report.unseen), "", closing(report)]) + "\n"


def _causes(title: str, causes: Sequence[Cause]) -> Iterator[str]:
    """Each cause with the checks that say nothing else."""
    indent = "  " if title else ""
    if causes:
        yield from ("", title) if title else ("",)
    for cause in causes:
        yield indent + one_line(cause.headline, MAX_MESSAGE)
        if told := following(cause):
            yield f"{indent}  {told}"


def _folded_originals(report: Report, folded: set[str]) -> Iterator[str]:
    """What client libraries said of checks that are folded, each text once."""
    hidden = (each for each in report.results if each.check in folded)
    texts = dict.fromkeys(text for each in hidden for text in originals(each))
    if texts:
        yield from ("", ORIGINALS, *(f"  said: {one_line(each)}" for each in texts))


def _consequences(consequences: Sequence[Consequence]) -> Iterator[str]:
    """Who cannot work now."""
    if consequences:
        yield ""
        yield MEANS
    for each in consequences[:MAX_OUTCOMES]:
        yield f"  {one_line(str(each), MAX_MESSAGE)}"
    if len(consequences) > MAX_OUTCOMES:
        yield f"  … and {len(consequences) - MAX_OUTCOMES} more applications"


def _unseen(unseen: Sequence[Unseen]) -> Iterator[str]:
    if unseen:
        yield ""
        yield NOT_SEEN
    for each in unseen:
        yield f"  {one_line(each.reason, MAX_MESSAGE)}"
        number = f"{len(each.what)}: " if len(each.what) > SHOWN else ""
        yield f"      {number}{one_line(listed(each.what), MAX_MESSAGE)}"


def _check(result: Result, width: int) -> Iterator[str]:
    yield f"  {result.status:<7}  {one_line(result.check):<{width}}  {short(result)}".rstrip()
    found = telling(result) if result.status.badness >= Status.WARN.badness else []
    if len(found) > 1:
        yield from (f"      {each.status:<7}  {said(each)}" for each in found[:MAX_OUTCOMES])
    if len(found) > MAX_OUTCOMES:
        yield f"      … and {len(found) - MAX_OUTCOMES} more"
    if result.remedy:
        yield f"      remedy: {one_line(result.remedy)}"


def coloured(text: str) -> str:
    """A report's text with its words of status coloured where they stand for a status."""
    text = _WORD.sub(lambda found: found[1] + _styled(found[2]), text)
    text = _GROUP.sub(lambda found: click.style(found[0], bold=True), text)
    return _END.sub(lambda found: click.style(found[1], fg=_ends(found[2]), bold=True), text)


_END = re.compile(r"(?<=: )([^:\n]+ \(exit (\d+)\))(?=\n\Z)")
_WORD = re.compile(rf"^((?:  |      ))({'|'.join(Status)})(?= )", re.MULTILINE)
_GROUP = re.compile(
    rf"^(?:[a-z_]+|{MEANS}|{NOT_FOUND}|{NOT_SEEN}|{FIRST}|{ORIGINALS})$", re.MULTILINE
)
_COLOURS = {"pass": "green", "skip": "blue", "warn": "yellow", "unknown": "magenta", "fail": "red"}


def _ends(code: str) -> str:
    return "green" if int(code) == ExitCode.FINE else "red"


def _styled(status: str) -> str:
    return click.style(status, fg=_COLOURS[status], bold=status != Status.PASS)
