"""What an operator cannot do of what `backups` asks for, so that nothing is silently left out."""

from collections.abc import Iterator
from typing import Any

from generator.common.finding import Path, Problem
from generator.common.schedule import fault, with_seconds
from generator.common.units import parse_duration_ms
from generator.model.backups.backup_operator import OSO, SECTION, STRIMZI, BackupOperator
from generator.model.backups.backup_problems import above_limits, schedule_problems, time_problems
from generator.model.backups.backups import (
    FULL,
    INCREMENTAL,
    backup,
    listener_of,
    operator_of,
    with_defaults,
)
from generator.model.backups.backups import SECTION as BACKUPS
from generator.model.environment import Environment, Json

_DAY_MS = 86_400_000
_UTC = ("Etc/UTC", "UTC")
_DROP = "drop it, and write null for what is inherited; or write engine: cli"

_IN_OPERATOR = "the engine runs inside the operator"
_NO_JOB = "the operator makes no Job"
_ITS_OWN = "the operator writes its CronJob as it likes"
_NO_EFFECT: dict[str, dict[tuple[str, ...], str]] = {
    "": {
        ("validation",): "kafka-backup-operator alone validates by itself",
        ("retention", "keepBackups"): "the engine drops segments of one set, and no whole sets",
    },
    OSO: {
        ("image",): _IN_OPERATOR,
        ("resources",): _IN_OPERATOR,
        ("retries",): "it does not try a failed run again",
        ("deadline",): "it stops no run",
        ("startingDeadline",): _NO_JOB,
        ("history",): _NO_JOB,
        ("retention", "size"): "it drops whole sets, by their age and number",
        ("retention", "keepSegments"): "it drops whole sets, by their age and number",
    },
    STRIMZI: {
        ("deadline",): _ITS_OWN,
        ("startingDeadline",): _ITS_OWN,
        ("history",): _ITS_OWN,
        ("retention", "size"): "it drops whole sets, by their age and number",
        ("retention", "keepSegments"): "it drops whole sets, by their age and number",
        ("validation",): "kafka-backup-operator alone validates by itself",
    },
}
"""Settings that have no effect, by the operator's group, and why; empty: without one.

Source: kafka-backup-operator 1.2.1 and strimzi-backup-operator 0.2.18."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that the operator would refuse, ignore or be unable to do."""
    section = environment.section(SECTION)
    yield from above_limits(section.get("resources", {}), (SECTION, "resources"))
    image = section.get("values", {}).get("image")
    if isinstance(image, dict) and {"repository", "tag"} & image.keys():
        yield Problem((SECTION, "values", "image"), "here nobody sees whether its version is pinned",
                      "backup-operator", f"write {SECTION}.image: name:tag", on_key=True)  # fmt: skip
    for name, section in sorted(environment.section(BACKUPS).items()):
        path: Path = (BACKUPS, name)
        operator = operator_of(environment, name)
        yield from _no_effect(section, path, operator.api if operator else "")
        if operator is None:
            continue
        yield from _of_both(section, operator, path)
        if operator.api == OSO:
            yield from _of_oso(environment, name, section, operator)
        else:
            yield from _of_strimzi(section, operator, path)


def _no_effect(section: Json, path: Path, api: str) -> Iterator[Problem]:
    """Settings that nobody reads."""
    for keys, why in _NO_EFFECT[api].items():
        node: Any = section
        for key in keys:
            node = None if node is None else node.get(key)
        if node is not None and not (keys == ("image",) and "drill" in section):
            yield Problem((*path, *keys), f"it has no effect: {why}", "no-effect",
                          _DROP if api else "drop it, or write engine: operator", on_key=True)  # fmt: skip


def _of_both(section: Json, operator: BackupOperator, path: Path) -> Iterator[Problem]:
    """What neither operator can do."""
    settings = with_defaults(section, operator)
    if section.get("requireTopicConfigs"):
        yield Problem((*path, "requireTopicConfigs"), "the operator has no word for it: topics' settings"
                      " that cannot be read are left out", "backup-operator",
                      "write false, or engine: cli")  # fmt: skip
    if settings["shards"] > 1:
        yield Problem((*path, "shards"), "the operator runs a backup as one", "backup-operator",
                      "write several backups, or engine: cli")  # fmt: skip
    age = section.get("retention", {}).get("age")
    if age is not None and operator.api == OSO and parse_duration_ms(age) % _DAY_MS:
        yield Problem((*path, "retention", "age"), f"the operator counts whole days, and {age} is none",
                      "backup-operator", "write days, such as 30d")  # fmt: skip
    if "retention" in section and "keepBackups" not in section["retention"]:
        yield Problem((*path, "retention"), "'keepBackups' is missing: of old sets at most one would stay",
                      "missing-key", "add keepBackups: with how many sets stay in any case"
                      if operator.api == OSO else "add keepBackups: with how many sets stay at most",
                      on_key=True)  # fmt: skip


def _of_oso(
    environment: Environment, name: str, section: Json, operator: BackupOperator
) -> Iterator[Problem]:
    """What kafka-backup-operator cannot do."""
    path: Path = (BACKUPS, name)
    if section.get("mode") == INCREMENTAL:
        yield Problem((*path, "mode"), f"{OSO} makes a whole set in every run", "backup-operator",
                      f"write mode: {FULL}, or api: {STRIMZI}")  # fmt: skip
    zone = section.get("timeZone", "UTC")
    if zone not in _UTC:
        yield Problem((*path, "timeZone"), f"{OSO} counts in UTC, and has no word for {zone}",
                      "backup-operator", "write the schedule in UTC, and drop timeZone")  # fmt: skip
    for keys in (("schedule",), ("validation", "schedule")):
        text = section
        for key in keys:
            text = text.get(key, {})
        if isinstance(text, str) and not fault(text) and with_seconds(text) is None:
            yield Problem((*path, *keys), "it names days of the month and of the week, of which either is"
                          f" enough; {OSO} would wait for days that are both", "backup-operator",
                          "leave one of them open: *")  # fmt: skip
    listener = listener_of(environment, name)
    if listener is not None and listener.authentication != "tls":
        yield Problem((*path, "listener") if "listener" in section else path,
                      f"{OSO} reads a user's name from the Secret, and Strimzi's Secrets of"
                      f" {listener.authentication} users hold none", "backup-listener",
                      "name an internal listener with the authentication tls",
                      on_key="listener" not in section)  # fmt: skip
    made = backup(environment, name)
    if made is not None and any(run.exclude for run in made.runs):
        yield Problem((*path, "topics", "undeclared"), f"{OSO} cannot leave out what fits a pattern",
                      "backup-operator", "name the topics, or take every one that fits")  # fmt: skip
    yield from _storage_of_oso(environment, section.get("storage", {}), operator, path)
    yield from _validation(section, (*path, "validation"))


def _storage_of_oso(
    environment: Environment, said: Json, operator: BackupOperator, path: Path
) -> Iterator[Problem]:
    here = (*path, "storage")
    if "gcs" in said:
        yield Problem((*here, "gcs"), f"{OSO} takes the key itself for the name of a file, and cannot log"
                      " in", "backup-operator", f"write another storage, or api: {STRIMZI}",
                      on_key=True)  # fmt: skip
    if "workloadIdentity" in said.get("s3", {}):
        yield Problem((*here, "s3", "workloadIdentity"), f"{OSO} needs access keys for S3",
                      "backup-operator", "name the Secret with the keys: credentialsSecret",
                      on_key=True)  # fmt: skip
    if "s3" in said and "region" not in said["s3"]:
        yield Problem((*here, "s3"), "'region' is missing", "missing-key",
                      "add region: with the bucket's region, us-east-1 where there is none",
                      on_key=True)  # fmt: skip
    if "clientId" in said.get("azure", {}).get("workloadIdentity", {}):
        yield Problem((*here, "azure", "workloadIdentity", "clientId"),
                      "it has no effect: the identity is the operator's", "no-effect",
                      f"say it in {SECTION}.values: azureWorkloadIdentity", on_key=True)  # fmt: skip
    if "size" in said.get("pvc", {}) and operator.namespace != environment.namespace:
        yield Problem((*here, "pvc", "size"), "the claim would be made in the namespace"
                      f" {environment.namespace}, and the operator runs in {operator.namespace}",
                      "backup-operator", "name a claim that is there: claim", on_key=True)  # fmt: skip


def _validation(section: Json, path: Path) -> Iterator[Problem]:
    if "validation" not in section:
        return
    said = section["validation"]
    groups = said.get("checks", {}).get("consumerGroupOffsets", {})
    if section.get("consumerGroups") is False and groups.get("enabled", bool(groups)):
        yield Problem((*path, "checks", "consumerGroupOffsets"), "the backup holds no groups:"
                      " consumerGroups is false", "no-effect", "drop one of the two",
                      on_key=True)  # fmt: skip
    if "schedule" not in said:
        yield Problem(path, "'schedule' is missing", "missing-key",
                      "add schedule: with five fields as in cron, such as 0 6 * * SUN", on_key=True)  # fmt: skip
    else:
        yield from schedule_problems(said["schedule"], (*path, "schedule"))
    for name, hook in sorted(said.get("checks", {}).get("webhooks", {}).items()):
        if "url" not in hook:
            yield Problem((*path, "checks", "webhooks", name), "'url' is missing", "missing-key",
                          "add url:", on_key=True)  # fmt: skip
        yield from time_problems(hook, (*path, "checks", "webhooks", name), ("timeout",))


def _of_strimzi(section: Json, operator: BackupOperator, path: Path) -> Iterator[Problem]:
    """What strimzi-backup-operator cannot do."""
    if "pvc" in section.get("storage", {}):
        yield Problem((*path, "storage", "pvc"), f"{STRIMZI} mounts no volume: backups would go with the"
                      " pod", "backup-operator", "write s3, azure or gcs", on_key=True)  # fmt: skip
    mode = with_defaults(section, operator)["mode"]
    if "retention" in section and mode == INCREMENTAL:
        yield Problem((*path, "retention"), f"{STRIMZI} drops sets by the time at which they began, and an"
                      " incremental backup is one set: all of it would go", "backup-operator",
                      f"drop retention, or write mode: {FULL}", on_key=True)  # fmt: skip
