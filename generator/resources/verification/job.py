"""Job and CronJob: verification after every sync, and steadily in between."""

from collections.abc import Iterator

from generator.common.kinds import UNMANAGED_WAVE
from generator.contract.rights import NAME
from generator.documents.manifest import Manifest
from generator.model.contributions import has_never_healthy
from generator.model.environment import Environment
from generator.model.verification.verification import Verification, verification
from generator.resources.verification._objects import job_spec, manifest

_STEADY = f"{NAME}-steady"
_LATE_S = 300
"""How late a steady run may begin; Kubernetes gives up after a hundred missed ones without it."""


def render(environment: Environment) -> Iterator[Manifest]:
    """A Job that Argo CD runs once everything is healthy, and a CronJob where a schedule is said."""
    asked = verification(environment)
    if asked is None:
        return
    yield manifest(
        environment,
        "Job",
        {"spec": job_spec(environment, asked, _args(environment, asked))},
        "batch/v1",
        annotations=_hook(environment),
    )
    if asked.schedule is not None:
        yield _steady(environment, asked, asked.schedule)


def _hook(environment: Environment) -> dict[str, str]:
    """After the sync; but before what Argo CD would wait for in vain.

    It begins PostSync only after everything is finished.
    """
    hook = {
        "argocd.argoproj.io/hook": "PostSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    }
    if has_never_healthy(environment):
        hook["argocd.argoproj.io/hook"] = "Sync"
        hook["argocd.argoproj.io/sync-wave"] = str(UNMANAGED_WAVE - 1)
    return hook


def _steady(environment: Environment, asked: Verification, schedule: str) -> Manifest:
    """One verdict at a time, whatever the last one was."""
    args = ["run", environment.name, "--in-cluster"]
    if asked.strict:
        args.append("--strict")
    if asked.pushgateway is not None:
        args += ["--push", asked.pushgateway]
    spec = {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job_spec(environment, asked, args)},
        "schedule": schedule,
        "startingDeadlineSeconds": _LATE_S,
        "successfulJobsHistoryLimit": 1,
        "timeZone": "Etc/UTC",
    }
    # Argo CD judges a CronJob by its last run since 3.2: after one bad verdict the whole environment
    # would be Degraded until the next good one (argo-cd#25551).
    ignored = {"argocd.argoproj.io/ignore-healthcheck": "true"}
    return manifest(environment, "CronJob", {"spec": spec}, "batch/v1", _STEADY, ignored)


def _args(environment: Environment, asked: Verification) -> list[str]:
    args = ["run", environment.name, "--in-cluster"]
    args += ["--wait", f"{asked.wait_s}s", "--stable", f"{asked.stable_s}s"]
    if has_never_healthy(environment):
        args.append("--mid-sync")
    return [*args, "--strict"] if asked.strict else args
