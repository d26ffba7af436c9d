"""A Job that waits until an approval lets it run, once."""

from generator.common.kinds import UNMANAGED_WAVE
from generator.documents.manifest import Body, Manifest
from generator.model.approvals import APPROVAL, EFFECT
from generator.model.environment import Environment
from generator.resources.backups._objects import IGNORED, made
from generator.resources.backups._pod import Worker

LAST = {**IGNORED, "argocd.argoproj.io/sync-wave": str(UNMANAGED_WAVE)}
"""Annotations of what nothing may wait for: it is suspended, or it takes its time."""
_SHOWN = 3


def waiting_job(
    environment: Environment, worker: Worker, spec: Body, *, word: str, approved: bool, effect: str
) -> Manifest:
    """The Job; its name is fixed and nothing removes it, so that it never runs a second time."""
    body: Body = {"spec": {**spec, "suspend": not approved}}
    annotations = {**LAST, APPROVAL: word, EFFECT: effect}
    return made(environment, worker, "Job", body, api="batch/v1", annotations=annotations)


def some(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
