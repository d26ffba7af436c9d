"""What verification is told of backups, which of them its pod can read, and what it needs for that."""

from generator.contract import settings
from generator.documents.manifest import Body
from generator.model.backups.backups import Backup, backups
from generator.model.backups.drills import drills
from generator.model.environment import Environment

SHARED = "ReadWriteMany"
"""The access mode of claims that pods on several nodes may mount at once."""

KEY_FILE = "SERVICE_ACCOUNT_JSON"


def readable(environment: Environment) -> list[Backup]:
    """Backups that verification reads in the cluster, by name.

    Left out are claims that a pod on another node could not mount: verification would wait for ever.
    Its one ServiceAccount takes one identity of each cloud, that of the first backup.
    """
    if not environment.data.get("verify", {}).get("backups", True):
        return []
    found: list[Backup] = []
    identity: Body = {}
    for each in backups(environment):
        storage = each.storage
        if storage.claim:
            if storage.settings.get("accessMode") == SHARED:
                found.append(each)
        elif all(identity.get(key, value) == value for key, value in storage.annotations.items()):
            identity |= storage.annotations
            found.append(each)
    return found


def told(environment: Environment) -> dict[str, object]:
    """What checks of a live cluster need to know of every run; no secret is in it."""
    return {"backups": _runs(environment)}


def _runs(environment: Environment) -> dict[str, settings.BackupRun]:
    read = {each.name for each in readable(environment)}
    tried = {each.backup.name: each for each in drills(environment)}
    return {
        run.name: settings.BackupRun(
            backup=each.name,
            cron_job=each.cron_job(run),
            backup_id=each.backup_id(run),
            storage=each.storage.told(),
            topics=run.topics,
            max_age_seconds=each.objective_s,
            deadline_seconds=each.deadline_s,
            groups=each.settings["consumerGroups"],
            incremental=each.incremental,
            readable=each.name in read,
            suspend=each.settings["suspend"],
            drill=tried[each.name].name if each.name in tried else "",
            drill_round_seconds=tried[each.name].round_s if each.name in tried else 0,
            recovery_seconds=each.recovery_s or 0,
            restore_bytes_per_second=each.rate.bytes_per_second,
            restore_rate_measured=each.rate.is_measured,
        )
        for each in backups(environment)
        for run in each.runs
    }


def annotations(environment: Environment) -> dict[str, str]:
    """What the ServiceAccount carries, so that its pods get the identity that may read backups."""
    return {key: value for each in readable(environment)
            for key, value in each.storage.annotations.items()}  # fmt: skip


def pod_labels(environment: Environment) -> dict[str, str]:
    """What its pods carry for the same."""
    return {key: value for each in readable(environment)
            for key, value in each.storage.pod_labels.items()}  # fmt: skip


def volumes(environment: Environment) -> dict[str, Body]:
    """What is mounted, by backup: its claim, or the Secret with the credentials of its storage.

    Files of a Secret are called like the variables that the engine gets.
    """
    found: dict[str, Body] = {}
    for each in readable(environment):
        storage = each.storage
        keys = {name: key for name, (_, key) in storage.variables.items()}
        secrets = {secret for secret, _ in storage.variables.values()}
        if storage.secret_file:
            secret, keys[KEY_FILE] = storage.secret_file
            secrets.add(secret)
        if storage.claim:
            # Read-only, so that Kubernetes changes no owner of what the engine has written.
            claim = {"claimName": storage.claim, "readOnly": True}
            found[each.name] = {"persistentVolumeClaim": claim}
        for secret in secrets:
            items = [{"key": key, "path": name} for name, key in sorted(keys.items())]
            # Without it backups are unknown; everything else is proved all the same.
            found[each.name] = {
                "secret": {
                    "secretName": secret,
                    "items": items,
                    "optional": True,
                    "defaultMode": 0o440,
                }
            }
    return found
