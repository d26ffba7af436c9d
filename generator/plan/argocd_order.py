"""The order in which Argo CD will prune and apply, which waves gate, and what would hang.

Source: Argo CD 3.5.1, gitops-engine pkg/sync: sync_tasks.go (phase, wave, kind, name), sync_context.go:1097-1125
(waves of what is pruned are mirrored), 1126-1145 (PruneLast), 1616 (each wave prunes first), 599-607 (and waits
until it is gone). Custom resources share one rank, so that among them names decide.
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


@dataclass(frozen=True, slots=True)
class SyncWave:
    """One wave of one phase, with what changes in it."""

    phase: str
    """PreSync, Sync, PostSync, or Prune, which is the first part of a wave of Sync."""
    wave: int
    objects: tuple[str, ...]
    """Kind/name, in the order of their application."""
    gates: bool
    """Argo CD waits here until everything is healthy, or gone."""
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
            key = (_PHASES.index(_phase(change.metadata)), _wave(change.metadata))
            groups.setdefault(key, {})[label] = change
    last_wave, hooks_follow = _end(manifests, earlier)
    going = _going(pruned, last_wave)
    last_wave = max(last_wave, *going) if going else last_wave
    found = []
    for (phase, wave), members in groups.items():
        ordered = sorted(members, key=lambda label: _rank(members[label]))
        waits = phase == 0 or wave < last_wave or hooks_follow
        gates = waits and any(kind_of(change.kind).health for change in members.values())
        hangs = tuple(
            f"{label}: {reason}"
            for label in ordered
            if (reason := _stuck(members[label])) and waits
        )
        found.append(SyncWave(_PHASES[phase], wave, tuple(ordered), gates, hangs))
    for wave, gone in going.items():
        found.append(_prune(wave, gone, waits=wave < last_wave or hooks_follow))
    return sorted(found, key=_turn)


def _turn(step: SyncWave) -> tuple[int, int, bool]:
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
        f"{change.kind}/{change.name}: somebody has to confirm that it goes, and until then all waits"
        for change in ordered if "Prune=confirm" in _options(change.metadata)
    )  # fmt: skip
    labels = tuple(f"{change.kind}/{change.name}" for change in ordered)
    return SyncWave("Prune", wave, labels, waits, hangs)


def _options(metadata: Body) -> set[str]:
    """Argo CD's options for one object."""
    said = str((metadata.get("annotations") or {}).get(_OPTIONS, ""))
    return {*said.replace(" ", "").split(",")}


def _end(manifests: Iterable[Manifest], earlier: Iterable[Manifest]) -> tuple[int, bool]:
    """The highest wave of the sync, and whether a hook follows it, so that it is awaited too."""
    waves, hooks = [0], False
    for manifest in manifests:
        metadata = manifest.body["metadata"]
        waves.append(_wave(metadata))
        hooks = hooks or _phase(metadata) == "PostSync"
    waves += [_wave(manifest.body["metadata"]) for manifest in earlier]
    return max(waves), hooks


def _wave(metadata: Body) -> int:
    """The wave, 0 where what is written is no number."""
    value = str((metadata.get("annotations") or {}).get(_WAVE, "0"))
    return int(value) if re.fullmatch(r"[+-]?[0-9]{1,9}", value) else 0


def _phase(metadata: Body) -> str:
    hook = str((metadata.get("annotations") or {}).get(_HOOK, "Sync")).partition(",")[0]
    return hook if hook in _PHASES else "Sync"


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
