"""What is wrong with objects of kafkabackup.com (strimzi-backup-operator 0.2.18), whoever wrote them."""

import re
from collections.abc import Iterator

from generator.common.finding import Path
from generator.rules.backups._operator_kinds import Ignored, Said, ignored, storages
from generator.rules.registry import Flaw
from generator.system.system import System

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

_IGNORED = (
    Ignored(("KafkaBackup",), ("consumerGroups",),
             "groups are kept all or none: backup.consumerGroupSnapshot"),
    Ignored(("KafkaBackup",), ("backup", "checkpointIntervalSecs"),
             "the engine ignores it since 0.22"),
    Ignored(("KafkaBackup",), ("offsetStorage", "s3Key"), "the engine ignores it since 0.22"),
)  # fmt: skip


def refused(each: Said, restricted: bool) -> Iterator[Flaw]:
    """What fails in the object's status, or when its pods are made."""
    if restricted:
        yield from _pod(each)
    yield from _any(each)
    if each.kind == "KafkaRestore":
        yield from _restore(each)


def _pod(each: Said) -> Iterator[Flaw]:
    """The operator's own pods say nothing of what a restricted namespace demands."""
    for part in ("pod", "container"):
        if not each.get("template", part, "securityContext"):
            yield each.flaw(("template", part), f"the namespace admits no {part} without a securityContext",
                            f"add template: {{{part}: {{securityContext: ...}}}} as in the restricted Pod"
                            " Security Standard")  # fmt: skip


def _any(each: Said) -> Iterator[Flaw]:
    login = each.get("authentication") or {}
    ways = [{"kafkaUserRef"}, {"certificateAndKey"}]
    if login.get("type") == "scram-sha-512":
        ways[1] = {"username", "passwordSecret"}
    if login and not any(way <= login.keys() for way in ways):
        yield each.flaw(("authentication",), f"{login['type']} needs {' and '.join(sorted(ways[1]))}, or a"
                        " KafkaUser", "add kafkaUserRef: {name: ...}")  # fmt: skip


def _restore(each: Said) -> Iterator[Flaw]:
    if each.get("restore", "existingTopicPolicy") == "fail":
        yield each.flaw(("restore", "existingTopicPolicy"), "the engine cannot fail on topics that exist",
                        "write append, or overwrite to delete what they hold")  # fmt: skip
    if each.get("pointInTime", "offsetFromEnd") is not None:
        yield each.flaw(
            ("pointInTime", "offsetFromEnd"), "the engine knows times only", "write timestamp"
        )
    for key in ("startTimestamp", "timestamp"):
        time = each.get("pointInTime", key)
        if time is not None and not _TIME.fullmatch(time):
            yield each.flaw(("pointInTime", key), f"{time} is no time such as 2026-11-21T12:00:00Z")
    groups = each.get("consumerGroups") or {}
    if not groups.get("restore"):
        return
    if not groups.get("groups") and not groups.get("mapping") and not groups.get("auto"):
        yield each.flaw(("consumerGroups",), "it names no group", "add groups:, or auto: true")
    for pair in groups.get("mapping") or ():
        if pair["sourceGroup"] != pair["targetGroup"]:
            yield each.flaw(("consumerGroups", "mapping"), f"the engine cannot rename {pair['sourceGroup']}",
                            "name the groups in groups:")  # fmt: skip


def schedule(each: Said, path: Path, text: str) -> Iterator[Flaw]:
    """Kubernetes' five fields."""
    count = len(text.split())
    if count != 5:
        yield each.flaw(path, f"it has {count} fields, and {each.group} reads five",
                        "drop the seconds" if count == 6 else "")  # fmt: skip


def security(each: Said) -> Iterator[Flaw]:
    """It takes addresses and Secrets from Strimzi itself."""
    del each
    yield from ()


def no_effect(each: Said) -> Iterator[Flaw]:
    """What it ignores, and what it has words for and cannot do."""
    yield from ignored(each, _IGNORED)
    for path, body in storages(each):
        if body.get("type") == "filesystem":
            yield each.flaw((*path, "filesystem"), "no volume is mounted: backups go with the pod",
                            "write s3, azure or gcs")  # fmt: skip
    if retention := each.get("retention"):
        if not (retention.get("pruneOnSchedule") and each.get("schedule")):
            yield each.flaw(("retention",), "it has no effect without a schedule and pruneOnSchedule",
                            "add pruneOnSchedule: true")  # fmt: skip
        if each.get("offsetStorage"):
            yield each.flaw(("retention",), "it deletes the one incremental set as a whole: sets go by the"
                            " time at which they began", "drop it, or offsetStorage")  # fmt: skip
    files = each.get("authentication", "certificateAndKey") or {}
    if files and (files["certificate"], files["key"]) != ("user.crt", "user.key"):
        yield each.flaw(("authentication", "certificateAndKey"), "the names have no effect: the engine"
                        " reads user.crt and user.key of the Secret",
                        "name the Secret's entries so")  # fmt: skip


def unsafe_backup(each: Said) -> Iterator[Flaw]:
    """What deletes every other backup, and an engine that misses much."""
    if (each.get("retention") or {}).get("maxBackups", 2) < 2:
        yield each.flaw(("retention", "maxBackups"), "one set stays, and it may be the broken one",
                        "keep at least 2")  # fmt: skip
    if "image" not in each.manifest.body["spec"]:
        yield each.flaw(("image",), "it runs the operator's engine, v0.15.12, which misses much of what is"
                        " rendered here", "write an image of 0.25 or newer")  # fmt: skip


def unsafe_restore(each: Said, system: System) -> Iterator[Flaw]:
    """Nothing but what is so for either operator."""
    del each, system
    yield from ()


def unencrypted(each: Said) -> Iterator[Flaw]:
    """Nothing: whether a listener encrypts is the cluster's matter."""
    del each
    yield from ()
