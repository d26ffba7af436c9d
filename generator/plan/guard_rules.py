"""What environments demand of changes: what is guarded, how much may go, and which approvals there are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generator.common.changes import MISSING
from generator.common.finding import Finding, Severity
from generator.common.paths import ENVIRONMENTS
from generator.intent.sections import ApprovalSection
from generator.model.approval_reach import brought, tighter
from generator.model.policy import Limits, Policy
from generator.plan.backup_gate import Requirement, both
from generator.plan.change import Impact
from generator.rules.registry import all_rules

_ANY = "any"
ERROR = str(Severity.ERROR)


@dataclass(slots=True)
class Rules:
    """What one environment demands: policy.guard, deletions, approvals and backupGate, and its approvals."""

    classes: frozenset[Impact] = frozenset()
    deletions: Mapping[str, int] = field(default_factory=dict)
    approvals: Mapping[str, ApprovalSection] = field(default_factory=dict)
    removal: bool = False
    """True when the intent says that the environment is to go."""
    demand: Requirement | None = None
    """Which changes need a verified backup."""
    limits: Limits = field(default_factory=Limits)
    """How far an approval may reach."""
    layers: tuple[str, ...] = ()
    """The folders that it is made of, lowest first, its own last."""
    errors: frozenset[str] = frozenset()
    """The rules, the organisation's own among them, that let nothing wrong pass."""
    protect: bool = False
    """Whether Argo CD asks before it removes what holds data."""
    places: Mapping[str, Finding] = field(default_factory=dict)
    """Where each approval is written, as a finding about it would have to say."""

    def loosened(self, other: "Rules") -> Iterator[tuple[str, str, object]]:
        """What these rules guard and the other ones do not, with its place in the intent and its new value."""
        for impact in sorted(self.classes - other.classes):
            yield "policy.guard", f"{impact} is no longer guarded", sorted(map(str, other.classes))
        for kind in sorted({*self.deletions, *other.deletions}):
            before, after = budget(self, kind), budget(other, kind)
            if after > before:
                text = f"{after} instead of {before} objects of kind {kind} may be deleted"
                yield "policy.deletions", text, dict(other.deletions)
        if self.demand is not None and (text := self.demand.loosened(other.demand)):
            yield "policy.backupGate", text, MISSING if other.demand is None else str(other.demand)
        if text := self.limits.looser(other.limits):
            yield "policy.approvals", text, other.limits._asdict()
        for rule in sorted(self.errors - other.errors):
            yield f"policy.severities.{rule}", f"what breaks the rule {rule} passes", "no error"
        if self.protect and not other.protect:
            text = "Argo CD asks nobody any more before it removes the cluster, a pool or a topic"
            yield "protect", text, False


def stricter(before: Mapping[str, Rules], after: Mapping[str, Rules]) -> dict[str, Rules]:
    """The rules of both sides together, so that no change loosens its own guard.

    What either side guards is guarded, the smaller deletion budget counts, and an approval reaches as far as
    both allow. Tombstones are those of the new side, and so are the approvals that it brings along.
    """
    found = dict(after)
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found[name] = Rules(old.classes, old.deletions, demand=old.demand)
        elif not new.removal:
            kinds = {*old.deletions, *new.deletions}
            found[name] = Rules(
                old.classes | new.classes,
                {kind: min(budget(old, kind), budget(new, kind)) for kind in kinds},
                brought(old.approvals, new.approvals),
                demand=both(old.demand, new.demand),
                limits=tighter(old.limits, new.limits),
                layers=new.layers,
                places=new.places,
            )
    return found


def budget(rules: Rules, kind: str) -> int:
    """How many objects of a kind may go without an approval."""
    return rules.deletions.get(kind, rules.deletions.get(_ANY, 0))


def folders_for(layers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The folders where one text is said for all of these environments: the nearest that all have, else each's."""
    shared = set.intersection(*({*each} for each in layers.values()))
    common = [layer for layer in next(iter(layers.values())) if layer in shared]
    names = common[-1:] or [own[-1] for own in layers.values()]
    return tuple(f"{ENVIRONMENTS}/{name}/" for name in names)


def errors_of(policy: Policy) -> frozenset[str]:
    """The rules whose findings are errors."""
    usual = {name: str(rule.severity) for name, rule in all_rules().items()}
    usual |= {name: own.get("severity", ERROR) for name, own in policy.rules.items()}
    said = policy.severities
    return frozenset(name for name, each in usual.items() if said.get(name, each) == ERROR)


def worst_classes(names: Iterable[str]) -> frozenset[Impact]:
    """The impact classes that `policy.guard` names."""
    return frozenset(Impact(name) for name in names)
