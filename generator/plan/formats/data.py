"""A plan as plain data: the JSON form (version 1), from which the page for browsers is made too."""

import json
from typing import NotRequired, TypedDict

from generator import __version__
from generator.common.changes import MISSING
from generator.plan.approval_text import approval_for
from generator.plan.change import MEANINGS, Change, Impact
from generator.plan.plan import EnvironmentPlan, Plan, summary
from generator.terminal.reports._words import as_rows, place

VERSION = 1
_LONG = 2000


class EffectData(TypedDict):
    """One consequence."""

    impact: str
    text: str
    reversible: bool


class ChangeData(TypedDict):
    """One object, or one field of it, that changes."""

    kind: str
    name: str
    action: str
    field: str
    place: str
    """Where the intent says so, as file:line:column; empty where only manifests are known."""
    impact: str
    reversible: bool
    effects: list[EffectData]
    blocked: str
    approval: str
    approval_in: list[str]
    approved_by: str
    backup_proof: str
    before: NotRequired[object]
    after: NotRequired[object]


class StepData(TypedDict):
    """One wave of Argo CD's."""

    phase: str
    wave: int
    objects: list[str]
    gates: bool
    hangs: list[str]


class EnvironmentData(TypedDict):
    """What changes in one environment."""

    name: str
    note: str
    blocked: int
    summary: dict[str, int]
    changes: list[ChangeData]
    order: list[StepData]
    unused_approvals: list[str]


class PlanData(TypedDict):
    """A whole plan."""

    version: int
    program: str
    blocked: int
    summary: dict[str, int]
    impacts: dict[str, str]
    environments: list[EnvironmentData]
    findings: list[dict[str, object]]


def as_data(plan: Plan, day: str = "<YYYY-MM-DD>") -> PlanData:
    """Everything about a plan; values that are long are cut and say so.

    What can be approved comes with the lines of intent that approve it until `day`.
    """
    return {
        "version": VERSION,
        "program": f"strimzi-gitops {__version__}",
        "blocked": len(plan.blocked),
        "summary": {str(impact): count for impact, count in summary(plan.changes).items()},
        "impacts": {str(impact): MEANINGS[impact] for impact in Impact},
        "environments": [_environment(each, day) for each in plan.environments],
        "findings": as_rows(plan.findings),
    }


def _environment(each: EnvironmentPlan, day: str) -> EnvironmentData:
    return {
        "name": each.name,
        "note": each.note,
        "blocked": len(each.blocked),
        "summary": {str(impact): count for impact, count in summary(each.changes).items()},
        "changes": [_change(change, day) for change in each.changes],
        "order": [
            {"phase": step.phase, "wave": step.wave, "objects": list(step.objects),
             "gates": step.gates, "hangs": list(step.hangs)}
            for step in each.steps
        ],
        "unused_approvals": each.unused_approvals,
    }  # fmt: skip


def _change(change: Change, day: str) -> ChangeData:
    data: ChangeData = {
        "kind": change.kind,
        "name": change.name,
        "action": str(change.action),
        "field": change.field,
        "place": place(change.place) if change.place else "",
        "impact": str(change.impact),
        "reversible": change.reversible,
        "effects": [
            {"impact": str(effect.impact), "text": effect.text, "reversible": effect.reversible}
            for effect in change.effects
        ],
        "blocked": change.blocked,
        "approval": approval_for(change, day) if change.approvable else "",
        "approval_in": list(change.approve_in) if change.approvable else [],
        "approved_by": change.approved_by,
        "backup_proof": change.backup_proof,
    }
    if change.field or change.action == "rename":
        data["before"], data["after"] = plain(change.before), plain(change.after)
    return data


def plain(value: object) -> object:
    """A value as JSON has it; null where it is absent."""
    if value is MISSING:
        return None
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"{text[:_LONG]}... ({len(text)} characters)" if len(text) > _LONG else value
