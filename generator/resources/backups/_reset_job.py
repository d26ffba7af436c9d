"""A reset of offsets by a Job of ours: the Job that waits, what it reads, and once approved the user."""

from collections.abc import Iterator

from generator.documents.manifest import Manifest
from generator.model.acls import acls_of_offset_reset
from generator.model.approvals import RUN
from generator.model.backups.offset_resets import OffsetReset, snapshot_prefix
from generator.model.environment import Environment
from generator.resources.backups import _offsets
from generator.resources.backups._objects import account, made, network, user, worker_of_reset
from generator.resources.backups._pod import Worker, job_spec, pod_spec, volumes_of
from generator.resources.backups._waiting_job import some, waiting_job

_GRACE_S = 30


def objects(environment: Environment, reset: OffsetReset) -> Iterator[Manifest]:
    """The objects of one reset."""
    worker = worker_of_reset(reset)
    texts = _offsets.files(reset.listener, reset.topics, reset.shares, _rows(reset))
    yield _job(environment, worker, reset, list(texts))
    yield made(environment, worker, "ConfigMap", {"data": texts})
    yield account(environment, worker)
    yield network(environment, worker)
    if reset.approved:
        # Before that nobody may move anything.
        yield user(environment, worker, acls_of_offset_reset(reset))


def _job(environment: Environment, worker: Worker, reset: OffsetReset, keys: list[str]) -> Manifest:
    """One pod for each share of the groups, one try each: a second would follow a half-done first."""
    volumes = volumes_of(environment, worker, reset.job, *keys) | _offsets.user_volume(worker)
    steps = [
        _offsets.step(environment, worker, name, reset.image, reset.settings["resources"],
                      volumes, reset.name, args)
        for name, args in (("snapshot", ["snapshot"]), ("kafka-offsets", _args(reset)))
    ]  # fmt: skip
    pod = pod_spec(worker, volumes, steps, _GRACE_S)
    spec = job_spec(environment, worker, pod, reset.deadline_s, 0)
    del spec["backoffLimit"]
    count = len(reset.shares)
    spec |= {
        # What goes wrong with one group keeps no other from its end.
        "backoffLimitPerIndex": 0,
        "completionMode": "Indexed",
        "completions": count,
        "parallelism": count,
    }
    return waiting_job(environment, worker, spec, word=RUN, approved=reset.approved,
                       effect=_effect(reset))  # fmt: skip


def _args(reset: OffsetReset) -> list[str]:
    """What the script does."""
    if reset.rolls_back:
        return ["rollback", snapshot_prefix(reset.rolls_back)]
    if reset.offsets:
        return ["offsets"]
    if reset.time:
        return ["reset", "--to-datetime", reset.time]
    return ["reset", f"--to-{reset.settings['to']}"]


def _rows(reset: OffsetReset) -> str:
    """Offsets that are said one by one, as Kafka's tool reads them."""
    return "".join(
        f"{topic},{partition},{offset}\n"
        for topic, partitions in sorted(reset.offsets.items())
        for partition, offset in sorted(partitions.items(), key=lambda each: int(each[0]))
    )


def _effect(reset: OffsetReset) -> str:
    return (
        f"{some(list(reset.groups))} go {_where(reset)} on {some(reset.all_topics)}: records are"
        " processed again or left out. Nobody may be in the groups: Kafka refuses otherwise"
    )


def _where(reset: OffsetReset) -> str:
    if reset.rolls_back:
        return f"back to the snapshot {snapshot_prefix(reset.rolls_back)}*"
    if reset.time:
        return f"to the first records since {reset.time},"
    return "to the offsets that are said" if reset.offsets else f"to {reset.settings['to']}"
