"""What stands around the engine of a backup."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.model.backups.backups import SECTION, guard_image, waits_for_pods
from generator.rules.registry import Flaw, rule
from generator.system.system import System


@rule("backup-unguarded", Severity.WARNING)
def unguarded(system: System) -> Iterator[Flaw]:
    """Steps of this project stand before and after the engine in every CronJob of a backup.

    Why: the engine alone ends with 0 where a full volume has swallowed what it wrote, and the older backup is
        lost with it; it goes on with a set whose topic was deleted and made again, or whose cluster was rebuilt,
        and most of what is written then is in no backup; and a run that somebody starts by hand damages the set
        while another one is at work, which concurrencyPolicy does not count.
    Fix: write verify: {image: ..., owner: ...} with the strimzi-verify image. Nothing can stand beside the engine of a
        backup operator: all of that is true there in any case, and engine: cli is guarded.
    Source: kafka-backup-core 0.25.2, storage/filesystem.rs and backup/engine.rs; tests/live/test_engine_guard.py.
    """
    environment = system.environment
    for backup in system.backups:
        if environment and backup.engine.is_guarded and not guard_image(environment, backup):
            yield Flaw((SECTION, backup.name), "nothing guards its runs: verify says no image",
                       on_key=True)  # fmt: skip


@rule("backup-tries-meet", Severity.WARNING)
def tries_that_meet(system: System) -> Iterator[Flaw]:
    """A try of a guarded run begins when the one before it has ended.

    Why: before 1.29 Kubernetes makes the next pod of a Job as soon as the one before it is told to stop, as when its
        machine is drained; that one still writes down what it holds, and both are the same run to what guards it.
    Fix: upgrade Kubernetes to 1.29 or newer, write retries: 0, or suppress this where machines are not drained during
        a run.
    Source: Kubernetes 1.34, "Jobs" (Delayed creation of replacement pods), "Feature Gates" (JobPodReplacementPolicy).
    """
    environment = system.environment
    if environment is None or waits_for_pods(environment):
        return
    for backup in system.backups:
        if backup.settings["retries"] and guard_image(environment, backup):
            yield Flaw((SECTION, backup.name), f"Kubernetes {environment.kubernetes} makes the pod of its next try"
                       " before the last one has ended", on_key=True)  # fmt: skip
