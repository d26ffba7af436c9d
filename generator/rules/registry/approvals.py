"""What is wrong with the approvals of an environment, as far as its own intent tells.

An approval is of use only in the change that brings it, and after that change the environment is what it says:
so one that says anything else can match nothing.
"""

from collections.abc import Iterable, Iterator, Mapping

from generator.common.changes import MISSING, Action, said
from generator.common.finding import Path, Problem, Severity
from generator.common.kafka_values import config_text
from generator.documents.manifest import Manifest
from generator.intent.sections import ApprovalSection
from generator.model.approval_reach import too_far
from generator.model.approvals import ORDERS, PURGE, RUN, SECTION
from generator.model.environment import Environment
from generator.model.overrides import list_key
from generator.rules.registry.policy import object_name

_SHARED_KINDS = ("Application", "AppProject", "Policy")
"""What stands in no environment's own folder."""


def approval_findings(
    environment: Environment, manifests: Iterable[Manifest], today: str
) -> Iterator[Problem]:
    """Approvals that have expired, that reach further than they may, and that match nothing."""
    approvals = environment.data.get(SECTION, {})
    if not approvals:
        return
    limits = environment.policy.approvals
    by_name: dict[str, dict[str, Manifest]] = {}
    for manifest in manifests:
        kind = by_name.setdefault(manifest.kind, {})
        kind[manifest.name] = kind[object_name(manifest)] = manifest
    for name, each in sorted(approvals.items()):
        path: Path = (SECTION, name)
        if each["expires"] < today:
            yield Problem((*path, "expires"), f"the approval '{name}' expired", "approval-expired",
                          "take it out: what it let through has happened, or needs a new one")  # fmt: skip
        elif far := too_far(each, limits, today):
            yield Problem(path, f"the approval '{name}' reaches too far: {far}", "approval-reach",
                          "name one object, one field, its new value (to:) and a day soon; or say in"
                          " policy.approvals how far approvals may reach", on_key=True)  # fmt: skip
        elif why := _mismatch(each, by_name):
            yield Problem(path, f"the approval '{name}' matches nothing: {why}", "approval-unused",
                          "take it out, or write what the plan calls the change",
                          Severity.WARNING, on_key=True)  # fmt: skip


def _mismatch(each: ApprovalSection, objects: Mapping[str, Mapping[str, Manifest]]) -> str:
    """Why no change that ends in these objects is the one that an approval names; empty when one may be."""
    kind, _, name = each["object"].partition("/")
    change = each["change"]
    if any(sign in each["object"] + change for sign in "*?[") or kind in _SHARED_KINDS:
        return ""
    found = objects.get(kind, {}).get(name)
    if change in (Action.DELETE, Action.RENAME):
        return f"{each['object']} is still there" if found else ""
    if change in (RUN, PURGE) and kind in ("Job", *ORDERS):
        return ""  # whether it waits for that is told where it is asked for
    if found is None:
        return f"there is no {each['object']}"
    if change == Action.CREATE or "to" not in each:
        return ""
    value = config_text(said(_at(found.body, change)))
    return "" if value == config_text(each["to"]) else f"{change} is {value}, not {each['to']}"


def _at(node: object, field: str) -> object:
    """The value at a field as plans write it: keys and names of list items, dotted, dots in keys as they are."""
    if not field:
        return node
    if isinstance(node, list):
        key = list_key(node)
        node = {str(item[key]): item for item in node} if key else {}
    if not isinstance(node, dict):
        return MISSING
    for name in node:
        if field == name or field.startswith(f"{name}."):
            value = _at(node[name], field[len(name) + 1 :])
            if value is not MISSING:
                return value
    return MISSING
