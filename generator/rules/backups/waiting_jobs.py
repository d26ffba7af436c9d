"""Restores and resets of offsets: they wait for an approval, run once, and leave the intent."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.model.backups import restores
from generator.model.backups.offset_resets import SECTION as OFFSET_RESETS
from generator.model.backups.offset_resets import OffsetReset, offset_resets
from generator.model.backups.restores import Restore
from generator.rules.registry import Flaw, rule
from generator.system.system import System


@rule("job-approved", Severity.WARNING)
def job_approved(system: System) -> Iterator[Flaw]:
    """A restore and a reset are taken out of the intent once they have run.

    Why: their Job, or the operator that has the order, runs once where it is; in a cluster that is built
        anew from Git, or when somebody deletes the Job or the order, it runs again.
    Fix: leave it for the sync that runs it, then remove it together with its approval.
    Source: Argo CD 3.5 (what is in Git and not in the cluster is created); kafka-backup-operator 1.2.1
        (once for each metadata.generation).
    """
    for section, each in _waiting(system):
        if each.approved:
            yield Flaw(
                (section, each.name),
                f"{each.object} is approved, and runs in every new cluster",
                on_key=True,
            )


@rule("job-unapproved")
def job_unapproved(system: System) -> Iterator[Flaw]:
    """A restore and a reset wait, suspended and as nobody, until their approval names them.

    Why: whatever else lets the Job begin, such as an override, is an approval that nobody has given, and
        that no plan shows as one.
    Fix: drop what changes the Job in overrides, and write its approval.
    Source: Kubernetes 1.34, Job (suspend); the policy of this project.
    """
    jobs = {manifest.name: manifest for manifest in system.others.get("Job", ())}
    for _, each in _waiting(system):
        job = jobs.get(each.job)
        if job is None or each.approved:
            continue
        if job.body["spec"].get("suspend") is not True:
            yield Flaw(("spec", "suspend"), "it runs without an approval", on=job)


def _waiting(system: System) -> Iterator[tuple[str, Restore | OffsetReset]]:
    """Every restore and reset, with its section."""
    environment = system.environment
    if environment is None:
        return
    for restore in restores.restores(environment):
        yield restores.SECTION, restore
    for reset in offset_resets(environment):
        yield OFFSET_RESETS, reset
