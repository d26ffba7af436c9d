"""Argo CD: it has applied the commit that is meant, and is done."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip, unknown, warn
from generator.documents.manifest import Body
from verify.checks._objects import kubernetes_of, short, status
from verify.checks._words import listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_NEEDS = ("kubernetes", "kubernetes.application")


def _status(live: Live) -> Body | None:
    body = kubernetes_of(live).application
    return None if body is None else dict(status(body))


def _named(resources: list[Body]) -> str:
    return listed(f"{each['kind'].lower()}/{each['name']}" for each in resources)


@check("application-synced", needs=_NEEDS, drift=True)
def application_synced(_: Desired, live: Live) -> Iterator[Outcome]:
    """Argo CD has applied the expected commit, and nothing differs from it.

    Compares: status.sync of the Application with Synced, and its revision with the one that is expected.
    Why: everything else here is judged by what Git says; Argo CD may still be at an older commit.
    Fix: argocd app get kafka-{environment} --refresh; argocd app diff kafka-{environment}; argocd app sync
        kafka-{environment}.
    Source: Argo CD 3.5, docs/user-guide/auto_sync.md.
    """
    told = _status(live)
    if told is None:
        yield skip("no Application was found")
        return
    sync = told.get("sync") or {}
    state = sync.get("status", "Unknown")
    if state == "Unknown":
        yield unknown("Argo CD does not know: it could not compare")
    elif state != "Synced":
        out = [each for each in told.get("resources") or () if each.get("status") == "OutOfSync"]
        yield fail(f"is {state}" + (f": {_named(out)}" if out else ""))
    revisions = sync.get("revisions") or [sync.get("revision", "")]
    expected = (kubernetes_of(live).application or {}).get("expectedRevision", "")
    if expected and not any(_is(each, expected) for each in revisions):
        yield fail(f"is at {revisions[0] or 'no revision'} instead of {expected}")
    elif state == "Synced":
        yield ok(f"at {revisions[0]}")


def _is(revision: str, expected: str) -> bool:
    """Either may be shortened, as Git does it."""
    shorter, longer = sorted((revision, expected), key=len)
    return len(shorter) >= 7 and longer.startswith(shorter)


@check("application-healthy", needs=_NEEDS)
def application_healthy(_: Desired, live: Live) -> Iterator[Outcome]:
    """Argo CD finds everything of the Application healthy.

    Compares: status.health of the Application, and of its resources.
    Why: later waves and hooks wait for it, so that the next change does not get through.
    Fix: argocd app get kafka-{environment}; the health of single resources is told there.
    Source: Argo CD 3.5, docs/operator-manual/health.md.
    """
    told = _status(live)
    if told is None:
        yield skip("no Application was found")
        return
    health = told.get("health") or {}
    state = health.get("status", "Unknown")
    if state == "Healthy":
        return
    bad = [
        each
        for each in told.get("resources") or ()
        if (each.get("health") or {}).get("status") not in (None, "Healthy")
    ]
    words = f"is {state}" + (f": {_named(bad)}" if bad else "")
    if state == "Unknown":
        yield unknown(words)
    else:
        yield warn(words) if state == "Suspended" else fail(words)


@check("application-operation", needs=_NEEDS)
def application_operation(_: Desired, live: Live) -> Iterator[Outcome]:
    """The last sync is over and went well.

    Compares: status.operationState of the Application.
    Why: while a sync runs, half of a change is there; one that failed leaves it so.
    Fix: argocd app get kafka-{environment} --show-operation; argocd app terminate-op kafka-{environment}
        ends one that hangs; argocd app confirm-deletion kafka-{environment} where it waits for that.
    Source: Argo CD 3.5, docs/user-guide/sync-options.md, sync-waves.md.
    """
    told = _status(live)
    if told is None:
        yield skip("no Application was found")
        return
    operation = told.get("operationState") or {}
    phase, words = operation.get("phase", ""), short(str(operation.get("message") or ""))
    text = f"the last sync: {phase}" + (f" ({words})" if words else "")
    if phase in ("Failed", "Error"):
        yield fail(text)
    elif phase in ("Running", "Terminating"):
        yield warn(f"{text}, since {operation.get('startedAt', 'an unknown time')}")
    elif not phase:
        yield warn("was never synced")


@check("application-conditions", needs=_NEEDS)
def application_conditions(_: Desired, live: Live) -> Iterator[Outcome]:
    """Argo CD has no error and no warning about the Application.

    Compares: status.conditions of the Application: those that end in Error fail, others warn.
    Why: an Application that cannot be compared or is not permitted never changes anything again.
    Fix: argocd app get kafka-{environment}; kubectl -n argocd get application kafka-{environment} -o yaml.
    Source: Argo CD 3.5, pkg/apis/application/v1alpha1/types.go, ApplicationCondition.
    """
    told = _status(live)
    if told is None:
        yield skip("no Application was found")
        return
    for each in told.get("conditions") or ():
        kind, words = str(each.get("type")), short(str(each.get("message") or ""))
        yield (fail if kind.endswith("Error") else warn)(f"{kind}: {words}")
