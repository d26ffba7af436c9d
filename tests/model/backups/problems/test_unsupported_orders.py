"""What an operator may be ordered, and how what it cannot do is told; who approves what waits."""

import pytest
from support import ENVIRONMENT, Project

TOPICS = "topics: {a: {backup: required, partitions: 2}, c: {partitions: 2}, d: {partitions: 1}}\n"
READER = "applications: {reader: {consumes: {a: {group: readers}}}, other: {consumes: {d: {group: others}}}}\n"
BACKUP = (
    "backups: {b: {engine: operator, %sschedule: 0 2 * * *, storage: {s3: {bucket: b00, region: eu-1,"
    " credentialsSecret: {name: s}}}}}\n"
)
OSO = TOPICS + READER + BACKUP % ""
STRIMZI = (
    f"backupOperator: {{api: kafkabackup.com}}\n{TOPICS}{READER}"
    + BACKUP % "image: 'kafka-backup:v0.25.2', "
)
SET = "backup: b, set: b-20261121-020000"
LISTENERS = "plain: {port: 9092, tls: false, authentication: scram-sha-512}, tls: "
MAPPED = f"restores: {{x: {{{SET}, topics: {{a: c}}, groups: {{names: [readers]}}}}}}\n"
_APPROVED = "reason: It was lost., owner: team-a, expires: '2020-01-01'"


def _messages(project: Project, text: str) -> list[str]:
    """What is found, without places."""
    project.environment(text, text=ENVIRONMENT.replace("tls: ", LISTENERS))
    return [each.partition("] ")[2] for each in project.findings()]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("topics: {a: c}", []),
        ("topics: {a: c}, partitions: [0]",
         ["it has no effect: it has no word for it, and restores all of them"]),
        ("topics: {a: c}, stripHeaders: true",
         ["it has no effect: it adds the headers to every record"]),
        ("topics: {a: c}, groups: {strategy: header-based}",
         ["it has no effect: it adds the headers to every record, and has no word for more"]),
        ("topics: {a: c}, groups: {names: [readers], image: 'kafka:4.3.1'}",
         ["it has no effect: the operator takes no snapshot that anybody could go back to"]),
        ("topics: {a: c}, deadline: 1h", ["it has no effect: it stops no restore"]),
        ("topics: {a: c}, retries: 1",
         ["it has no effect: it is tried once: the operator keeps no checkpoint"]),
        ("topics: {a: c}, groups: {names: [readers]}, retries: 1",
         ["it has no effect: it is tried once: the operator keeps no checkpoint"]),
        ("topics: {a: c}, image: 'kafka-backup:v0.25.2'",
         ["it has no effect: the engine runs inside the operator"]),
        ("topics: {a: c}, resources: {limits: {memory: 1Gi}}",
         ["it has no effect: the engine runs inside the operator"]),
        ("topics: {a: c}, listener: plain",
         ["kafka.oso.sh logs in with a certificate of Strimzi's only"]),
        ("topics: {a: a}", ["kafka.oso.sh wants every topic to have a new name, unless topics are purged"]),
        ("topics: {a: a}, purge: true", []),
    ],
)  # fmt: skip
def test_what_kafka_oso_sh_cannot_restore_is_told(
    project: Project, said: str, expected: list[str]
) -> None:
    """Nothing is left out in silence."""
    assert _messages(project, f"{OSO}restores: {{x: {{{SET}, {said}}}}}\n") == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("topics: {a: c}, partitions: [0], groups: {names: [readers], strategy: header-based},"
         " image: 'kafka-backup:v0.25.3', resources: {limits: {memory: 1Gi}}, listener: plain", []),
        ("topics: {a: a}", []),
        ("topics: {a: c}, stripHeaders: true", ["it has no effect: it has no word for it"]),
        ("topics: {a: c}, groups: {names: [readers], image: 'kafka:4.3.1'}",
         ["it has no effect: the operator takes no snapshot that anybody could go back to"]),
        ("topics: {a: c}, deadline: 1h", ["it has no effect: its Job has no end"]),
        ("topics: {a: c}, retries: 0",
         ["it has no effect: it is tried once: the operator keeps no checkpoint"]),
    ],
)  # fmt: skip
def test_what_kafkabackup_com_cannot_restore_is_told(
    project: Project, said: str, expected: list[str]
) -> None:
    """It has words for more, as it starts the engine's own command."""
    assert _messages(project, f"{STRIMZI}restores: {{x: {{backup: b, {said}}}}}\n") == expected


_READERS = "engine: operator, groups: [readers]"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"{_READERS}, to: earliest", []),
        (f"{_READERS}, to: {{timestamp: '2026-11-20T14:00Z'}}, topics: [a]", []),
        (f"{_READERS}, to: earliest, parallelism: 2",
         ["it has no effect: groups are moved one after the other"]),
        (f"{_READERS}, to: earliest, deadline: 5m", ["it has no effect: the operator stops no reset"]),
        (f"{_READERS}, to: earliest, image: 'kafka:4.3.1'",
         ["it has no effect: the engine runs inside the operator"]),
        (f"{_READERS}, to: earliest, resources: {{limits: {{memory: 1Gi}}}}",
         ["it has no effect: the engine runs inside the operator"]),
        (f"{_READERS}, to: earliest, listener: plain",
         ["kafka.oso.sh logs in with a certificate of Strimzi's only"]),
        ("engine: operator, groups: [readers, others], to: earliest",
         ["they consume different topics, and the operator moves every group on all of them"]),
        ("engine: operator, groups: [readers, others], to: earliest, topics: [a]", []),
        (f"{_READERS}, to: {{offsets: {{a: {{'0': 5, '1': 5}}}}}}", []),
        (f"{_READERS}, to: {{offsets: {{a: {{'0': 5, '1': 6}}}}}}",
         ["kafka.oso.sh moves every partition to one and the same offset"]),
        (f"{_READERS}, to: {{offsets: {{a: {{'0': 5}}}}}}",
         ["kafka.oso.sh moves every partition to one and the same offset"]),
        (f"{_READERS}, to: {{offsets: {{d: {{'0': 5}}, c: {{'0': 5, '1': 5}}}}}}", []),
        (f"{_READERS}, to: {{snapshot: before}}", ["by its name alone kafka.oso.sh finds no snapshot"]),
        (f"{_READERS}, to: {{snapshot: before, path: /data/before.json}}", []),
        (f"{_READERS}, to: {{path: /data/before.json}}",
         ["it does not say where to", "it is the file of a snapshot, and there is none"]),
        (f"{_READERS}, to: {{snapshot: before, mapping: x}}",
         ["it says snapshot and mapping", "by its name alone kafka.oso.sh finds no snapshot"]),
        (f"{_READERS}, to: {{mapping: x}}", []),
        (f"{_READERS}, to: {{mapping: x}}, topics: [a]", ["the restore x writes nothing to a"]),
        (f"{_READERS}, to: {{mapping: mine}}", ["there is no restore 'mine'"]),
        ("groups: [readers], to: {snapshot: before, path: /data/before.json}",
         ["it has no effect: the snapshot is a group in Kafka"]),
        ("groups: [readers], to: {mapping: x}",
         ["where the records of a restore went is known only while it restores"]),
    ],
)  # fmt: skip
def test_what_kafka_oso_sh_cannot_reset_is_told(
    project: Project, said: str, expected: list[str]
) -> None:
    """And what is not for a Job of ours."""
    assert _messages(project, f"{OSO}{MAPPED}offsetResets: {{r: {{{said}}}}}\n") == expected


def test_a_reset_needs_an_operator_that_can(project: Project) -> None:
    """One of the two has no kind for it; and somebody has to ask for the other."""
    reset = f"offsetResets: {{r: {{{_READERS}, to: earliest}}}}\n"

    assert _messages(project, STRIMZI + reset) == ["kafkabackup.com has no kind for it; kafka.oso.sh has"]  # fmt: skip
    assert _messages(project, TOPICS + READER + reset) == ["nobody asks for the operator"]
    asked = "backupOperator: {}\n"
    assert _messages(project, TOPICS + READER + asked + reset) == []


def test_a_mapping_is_written_down_by_an_order_that_moved_groups(project: Project) -> None:
    """By no Job of ours, and by none that left groups alone."""
    reset = f"offsetResets: {{r: {{{_READERS}, to: {{mapping: x}}}}}}\n"
    alone = MAPPED.replace(", groups: {names: [readers]}", "")
    job = (
        "restores: {x: {storage: {pvc: {claim: other}}, set: b, image: 'kafka-backup:v0.25.2',"
        " topics: {a: c}}}\n"
    )

    assert _messages(project, OSO + alone + reset) == ["the restore x moves no group, and so writes no mapping down"]  # fmt: skip
    assert _messages(project, OSO + job + reset) == ["no operator carries out the restore x"]


def test_a_mapping_that_is_not_there_yet_is_told(project: Project) -> None:
    """The reset is approved, and the restore that it reads from is not."""
    reset = f"{OSO}{MAPPED}offsetResets: {{r: {{{_READERS}, to: {{mapping: x}}}}}}\n"
    mine = f"r: {{object: KafkaOffsetReset/r, change: run, {_APPROVED}}}"
    both = f"{mine}, x: {{object: KafkaRestore/x, change: run, {_APPROVED}}}"

    assert _messages(project, f"{reset}approvals: {{{mine}}}\n") == [
        "KafkaRestore/x is not approved, so that it has restored nothing"
    ]
    assert _messages(project, f"{reset}approvals: {{{both}}}\n") == []


_WAITING = (
    f"{OSO}restores: {{x: {{{SET}, topics: {{a: c}}}}, p: {{{SET}, topics: {{a: a}}, purge: true}}}}\n"
    f"offsetResets: {{r: {{{_READERS}, to: latest}}, z: {{{_READERS}, to: {{snapshot: s, path: /s}}}},"
    " j: {groups: [readers], to: latest}}\n"
)


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        ("object: KafkaRestore/x, change: run", []),
        ("object: KafkaRestore/p, change: purge", []),
        ("object: KafkaOffsetReset/r, change: run", []),
        ("object: KafkaOffsetRollback/z, change: run", []),
        ("object: Job/offsets-j, change: run", []),
        ("object: KafkaRestore/x, change: purge", ["[unknown-approval] x waits for 'run'"]),
        ("object: KafkaRestore/p, change: run", ["[unknown-approval] p waits for 'purge'"]),
        ("object: KafkaRestore/x, change: create", ["[unknown-approval] x waits for 'run'"]),
        ("object: KafkaRestore/x, change: run, to: 1",
         ["[no-effect] an order that is carried out becomes nothing"]),
        ("object: Job/restore-x, change: run",
         ["[unknown-approval] no Job 'restore-x' waits for it: what waits is KafkaRestore/x"]),
        ("object: Job/offsets-z, change: run",
         ["[unknown-approval] no Job 'offsets-z' waits for it: what waits is KafkaOffsetRollback/z"]),
        ("object: KafkaOffsetReset/z, change: run",
         ["[unknown-approval] no KafkaOffsetReset 'z' waits for it: what waits is KafkaOffsetRollback/z"]),
        ("object: KafkaRestore/restore-x, change: run",
         ["[unknown-approval] no KafkaRestore 'restore-x' waits for it: what waits is KafkaRestore/x"]),
        ("object: KafkaOffsetReset/j, change: run",
         ["[unknown-approval] no KafkaOffsetReset 'j' waits for it: what waits is Job/offsets-j"]),
        ("object: KafkaRestore/*, change: run", ["[unknown-approval] no KafkaRestore '*' waits for it"]),
        # It may stand in extra/.
        ("object: KafkaRestore/mine, change: run", []),
        ("object: Job/x, change: run", []),
    ],
)  # fmt: skip
def test_an_approval_names_the_order_that_waits(
    project: Project, approval: str, expected: list[str]
) -> None:
    """By its own kind, with its one word; else what to write is told."""
    project.environment(f"{_WAITING}approvals: {{it: {{{approval}, {_APPROVED}}}}}\n")

    assert [each.split(" ", 1)[1] for each in project.findings()] == expected


def test_only_snapshots_that_are_kept_are_worried_about(project: Project) -> None:
    """Those of a Job are in groups, which the broker forgets; an operator keeps none."""
    short = ENVIRONMENT + "  config: {offsets.retention.minutes: 60}\n"
    reset = "offsetResets: {r: {%sgroups: [readers], to: earliest}}\n"
    rules = {}
    for engine in ("", "engine: operator, "):
        project.environment(OSO + reset % engine, text=short, rules=True)
        found = project.everything("dev").findings
        rules[engine] = {each.rule for each in found} & {"offset-reset-snapshot"}

    assert rules == {"": {"offset-reset-snapshot"}, "engine: operator, ": set()}
