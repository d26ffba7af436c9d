"""Job: what begins once it runs, and what Kubernetes never changes of it."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.model.approvals import APPROVAL, EFFECT, PURGE
from generator.model.backups.labels import LABEL_OF_RESTORE
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, _other

KIND = "Job"
FIXED = ("completionMode", "completions", "managedBy", "manualSelector", "podFailurePolicy",
          "selector", "successPolicy", "template", "backoffLimitPerIndex", "maxFailedIndexes")  # fmt: skip
"""Parts of a Job's spec that the API server never changes (Kubernetes 1.34, ValidateJobUpdate)."""
_OPTIONS = "argocd.argoproj.io/sync-options"


def created(pair: Pair) -> Iterator[Effect]:
    """A Job that waits does nothing yet.

    Source: tests/live/test_waiting_jobs.py.
    """
    if not _waits_for(pair.after):
        yield from _other.created(pair)
    elif _is_suspended(pair.after):
        yield Effect(
            Impact.NO_EFFECT, "it waits, suspended and without rights, until an approval names it"
        )
    else:
        yield _runs(pair)


def deleted(pair: Pair) -> Iterator[Effect]:
    """What a Job did stays.

    Source: Kubernetes 1.34, "Jobs": its pods go with it.
    """
    if not _waits_for(pair.before):
        yield from _other.deleted(pair)
    elif _is_suspended(pair.before):
        yield Effect(Impact.NO_EFFECT, "it never ran")
    else:
        yield Effect(
            Impact.DYNAMIC, "what it did stays; where it still runs it is stopped half-way"
        )


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Only a few fields of a Job ever change.

    Source: Kubernetes 1.34, ValidateJobUpdate; tests/live/test_waiting_jobs.py.
    """
    inside = field.path[1:2]
    if _waits_for(pair.after) and field.path == ("spec", "suspend"):
        if _is_suspended(pair.after):
            yield Effect(Impact.DYNAMIC, "it is stopped where it still runs; what it did stays")
        else:
            yield _runs(pair)
    elif field.path[0] == "spec" and inside and inside[0] in FIXED and not _is_made_anew(pair):
        yield Effect(Impact.REFUSED, "Kubernetes never changes what a Job runs: give it a new name"
                     " for a new run")  # fmt: skip
    else:
        yield from _other.changed(pair, field)


def _waits_for(manifest: Manifest | None) -> str:
    """The word that its approval must say; empty for other Jobs."""
    metadata = manifest.body["metadata"] if manifest else {}
    return str((metadata.get("annotations") or {}).get(APPROVAL, ""))


def _is_suspended(manifest: Manifest | None) -> bool:
    return manifest is not None and manifest.body["spec"].get("suspend") is True


def _is_made_anew(pair: Pair) -> bool:
    """True for a hook, and where Argo CD is told to delete and make anew (3.5.1, sync-options.md:271-276)."""
    options = pair.annotation(_OPTIONS, after=True)
    replaced = "Replace=true" in options and "Force=true" in options
    return replaced or bool(pair.annotation("argocd.argoproj.io/hook", after=True))


def _runs(pair: Pair) -> Effect:
    """What happens once it runs, which no revert takes back.

    Source: tests/live/test_waiting_jobs.py, tests/live/test_restores.py.
    """
    labels = pair.after.body["metadata"].get("labels") or {} if pair.after else {}
    text = pair.annotation(EFFECT, after=True) or "it runs, once"
    if _waits_for(pair.after) == PURGE:
        impact = Impact.DATA_LOSS
    else:
        impact = Impact.IRREVERSIBLE if LABEL_OF_RESTORE in labels else Impact.CLIENT_VISIBLE
    return Effect(impact, text, reversible=False)
