"""The two steps of ours around the engine of a run: what they are told, and their containers.

`strimzi-verify backup begin` -> the engine reads Kafka -> `strimzi-verify backup prove`
"""

from collections.abc import Iterable, Sequence

from generator.contract.backup import BackupOrder
from generator.contract.settings import encode
from generator.documents.manifest import Body
from generator.model.backups.backups import Backup, Run
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment
from generator.resources.backups._config import CONFIG_KEY
from generator.resources.backups._pod import FOUND, container

GUARD_KEY = "guard.json"
_VERIFY = "/etc/strimzi-verify"


def told(environment: Environment, backup: Backup, run: Run) -> str:
    """What both are told; no secret is in it."""
    listener = backup.listener
    return encode(
        BackupOrder(
            backup=backup.name,
            config=CONFIG_KEY,
            backup_id=backup.backup_id(run),
            storage=backup.storage.told(),
            incremental=backup.incremental,
            groups=backup.settings["consumerGroups"],
            retention="retention" in backup.settings,
            bootstrap=bootstrap_address(listener, environment) or "",
            tls=listener.tls,
            authentication=listener.authentication,
            user=backup.user,
            deadline_seconds=backup.deadline_s,
        )
    )


def step(
    word: str, image: str, backup: Backup, volumes: Iterable[str], env: Sequence[Body]
) -> Body:
    """One of both; they read more than they write, and never at the same time as the engine."""
    said = ["--settings", f"{_VERIFY}/config/{GUARD_KEY}", "--work", FOUND]
    return container(word, image, ["backup", word, *said], backup.settings["resources"], volumes, env,
                     folder=_VERIFY)  # fmt: skip
