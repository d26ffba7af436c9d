"""A restore by a Job of ours: the Job that waits, its configs, and once approved the user with its rights."""

from collections.abc import Iterator

from generator.documents.manifest import Body, Manifest
from generator.model.acls import acls_of_restore
from generator.model.approvals import PURGE
from generator.model.backups.labels import NAME
from generator.model.backups.offset_resets import RESOURCES, kafka_image, snapshot_prefix
from generator.model.backups.restores import Restore
from generator.model.environment import Environment
from generator.resources.backups import _offsets
from generator.resources.backups._config import MOUNTS
from generator.resources.backups._objects import account, made, network, user, worker_of_restore
from generator.resources.backups._pod import (
    Worker,
    container,
    job_spec,
    pod_spec,
    variables_of,
    volumes_of,
)
from generator.resources.backups._restore_config import restore_config
from generator.resources.backups._waiting_job import some, waiting_job
from generator.resources.users import quotas


def objects(environment: Environment, restore: Restore) -> Iterator[Manifest]:
    """The objects of one restore, whoever has made the backup."""
    worker = worker_of_restore(restore)
    yield _job(environment, worker, restore)
    texts = {
        _key(place): restore_config(environment, restore, each)
        for place, each in enumerate(restore.sets)
    }
    yield made(environment, worker, "ConfigMap", {"data": texts | _snapshot_files(restore)})
    yield account(environment, worker)
    yield network(environment, worker)
    if restore.approved:
        # Before that nobody may write anything.
        said = quotas(restore.settings).get("quotas")
        yield user(environment, worker, acls_of_restore(restore), said)


def _job(environment: Environment, worker: Worker, restore: Restore) -> Manifest:
    """All sets are looked at before the first is restored; tries go on where the last one stopped."""
    pod = _pod(environment, worker, restore)
    spec = job_spec(environment, worker, pod, restore.deadline_s, restore.retries)
    return waiting_job(environment, worker, spec, word=restore.word, approved=restore.approved,
                       effect=_effect(restore))  # fmt: skip


def _pod(environment: Environment, worker: Worker, restore: Restore) -> Body:
    settings = restore.settings
    keys = [_key(place) for place, _ in enumerate(restore.sets)]
    volumes = volumes_of(environment, worker, restore.job, *keys, *_snapshot_files(restore))
    env = variables_of(worker)
    verb = "three-phase-restore" if restore.groups else "restore"
    containers = [
        container(
            name, settings["image"], [command, "--config", f"{MOUNTS}/config/{key}"],
            settings["resources"], volumes, env,
        )
        for prefix, command in (("look", "validate-restore"), ("restore", verb))
        for place, key in enumerate(keys)
        for name in [f"{prefix}-{place}" if len(keys) > 1 else prefix]
    ]  # fmt: skip
    containers[-1]["name"] = NAME
    if restore.groups:
        image = settings["groups"].get("image", kafka_image(environment))
        volumes |= _offsets.user_volume(worker)
        containers.insert(0, _offsets.step(
            environment, worker, "snapshot", image, RESOURCES, volumes, restore.name, ["snapshot"]
        ))  # fmt: skip
    return pod_spec(worker, volumes, containers)


def _snapshot_files(restore: Restore) -> dict[str, str]:
    """What the snapshot of the groups that move along needs; nothing where none do."""
    if not restore.groups:
        return {}
    topics = sorted({*restore.topics, *restore.topics.values()})
    groups = sorted(restore.groups)
    return _offsets.files(restore.listener, dict.fromkeys(groups, topics), [groups])


def _key(place: int) -> str:
    return f"restore-{place}.yaml"


def _effect(restore: Restore) -> str:
    targets = sorted({*restore.topics.values()})
    said = "records are added to " + some(targets)
    if restore.word == PURGE:
        said = f"every record of {some(targets)} is deleted first, then {said}"
    if restore.groups:
        said += (
            f"; groups that nobody may be in move along: {some(sorted(restore.groups))}"
            f" (snapshot: {snapshot_prefix(restore.name)}*)"
        )
    return said
