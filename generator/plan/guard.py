"""What may not happen unless somebody answers for it: approvals, deletion budgets, two-step removal."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from generator.common.paths import SHARED
from generator.documents.manifest import emit
from generator.plan.backup_gate import BackupGate, Demand, Held, both
from generator.plan.change import Action, Change, Effect, Impact
from generator.rules.registry.policy import fits

_PROTECTED = "Prune=confirm"
_ANY = "any"
POLICY = "Policy"
"""The kind by which a plan tells, and an approval names, a change of the guard itself."""
_NOTICED = frozenset(Impact) - {Impact.NO_EFFECT, Impact.DYNAMIC}
"""Deletions that somebody notices count against the budget."""


@dataclass(slots=True)
class Rules:
    """What one environment demands: policy.guard, deletions and backupGate, and its approvals."""

    classes: frozenset[Impact] = frozenset()
    deletions: Mapping[str, int] = field(default_factory=dict)
    approvals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tombstone: bool = False
    """True when the intent says that the environment is to go."""
    demand: Demand | None = None
    """Which changes need a verified backup."""

    def loosened(self, other: "Rules") -> Iterator[tuple[str, str]]:
        """What these rules guard and the other ones do not, each with its place in the policy."""
        for impact in sorted(self.classes - other.classes):
            yield "guard", f"{impact} is no longer guarded"
        for kind in sorted({*self.deletions, *other.deletions}):
            before, after = budget(self, kind), budget(other, kind)
            if after > before:
                text = f"{after} instead of {before} objects of kind {kind} may be deleted"
                yield "deletions", text
        if self.demand is not None and (text := self.demand.loosened(other.demand)):
            yield "backupGate", text


def stricter(before: Mapping[str, Rules], after: Mapping[str, Rules]) -> dict[str, Rules]:
    """The rules of both sides together, so that no change loosens its own guard.

    What either side guards is guarded, the smaller deletion budget counts; approvals and tombstones
    are those of the new side.
    """
    found = dict(after)
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found[name] = Rules(old.classes, old.deletions, demand=old.demand)
        elif not new.tombstone:
            kinds = {*old.deletions, *new.deletions}
            deletions = {kind: min(budget(old, kind), budget(new, kind)) for kind in kinds}
            demand = both(old.demand, new.demand)
            found[name] = Rules(old.classes | new.classes, deletions, new.approvals, demand=demand)
    return found


def budget(rules: Rules, kind: str) -> int:
    """How many objects of a kind may go without an approval."""
    return rules.deletions.get(kind, rules.deletions.get(_ANY, 0))


@dataclass(slots=True)
class Guard:
    """The rules of all environments, and the day on which approvals are judged."""

    rules: Mapping[str, Rules]
    today: str
    sides: tuple[Mapping[str, Rules], Mapping[str, Rules]] = ({}, {})
    """What each side demands by itself, to see what a change loosens."""
    gate: BackupGate = field(default_factory=BackupGate)
    _used: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def between(
        cls,
        before: Mapping[str, Rules],
        after: Mapping[str, Rules],
        today: str,
        gate: BackupGate | None = None,
    ) -> "Guard":
        """The guard of a change from one side to the other."""
        return cls(stricter(before, after), today, (before, after), gate or BackupGate())

    def loosening(self, environment: str) -> Iterator[Change]:
        """The change of the guard itself, where it guards less than before."""
        before, after = (side.get(environment) for side in self.sides)
        if before is None or after is None or after.tombstone or environment == SHARED:
            return
        for where, text in before.loosened(after):
            effect = Effect(Impact.CLIENT_VISIBLE, f"from the next merge on, {text}")
            yield Change(
                environment, POLICY, "guard", Action.UPDATE, (effect,), field=f"policy.{where}",
                names=("guard",),
            )  # fmt: skip

    def judge(
        self, environment: str, changes: list[Change], gone: bool = False, held: Held | None = None
    ) -> list[Change]:
        """The same changes, each blocked or approved where it has to be.

        An environment that is `gone` as a whole needs a tombstone. `held` is what its backups hold.
        """
        rules = self.rules.get(environment, Rules())
        if gone and not rules.tombstone and self.rules:
            for change in changes:
                change.blocked = (
                    f"the whole environment goes: say so in environments/{environment}/tombstone.yaml"
                    " with reason: and owner:"
                )
            return changes
        deleted: dict[str, int] = {}
        for change in changes:
            if change.action is Action.DELETE:
                deleted[change.kind] = deleted.get(change.kind, 0) + 1
        for change in changes:
            self._judge(environment, rules, change, deleted)
            self._prove(environment, rules, change, held or Held())
        return changes

    def _judge(
        self, environment: str, rules: Rules, change: Change, deleted: Mapping[str, int]
    ) -> None:
        if change.action in (Action.DELETE, Action.RENAME) and _is_protected(change):
            change.blocked = (
                "it is protected: release it first (retire: on it), merge and sync that, then remove"
                " it; Argo CD looks at the live object's annotation"
            )
            return
        if change.kind == POLICY:
            reason = "it loosens the guard"
        elif change.runs and self.rules:
            # Whatever the policy guards: the Job was rendered to wait for exactly this.
            reason = f"{change.impact}, it {change.runs}s"
        elif change.action is Action.DELETE and self._is_of_tombstone(rules, change):
            return
        elif change.action is Action.DELETE and change.impact in _NOTICED:
            allowed = budget(rules, change.kind)
            if deleted[change.kind] <= allowed:
                return
            count = deleted[change.kind]
            reason = f"{change.impact}, {count} deletion{'s' * (count != 1)} where {allowed} may be"
        else:
            worst = [effect for effect in change.effects if effect.impact in rules.classes]
            if not worst:
                return
            reason = str(worst[0].impact)
        for name, approval in rules.approvals.items():
            if self._covers(approval, change):
                self._used.add((environment, name))
                change.approved_by = name
                return
        change.blocked = f"{reason}: approve it, or take it back"
        change.approvable = True

    def _prove(self, environment: str, rules: Rules, change: Change, held: Held) -> None:
        """What loses records needs a verified backup besides, unless it cannot be approved anyway."""
        if rules.demand is None or (change.blocked and not change.approvable):
            return
        signed = {
            str(approval["backupProof"]): name
            for name, approval in rules.approvals.items()
            if "backupProof" in approval and self._covers(approval, change)
        }
        name = self.gate.judge(rules.demand, change, held, signed)
        if name is not None:
            self._used.add((environment, name))
            change.approved_by = name

    def _is_of_tombstone(self, rules: Rules, change: Change) -> bool:
        """True for what goes with an environment that is to go, its Argo CD Application included."""
        return rules.tombstone or any(
            each.tombstone and change.kind in ("Application", "AppProject")
            and change.name.removeprefix("kafka-") == name
            for name, each in self.rules.items()
        )  # fmt: skip

    def _covers(self, approval: Mapping[str, Any], change: Change) -> bool:
        if approval["expires"] < self.today:
            return False
        if change.runs:
            named = approval["object"] == f"{change.kind}/{change.name}"
            return bool(named and approval["change"] == change.runs)
        if not fits(approval["object"], change.kind, change.names):
            return False
        if not fnmatchcase(change.what, approval["change"]) and change.what != approval["change"]:
            return False
        return "to" not in approval or str(approval["to"]) == str(change.after)

    def unused(self, environment: str) -> list[str]:
        """Approvals of an environment that nothing in this plan needs."""
        rules = self.rules.get(environment, Rules())
        return sorted(name for name in rules.approvals if (environment, name) not in self._used)


def _is_protected(change: Change) -> bool:
    """True when Argo CD would stop and ask before it removes the object."""
    options = str((change.metadata.get("annotations") or {}).get(_OPTIONS, ""))
    return _PROTECTED in options.replace(" ", "").split(",")


_OPTIONS = "argocd.argoproj.io/sync-options"


def approval_for(change: Change, day: str) -> str:
    """The lines of intent that would approve a change until a day."""
    said: dict[str, Any] = {"object": f"{change.kind}/{change.name}", "change": change.what}
    if not change.runs and isinstance(change.after, str | int | float):
        said["to"] = change.after
    if change.wants_proof:
        said["backupProof"] = change.wants_proof
    said |= {"reason": "<why it is acceptable>", "owner": "<team>", "expires": day}
    what = change.what.removeprefix("spec.").removeprefix("config.")
    name = re.sub(r"[^a-z0-9]+", "-", f"{change.name} {what}".lower()).strip("-")
    lines = "".join(f"    {emit({key: value})}" for key, value in said.items())
    return f"approvals:\n  {name[:63].strip('-')}:\n{lines}"


def worst_classes(names: Iterable[str]) -> frozenset[Impact]:
    """The impact classes that `policy.guard` names."""
    return frozenset(Impact(name) for name in names)
