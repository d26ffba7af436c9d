"""What a verification found, in the formats that people and their tools read. Pure: data in, text out."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.contract.report import VERSION, Outcome, Result, Status
from verify.checks._words import listed
from verify.checks.registry.commands import preparation
from verify.desired import Desired
from verify.live.live import Live
from verify.report.causes import Cause, causes_of
from verify.report.consequences import Consequence, consequences_of
from verify.report.unseen import Unseen, unseen_of
from verify.report.words import plain

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


class Report(msgspec.Struct, frozen=True, dict=True):
    """One verification of one environment; `live` is what charts are drawn from, `desired` what Git says."""

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
    desired: Desired | None = None
    debug: bool = False
    """Whether people are told, too, what client libraries said in their own words."""

    @property
    def summary(self) -> dict[str, int]:
        """How many checks ended how, every status named, the best first."""
        counts = Counter(result.status for result in self.results)
        return {str(status): counts[status] for status in Status}

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """What explains much of what is wrong, the first cause first."""
        return causes_of(self.results, self.live)

    @cached_property
    def unseen(self) -> tuple[Unseen, ...]:
        """What was not looked at, and why."""
        return unseen_of(self.results, self.live, self.desired)

    @cached_property
    def consequences(self) -> tuple[Consequence, ...]:
        """What applications cannot do now, and what they lose."""
        return consequences_of(self.results, self.live, self.desired)

    @cached_property
    def preparation(self) -> str:
        """What is to be done once before remedies can be pasted that use Kafka's own tools; empty for nothing."""
        if self.live is None or self.desired is None:
            return ""
        folded = self.folded
        shown = [each.remedy for each in self.results if each.check not in folded]
        return preparation(shown, self.desired, self.live)

    @cached_property
    def folded(self) -> set[str]:
        """The checks that say nothing but what a cause has said already, or that nothing was looked at."""
        told = {each for cause in self.causes for each in folded_under(cause)}
        return told | {each.check for each in self.results if each.status is Status.SKIP}

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
        desired=desired,
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
    """The outcomes that explain the status: those that are not fine, or else all.

    The same sentence stands there once, with everything that it is about.
    """
    outcomes = [_in_plain_words(each) for each in result.outcomes]
    bad = [each for each in outcomes if each.status.badness >= Status.WARN.badness]
    alike: dict[tuple[Status, str], list[Outcome]] = {}
    for each in sorted(bad, key=lambda each: -each.status.badness):
        alike.setdefault((each.status, each.message), []).append(each)
    return (
        outcomes
        if not bad
        else [
            msgspec.structs.replace(some[0], subject=_subjects(some)) if len(some) > 1 else some[0]
            for some in alike.values()
        ]
    )


def _in_plain_words(outcome: Outcome) -> Outcome:
    words = plain(outcome.message)
    same = words == outcome.message
    return outcome if same else msgspec.structs.replace(outcome, message=words)


def originals(result: Result) -> list[str]:
    """What client libraries said in their own words of what is not fine, each text once."""
    bad = (each for each in result.outcomes if each.status.badness >= Status.WARN.badness)
    return list(dict.fromkeys(o.message for o in bad if plain(o.message) != o.message))


def _subjects(outcomes: Sequence[Outcome]) -> str:
    names = dict.fromkeys(each.subject for each in outcomes if each.subject)
    return listed(names) if names else f"{len(outcomes)} times"


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


def folded_under(cause: Cause) -> tuple[str, ...]:
    """The checks that say nothing but what a cause has said already."""
    return cause.follows if cause.tells_more else (cause.check, *cause.follows)


def following(cause: Cause) -> str:
    """How many checks are folded under a cause, and which; empty for none."""
    checks = folded_under(cause)
    if not checks:
        return ""
    number = f"{len(checks)} check{'s' * (len(checks) > 1)}"
    verb = (
        f"only follow{'s' * (len(checks) == 1)} from it"
        if cause.tells_more
        else "could not find out"
    )
    return f"{number} {verb}: {', '.join(map(one_line, checks))}"


def closing(report: Report) -> str:
    """The last line: how many checks ended how, and what that means."""
    counts = [f"{count} {status}" for status, count in report.summary.items() if count]
    count = len(report.results)
    told = f"{count} check{'s' * (count != 1)}" + (": " if counts else "") + ", ".join(counts)
    where = one_line(report.environment)
    return f"{where}: {told}: {report.verdict} (exit {int(report.exit_code)})"


def heading(report: Report) -> str:
    """What was looked at, when, and how long it took."""
    place = f"{report.environment}: cluster {report.cluster} in namespace {report.namespace}"
    place += f" (id {report.cluster_id})" if report.cluster_id else ""
    server = " ".join(filter(None, [report.context, report.server]))
    place += f" at {server}" if server else ""
    again = f" and {report.rounds} rounds" if report.rounds > 1 else ""
    return one_line(f"{place}, {report.taken_at}, took {report.took_s:.1f} s{again}")
