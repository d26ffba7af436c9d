"""Collect, judge, and again until the verdict holds; one deadline over all of it."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from generator.common.exit_codes import ExitCode
from generator.contract.report import Result, Status, skip, unknown
from verify.checks.registry import Check, all_checks
from verify.collect.plan import CollectPlan, Watcher
from verify.collect.round import Round
from verify.desired import Desired
from verify.live.gap import bug
from verify.live.live import Live
from verify.report.report import Report, exit_code_of, report_of

IDENTITY = "identity"
_PAUSE_S = 5.0
"""Between two rounds; every round asks from fresh connections."""


class Observer(Watcher, Protocol):
    """Who wants to watch a run."""

    def judged(self, results: Sequence[Result]) -> None:
        """A round's checks have been judged."""

    def waiting(self, round_: int, until_s: float, /) -> None:
        """After this round, counted from 1, the next begins in so many seconds."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a run may take, and how long its verdict must hold."""

    timeout_s: float = 120
    """For one round."""
    wait_s: float = 0
    stable_s: float = 0
    strict: bool = False


def chosen(only: Iterable[str], leave_out: Iterable[str]) -> list[Check]:
    """The checks that are asked: all, or those named by check or group, without those left out.

    Raises:
        KeyError: with a name that neither a check nor a group has.
    """
    known = all_checks()
    groups = {check.group for check in known.values()}
    for name in [*only, *leave_out]:
        if name not in known and name not in groups:
            raise KeyError(name)
    wanted, unwanted = set(only), set(leave_out)
    return [
        check
        for check in known.values()
        if (not wanted or {check.name, check.group} & wanted)
        and not {check.name, check.group} & unwanted
    ]


def parts_of(checks: Iterable[Check]) -> frozenset[str]:
    """The parts of Live that checks need."""
    return frozenset(need.partition(".")[0] for check in checks for need in check.needs)


def watches_groups(checks: Iterable[Check]) -> bool:
    """Whether what groups do over a window is worth waiting for."""
    return any("kafka.groups" in check.needs for check in checks)


def judge(checks: Iterable[Check], desired: Desired, live: Live) -> list[Result]:
    """Every check's result; nothing is said of a cluster that is not the one that is meant."""
    results = []
    other = False
    known = all_checks()
    for check in [each for each in known.values() if each.group == IDENTITY]:
        other = other or any(
            outcome.status is Status.FAIL for outcome in check.ask(desired, live).outcomes
        )
    for check in checks:
        if other and check.group != IDENTITY:
            left = (skip("this is not the cluster that is meant"),)
            results.append(Result(check.name, check.group, check.doc.healthy, left))
        else:
            results.append(_asked(check, desired, live))
    if other and not any(result.group == IDENTITY for result in results):
        identity = [check for check in known.values() if check.group == IDENTITY]
        results = [*(check.ask(desired, live) for check in identity), *results]
    return results


def _asked(check: Check, desired: Desired, live: Live) -> Result:
    """What a check finds; one that breaks finds out nothing, and no other result is lost."""
    try:
        return check.ask(desired, live)
    except Exception as error:  # noqa: BLE001 - told as what it is
        return Result(check.name, check.group, check.doc.healthy, (unknown(bug(error)),))


def verify(
    plan: CollectPlan, checks: Sequence[Check], patience: Patience, observer: Observer
) -> Report:
    """The report of the last round, once its verdict holds or the time is up.

    Without `wait_s` there is one round. With it, an unhealthy verdict is asked for again until it is
    healthy, and a healthy one until it has held for `stable_s`.
    """
    began = time.monotonic()
    end = began + max(patience.wait_s, patience.timeout_s)
    rounds = 0
    healthy_since: float | None = None
    while True:
        rounds += 1
        each = Round(plan, min(end, time.monotonic() + patience.timeout_s), observer)
        each.collect()
        results = judge(checks, each.desired, each.live)
        if plan.place is not None and _blames_a_node(checks, results):
            from verify.collect.kubernetes.nodes import look_again

            if look_again(plan.place, each.desired.cluster, each.live, end):
                results = judge(checks, each.desired, each.live)
        now = time.monotonic()
        report = report_of(
            each.desired, each.live, results,
            strict=patience.strict, took_s=round(now - began, 3), rounds=rounds,
        )  # fmt: skip
        observer.judged(results)
        fine = report.exit_code is ExitCode.FINE
        healthy_since = (healthy_since if healthy_since is not None else now) if fine else None
        held = fine and healthy_since is not None and now - healthy_since >= patience.stable_s
        if held or not patience.wait_s or _is_another(results):
            return report
        pause_s = _pause(patience, healthy_since, now)
        if now + pause_s >= began + patience.wait_s:
            return _too_late(report) if fine else report
        observer.waiting(rounds, pause_s)
        time.sleep(pause_s)


def _blames_a_node(checks: Sequence[Check], results: Sequence[Result]) -> bool:
    """True when something failed that may be a node which restarts, unknown to who looked at pods before."""
    of_nodes = {check.name for check in checks if check.nodes or check.metadata}
    return any(each.check in of_nodes and each.status is Status.FAIL for each in results)


def _is_another(results: Sequence[Result]) -> bool:
    """True when the brokers are another cluster's; waiting makes them no other."""
    return any(each.check == "cluster-id" and each.status is Status.FAIL for each in results)


def _pause(patience: Patience, healthy_since: float | None, now: float) -> float:
    """Seconds until the next round: soon, or when a healthy verdict will have held."""
    if healthy_since is None:
        return _PAUSE_S
    return min(_PAUSE_S, max(0.1, patience.stable_s - (now - healthy_since)))


def _too_late(report: Report) -> Report:
    """The report of a cluster that became healthy too late to say that it stays so."""
    import msgspec

    return msgspec.structs.replace(report, exit_code=ExitCode.TIMED_OUT)


def offline(live: Live, desired: Desired, checks: Sequence[Check], *, strict: bool) -> Report:
    """The report of what a dump holds; nobody is asked."""
    return report_of(desired, live, judge(checks, desired, live), strict=strict)


def differences(results: Sequence[Result]) -> ExitCode:
    """What `drift` ends with: 7 when anything differs from Git."""
    if any(result.status in (Status.FAIL, Status.WARN) for result in results):
        return ExitCode.DIFFERENT
    return exit_code_of(results)
