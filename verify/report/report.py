"""What a verification found, in the formats that people and their tools read. Pure: data in, text out."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Literal

import click
import msgspec

from generator import __version__
from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line, spelled
from generator.contract.report import (
    VERSION,
    CauseReport,
    CheckReport,
    Outcome,
    ReportDocument,
    Result,
    Status,
    Tool,
)
from verify.desired import Desired
from verify.live.live import Live
from verify.report.causes import Cause, causes_of

MAX_OUTCOMES = 10
"""How many outcomes of a check are worth reading in a terminal."""
MAX_MESSAGE = 500
"""How many characters of one message."""

VERDICTS = {
    ExitCode.FINE: "healthy",
    ExitCode.UNREACHABLE: "could not find out",
    ExitCode.TIMED_OUT: "timed out before a verdict",
    ExitCode.UNHEALTHY: "unhealthy",
    ExitCode.NOT_ENOUGH_RESOURCES: "not enough resources",
}
"""What an exit code means for a cluster."""


class Report(msgspec.Struct, frozen=True):
    """One verification of one environment; `live` is what charts are drawn from."""

    environment: str
    namespace: str
    cluster: str
    results: tuple[Result, ...]
    exit_code: ExitCode
    taken_at_s: float
    took_s: float = 0
    rounds: int = 1
    """How often everything was collected until the verdict."""
    cluster_id: str = ""
    server: str = ""
    context: str = ""
    version: Literal[1] = VERSION
    live: Live | None = None

    @property
    def summary(self) -> dict[str, int]:
        """How many checks ended how, every status named, the best first."""
        counts = Counter(result.status for result in self.results)
        return {str(status): counts[status] for status in Status}

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What explains much of what is wrong, the first cause first."""
        return causes_of(self.results, self.live)

    @property
    def verdict(self) -> str:
        """What the exit code means, in words."""
        if not _asked(self.results):
            return "nothing was checked"
        if self.exit_code is ExitCode.UNHEALTHY and not self.summary[Status.FAIL]:
            return "unhealthy, as warnings count"
        if self.exit_code is ExitCode.FINE and self.summary[Status.WARN]:
            return "healthy, with warnings"
        return VERDICTS.get(self.exit_code, str(self.exit_code))

    @property
    def taken_at(self) -> str:
        """When it was taken, in UTC."""
        return f"{datetime.fromtimestamp(self.taken_at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


def report_of(
    desired: Desired, live: Live, results: Sequence[Result],
    *, strict: bool = False, took_s: float = 0, rounds: int = 1,
) -> Report:  # fmt: skip
    """The report of what checks found in what was collected."""
    kubernetes, kafka = live.kubernetes, live.kafka
    return Report(
        environment=desired.environment,
        namespace=desired.namespace,
        cluster=desired.cluster,
        results=tuple(results),
        exit_code=exit_code_of(results, strict=strict),
        taken_at_s=live.taken_at_s,
        took_s=took_s,
        rounds=rounds,
        cluster_id=kafka.cluster_id if kafka else "",
        server=kubernetes.server if kubernetes else "",
        context=kubernetes.context if kubernetes else "",
        live=live,
    )


def exit_code_of(results: Sequence[Result], *, strict: bool = False) -> ExitCode:
    """What the results mean to a script; what was not found out, or not checked, is never fine."""
    outcomes = [outcome for result in results for outcome in result.outcomes]
    failed = [outcome for outcome in outcomes if outcome.status is Status.FAIL]
    unknown = [outcome for outcome in outcomes if outcome.status is Status.UNKNOWN]
    if failed:
        # What finds no room makes other things fail, too: it is the reason to tell.
        lacking = any(outcome.resources for outcome in failed)
        return ExitCode.NOT_ENOUGH_RESOURCES if lacking else ExitCode.UNHEALTHY
    if unknown or not _asked(results):
        late = bool(unknown) and all(outcome.timed_out for outcome in unknown)
        return ExitCode.TIMED_OUT if late else ExitCode.UNREACHABLE
    if strict and any(outcome.status is Status.WARN for outcome in outcomes):
        return ExitCode.UNHEALTHY
    return ExitCode.FINE


def _asked(results: Sequence[Result]) -> bool:
    """Whether anything was checked at all."""
    return any(
        not result.outcomes or any(each.status is not Status.SKIP for each in result.outcomes)
        for result in results
    )


def telling(result: Result) -> list[Outcome]:
    """The outcomes that explain the status: those that are not fine, or else all."""
    bad = [each for each in result.outcomes if each.status.badness >= Status.WARN.badness]
    return sorted(bad, key=lambda each: -each.status.badness) or list(result.outcomes)


def said(outcome: Outcome) -> str:
    """An outcome on one line, with what it is about."""
    about = f"{one_line(outcome.subject, MAX_MESSAGE)}: " if outcome.subject else ""
    return about + one_line(outcome.message, MAX_MESSAGE)


def short(result: Result) -> str:
    """A check's end in one line: the only outcome, or how many there are; what is fine in brief."""
    found = telling(result)
    if not found:
        return one_line(result.title, MAX_MESSAGE)
    if len(found) == 1:
        return said(found[0])
    if result.status.badness < Status.WARN.badness:
        return f"{said(found[0])} … and {len(found) - 1} more"
    counts = Counter(outcome.status for outcome in found)
    worst_first = sorted(counts.items(), key=lambda item: -item[0].badness)
    return ", ".join(f"{count} {status}" for status, count in worst_first)


def closing(report: Report) -> str:
    """The last line: how many checks ended how, and what that means."""
    counts = [f"{count} {status}" for status, count in report.summary.items() if count]
    count = len(report.results)
    told = f"{count} check{'s' * (count != 1)}" + (": " if counts else "") + ", ".join(counts)
    where = one_line(report.environment)
    return f"{where}: {told}: {report.verdict} (exit {int(report.exit_code)})"


def text(report: Report) -> str:
    """Checks by group, one a line, with what is wrong and what to do about it below."""
    width = max((len(result.check) for result in report.results), default=0)
    causes = report.causes
    folded = {check for cause in causes for check in cause.follows}
    lines = [heading(report), *_cause_lines(causes)]
    shown = [result for result in report.results if result.check not in folded]
    for group, members in groupby(shown, lambda result: result.group):
        results = list(members)
        lines += ["", one_line(group)]
        reason = _skipped_for(results)
        if reason:
            lines.append(f"  skip     all {len(results)} checks: {reason}")
            continue
        for result in results:
            lines += _check_lines(result, width)
    return "\n".join([*lines, "", closing(report)]) + "\n"


def _cause_lines(causes: Sequence[Cause]) -> Iterator[str]:
    """First the causes, each with the number of checks that only follow from it."""
    if causes:
        yield ""
    for cause in causes:
        yield one_line(cause.headline, MAX_MESSAGE)
        if cause.follows:
            number = f"{len(cause.follows)} check{'s' * (len(cause.follows) > 1)}"
            yield f"  {number} only follow{'s' * (len(cause.follows) == 1)} from it: {', '.join(cause.follows)}"


def _skipped_for(results: Sequence[Result]) -> str:
    """The one reason for which all of several checks were skipped; empty when there is none."""
    reasons = {said(outcome) for result in results for outcome in result.outcomes}
    skipped = all(result.status is Status.SKIP for result in results)
    return reasons.pop() if skipped and len(results) > 1 and len(reasons) == 1 else ""


def heading(report: Report) -> str:
    """What was looked at, when, and how long it took."""
    place = f"{report.environment}: cluster {report.cluster} in namespace {report.namespace}"
    place += f" (id {report.cluster_id})" if report.cluster_id else ""
    server = " ".join(filter(None, [report.context, report.server]))
    place += f" at {server}" if server else ""
    again = f" and {report.rounds} rounds" if report.rounds > 1 else ""
    return one_line(f"{place}, {report.taken_at}, took {report.took_s:.1f} s{again}")


def _check_lines(result: Result, width: int) -> list[str]:
    lines = [f"  {result.status:<7}  {one_line(result.check):<{width}}  {short(result)}".rstrip()]
    found = telling(result) if result.status.badness >= Status.WARN.badness else []
    if len(found) > 1:
        lines += [f"      {each.status:<7}  {said(each)}" for each in found[:MAX_OUTCOMES]]
    if len(found) > MAX_OUTCOMES:
        lines.append(f"      … and {len(found) - MAX_OUTCOMES} more")
    if result.remedy:
        lines.append(f"      remedy: {one_line(result.remedy)}")
    return lines


def coloured(text: str) -> str:
    """A report's text with its words of status coloured where they stand for a status."""
    text = _WORD.sub(lambda found: found[1] + _styled(found[2]), text)
    text = _GROUP.sub(lambda found: click.style(found[0], bold=True), text)
    return _END.sub(lambda found: click.style(found[1], fg=_ends(found[2]), bold=True), text)


_END = re.compile(r"(?<=: )([^:\n]+ \(exit (\d+)\))(?=\n\Z)")
_WORD = re.compile(rf"^((?:  |      ))({'|'.join(Status)})(?= )", re.MULTILINE)
_GROUP = re.compile(r"^[a-z_]+$", re.MULTILINE)
_COLOURS = {"pass": "green", "skip": "blue", "warn": "yellow", "unknown": "magenta", "fail": "red"}


def _ends(code: str) -> str:
    return "green" if int(code) == ExitCode.FINE else "red"


def _styled(status: str) -> str:
    return click.style(status, fg=_COLOURS[status], bold=status != Status.PASS)


def as_json(report: Report) -> str:
    """The shape that report.schema.json describes; new keys may come, none will change."""
    body = json.dumps(as_data(report), indent=2, ensure_ascii=False)
    return spelled(body) + "\n"  # what spells the unseen in JSON, too


def as_data(report: Report) -> dict[str, Any]:
    """A report as plain data, without what was collected."""
    kafka = report.live.kafka if report.live else None
    document = ReportDocument(
        version=report.version,
        tool=Tool(version=__version__),
        environment=report.environment,
        namespace=report.namespace,
        cluster=report.cluster,
        cluster_id=report.cluster_id,
        server=report.server,
        context=report.context,
        taken_at_s=report.taken_at_s,
        took_s=report.took_s,
        rounds=report.rounds,
        kafka_requests=kafka.requests if kafka else 0,
        ok=report.exit_code is ExitCode.FINE,
        exit_code=int(report.exit_code),
        verdict=report.verdict,
        summary=report.summary,
        causes=tuple(
            CauseReport(headline=each.headline, check=each.check, follows=each.follows)
            for each in report.causes
        ),
        checks=tuple(
            CheckReport(
                check=result.check,
                group=result.group,
                status=result.status,
                title=result.title,
                remedy=result.remedy,
                outcomes=result.outcomes,
            )
            for result in report.results
        ),
    )
    found: dict[str, Any] = msgspec.to_builtins(document)
    return found
