"""What may not happen unless somebody answers for it: approvals, deletion budgets, two-step removal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from generator.common.changes import MISSING, Action
from generator.common.finding import Finding, Severity
from generator.common.kafka_values import config_text
from generator.common.paths import SHARED
from generator.intent.sections import ApprovalSection
from generator.model.approval_reach import days_after, too_far
from generator.model.approvals import SECTION
from generator.plan.approval_text import binding_of, name_for
from generator.plan.backup_gate import BackupGate, Coverage
from generator.plan.change import POLICY, Change, Effect, Impact
from generator.plan.guard_rules import Rules, budget, folders_for, stricter
from generator.rules.registry.policy import fits

_DAYS = 30
"""For how long an approval holds that a plan proposes, where it may hold for so long."""
_NOTICED = frozenset(Impact) - {Impact.NO_EFFECT, Impact.DYNAMIC}
"""Deletions that somebody notices count against the budget."""


Concerned = Mapping[tuple[str, str], tuple[str, ...]]
"""Environments by kind and name of what they share: an approval of it has to be in all that guard it."""


@dataclass(slots=True)
class Guard:
    """The rules of all environments, and the day on which approvals are judged."""

    rules: Mapping[str, Rules]
    today: str
    sides: tuple[Mapping[str, Rules], Mapping[str, Rules]] = ({}, {})
    """What each side demands by itself, to see what a change loosens, and which approvals it brings."""
    gate: BackupGate = field(default_factory=BackupGate)
    concerned: Concerned = field(default_factory=dict)
    partial: bool = False
    """True when not all environments are planned, so that an approval may be needed elsewhere."""
    _used: dict[tuple[str, str], list[Change]] = field(default_factory=dict)
    _proposed: dict[tuple[tuple[str, ...], str], dict[str, Any]] = field(default_factory=dict)
    """What the approvals are for that this plan proposes, by environments and name."""

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
        if before is None or after is None or after.removal:
            return
        for where, text, value in before.loosened(after):
            effect = Effect(Impact.PROTECTION_LOSS, f"from the next merge on, {text}")
            yield Change(
                environment, POLICY, "guard", Action.UPDATE, (effect,), field=where,
                after=value, names=("guard",),
            )  # fmt: skip

    def judge(
        self,
        environment: str,
        changes: list[Change],
        gone: bool = False,
        held: Coverage | None = None,
    ) -> list[Change]:
        """The same changes, each blocked or approved where it has to be.

        An environment that is `gone` as a whole needs a tombstone. `held` is what its backups hold.
        """
        rules = self.rules.get(environment, Rules())
        if gone and environment != SHARED and not rules.removal and self.rules:
            for change in changes:
                change.blocked = _no_tombstone(environment)
            return changes
        deleted: dict[str, int] = {}
        for change in changes:
            if change.action is Action.DELETE:
                deleted[change.kind] = deleted.get(change.kind, 0) + 1
        for change in changes:
            self._judge(environment, change, deleted)
            self._prove(environment, rules, change, held or Coverage())
        return changes

    def _judge(self, environment: str, change: Change, deleted: Mapping[str, int]) -> None:
        if change.release:
            change.blocked = (
                f"it is protected: release it first ({change.release}), merge and sync that, then remove it;"
                " Argo CD looks at the live object's annotation"
            )
            return
        if change.action is Action.DELETE and self._goes_with_environment(environment, change):
            return
        why: dict[str, str] = {}
        for name, rules in self._asked(environment, change):
            allowed = 0 if environment == SHARED else budget(rules, change.kind)
            reason = self._reason(rules, change, deleted, allowed)
            approval = self._approval(rules, change) if reason else ""
            if approval:
                change.approved_by = approval
                self._used.setdefault((name, approval), []).append(change)
            elif reason:
                why[name] = reason
        if why:
            self._block(
                change, f"{next(iter(why.values()))}: approve it, or take it back", tuple(why)
            )

    def _block(self, change: Change, why: str, names: tuple[str, ...]) -> None:
        """Block what an approval in these environments lets through."""
        change.blocked, change.approvable, change.approved_by = why, True, ""
        asked = {name: self.rules.get(name, Rules()) for name in names}
        change.approve_as = self._free_name(change, names)
        change.approve_in = folders_for(
            {name: each.layers or (name,) for name, each in asked.items()}
        )
        if self.today:
            days = min(_DAYS, *(each.limits.max_days for each in asked.values()))
            change.approve_until = days_after(self.today, days)

    def _free_name(self, change: Change, names: tuple[str, ...]) -> str:
        """A name for its approval that stands for nothing else there."""
        sides = [self.sides[1].get(name) or self.rules.get(name, Rules()) for name in names]
        binding = binding_of(change)
        first, number = name_for(change), 1
        name = first
        while any(name in each.approvals for each in sides) or (
            self._proposed.setdefault((names, name), binding) != binding
        ):
            number += 1
            name = f"{first}-{number}"
        return name

    def _asked(self, environment: str, change: Change) -> Iterator[tuple[str, Rules]]:
        """The environments that a change is a matter of, with their rules."""
        if environment != SHARED:
            yield environment, self.rules.get(environment, Rules())
            return
        names = self.concerned.get((change.kind, change.name), tuple(self.rules))
        known = [name for name in names if name in self.rules and not self.rules[name].removal]
        for name in known or [environment]:
            yield name, self.rules.get(name, Rules())

    def _reason(
        self, rules: Rules, change: Change, deleted: Mapping[str, int], allowed: int
    ) -> str:
        """Why a change needs an approval; empty when it needs none."""
        if change.of_guard:
            return "it loosens the guard"
        if change.runs and self.rules:
            # Whatever the policy guards: the Job was rendered to wait for exactly this.
            return f"{change.impact}, it {change.runs}s"
        if change.action is Action.DELETE and change.impact in _NOTICED:
            count = deleted[change.kind]
            if count <= allowed or not self.rules:
                return ""
            return f"{change.impact}, {count} deletion{'s' * (count != 1)} where {allowed} may be"
        worst = [effect for effect in change.effects if effect.impact in rules.classes]
        return str(worst[0].impact) if worst else ""

    def _approval(self, rules: Rules, change: Change) -> str:
        """The approval that lets a change through; empty when none does."""
        return next(
            (name for name, said in rules.approvals.items() if self._covers(rules, said, change)),
            "",
        )

    def _prove(self, environment: str, rules: Rules, change: Change, held: Coverage) -> None:
        """What loses records needs a verified backup besides, unless it cannot be approved anyway."""
        if rules.demand is None or (change.blocked and not change.approvable):
            return
        signed = {
            str(approval["backupProof"]): name
            for name, approval in rules.approvals.items()
            if "backupProof" in approval and self._covers(rules, approval, change)
        }
        name = self.gate.judge(rules.demand, change, held, signed)
        if name is not None:
            self._used.setdefault((environment, name), []).append(change)
            change.approved_by = name
        elif change.approvable and not change.approve_in:
            self._block(change, change.blocked, (environment,))

    def _goes_with_environment(self, environment: str, change: Change) -> bool:
        """True for what goes with an environment, its Argo CD Application included; blocked without a tombstone."""
        names: tuple[str, ...] = (environment,)
        if environment == SHARED:
            names = self.concerned.get((change.kind, change.name), ())
        buried = [name for name in names if self.rules.get(name, Rules()).removal]
        known = self.sides[1] or self.rules
        lost = [name for name in names if environment == SHARED and name not in known]
        if not names or len(buried) + len(lost) < len(names):
            return False
        if lost:
            change.blocked = _no_tombstone(lost[0])
        return True

    def _covers(self, rules: Rules, approval: ApprovalSection, change: Change) -> bool:
        if approval["expires"] < self.today or too_far(approval, rules.limits, self.today):
            return False
        if change.runs:
            named = approval["object"] == f"{change.kind}/{change.name}"
            return bool(named and approval["change"] == change.runs)
        if not fits(approval["object"], change.kind, change.names):
            return False
        if not fnmatchcase(change.what, approval["change"]) and change.what != approval["change"]:
            return False
        return "to" not in approval or config_text(approval["to"]) == config_text(change.becomes)

    def idle(self, environment: str) -> Iterator[Change]:
        """The approvals that a change brings along and that let nothing through: each is blocked itself.

        Those that do let something through stand beside it.
        """
        rules = self.rules.get(environment)
        if rules is None or environment not in self.sides[1] or self.partial:
            return
        earlier = self.sides[0].get(environment, Rules()).approvals
        for name, said in sorted(rules.approvals.items()):
            if (environment, name) in self._used or self._needed_elsewhere(environment, name, said):
                continue
            effect = Effect(
                Impact.PROTECTION_LOSS, "an approval that lets nothing through in this change"
            )
            yield Change(
                environment, POLICY, SECTION, Action.UPDATE, (effect,), field=f"{SECTION}.{name}",
                before=_summary(earlier[name]) if name in earlier else MISSING,
                after=_summary(said), names=(SECTION,),
                blocked=f"{self._why_idle(rules, said)}: take the approval out",
            )  # fmt: skip

    def _needed_elsewhere(self, environment: str, name: str, said: ApprovalSection) -> bool:
        """True for an approval of a shared layer that another environment needs."""
        return any(
            other != environment
            and each.approvals.get(name) == said
            and (other, name) in self._used
            for other, each in self.rules.items()
        )

    def _why_idle(self, rules: Rules, said: ApprovalSection) -> str:
        if said["expires"] < self.today:
            return f"it expired on {said['expires']}"
        far = too_far(said, rules.limits, self.today)
        return f"it reaches too far: {far}" if far else "no change here is blocked without it"

    def unused(self, environment: str) -> list[str]:
        """Approvals of an environment that nothing in this plan needs."""
        said = self.sides[1].get(environment) or self.rules.get(environment, Rules())
        return sorted(name for name in said.approvals if (environment, name) not in self._used)

    def used_up(self, environment: str) -> Iterator[Finding]:
        """Approvals that were there before: they count for the change that brings them, and for no other."""
        said, mine = self.sides[1].get(environment), self.rules.get(environment)
        for name in sorted(said.approvals.keys() - mine.approvals.keys() if said and mine else ()):
            place = said.places.get(name) if said else None
            if place is not None:
                yield replace(
                    place, rule="approval-used-up", severity=Severity.WARNING, fix="take it out",
                    message=f"the approval '{name}' was there before this change, and counts no more",
                    environments=(environment,),
                )  # fmt: skip


def _no_tombstone(environment: str) -> str:
    return (
        f"the whole environment goes: say so in environments/{environment}/tombstone.yaml with reason: and"
        " owner:"
    )


def _summary(said: ApprovalSection) -> str:
    becomes = f" to {config_text(said['to'])}" if "to" in said else ""
    return f"{said['object']} {said['change']}{becomes} until {said['expires']}"
