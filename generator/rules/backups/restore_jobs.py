"""Jobs that restore, whoever wrote them: what their config makes the engine do."""

from collections.abc import Iterator

from generator.common.finding import Severity
from generator.model.approvals import APPROVAL
from generator.rules.backups._engine_jobs import EngineJob, jobs
from generator.rules.backups._operator_kinds import said
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_MILLISECONDS = 10**11
"""Below it a number of milliseconds lies in 1973 or before: it is one of seconds."""

_PURGING = (("purgeTopics",), ("restore", "purgeTopics"), ("restore", "existingTopicPolicy"))
"""Where the kinds of both operators say that topics are emptied first."""


def _restoring(system: System) -> Iterator[EngineJob]:
    """The last step of every pod that restores, drills left out: they only write to what is theirs."""
    for job in jobs(system):
        drills = job.manifest.origin[2:3] == ("drill",)
        if job.said("mode") == "restore" and job.among == "containers" and not drills:
            yield job


def _flaw(job: EngineJob, message: str) -> Flaw:
    return Flaw(job.here, message, on=job.manifest, on_key=True)


@rule("restore-job-acks")
def acks(system: System) -> Iterator[Flaw]:
    """A restored record counts once all replicas in sync have it, and is there once.

    Why: without idempotence a batch that is sent again is there twice, and with fewer acks a leader that
        fails takes with it what the engine holds for restored. With idempotence, which is usual, fewer
        acks are refused, and nothing is restored.
    Fix: write produce_acks: -1 and idempotent_producer: true, or leave both out.
    Source: kafka-backup-core 0.25.2, config.rs (RestoreOptions.produce_acks, idempotent_producer;
        validate refuses idempotence with acks other than -1).
    """
    for job in _restoring(system):
        acks = job.number("restore", "produce_acks")
        if acks in (0, 1):
            yield _flaw(job, f"its config says produce_acks: {acks}")
        elif job.said("restore", "idempotent_producer") is False:
            yield _flaw(job, "its config says idempotent_producer: false")


@rule("restore-job-window")
def window(system: System) -> Iterator[Flaw]:
    """The time window of a restore is in milliseconds, and has something between its ends.

    Why: a start in seconds lies in 1970, so that everything is restored, and an end in seconds lets
        nothing be restored; both succeed. An end before the start is refused, on the day of the restore.
    Fix: write milliseconds since 1970, the earlier one as time_window_start.
    Source: kafka-backup-core 0.25.2, config.rs (validate: the start is not above the end), manifest.rs
        (segments that overlap the window).
    """
    for job in _restoring(system):
        said = [job.number("restore", f"time_window_{end}") for end in ("start", "end")]
        times = [each for each in said if each is not None]
        if any(0 < each < _MILLISECONDS for each in times):
            yield _flaw(job, f"its time window is in seconds: {', '.join(map(str, times))}")
        elif len(times) == 2 and times[0] >= times[1]:
            yield _flaw(job, f"nothing lies between {times[0]} and {times[1]}")


@rule("restore-job-unmapped")
def unmapped(system: System) -> Iterator[Flaw]:
    """A restore names its topics, and where the records of each go.

    Why: what is not mapped is added to the topic that it came from; without names it is all that the
        set holds.
    Fix: write target.topics.include, and restore.topic_mapping for each of them.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (filter_topics; topic_mapping falls back to the
        same name).
    """
    for job in _restoring(system):
        if not job.said("restore", "topic_mapping"):
            yield _flaw(job, "its config has no topic_mapping")
        elif not job.said("target", "topics", "include"):
            yield _flaw(job, "its config names no topics, and so all of the set")


@rule("restore-job-groups")
def groups(system: System) -> Iterator[Flaw]:
    """A restore moves only the consumer groups that it names.

    Why: auto_consumer_groups moves every group that the set knows, of applications that have nothing to
        do with it, too.
    Fix: name the groups, with reset_consumer_offsets: true.
    Source: kafka-backup-core 0.25.2, config.rs (RestoreOptions.auto_consumer_groups).
    """
    for job in _restoring(system):
        if job.said("restore", "auto_consumer_groups") is True:
            yield _flaw(job, "its config says auto_consumer_groups: true")


@rule("restore-job-retry")
def retry(system: System) -> Iterator[Flaw]:
    """A restore that is tried again goes on where it stopped.

    Why: without a checkpoint that outlives its pod the second try writes everything again.
    Fix: write checkpoint_storage: remote with a restore_id, or backoffLimit: 0.
    Source: kafka-backup-core 0.25.2, config.rs (checkpoint_storage, restore_id); Kubernetes 1.34, Job
        (backoffLimit is 6 when not said).
    """
    for job in _restoring(system):
        tries = job.spec.get("backoffLimit", 6)
        if tries and job.said("restore", "checkpoint_storage") not in ("remote", "both"):
            yield _flaw(
                job, f"it is tried again {tries} times, and keeps no checkpoint outside its pod"
            )


@rule("restore-job-repeats")
def repeats(system: System) -> Iterator[Flaw]:
    """A restore waits until somebody approves it, and runs once.

    Why: one that Argo CD starts by itself runs in every new cluster; one with a schedule adds the same
        records again and again.
    Fix: write it as restores: in the intent, where its Job is suspended until an approval names it.
    Source: the policy of this project; kafka-backup-core 0.25.2 (a second run is a second restore).
    """
    for job in _restoring(system):
        annotations = job.manifest.body["metadata"].get("annotations") or {}
        if job.manifest.kind == "CronJob":
            yield Flaw(("spec", "schedule"), "it restores on a schedule", on=job.manifest)
        elif APPROVAL not in annotations and not job.spec.get("suspend"):
            yield _flaw(job, "it restores as soon as it is synced")


@rule("restore-purge", Severity.WARNING)
def purge(system: System) -> Iterator[Flaw]:
    """No restore deletes what its targets hold.

    Why: every record of them is deleted before the first is restored, whatever comes of the restore;
        nothing brings them back.
    Fix: restore into an empty topic; where the deletion is meant, suppress this rule with the reason.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (purge_topics, DeleteRecords);
        strimzi-backup-operator 0.2.18, adapters/restore_config.rs (existingTopicPolicy).
    """
    message = "it purges the topics into which it restores"
    for job in _restoring(system):
        if job.said("restore", "purge_topics") is True:
            yield _flaw(job, message)
    for each in said(system, "KafkaRestore"):
        for path in _PURGING:
            if each.get(*path) in (True, "overwrite"):
                yield each.flaw(path, message)


@rule("restore-created-topics", Severity.WARNING)
def created_topics(system: System) -> Iterator[Flaw]:
    """Topics into which records are restored are declared.

    Why: a topic that the engine makes has no KafkaTopic: nobody owns it, no plan shows it, and it is as
        its source was when it was backed up, or as the brokers make topics where the set does not say.
    Fix: declare the topic, and drop createTopics.
    Source: kafka-backup-core 0.25.2, restore/engine.rs (ensure_topics_exist), config.rs (captured
        topic configs).
    """
    message = "it makes topics that nobody declares"
    for job in _restoring(system):
        if job.said("restore", "create_topics") is True:
            yield _flaw(job, message)
    for each in said(system, "KafkaRestore"):
        for path, word in ((("createTopics",), True), (("restore", "topicCreation"), "auto")):
            if each.asked and each.get(*path) == word:
                yield each.flaw(path, message)
