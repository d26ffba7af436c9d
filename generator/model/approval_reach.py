"""How far an approval reaches, and how far `policy.approvals` lets one reach.

An approval is for one change: one object, one field or deed, one value, and not for long. A policy may allow
patterns, where whole lists of alike changes are approved in one go; and more days, or fewer.
"""

from calendar import monthrange, timegm
from collections.abc import Mapping

from generator.common.changes import Action
from generator.intent.sections import ApprovalSection
from generator.model.approvals import PURGE, RUN
from generator.model.policy import Limits

_WHOLE = (RUN, PURGE, Action.DELETE, Action.CREATE)
"""What becomes no value that an approval could name."""
_SIGNS = "*?["
_BINDING = ("object", "change", "to", "backupProof")


def tighter(one: Limits, other: Limits) -> Limits:
    """What both allow."""
    return Limits(min(one.max_days, other.max_days), one.patterns and other.patterns)


def too_far(approval: ApprovalSection, limits: Limits, today: str) -> str:
    """Why an approval reaches further than it may; empty when it does not, or for days without a day."""
    if not limits.patterns:
        for key in ("object", "change"):
            if any(sign in approval[key] for sign in _SIGNS):
                return f"{key} '{approval[key]}' is a pattern, and stands for more than one change"
        if "to" not in approval and approval["change"] not in _WHOLE:
            return "it leaves open what the value becomes (to:)"
    days = _number(approval["expires"]) - _number(today) if today else 0
    if days > limits.max_days:
        return f"it holds for {days} days, and may for {limits.max_days}"
    return ""


def goes_further(before: ApprovalSection | None, after: ApprovalSection) -> bool:
    """True for an approval that is new, names anything else than before, or holds for longer."""
    if before is None or any(before.get(key) != after.get(key) for key in _BINDING):
        return True
    return bool(after["expires"] > before["expires"])


def brought(
    before: Mapping[str, ApprovalSection], after: Mapping[str, ApprovalSection]
) -> dict[str, ApprovalSection]:
    """The approvals that a change brings along: only these count for it."""
    return {name: said for name, said in after.items() if goes_further(before.get(name), said)}


def days_after(day: str, days: int) -> str:
    """The day that comes so many days later."""
    year, month, date = map(int, day.split("-"))
    date += days
    while date > (length := monthrange(year, month)[1]):
        date -= length
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return f"{year:04}-{month:02}-{date:02}"


def _number(day: str) -> int:
    """Days since 1970."""
    year, month, date = map(int, day.split("-"))
    return timegm((year, month, date, 0, 0, 0)) // 86_400
