"""Two environments side by side: what differs, and how much of it is meant."""

from collections.abc import Iterator

from generator.common.changes import MISSING, Action
from generator.plan.change import Change
from generator.plan.formats.data import plain
from generator.plan.guard import Guard
from generator.plan.plan import State, plan


def unmeant(
    one: State, other: State, name: str, other_name: str
) -> tuple[list[dict[str, object]], int]:
    """Rows of object, field and both values, and how many differences are meant.

    `other` is rendered in the place of `one`, so that namespaces are no difference.
    """
    made = plan({name: one}, {name: other}, Guard({}, ""))
    policies = [state.system.policy for state in (one, other) if state.system]
    rows, meant = [], 0
    for change in made.changes:
        for kind_name, field, mine, theirs in _rows(change):
            kind, _, object_name = kind_name.partition("/")
            if any(policy.allows(kind, object_name, field) for policy in policies):
                meant += 1
            else:
                row = {"object": kind_name, "field": field, name: mine, other_name: theirs}
                rows.append(row)
    rows.sort(key=lambda row: (row["object"], row["field"]))
    return rows, meant


def _rows(change: Change) -> Iterator[tuple[str, str, object, object]]:
    label = f"{change.kind}/{change.name}"
    if change.action is Action.UPDATE:
        yield label, change.field, _shown(change.before), _shown(change.after)
    elif change.action is Action.RENAME:
        yield label, "", "here", "missing"
        yield f"{change.kind}/{change.after}", "", "missing", "here"
    elif change.action is Action.DELETE:
        yield label, "", "here", "missing"
    else:
        yield label, "", "missing", "here"


def _shown(value: object) -> object:
    return "-" if value is MISSING else plain(value)
