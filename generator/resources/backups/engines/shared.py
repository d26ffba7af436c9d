"""What is rendered alike for both operators.

Orders only for what is approved: an operator acts as soon as it sees one, and again after every change of its spec.
"""

from generator.common.units import parse_bytes
from generator.documents.manifest import Body, Manifest
from generator.model.acls import acls_of_restore
from generator.model.backups.backups import Backup
from generator.model.backups.engines.engine import VERSION, Engine
from generator.model.backups.restores import Restore
from generator.model.backups.storages import Storage
from generator.model.environment import Environment
from generator.resources.backups._objects import made, user, worker_of, worker_of_restore
from generator.resources.backups._pod import Worker
from generator.resources.backups._waiting_job import LAST
from generator.resources.users import quotas


def of_backup(environment: Environment, backup: Backup, kind: str, spec: Body) -> Manifest:
    """An object named as the backup, so that a set goes on that our own CronJob would have written."""
    return made(environment, worker_of(backup), kind, {"spec": dict(spec)}, api=_api(backup.engine),
                name=backup.name)  # fmt: skip


def order(
    environment: Environment, worker: Worker, engine: Engine, kind: str, name: str, spec: Body
) -> Manifest:
    """In the last wave: once it is there, its user's Secret has to be there as well."""
    return made(environment, worker, kind, {"spec": dict(spec)}, api=_api(engine), name=name,
                annotations=LAST)  # fmt: skip


def restorer(environment: Environment, restore: Restore) -> Manifest:
    """The user as whom an operator restores."""
    said = quotas(restore.settings).get("quotas")
    return user(environment, worker_of_restore(restore), acls_of_restore(restore), said)


def _api(engine: Engine) -> str:
    return f"{engine.group}/{VERSION}"


def topics_of(backup: Backup) -> list[str]:
    """What a backup takes, over all runs."""
    return sorted({name for run in backup.runs for name in run.include})


def reference(restore: Restore) -> dict[str, str]:
    """An operator makes no shards, so that there is one set; the newest one is not always meant."""
    return {"name": restore.settings["backup"], "backupId": restore.sets[0].backup_id}


def limits(restore: Restore) -> dict[str, int]:
    """How much at most a second, in bytes and in records."""
    said = restore.settings.get("rateLimit", {})
    found = {"bytes": parse_bytes(said["bytes"])} if "bytes" in said else {}
    return {**found, "records": said["records"]} if "records" in said else found


def endpoint(place: Storage, path_style: str) -> Body:
    """Where a storage is, when it is not its cloud's own."""
    said = place.settings
    body: Body = {}
    if isinstance(where := said.get("endpoint"), str):
        body["endpoint"] = where
        if where.startswith("http://"):
            body["allowHttp"] = True
    if said.get("pathStyle"):
        body[path_style] = True
    return body
