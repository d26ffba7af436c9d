"""What explains what: the first cause of much that is wrong, and the checks that only follow from it."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from generator.contract.report import Outcome, Result, Status
from verify.checks._reasons import small_quotas, who
from verify.checks._words import brokers, listed
from verify.live.live import Cause as Why
from verify.live.live import Kafka, Live
from verify.report.words import plain

_NOT_FINE = (Status.WARN, Status.FAIL, Status.UNKNOWN)
_NODE = re.compile(r"\b(?:broker|node) (\d+)\b")


class Cause(NamedTuple):
    """One cause in a sentence, and the checks that say nothing else."""

    headline: str
    check: str
    """The check that tells it, whose remedy helps."""
    follows: tuple[str, ...]
    tells_more: bool = True
    """Whether the check says more than the headline, such as a remedy."""


def causes_of(results: Sequence[Result], live: Live | None) -> tuple[Cause, ...]:
    """The causes, the first ones first; each check follows from one of them at most.

    A check follows from a cause when all that it finds wrong does.
    """
    found: list[Cause] = []
    taken: set[str] = set()
    for make in _MAKERS:
        for check, headline, explains in make(results, live):
            if check in taken:
                continue
            follows = tuple(
                each.check
                for each in results
                if each.check not in taken and _wrong(each) and _all(each, explains)
            )
            taken |= {*follows, check}
            others = tuple(name for name in follows if name != check)
            told = next(each for each in results if each.check == check)
            found.append(Cause(headline, check, others, bool(told.remedy) or check not in follows))
    return (*found, *_said_alike(each for each in results if each.check not in taken))


def split(causes: Sequence[Cause]) -> tuple[list[Cause], list[Cause]]:
    """What explains something that is wrong, and what only kept checks from finding out."""
    return [c for c in causes if c.tells_more], [c for c in causes if not c.tells_more]


Explains = Callable[[Result, Outcome], bool]
_Made = Iterator[tuple[str, str, Explains]]


def _quorum(results: Sequence[Result], live: Live | None) -> _Made:
    """Without a quorum nothing changes, and what brokers tell may be old."""
    kafka = live.kafka if live else None
    if kafka is None or _outcome(results, "quorum-leader", Status.FAIL) is None:
        return
    if kafka.quorum is not None and kafka.quorum.leader >= 0:
        return  # another number of voters
    ids = _away(kafka)
    who = f", and {brokers(sorted(ids))} cannot be reached" if ids else ""
    headline = f"the KRaft quorum has no leader{who}: nothing can change, and brokers tell what they last knew"
    yield (
        "quorum-leader",
        headline,
        lambda result, outcome: (
            result.check in _OF_THE_QUORUM
            or _is_about(outcome, ids)
            or (outcome.status is Status.UNKNOWN and result.group in _BY_METADATA)
        ),
    )


_BY_METADATA = ("quorum", "brokers", "partitions")
_OF_THE_QUORUM = {"quorum-leader", "quorum-lag", "brokers-agree"}


def _brokers_away(results: Sequence[Result], live: Live | None) -> _Made:
    """Who is away lacks in all that is counted; what nobody can read or write is told all the same."""
    kafka = live.kafka if live else None
    checks = ("brokers-answer", "brokers-present")
    check = next((each for each in checks if _outcome(results, each, Status.FAIL)), None)
    if kafka is None or check is None or not (ids := _away(kafka)):
        return
    gaps = {kafka.brokers[each].problem for each in ids}
    only = gaps.pop() if len(gaps) == 1 else None
    verb = _VERBS[only.cause if only else Why.UNREACHABLE][len(ids) > 1]
    headline = f"{brokers(sorted(ids))} {verb}" + (f": {plain(only.reason)}" if only else "")
    fenced = sorted(each for each in ids if kafka.brokers[each].fenced)
    if fenced:
        headline += f"; the cluster has given up on {'it' if len(ids) == 1 else brokers(fenced)}"
    yield (
        check,
        headline,
        lambda result, outcome: (
            _is_about(outcome, ids)
            or (result.check in _COUNTED and not _is_about_others(outcome, ids))
        ),
    )


_VERBS = {
    Why.UNREACHABLE: ("is away", "are away"),
    Why.TIMED_OUT: ("does not answer", "do not answer"),
    Why.REFUSED: ("cannot be asked", "cannot be asked"),
    Why.NOT_ASKED: ("was not asked", "were not asked"),
}
_COUNTED = {"brokers-present", "brokers-answer", "partitions-replicated", "partitions-at-min-isr",
            "leader-balance"}  # fmt: skip


def _small_quota(results: Sequence[Result], live: Live | None) -> _Made:
    """Who is slowed down to nothing looks like one who meets a frozen broker."""
    kafka = live.kafka if live else None
    failed = next(
        (each.check for each in results if each.group in _SENDS and each.status is Status.FAIL),
        None,
    )
    if kafka is None or failed is None:
        return
    small = next(small_quotas(kafka), None)
    if small is not None:
        name, key, value = small
        headline = f"a quota slows the probe down: {who(name)} {key} {value:g}"
        yield failed, headline, lambda result, _: result.group in _SENDS


_SENDS = ("probe", "flow")


def _said_alike(results: Iterable[Result]) -> Iterator[Cause]:
    """Checks that could not find out for the same reason: it is told once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for each in results:
        if each.status is Status.UNKNOWN:
            alike.setdefault(_reasons(each), []).append(each.check)
    for reasons, (check, *others) in alike.items():
        if others:
            yield Cause("; ".join(reasons), check, tuple(others), tells_more=False)


def _reasons(result: Result) -> tuple[str, ...]:
    wrong = _wrong(result)
    said = {(f"{each.subject}: " if each.subject else "") + plain(each.message) for each in wrong}
    return tuple(sorted(said))


def _half_an_api(results: Sequence[Result], live: Live | None) -> _Made:
    """What Kubernetes did not say of single kinds, each in a sentence of its own."""
    by_cause: dict[Why, dict[str, str]] = {}
    for part, gap in sorted(live.gaps.items()) if live else ():
        if part.startswith("kubernetes.") and gap.cause in _SAYS:
            by_cause.setdefault(gap.cause, {})[part.partition(".")[2]] = gap.reason
    for cause, reasons in by_cause.items():
        texts = set(reasons.values())
        first = next((e.check for e in results if _wrong(e) and _all(e, _unknown_for(texts))), None)
        if first is not None:
            yield first, _SAYS[cause].format(listed(reasons)), _unknown_for(texts)


_SAYS = {
    Why.REFUSED: "Kubernetes does not show us {}: a Role or ClusterRole must grant get and list",
    Why.TIMED_OUT: "the Kubernetes API did not answer in time about {}",
    Why.UNREACHABLE: "the Kubernetes API failed to tell of {}",
}


def _unknown_for(texts: Collection[str]) -> Explains:
    return lambda _, outcome: outcome.status is Status.UNKNOWN and outcome.message in texts


_MAKERS = (_quorum, _brokers_away, _small_quota, _half_an_api)
"""In the order in which one explains the next."""


def _outcome(results: Sequence[Result], check: str, *statuses: Status) -> Outcome | None:
    """The first outcome of a check with one of these statuses."""
    every = (o for each in results if each.check == check for o in each.outcomes)
    return next((each for each in every if each.status in statuses), None)


def _wrong(result: Result) -> list[Outcome]:
    return [each for each in result.outcomes if each.status in _NOT_FINE]


def _all(result: Result, explains: Explains) -> bool:
    return all(explains(result, each) for each in _wrong(result))


def _named(outcome: Outcome) -> set[int]:
    return {int(each) for each in _NODE.findall(f"{outcome.subject} {outcome.message}")}


def _is_about(outcome: Outcome, brokers: set[int]) -> bool:
    """True when an outcome names these brokers, and no others."""
    named = _named(outcome)
    return bool(named) and named <= brokers


def _is_about_others(outcome: Outcome, brokers: set[int]) -> bool:
    return bool(_named(outcome) - brokers)


def _away(kafka: Kafka) -> set[int]:
    return {each.id for each in kafka.brokers.values() if each.problem or each.fenced}
