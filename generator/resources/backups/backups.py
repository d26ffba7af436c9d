"""Everything of a backup: what its engine runs, the user, its rights and ways, and a claim."""

from collections.abc import Iterator

from generator.common.units import parse_bytes, quantity
from generator.documents.manifest import Body, Manifest
from generator.model.acls import acls_of_backup
from generator.model.backups.backups import Backup, backups
from generator.model.environment import Environment
from generator.resources.backups._objects import IGNORED, account, made, network, user, worker_of
from generator.resources.backups._pod import Worker
from generator.resources.backups.engines import renderer_of

_KEPT = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}


def render(environment: Environment) -> Iterator[Manifest]:
    """The objects of every backup, by its name."""
    for backup in backups(environment):
        worker = worker_of(backup)
        yield from renderer_of(backup.engine).backup(environment, backup)
        yield user(environment, worker, acls_of_backup(backup))
        if backup.engine.has_pods:
            yield account(environment, worker)
            yield network(environment, worker)
        if "size" in backup.storage.settings:
            yield _claim(environment, worker, backup)


def _claim(environment: Environment, worker: Worker, backup: Backup) -> Manifest:
    """The volume; it outlives the backup, and is bound only once the first run asks for it."""
    said = backup.storage.settings
    spec: Body = {
        "accessModes": [said.get("accessMode", "ReadWriteOnce")],
        "resources": {"requests": {"storage": quantity(parse_bytes(said["size"]))}},
    }
    if "storageClass" in said:
        spec["storageClassName"] = said["storageClass"]
    return made(environment, worker, "PersistentVolumeClaim", {"spec": spec},
                annotations={**_KEPT, **IGNORED})  # fmt: skip
