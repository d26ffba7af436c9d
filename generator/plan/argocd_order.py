"""The order in which Argo CD will apply and prune, which waves gate, and what would hang.

Source: Argo CD 3.5, gitops-engine pkg/sync (sync_tasks.go, sync_context.go): phase, wave, kind, name;
pruning in reverse. Custom resources share one rank, so that among them names decide.
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
_PHASES = ("PreSync", "Sync", "PostSync")


@dataclass(frozen=True, slots=True)
class SyncWave:
    """One wave of one phase, with what changes in it."""

    phase: str
    """PreSync, Sync, PostSync, or Prune."""
    wave: int
    objects: tuple[str, ...]
    """Kind/name, in the order of their application."""
    gates: bool
    """Argo CD waits here until everything is healthy."""
    hangs: tuple[str, ...] = ()
    """Objects that never become healthy by themselves, and why."""


def steps(
    changes: Iterable[Change], manifests: Iterable[Manifest], earlier: Iterable[Manifest] = ()
) -> list[SyncWave]:
    """The waves that Argo CD will go through, those without a change left out.

    `earlier` are the manifests before the change, of which those that are gone are pruned.
    """
    groups: dict[tuple[int, int], dict[str, Change]] = {}
    pruned: dict[int, dict[str, Change]] = {}
    for change in changes:
        label = f"{change.kind}/{change.name}"
        if change.action in (Action.DELETE, Action.RENAME):
            pruned.setdefault(_wave(change.metadata), {})[label] = change
        if change.action is Action.RENAME:
            label = f"{change.kind}/{change.after}"
        if change.action is not Action.DELETE:
            key = (_PHASES.index(_phase(change.metadata)), _wave(change.metadata))
            groups.setdefault(key, {})[label] = change
    last_wave, hooks_follow = _end(manifests, earlier)
    found = []
    for (phase, wave), members in sorted(groups.items()):
        ordered = sorted(members, key=lambda label: _rank(members[label]))
        waits = phase == 0 or wave < last_wave or hooks_follow
        gates = waits and any(kind_of(change.kind).health for change in members.values())
        hangs = tuple(
            f"{label}: {reason}"
            for label in ordered
            if (reason := _stuck(members[label].metadata)) and waits
        )
        found.append(SyncWave(_PHASES[phase], wave, tuple(ordered), gates, hangs))
    for wave, members in sorted(pruned.items(), reverse=True):
        ordered = sorted(members, key=lambda label: _rank(members[label]), reverse=True)
        found.append(SyncWave("Prune", wave, tuple(ordered), gates=False))
    return found


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


def _stuck(metadata: Body) -> str:
    annotations = metadata.get("annotations") or {}
    if annotations.get(PAUSED) == "true":
        return "paused, so Argo CD waits for it until the annotation goes"
    if annotations.get(MANAGED) == "false":
        return "unmanaged, which Argo CD's own health check takes for unfinished"
    if APPROVAL in annotations:
        return "a Job that waits for its approval, or takes its time once it has it"
    return ""
