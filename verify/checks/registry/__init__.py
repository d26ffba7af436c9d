"""Checks: one file per subject, one function per check, pure functions of (desired, live).

A check is a function with `@check`, and its group is the module that it stands in, or GROUP of that
module's folder. It yields what it found; a check that yields nothing passed. Modules are found by name, so a new check is a new function
and nothing else. Its docstring is its documentation: the healthy state, then `Compares:`, `Why:`,
`Fix:` (with the command to run; what stands in braces is filled in, see `commands`) and `Source:`.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from generator.common.discovery import modules_below
from generator.contract.report import Outcome, Result, Status, skip, unknown
from verify.checks.registry.commands import filled
from verify.checks.registry.doubt import doubt
from verify.checks.registry.roll import roll_of
from verify.desired import Desired
from verify.live.live import Cause, Gap, Live

Judge = Callable[[Desired, Live], Iterator[Outcome]]


@dataclass(frozen=True, slots=True)
class CheckDoc:
    """A check's docstring in its parts."""

    healthy: str
    compares: str
    why: str
    fix: str
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `needs` are the parts of Live without which it cannot be judged."""

    name: str
    needs: tuple[str, ...]
    severity: Status
    """The worst that it says."""
    drift: bool
    """It compares with Git, so that `drift` asks it."""
    nodes: bool
    """What it finds may be a node that restarts in turn, which is no verdict."""
    metadata: bool
    """It believes the metadata, so that it finds nothing fine while they may be old."""
    judge: Judge = field(repr=False)

    @property
    def group(self) -> str:
        """The module that it stands in, or what the folder of that module calls itself."""
        folder, _, module = self.judge.__module__.rpartition(".")
        return str(getattr(sys.modules[folder], "GROUP", module))

    @property
    def doc(self) -> CheckDoc:
        """Its documentation.

        Raises:
            ValueError: when the docstring lacks a part; a test holds that none does.
        """
        text = inspect.getdoc(self.judge) or ""
        parts = re.split(r"\n\s*(Compares|Why|Fix|Source): ", text)
        said = {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))
        keys = ("", "Compares", "Why", "Fix", "Source")
        texts = [" ".join(said.get(key, "").split()) for key in keys]
        if not all(texts):
            raise ValueError(f"{self.name}: the docstring lacks a part of {keys[1:]}")
        return CheckDoc(*texts)

    def ask(self, desired: Desired, live: Live) -> Result:
        """Judge what was collected; what is missing makes it skipped or unknown, never fine."""
        outcomes = tuple(self._gaps(live)) or tuple(
            sorted(self._judged(desired, live), key=_worst_first)
        )
        result = Result(self.name, self.group, self.doc.healthy, outcomes)
        if result.status not in (Status.WARN, Status.FAIL):
            return result
        wrong = [each for each in outcomes if each.status in (Status.WARN, Status.FAIL)]
        fixes = dict.fromkeys(each.fix or self.doc.fix for each in wrong)
        remedies = [
            filled(
                fix, desired, live, [each for each in wrong if (each.fix or self.doc.fix) == fix]
            )
            for fix in fixes
        ]
        remedy = (
            "; ".join(each.rstrip(".;") for each in remedies) if len(remedies) > 1 else remedies[0]
        )
        return Result(self.name, self.group, self.doc.healthy, outcomes, remedy)

    def _judged(self, desired: Desired, live: Live) -> Iterator[Outcome]:
        """What it finds; a failure of a node that restarts in turn is not known to be one yet."""
        found = list(self.judge(desired, live))
        doubtful = doubt(live) if self.metadata else None
        if doubtful is not None and all(
            each.status in (Status.PASS, Status.SKIP) for each in found
        ):
            yield doubtful
            return
        failed = self.nodes and any(each.status is Status.FAIL for each in found)
        roll = roll_of(desired, live) if failed else ""
        for each in found:
            if roll and each.status is Status.FAIL:
                yield unknown(f"{roll}: {each.message}", each.subject, timed_out=True)
            else:
                yield each

    def _gaps(self, live: Live) -> Iterator[Outcome]:
        gaps = [gap for need in self.needs if (gap := live.gap(need))]
        for gap in dict.fromkeys(gaps or _holes(live, self.needs)):
            if gap.cause is Cause.NOT_ASKED:
                yield skip(gap.reason)
            else:
                yield unknown(gap.reason, timed_out=gap.cause is Cause.TIMED_OUT)


def _holes(live: Live, needs: tuple[str, ...]) -> Iterator[Gap]:
    """Gaps that nobody told of: parts that are not there, and nothing says why."""
    for part in dict.fromkeys(need.partition(".")[0] for need in needs):
        told = any(name.startswith(f"{part}.") for name in live.gaps)
        # The probe, the flow and logins are nobody's duty; their checks say themselves that they were not.
        if part not in ("probe", "flow", "logins") and not getattr(live, part) and not told:
            yield Gap(Cause.UNREACHABLE, f"nothing is known of {part}")
    told = any(name.startswith("kafka.log_dirs") for name in live.gaps)
    if "kafka.log_dirs" in needs and live.kafka and not live.kafka.log_dirs and not told:
        yield Gap(Cause.UNREACHABLE, "nothing is known of log directories")


def _worst_first(outcome: Outcome) -> tuple[int, bool, str, str]:
    rest = outcome.message.endswith(MORE)
    return (-outcome.status.badness, rest, outcome.subject, outcome.message)


MORE = "more like these"
"""How an outcome ends that counts others like those before it."""

_checks: dict[str, Check] = {}


def check(
    name: str,
    *,
    needs: tuple[str, ...],
    severity: Status = Status.FAIL,
    drift: bool = False,
    nodes: bool = False,
    metadata: bool = False,
) -> Callable[[Judge], Judge]:
    """Register a function as a check of this name."""

    def register(judge: Judge) -> Judge:
        _checks[name] = Check(name, needs, severity, drift, nodes, metadata, judge)
        return judge

    return register


ORDER = (
    "identity", "resources", "conditions", "operators", "upgrade", "pods", "placement", "volumes",
    "argocd", "monitoring", "quorum", "clocks", "brokers", "partitions", "topics", "users", "certificates", "listeners",
    "groups", "transactions", "backup", "probe", "flow", "redis",
)  # fmt: skip
"""Groups in the order in which people read them: what explains the rest comes first."""


@cache
def all_checks() -> dict[str, Check]:
    """Every check by name, in the order of groups, then as written."""
    list(modules_below("verify.checks", but=__name__))
    known = {name: place for place, name in enumerate(ORDER)}
    # Stable: within a group the order of definition stays.
    return dict(sorted(_checks.items(), key=lambda item: known.get(item[1].group, len(ORDER))))
