"""A restore that is begun by hand: everything that it takes, filled in, as files to apply in order.

The environment that has the backups, the one that gets the records, and a wish -> the files of a folder. The same
objects as of a restore in the intent, one Job for each set; nothing of it is in Git, so that Argo CD does not touch it.
They may be committed for it as well: their waves are in order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.units import format_duration_ms
from generator.documents.manifest import Body, emit
from generator.intent.sections import RestoreSection
from generator.model.backups.backup_quotas import quotas_of_backup
from generator.model.backups.backups import Backup, Run
from generator.model.backups.by_hand import ENGINE_IMAGE, Wish, called, parts, verify_image
from generator.model.backups.engines import CRON_JOB
from generator.model.backups.restores import Restore, restore_of
from generator.model.connection import login_listener
from generator.model.environment import Environment
from generator.resources._metadata import dns_name
from generator.resources.backups import _restore_job
from generator.resources.topics import KIND as TOPIC

if TYPE_CHECKING:
    from jinja2 import Template

SCRIPT = "run.sh"
_TOPICS, _ACCESS = "10-topics.yaml", "20-access.yaml"
_UNLIMITED = "2147483647B"
_OF_GIT = "strimzi-gitops/"
_WRITTEN = "strimzi-gitops/written"
"""What tells one restore from another of the same name."""
_DIGITS = 16
_ACCESS_KINDS = ("KafkaUser", "ServiceAccount", "NetworkPolicy", "ConfigMap")


@dataclass(frozen=True)
class _Step:
    """The restore of one set."""

    restore: Restore
    run: Run
    bodies: Sequence[Body]


def files(environment: Environment, onto: Environment, wish: Wish) -> dict[str, str]:
    """Every file by its name, for a wish that has no problems."""
    steps = list(_steps(environment, onto, wish))
    made: dict[str, str] = {}
    topics = list(_topics(environment, onto, steps))
    if topics:
        made[_TOPICS] = _joined(topics)
    access = [body for step in steps for body in step.bodies if body["kind"] in _ACCESS_KINDS]
    made[_ACCESS] = _joined(sorted(access, key=lambda body: _ACCESS_KINDS.index(body["kind"])))
    jobs = []
    for place, step in enumerate(steps):
        (job,) = (body for body in step.bodies if body["kind"] == "Job")
        file = f"{30 + place:02}-{step.run.name}.yaml"
        mine = [body for body in step.bodies if body["kind"] in _ACCESS_KINDS]
        written = sha256(_joined([job, *mine, *topics]).encode()).hexdigest()[:_DIGITS]
        about = job["metadata"]
        about["annotations"] = {**about.get("annotations", {}), _WRITTEN: written}
        made[file] = _joined([job])
        jobs.append(
            {
                "file": file,
                "name": job["metadata"]["name"],
                "set": step.restore.sets[0].backup_id,
                "topics": len(step.restore.topics),
                "deadline": format_duration_ms(step.restore.deadline_s * 1000),
                "deadline_s": step.restore.deadline_s,
                "written": written,
            }
        )
    made[SCRIPT] = _template().render(
        environment=environment.name,
        onto="" if onto is environment else onto.name,
        namespace=onto.namespace,
        annotation=_WRITTEN,
        wish=wish,
        topics=[each["metadata"]["name"] for each in topics],
        users=[each["metadata"]["name"] for each in access if each["kind"] == "KafkaUser"],
        jobs=jobs,
        files=sorted(made),
    )
    return made


def _steps(environment: Environment, onto: Environment, wish: Wish) -> Iterator[_Step]:
    image = verify_image(environment, onto)
    held_by = "" if onto is environment else environment.name
    every = list(parts(environment, wish))
    for backup, run, topics in every:
        said = _section(environment, onto, backup, run, topics, wish)
        restore = restore_of(onto, called(wish, run), said, may=True, source=backup)
        if restore is not None:
            # Whoever has made the backup: a Job of ours restores it.
            restore = replace(restore, engine=CRON_JOB, verify=image, is_part=len(every) > 1,
                              held_by=held_by)  # fmt: skip
            bodies = [each.body for each in _restore_job.objects(onto, restore)]
            yield _Step(restore, run, [_of_hand(body) for body in bodies])


def _section(
    environment: Environment,
    onto: Environment,
    backup: Backup,
    run: Run,
    topics: dict[str, str],
    wish: Wish,
) -> RestoreSection:
    said: RestoreSection = {
        "backup": backup.name,
        "image": backup.settings.get("image", ENGINE_IMAGE),
        "topics": topics,
        "groups": {"names": list(wish.groups)}
        if wish.groups and backup.settings["consumerGroups"]
        else {},
    }
    if any(
        source not in environment.topics and target not in onto.topics
        for source, target in topics.items()
    ):
        # Only the set knows how many partitions it has.
        said["createTopics"] = True
    listener = login_listener(onto, None)
    if onto is not environment and listener is not None:
        said["listener"] = listener.name
    if quotas_of_backup(onto):
        # What holds up everybody's producers would make it take days.
        said["quotas"] = {"producerByteRate": _UNLIMITED}
    if not backup.incremental:
        said["set"] = wish.sets[run.name]
    if wish.until:
        said["until"] = wish.until
    return said


def _of_hand(body: Body) -> Body:
    """Without what is for plans of a pull request."""
    annotations = body["metadata"].pop("annotations", {})
    kept = {key: text for key, text in annotations.items() if not key.startswith(_OF_GIT)}
    if kept:
        body["metadata"]["annotations"] = kept
    return body


def _topics(environment: Environment, onto: Environment, steps: Sequence[_Step]) -> Iterator[Body]:
    """Targets that are not in Git: as their sources, without an end to their retention."""
    wanted = {pair for step in steps for pair in step.restore.topics.items()}
    for source, target in sorted(wanted):
        if target in onto.topics or source not in environment.topics:
            continue
        like = environment.topics[source]
        config = {**like.config, "retention.ms": -1, "retention.bytes": -1}
        yield {
            "apiVersion": onto.strimzi_api,
            "kind": TOPIC,
            "metadata": {
                "name": dns_name(target),
                "namespace": onto.namespace,
                "labels": {"strimzi.io/cluster": onto.cluster.name},
            },
            "spec": {"topicName": target, "partitions": like.partitions,
                     "replicas": min(like.replicas, onto.cluster.brokers), "config": dict(sorted(config.items()))},
        }  # fmt: skip


def _joined(bodies: Sequence[Body]) -> str:
    return "---\n".join(emit(body) for body in bodies)


@cache
def _template() -> "Template":
    import shlex

    from jinja2 import Environment as Jinja
    from jinja2 import StrictUndefined

    jinja = Jinja(autoescape=False, undefined=StrictUndefined, trim_blocks=True,  # noqa: S701 (a script)
                  keep_trailing_newline=True)  # fmt: skip
    jinja.filters["sh"] = shlex.quote
    return jinja.from_string((File(__file__).parent / "by_hand.sh.j2").read_text(encoding="utf-8"))
