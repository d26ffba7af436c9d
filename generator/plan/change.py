"""What changes between two states of an environment, and what that does."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from generator.common.changes import MISSING, Action, said
from generator.common.finding import Finding, Path
from generator.documents.manifest import Body
from generator.model.approvals import APPROVAL, ORDERS, PURGE, RUN

POLICY = "Policy"
"""The kind by which a plan tells, and an approval names, a change of the guard itself."""


class Impact(StrEnum):
    """What a change does to a running cluster, mildest first."""

    NO_EFFECT = "no-effect"
    DYNAMIC = "dynamic"
    ROLLING_RESTART = "rolling-restart"
    DATA_MOVEMENT = "data-movement"
    UNKNOWN = "unknown"
    CLIENT_VISIBLE = "client-visible"
    IGNORED = "ignored"
    IRREVERSIBLE = "irreversible"
    REFUSED = "refused"
    PROTECTION_LOSS = "protection-loss"
    DATA_LOSS = "data-loss"


MEANINGS: dict[Impact, str] = {
    Impact.NO_EFFECT: "nothing happens",
    Impact.DYNAMIC: "takes effect while everything runs",
    Impact.ROLLING_RESTART: "pods restart one after the other",
    Impact.DATA_MOVEMENT: "data moves between brokers",
    Impact.UNKNOWN: "nobody here knows what it does",
    Impact.CLIENT_VISIBLE: "clients notice",
    Impact.IGNORED: "the operator silently does not do it",
    Impact.IRREVERSIBLE: "reverting the commit does not bring the old state back",
    Impact.REFUSED: "the operator refuses it, after the merge",
    Impact.PROTECTION_LOSS: "what guards data or the way to production is weaker than before",
    Impact.DATA_LOSS: "data is deleted",
}

RANK = {impact: rank for rank, impact in enumerate(Impact)}


class Effect(NamedTuple):
    """One consequence, in one line with numbers where they are known."""

    impact: Impact
    text: str
    reversible: bool = True
    """Whether reverting the commit brings the old state back."""


class FieldChange(NamedTuple):
    """One field of an object; MISSING where it is absent."""

    path: Path
    before: Any
    after: Any


@dataclass(slots=True)
class Change:
    """One object, or one field of it, that changes."""

    environment: str
    kind: str
    name: str
    """What people call the object: a topic by its name in Kafka."""
    action: Action
    effects: tuple[Effect, ...]
    field: str = ""
    """The dotted path of an updated field; empty for whole objects."""
    path: Path = ()
    """The same as a path."""
    before: Any = MISSING
    after: Any = MISSING
    names: tuple[str, ...] = ()
    """All names by which an approval may mean the object."""
    release: str = ""
    """What the intent has to say in a merge before, where Argo CD would stop at the removal."""
    blocked: str = ""
    """Why the guard stops it; empty when it does not."""
    approvable: bool = False
    """Whether an approval would let through what is blocked."""
    approve_in: tuple[str, ...] = ()
    """The folders whose intent has to say so."""
    approve_as: str = ""
    """The name of the approval, which no other one has there."""
    approve_until: str = ""
    """The last day that a proposed approval may name; empty when nobody knows the day."""
    approved_by: str = ""
    """The approval that lets it through."""
    backup_proof: str = ""
    """Which verified backup has what it loses; empty where none is demanded."""
    wants_proof: str = ""
    """What its approval has to name besides, so that the backup counts as verified."""
    place: Finding | None = None
    """Where the intent says so; where it did, for what goes; None where only manifests are compared."""
    metadata: Body = dataclasses.field(default_factory=dict, repr=False)
    """The object's metadata, the new one where there is one."""

    @property
    def impact(self) -> Impact:
        """The worst of its effects."""
        impacts = [effect.impact for effect in self.effects]
        return max(impacts, key=RANK.__getitem__, default=Impact.NO_EFFECT)

    @property
    def reversible(self) -> bool:
        """Whether reverting the commit brings the old state back."""
        return all(effect.reversible for effect in self.effects)

    @property
    def runs(self) -> str:
        """The word of what it lets run: a Job that waited, or an order; empty for all others."""
        if self.kind in ORDERS:
            return self._order
        word = (self.metadata.get("annotations") or {}).get(APPROVAL)
        if self.kind != "Job" or word is None:
            return ""
        if self.action is Action.CREATE:
            begins = not self.after["spec"].get("suspend")
        else:
            begins = self.field == "spec.suspend" and self.after is not True
        return str(word) if begins else ""

    @property
    def _order(self) -> str:
        """The word of an order by what it does, whoever wrote it; empty when it does nothing."""
        begins = self.action is Action.CREATE or self.path[:1] == ("spec",)
        if not begins or self.impact is Impact.NO_EFFECT:
            return ""
        return PURGE if self.impact is Impact.DATA_LOSS else RUN

    @property
    def what(self) -> str:
        """What an approval calls the change: run or purge, delete, create, rename, or the field."""
        return self.runs or self.field or str(self.action)

    @property
    def of_guard(self) -> bool:
        """True for a change of the guard itself, which no object of Kubernetes tells."""
        return self.kind == POLICY and not self.metadata

    @property
    def becomes(self) -> str | int | float | None:
        """What an approval says that it becomes; None where only whole objects come, go or run."""
        if self.runs or not (self.field or self.action is Action.RENAME):
            return None
        return said(self.after)
