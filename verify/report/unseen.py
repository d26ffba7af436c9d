"""What was not looked at, so that nobody takes silence for health: a section of its own in every report."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from generator.contract.report import Result, Status
from verify.desired import Desired
from verify.live.live import Cause, Live
from verify.report.words import plain

_REFUSED = "the API server does not show them to us: a Role or ClusterRole must grant get and list"


_INVISIBLE = {
    "clocks": (
        "brokers keep them as applications say them, and no clock is compared with them",
        "times that applications stamp on records",
    ),
    "transactions": (
        "no broker tells of it; the application's own log does (ProducerFencedException)",
        "producers whose transactional id somebody took over",
    ),
}
"""By group of checks, what nobody can look at from outside."""


class Unseen(NamedTuple):
    """What was not looked at, for one reason."""

    reason: str
    what: tuple[str, ...]
    """Checks, parts, listeners, groups: whatever the reason is about."""


def unseen_of(
    results: Sequence[Result], live: Live | None, desired: Desired | None
) -> tuple[Unseen, ...]:
    """Everything that was not looked at, each reason once."""
    found: dict[str, dict[str, None]] = {}
    asked = {each.group for each in results}
    for reason, what in (
        *_skipped(results),
        *(_not_shown(live) if live else ()),
        *(_listeners(live, desired) if live and desired and "listeners" in asked else ()),
        *(_limits(desired, asked) if desired else ()),
        *(_INVISIBLE[each] for each in sorted(asked & _INVISIBLE.keys())),
    ):
        found.setdefault(plain(reason), {})[what] = None
    return tuple(Unseen(reason, tuple(what)) for reason, what in found.items())


_Told = Iterator[tuple[str, str]]


def _skipped(results: Sequence[Result]) -> _Told:
    """What checks left out themselves."""
    for result in results:
        for each in result.outcomes:
            if each.status is Status.SKIP:
                subject = f" ({each.subject})" if each.subject else ""
                yield each.message, f"{result.check}{subject}"


def _not_shown(live: Live) -> _Told:
    """Kinds that RBAC refused, and those that nobody meant to read."""
    for name, gap in sorted(live.gaps.items()):
        part, _, kind = name.partition(".")
        if part == "kubernetes" and kind and gap.cause is Cause.REFUSED:
            yield _REFUSED, kind
        elif part == "kafka" and kind and gap.cause is Cause.REFUSED:
            yield gap.reason, kind


def _listeners(live: Live, desired: Desired) -> _Told:
    """Listeners that Git says and that nobody came to."""
    spec = (desired.kafka.get("spec") or {}).get("kafka") or {}
    seen = {each.listener for each in live.listeners}
    for each in spec.get("listeners") or ():
        if live.gap("listeners") is None and each["name"] not in seen:
            yield "clients come in here, too, and we did not", f"listener {each['name']}"


def _limits(desired: Desired, asked: set[str]) -> _Told:
    """What nobody said how much of it is too much."""
    settings = desired.settings
    if "groups" in asked:
        for name in sorted(settings.consumes):
            limits = settings.groups.get(name)
            if limits is None or (limits.max_lag is None and limits.max_lag_seconds is None):
                yield "no lag is too much: verify.groups.NAME.maxLag or maxLagTime is not set", name
    if "probe" in asked and settings.latency.p99_ms is None:
        yield "only what is usual is known: verify.latency.p99 is not set", "latency of the probe"
