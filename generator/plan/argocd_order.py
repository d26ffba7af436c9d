"""The order in which Argo CD will prune and apply, which waves gate, and what would hang.

Source: Argo CD 3.5.1, gitops-engine pkg/sync: sync_tasks.go (phase, wave, kind, name), sync_context.go:1097-1125
(waves of what is pruned are mirrored), 1126-1145 (PruneLast), 1616 (each wave prunes first), 599-607 (and waits
until it is gone), 706 (the last wave is not awaited, unless it has a hook), 761 (with ApplyOutOfSyncOnly, as we
render it, only what changes and hooks count as waves). Custom resources share one rank, so that among them names
decide. All of it seen on Argo CD itself (tests/argocd).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generator.common.changes import Action
from generator.common.kinds import apply_rank, kind_of
from generator.documents.manifest import Body, Manifest
from generator.model.approvals import APPROVAL
from generator.plan.change import Change
from generator.plan.impact import MANAGED, PAUSED

_WAVE = "argocd.argoproj.io/sync-wave"
_HOOK = "argocd.argoproj.io/hook"
_OPTIONS = "argocd.argoproj.io/sync-options"
_PHASES = ("PreSync", "Sync", "PostSync")
_SYNC = _PHASES.index("Sync")


@dataclass(frozen=True, slots=True)
class SyncWave:
    """One wave of one phase, with what changes in it."""

    phase: str
    """PreSync, Sync, PostSync, or Prune, which is the first part of a wave of Sync."""
    wave: int
    objects: tuple[str, ...]
    """Kind/name, in the order of their application."""
    gates: bool
    """Argo CD waits here until everything that is new is healthy, or gone. Its checks of Strimzi's kinds compare
    no generations: what changes counts as healthy while its operator has not answered."""
    hangs: tuple[str, ...] = ()
    """Objects that never become healthy, or go, by themselves, and why."""


def steps(
    changes: Iterable[Change], manifests: Iterable[Manifest], earlier: Iterable[Manifest] = ()
) -> list[SyncWave]:
    """The waves that Argo CD will go through, those without a change left out.

    `earlier` are the manifests before the change, of which those that are gone are pruned.
    """
    groups: dict[tuple[int, int], dict[str, Change]] = {}
    pruned: list[Change] = []
    for change in changes:
        label = f"{change.kind}/{change.name}"
        if change.action in (Action.DELETE, Action.RENAME):
            pruned.append(change)
        if change.action is Action.RENAME:
            label = f"{change.kind}/{change.after}"
        if change.action is not Action.DELETE:
            groups.setdefault(_turn(change.metadata), {})[label] = change
    manifests = list(manifests)
    going = _going(pruned, _last_wave([*manifests, *earlier]))
    hooks = {_turn(each) for body in manifests if _hook(each := body.body["metadata"]) in _PHASES}
    last = max((*groups, *((_SYNC, wave) for wave in going), *hooks), default=(_SYNC, 0))
    found = []
    for turn, members in groups.items():
        ordered = sorted(members, key=lambda label: _rank(members[label]))
        waits = turn < last or turn in hooks
        gates = waits and any(map(_is_awaited, members.values()))
        hangs = tuple(
            f"{label}: {reason}"
            for label in ordered
            if (reason := _stuck(members[label])) and waits
        )
        found.append(SyncWave(_PHASES[turn[0]], turn[1], tuple(ordered), gates, hangs))
    for wave, gone in going.items():
        found.append(_prune(wave, gone, waits=(_SYNC, wave) < last or (_SYNC, wave) in hooks))
    return sorted(found, key=_place)


def _place(step: SyncWave) -> tuple[int, int, bool]:
    """Phase by phase, wave by wave, and what goes first."""
    prunes = step.phase == "Prune"
    return _PHASES.index("Sync" if prunes else step.phase), step.wave, not prunes


def _going(changes: Iterable[Change], last_wave: int) -> dict[int, list[Change]]:
    """What goes, by its wave: they are mirrored among themselves, and what goes last has one of its own."""
    changes = list(changes)
    waves = sorted({_wave(change.metadata) for change in changes})
    mirrored = dict(zip(waves, reversed(waves), strict=True))
    found: dict[int, list[Change]] = {}
    for change in changes:
        options = _options(change.metadata)
        if "Prune=false" not in options:
            last = "PruneLast=true" in options
            wave = last_wave + 1 if last else mirrored[_wave(change.metadata)]
            found.setdefault(wave, []).append(change)
    return found


def _prune(wave: int, changes: Iterable[Change], waits: bool) -> SyncWave:
    """What goes in one wave, and who has to be asked before."""
    ordered = sorted(changes, key=_rank, reverse=True)
    hangs = tuple(
        f"{change.kind}/{change.name}: somebody has to confirm that it goes; what follows waits until then"
        for change in ordered if "Prune=confirm" in _options(change.metadata)
    )  # fmt: skip
    labels = tuple(f"{change.kind}/{change.name}" for change in ordered)
    return SyncWave("Prune", wave, labels, waits, hangs)


def _options(metadata: Body) -> set[str]:
    """Argo CD's options for one object."""
    said = str((metadata.get("annotations") or {}).get(_OPTIONS, ""))
    return {*said.replace(" ", "").split(",")}


def _last_wave(manifests: Iterable[Manifest]) -> int:
    """The highest wave of Sync, whether or not anything changes there."""
    turns = (_turn(manifest.body["metadata"]) for manifest in manifests)
    return max((wave for phase, wave in turns if phase == _SYNC), default=0)


def _is_awaited(change: Change) -> bool:
    """False where Argo CD judges no health, or takes what an operator said before for its answer."""
    kind = kind_of(change.kind)
    return kind.health and not (kind.of_strimzi and change.action is Action.UPDATE)


def _turn(metadata: Body) -> tuple[int, int]:
    """Phase and wave."""
    return _PHASES.index(_phase(metadata)), _wave(metadata)


def _wave(metadata: Body) -> int:
    """The wave, 0 where what is written is no number."""
    value = str((metadata.get("annotations") or {}).get(_WAVE, "0"))
    return int(value) if re.fullmatch(r"[+-]?[0-9]{1,9}", value) else 0


def _phase(metadata: Body) -> str:
    hook = _hook(metadata)
    return hook if hook in _PHASES else "Sync"


def _hook(metadata: Body) -> str:
    """The first phase in which it is made anew; empty for what is no hook."""
    return str((metadata.get("annotations") or {}).get(_HOOK, "")).partition(",")[0]


def _rank(change: Change) -> tuple[int, str]:
    return apply_rank(change.kind), change.name


def _stuck(change: Change) -> str:
    """Why it does not become healthy; empty where it does, or where nobody asks."""
    annotations = change.metadata.get("annotations") or {}
    if not kind_of(change.kind).health:
        return ""
    if annotations.get(PAUSED) == "true":
        return "paused, so Argo CD waits for it until the annotation goes"
    if annotations.get(MANAGED) == "false":
        return "unmanaged, which Argo CD's own health check takes for unfinished"
    if APPROVAL in annotations:
        return "a Job that waits for its approval, or takes its time once it has it"
    return ""
