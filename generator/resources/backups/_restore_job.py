"""A restore by a Job of ours: the Job that waits, its configs, and once approved the user with its rights."""

from collections.abc import Iterator

from generator.contract.restore import ORDER_KEY, RestoreOrder, RestoreSet
from generator.contract.settings import encode
from generator.documents.manifest import Body, Manifest
from generator.model.acls import acls_of_restore
from generator.model.approvals import PURGE
from generator.model.backups.labels import NAME
from generator.model.backups.offset_resets import RESOURCES, kafka_image, snapshot_prefix
from generator.model.backups.restores import Restore
from generator.model.connection import bootstrap_address
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
from generator.resources.backups._restore_config import checkpoint, restore_config
from generator.resources.backups._waiting_job import some, waiting_job
from generator.resources.users import quotas

OURS = "/etc/strimzi-verify"
"""Where our own steps have what the engine has below its own folder."""


def objects(environment: Environment, restore: Restore) -> Iterator[Manifest]:
    """The objects of one restore, whoever has made the backup."""
    worker = worker_of_restore(restore)
    yield _job(environment, worker, restore)
    texts = {
        _key(place): restore_config(environment, restore, each)
        for place, each in enumerate(restore.sets)
    }
    if restore.verify:
        texts[ORDER_KEY] = encode(order_of(environment, restore))
    yield made(environment, worker, "ConfigMap", {"data": texts | _snapshot_files(restore)})
    yield account(environment, worker)
    yield network(environment, worker)
    if restore.approved:
        # Before that nobody may write anything.
        said = quotas(restore.settings).get("quotas")
        yield user(environment, worker, acls_of_restore(restore), said)


def _job(environment: Environment, worker: Worker, restore: Restore) -> Manifest:
    """All is looked at before the first set is restored; tries go on where the last one stopped."""
    pod = _pod(environment, worker, restore)
    spec = job_spec(environment, worker, pod, restore.deadline_s, restore.retries)
    return waiting_job(environment, worker, spec, word=restore.word, approved=restore.approved,
                       effect=_effect(environment, restore))  # fmt: skip


def _pod(environment: Environment, worker: Worker, restore: Restore) -> Body:
    settings = restore.settings
    keys = [_key(place) for place, _ in enumerate(restore.sets)]
    more = [ORDER_KEY] if restore.verify else []
    volumes = volumes_of(environment, worker, restore.job, *keys, *more, *_snapshot_files(restore))
    env = variables_of(worker)

    def of_engine(prefix: str, command: str) -> list[Body]:
        return [
            container(
                f"{prefix}-{place}" if len(keys) > 1 else prefix, settings["image"],
                [command, "--config", f"{MOUNTS}/config/{key}"], settings["resources"], volumes, env,
            )
            for place, key in enumerate(keys)
        ]  # fmt: skip

    def of_ours(word: str) -> Body:
        said = ["restore", word, "--settings", f"{OURS}/config/{ORDER_KEY}"]
        return container(word, restore.verify, said, settings["resources"], volumes, env, folder=OURS,
                         readonly_data=True)  # fmt: skip

    # Where no image of verification is known, the engine looks as far as it can.
    looks = [of_ours("look")] if restore.verify else of_engine("look", "validate-restore")
    restores = of_engine("restore", "restore")
    restores[-1]["name"] = NAME
    if not restore.verify:
        return pod_spec(worker, volumes, [*looks, *restores])
    ends = [of_ours(word) for word in (["groups"] if restore.groups else []) + ["judge"]]
    if not restore.keeps:
        return pod_spec(worker, volumes, [*looks, *restores, *ends])
    tools = settings["groups"].get("image", kafka_image(environment))
    volumes |= _offsets.user_volume(worker)
    snapshot = _offsets.step(
        environment, worker, "snapshot", tools, RESOURCES, volumes, restore.name, ["snapshot"]
    )
    return pod_spec(worker, volumes, [*looks, snapshot, *restores, *ends])


def order_of(environment: Environment, restore: Restore) -> RestoreOrder:
    """What `strimzi-verify restore` reads; no secret is in it."""
    listener, settings = restore.listener, restore.settings
    return RestoreOrder(
        name=restore.name,
        sets=tuple(RestoreSet(each.backup_id, dict(each.topics)) for each in restore.sets),
        storage=restore.storage.told(),
        bootstrap=bootstrap_address(listener, environment) or "",
        tls=listener.tls,
        authentication=listener.authentication,
        user=restore.job,
        deadline_seconds=restore.deadline_s,
        checkpoint=checkpoint(environment, restore) if restore.own else "",
        partitions=tuple(sorted(settings.get("partitions", ()))),
        since_ms=restore.time_ms("since"),
        until_ms=restore.time_ms("until"),
        creates=settings["createTopics"],
        purges=settings["purge"],
        strips=settings["stripHeaders"],
        is_part=restore.is_part,
        groups=restore.groups,
        snapshots=snapshot_prefix(restore.name) if restore.keeps else "",
    )


def _snapshot_files(restore: Restore) -> dict[str, str]:
    """What the snapshot of the groups that move along needs; nothing where none do."""
    if not restore.keeps:
        return {}
    topics = sorted({*restore.topics, *restore.topics.values()})
    groups = sorted(restore.groups)
    return _offsets.files(restore.listener, dict.fromkeys(groups, topics), [groups])


def _is_stamped(environment: Environment, topic: str) -> bool:
    """Whether brokers give records of a topic their own time."""
    said = environment.topics[topic].config if topic in environment.topics else {}
    return said.get("message.timestamp.type") == "LogAppendTime"


def _key(place: int) -> str:
    return f"restore-{place}.yaml"


def _effect(environment: Environment, restore: Restore) -> str:
    targets = sorted({*restore.topics.values()})
    said = "records are added to " + some(targets)
    stamped = [each for each in targets if _is_stamped(environment, each)]
    if stamped:
        said += f"; in {some(stamped)} they get the time of the restore, and retention starts anew"
    if restore.word == PURGE:
        said = f"every record of {some(targets)} is deleted first, then {said}"
    if restore.groups:
        said += f"; groups that nobody may be in follow: {some(sorted(restore.groups))}"
    return said + (f" (snapshot: {snapshot_prefix(restore.name)}*)" if restore.keeps else "")
