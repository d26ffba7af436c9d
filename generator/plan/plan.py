"""What a change of intent does to live clusters: two states -> classified changes, guarded and ordered.

states -> changes -> renames -> effects -> upgrades -> guard -> Argo CD's order
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from generator.common.changes import Action
from generator.common.finding import Finding, Path, Problem, merged
from generator.common.kinds import OWN_PODS, kind_of
from generator.common.paths import SHARED
from generator.documents.manifest import Manifest
from generator.plan.argocd_order import SyncWave, steps
from generator.plan.backup_gate import held_by
from generator.plan.change import RANK, Change, Effect, FieldChange, Impact
from generator.plan.field_diff import differences, normal
from generator.plan.guard import Guard
from generator.plan.impact import MANAGED, Pair, topic_of
from generator.plan.impact.judge import effects
from generator.plan.impact.topics import renamed
from generator.plan.release import release_of
from generator.plan.same_object import Identity, elsewhere, in_other_words, moves
from generator.plan.upgrade import judge, operator_app
from generator.rules.registry.policy import object_name
from generator.system.build import cluster_of
from generator.system.system import System
from generator.validate.schemas import at_origin

NEW = "new environment"
GONE = "environment removed"
HIDDEN = "(not shown)"
_CONTENT = ("data", "stringData")
"""Where a Secret has what no report may show."""


@dataclass(frozen=True, slots=True)
class State:
    """One environment at one time: its manifests, and the systems that they make, its own first."""

    manifests: tuple[Manifest, ...] = ()
    systems: tuple[System, ...] = ()
    locate: Callable[[Problem], Finding] | None = None
    """Where the intent says what is behind an object; None where only manifests are known."""

    @property
    def system(self) -> System | None:
        """The environment's own system."""
        return next(iter(self.systems), None)

    def place(self, other: "State", manifest: Manifest, path: Path = ()) -> Finding | None:
        """Where the intent says an object, or one field of it, that is not so in the other state."""
        if self.locate is None:
            return None
        problem = at_origin(manifest, Problem(path, "", "", on_key=True), "")
        sizes = {each.system.size for each in (self, other) if each.system}
        return self.locate(replace(problem, of_size=len(sizes) > 1))

    def system_of(self, manifest: Manifest | None) -> System | None:
        """The system that an object belongs to; for objects of no Kafka the environment's own."""
        if manifest is None:
            return None
        cluster = cluster_of(manifest)
        if not cluster or "Kafka" not in (manifest.kind, kind_of(manifest.kind).of):
            return self.system
        return next((each for each in self.systems if each.name == cluster), None)


@dataclass(slots=True)
class EnvironmentPlan:
    """What changes in one environment, worst first, and in which order Argo CD will do it."""

    name: str
    changes: list[Change]
    steps: list[SyncWave] = field(default_factory=list)
    note: str = ""
    """NEW or GONE, else empty."""
    unused_approvals: list[str] = field(default_factory=list)

    @property
    def blocked(self) -> list[Change]:
        """What nobody approved."""
        return [change for change in self.changes if change.blocked]


@dataclass(slots=True)
class Plan:
    """The changes of all environments."""

    environments: list[EnvironmentPlan]
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with approvals that this change does not touch."""

    @property
    def changes(self) -> list[Change]:
        """All changes of all environments."""
        return [change for each in self.environments for change in each.changes]

    @property
    def blocked(self) -> list[Change]:
        """What nobody approved, of all environments."""
        return [change for change in self.changes if change.blocked]


def plan(before: Mapping[str, State], after: Mapping[str, State], guard: Guard) -> Plan:
    """The plan from one state of all environments to another, environments sorted by name."""
    found = {
        name: list(_changes(name, before.get(name, State()), after.get(name, State())))
        for name in sorted({*before, *after})
    }
    shared = before.get(SHARED, State()).manifests
    judge.judge(chain.from_iterable(found.values()), _running(before), _running(after), shared)
    judged: dict[str, list[Change]] = {}
    for name, unsorted in found.items():
        systems = (each.get(name, State()).system for each in (before, after))
        known = [each for each in systems if each and each.environment]
        new = after.get(name, State())
        changes = sorted((*unsorted, *_located(guard.loosening(name), new)), key=_worst_first)
        held = held_by(next(iter(known), None))
        judged[name] = guard.judge(name, changes, gone=name not in after, held=held)
    made = []
    for name, changes in judged.items():
        old, new = before.get(name, State()), after.get(name, State())
        told = sorted((*changes, *_located(guard.idle(name), new)), key=_worst_first)
        if told:
            note = NEW if name not in before else GONE if name not in after else ""
            objects = [change for change in changes if not change.of_guard]
            ordered = steps(objects, new.manifests, old.manifests)
            made.append(EnvironmentPlan(name, told, ordered, note, guard.unused(name)))
    return Plan(made, merged(each for name in judged for each in guard.used_up(name)))


def _located(changes: Iterable[Change], new: State) -> Iterator[Change]:
    """Changes of the guard itself, each with its place in the intent."""
    for change in changes:
        if new.locate is not None:
            path = tuple(change.field.split(".", 2))
            change.place = new.locate(Problem(path, "", "", on_key=True))
        yield change


def _running(states: Mapping[str, State]) -> dict[str, System]:
    return {name: state.system for name, state in states.items() if state.system is not None}


def _worst_first(change: Change) -> tuple[int, str, str, str]:
    return (-RANK[change.impact], change.kind, change.name, change.field)


def _changes(name: str, old: State, new: State) -> Iterator[Change]:
    seen = operator_app.seen if name == SHARED else tuple
    before, after = ({each.identity: each for each in seen(side.manifests)} for side in (old, new))
    gone = {key: before[key] for key in before if key not in after}
    come = {key: after[key] for key in after if key not in before}
    same = {key: manifest for key, manifest in before.items() if key in after}
    same |= in_other_words(gone, come, new.system)
    moved = elsewhere(gone, come)
    yield from _renames(name, gone, come, old, new)
    for key, manifest in gone.items():
        change = _whole(name, _pair(manifest, None, old, new), manifest, Action.DELETE)
        change.place = old.place(new, manifest)
        if key in moved:
            change.effects += (moves(key[2], moved[key]),)
        yield change
    for manifest in come.values():
        change = _whole(name, _pair(None, manifest, old, new), manifest, Action.CREATE)
        change.place = new.place(old, manifest)
        yield change
    for key, manifest in after.items():
        earlier = same.get(key)
        if earlier is not None and earlier.body != manifest.body:
            pair = _pair(earlier, manifest, old, new)
            row = kind_of(manifest.kind)
            exact = "resources" if row.of_strimzi and row.restarts == OWN_PODS else ""
            for change_of_field in differences(earlier.body, manifest.body, exact=exact):
                change = _update(name, pair, manifest, change_of_field)
                change.place = new.place(old, manifest, change.path)
                yield change


def _pair(before: Manifest | None, after: Manifest | None, old: State, new: State) -> Pair:
    """An object with the system around it, the same one on both sides."""
    manifest = after or before
    systems = old.system_of(before or manifest), new.system_of(after or manifest)
    around = new.system or old.system
    return Pair(before, after, *systems, around.strimzi if around else "")


def _whole(environment: str, pair: Pair, manifest: Manifest, action: Action) -> Change:
    side = manifest.body
    before, after = (side, None) if action is Action.DELETE else (None, side)
    change = _of(environment, manifest, action, effects(pair, None))
    change.before, change.after = before, after
    if action is Action.DELETE:
        change.release = release_of(manifest, pair.old, pair.new)
    return change


def _update(environment: str, pair: Pair, manifest: Manifest, change: FieldChange) -> Change:
    made = _of(environment, manifest, Action.UPDATE, effects(pair, change))
    made.field, made.path = ".".join(map(str, change.path)), change.path
    made.before, made.after = change.before, change.after
    if manifest.kind == "Secret" and change.path[0] in _CONTENT:
        made.before, made.after = HIDDEN, HIDDEN
    return made


def _of(environment: str, manifest: Manifest, action: Action, found: tuple[Effect, ...]) -> Change:
    name = object_name(manifest)
    return Change(
        environment, manifest.kind, name, action, tuple(sorted(found, key=_worst_effect)),
        names=(name, manifest.name), metadata=manifest.body["metadata"],
    )  # fmt: skip


def _worst_effect(effect: Effect) -> int:
    return -RANK[effect.impact]


def _renames(
    environment: str,
    gone: dict[Identity, Manifest],
    come: dict[Identity, Manifest],
    old: State,
    new: State,
) -> Iterator[Change]:
    """Topics that went while others came that are the same but for the name; both are taken out."""
    waiting: dict[str, list[Identity]] = {}
    for key in sorted(come):
        if key[1] == "KafkaTopic":
            waiting.setdefault(_essence(come[key]), []).append(key)
    for key in sorted(gone):
        if key[1] != "KafkaTopic" or _is_unmanaged(gone[key]):
            continue
        alike = waiting.get(_essence(gone[key]), [])
        before = topic_of(gone[key], old.system_of(gone[key]))
        other = _nearest(key, alike)
        after = topic_of(come[other], new.system_of(come[other])) if other else None
        if before is None or after is None or other is None:
            continue
        alike.remove(other)
        earlier = gone.pop(key)
        change = _of(environment, earlier, Action.RENAME, renamed(before, after))
        change.place = new.place(old, come.pop(other))
        change.before, change.after = before.name, after.name
        change.names = (before.name, earlier.name, after.name)
        change.release = release_of(earlier, before.system, after.system)
        yield change


def _is_unmanaged(manifest: Manifest) -> bool:
    """True for a topic that stays in Kafka when its object goes."""
    annotations = manifest.body["metadata"].get("annotations") or {}
    return str(annotations.get(MANAGED)) == "false"


def _nearest(key: Identity, alike: list[Identity]) -> Identity | None:
    """The most similar name, looked for among the neighbours where there are many."""
    if len(alike) > _MANY:
        place = bisect_left(alike, key)
        alike = alike[max(0, place - _MANY // 2) : place + _MANY // 2]
    distances = sorted((_distance(key[3], each[3]), each) for each in alike)
    return distances[0][1] if distances and distances[0][0] <= _FAR else None


_FAR = 0.6
_MANY = 16


def _essence(manifest: Manifest) -> str:
    """What a rename leaves alone."""
    spec = {key: value for key, value in manifest.body["spec"].items() if key != "topicName"}
    labels = manifest.body["metadata"].get("labels", {})
    where = manifest.identity[2]
    return json.dumps([normal(spec, ("spec",)), labels, where], sort_keys=True, default=str)


def _distance(one: str, other: str) -> float:
    """0 for equal names, 1 for names that share nothing."""
    import difflib

    return 1 - difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def summary(changes: Iterable[Change]) -> dict[Impact, int]:
    """How many changes have each impact, worst first."""
    counts: dict[Impact, int] = {}
    for change in changes:
        counts[change.impact] = counts.get(change.impact, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -RANK[item[0]]))
