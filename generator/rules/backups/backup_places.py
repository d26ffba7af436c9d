"""Where backups are kept: one writer for each place, and room for what is written."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from generator.common.finding import Severity
from generator.common.units import approximate_bytes, parse_bytes
from generator.model.backups.backups import SECTION, Backup, Run, segment_bytes
from generator.rules._place import said_at
from generator.rules.registry import Flaw, rule
from generator.system.system import System, Systems

_Writer = tuple[tuple[str, ...], str, str, Backup, Run]
"""The storage, the folder in it, the environment, and who writes there."""


def _writers(system: System) -> list[_Writer]:
    environment = system.environment.name if system.environment else ""
    return [
        (backup.storage.place, f"{backup.folder(run)}/", environment, backup, run)
        for backup in system.backups
        for run in backup.runs
    ]


def _clashes(writers: Iterable[_Writer]) -> Iterator[tuple[_Writer, _Writer]]:
    """Pairs of which the second one writes into the folder of the first; sorted, so next to it."""
    ordered = sorted(writers, key=lambda each: (each[0], each[1], each[2], each[4].name))
    for _, members in groupby(ordered, key=lambda each: each[0]):
        outer: _Writer | None = None
        for each in members:
            if outer is not None and each[1].startswith(_stem(outer)):
                yield outer, each
            else:
                outer = each


def _stem(writer: _Writer) -> str:
    """What all folders of a writer begin with: those of full backups go on with a number."""
    return writer[1] if writer[3].incremental else writer[1].removesuffix("/")


@rule("backup-prefix-shared")
def prefix_shared(system: System) -> Iterator[Flaw]:
    """Every backup writes to a folder of its own, which lies in no other one's.

    Why: the engine cannot lock: of two that write to one set, the later one's manifest names only its
        own segments, and retention of the one deletes what the other needs.
    Fix: write a prefix of its own, or rename the backup.
    Source: kafka-backup-core 0.25.2, backup/engine.rs (the manifest is read, merged and replaced).
    """
    for outer, inner in _clashes(_writers(system)):
        kind = inner[3].storage.kind
        yield Flaw((SECTION, inner[3].name, "storage", kind),
                   f"{inner[4].name} writes to {inner[1]}, where {outer[4].name} writes {outer[1]}", on_key=True)  # fmt: skip


@rule("backup-prefix-environments")
def prefix_environments(systems: Systems) -> Iterator[Flaw]:
    """Backups of two environments are kept apart.

    Why: both would write to one set, and a restore of production might bring back what was tested.
    Fix: drop the prefix, so that it becomes ENVIRONMENT/CLUSTER, or write one for each environment.
    Source: kafka-backup-core 0.25.2, backup/engine.rs (the manifest is read, merged and replaced).
    """
    writers = [
        each
        for _, system in sorted(systems.by_environment.items())
        for each in _writers(system)
        if each[3].storage.kind != "pvc"  # a claim of the same name is another one there
    ]
    for outer, inner in _clashes(writers):
        if outer[2] != inner[2]:
            yield Flaw((SECTION, inner[3].name, "storage", inner[3].storage.kind),
                       f"{inner[4].name} writes to {inner[1]}, where {outer[4].name} of {outer[2]}"
                       f" writes {outer[1]}", on_key=True, environment=inner[2])  # fmt: skip


@rule("backup-claim-shared", Severity.WARNING)
def claim_shared(system: System) -> Iterator[Flaw]:
    """A volume that one node alone can mount is written to by one CronJob.

    Why: a pod that comes to another node waits until the volume is free, and its deadline runs on.
    Fix: write accessMode: ReadWriteMany with a class that can do it, or shards: 1.
    Source: Kubernetes 1.34, PersistentVolume access modes.
    """
    for backup in system.backups:
        said = backup.storage.settings
        if "size" in said and said.get("accessMode") != "ReadWriteMany" and len(backup.runs) > 1:
            yield Flaw((SECTION, backup.name, "shards"), f"{len(backup.runs)} CronJobs share the claim"
                       f" {backup.storage.claim}")  # fmt: skip


@rule("backup-claim-full", Severity.WARNING)
def claim_full(system: System) -> Iterator[Flaw]:
    """Full backups are kept where something deletes the old ones.

    Why: every run makes a whole set and the engine drops none, so that the volume fills up; a bucket
        has rules for that.
    Fix: write mode: incremental, or keep full backups in a bucket with such a rule; an operator's
        retention drops old ones, too.
    Source: kafka-backup-core 0.25.2, backup/prune.rs (within one set only).
    """
    for backup in system.backups:
        drops = backup.engine.drops_sets and "retention" in backup.settings
        if backup.storage.claim and not backup.incremental and not drops:
            yield Flaw((SECTION, backup.name, "mode"), "every run adds a whole set to the claim"
                       f" {backup.storage.claim}, and nothing removes one")  # fmt: skip


@rule("backup-storage-unencrypted", Severity.WARNING)
def storage_unencrypted(system: System) -> Iterator[Flaw]:
    """Backups travel to their storage encrypted.

    Why: all that the topics hold, and the name of who writes it, can be read on the way.
    Fix: write an https:// endpoint; suppress this rule where a mesh encrypts.
    Source: kafka-backup-core 0.25.2, storage/config.rs (an http:// endpoint allows it).
    """
    for backup in system.backups:
        endpoint = str(backup.storage.settings.get("endpoint", ""))
        if endpoint.startswith("http://"):
            where = (SECTION, backup.name, "storage", backup.storage.kind, "endpoint")
            yield Flaw(where, f"{endpoint} is not encrypted")


@rule("backup-memory", Severity.WARNING)
def memory(system: System) -> Iterator[Flaw]:
    """The memory of a run holds a segment of every partition that is read at once.

    Why: the kernel kills a run that needs more, again and again at the same place.
    Fix: raise resources.limits.memory, or lower parallelPartitions or segments.size.
    Source: kafka-backup-core 0.25.2, segment/writer.rs (a segment is built in memory).
    """
    for backup in system.backups:
        limit = backup.resources.get("limits", {}).get("memory")
        at_once: int = backup.settings["parallelPartitions"]
        needed = segment_bytes(backup.settings) * at_once
        if limit is not None and parse_bytes(limit) < needed:
            where = said_at(system, backup, ("resources", "limits", "memory"),
                            ("parallelPartitions",), ("segments", "size"))  # fmt: skip
            yield Flaw(where, f"{at_once} segments take {approximate_bytes(needed)}, and it may use"
                       f" {limit}")  # fmt: skip
