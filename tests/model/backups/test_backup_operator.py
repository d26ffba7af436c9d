"""What backups with `engine: operator` may say, and how mistakes in it are told."""

import pytest
from support import ENVIRONMENT, Project

OSO = "engine: operator, schedule: 0 2 * * *"
CLI = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"
STRIMZI = f"{OSO}, image: 'kafka-backup:v0.25.2'"
S3 = "storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
TOPICS = "topics: {a: {backup: required}, b: {}, a-secret: {backup: excluded}}\n"
LISTENERS = "plain: {port: 9092, tls: false, authentication: scram-sha-512}, tls: "


def test_a_word_is_enough(project: Project) -> None:
    """`engine: operator` on a backup; the operator, its chart and its namespace are known."""
    project.environment(f"{TOPICS}backups: {{x: {{{OSO}, {S3}}}}}\n")

    assert project.findings() == []


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (f"{OSO}, {S3}, image: 'kafka-backup:v0.25.2'",
         "it has no effect: the engine runs inside the operator"),
        (f"{OSO}, {S3}, resources: {{}}", "it has no effect: the engine runs inside the operator"),
        (f"{OSO}, {S3}, retries: 0", "it has no effect: it does not try a failed run again"),
        (f"{OSO}, {S3}, deadline: 1h", "it has no effect: it stops no run"),
        (f"{OSO}, {S3}, startingDeadline: 1h", "it has no effect: the operator makes no Job"),
        (f"{OSO}, {S3}, history: {{failed: 1}}", "it has no effect: the operator makes no Job"),
        (f"{OSO}, {S3}, retention: {{keepBackups: 2, size: 1Gi}}",
         "it has no effect: it drops whole sets, by their age and number"),
        (f"{OSO}, {S3}, retention: {{keepBackups: 2, age: 36h}}",
         "the operator counts whole days, and 36h is none"),
        (f"{OSO}, {S3}, retention: {{age: 30d}}",
         "'keepBackups' is missing: of old sets at most one would stay"),
        (f"{OSO}, {S3}, mode: incremental", "kafka.oso.sh makes a whole set in every run"),
        (f"{OSO}, {S3}, timeZone: Europe/Berlin",
         "kafka.oso.sh counts in UTC, and has no word for Europe/Berlin"),
        (f"{OSO}, {S3}, requireTopicConfigs: true",
         "the operator has no word for it: topics' settings that cannot be read are left out"),
        (f"{OSO}, {S3}, topics: {{include: ['?']}}, shards: 2",
         "the operator runs a backup as one"),
        (f"{OSO}, {S3}, listener: plain", "kafka.oso.sh reads a user's name from the Secret, and Strimzi's"
         " Secrets of scram-sha-512 users hold none"),
        (f"{OSO}, {S3}, topics: {{include: ['*'], undeclared: true}}",
         "kafka.oso.sh cannot leave out what fits a pattern"),
        (f"{OSO}, storage: {{gcs: {{bucket: b00, credentialsSecret: {{name: s}}}}}}",
         "kafka.oso.sh takes the key itself for the name of a file, and cannot log in"),
        (f"{OSO}, storage: {{s3: {{bucket: b00, region: eu-1, workloadIdentity: {{}}}}}}",
         "kafka.oso.sh needs access keys for S3"),
        (f"{OSO}, storage: {{s3: {{bucket: b00, credentialsSecret: {{name: s}}}}}}", "'region' is missing"),
        (f"{OSO}, storage: {{azure: {{account: abc, container: abc, workloadIdentity:"
         " {clientId: 01234567-89ab-cdef-0123-456789abcdef}}}",
         "it has no effect: the identity is the operator's"),
        (f"{OSO}, storage: {{pvc: {{size: 1Gi}}}}", "the claim would be made in the namespace kafka-dev,"
         " and the operator runs in kafka-backup"),
        (f"{OSO}, {S3}, validation: {{}}", "'schedule' is missing"),
        (f"{OSO}, {S3}, consumerGroups: false, validation: {{schedule: 0 2 * * *, checks:"
         " {consumerGroupOffsets: {groups: [g]}}}",
         "the backup holds no groups: consumerGroups is false"),
        (f"{OSO}, {S3}, validation: {{schedule: 0 25 * * *}}", "'25' is no hour from 0 to 23"),
        (f"{OSO}, {S3}, validation: {{schedule: 0 2 1 * MON}}", "it names days of the month and of the"
         " week, of which either is enough; kafka.oso.sh would wait for days that are both"),
        (f"{OSO}, {S3}, validation: {{schedule: 0 2 * * *, checks: {{webhooks: {{a: {{}}}}}}}}",
         "'url' is missing"),
        (f"{OSO}, {S3}, validation: {{schedule: 0 2 31 4 *}}", "it never runs: no month has such a day"),
        (f"{OSO}, {S3}, validation: {{schedule: 0 2 * * *, checks: {{webhooks: {{a: {{timeout: 0s,"
         " url: 'https://a.example.com'}}}}", "0s is less than a second"),
        (f"engine: operator, schedule: 0 2 1 * MON, {S3}", "it names days of the month and of the week, of"
         " which either is enough; kafka.oso.sh would wait for days that are both"),
    ],
)  # fmt: skip
def test_what_kafka_oso_sh_cannot_do_is_told(project: Project, backup: str, expected: str) -> None:
    """Nothing is left out in silence."""
    assert _messages(project, backup) == [expected]


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (f"{OSO}, {S3}", "'image' is missing"),
        (f"{STRIMZI}, {S3}, deadline: 1h",
         "it has no effect: the operator writes its CronJob as it likes"),
        (f"{STRIMZI}, {S3}, startingDeadline: 1h",
         "it has no effect: the operator writes its CronJob as it likes"),
        (f"{STRIMZI}, {S3}, history: {{failed: 1}}",
         "it has no effect: the operator writes its CronJob as it likes"),
        (f"{STRIMZI}, {S3}, requireTopicConfigs: true",
         "the operator has no word for it: topics' settings that cannot be read are left out"),
        (f"{STRIMZI}, {S3}, topics: {{include: ['?']}}, shards: 2", "the operator runs a backup as one"),
        (f"{STRIMZI}, storage: {{pvc: {{size: 1Gi}}}}",
         "kafkabackup.com mounts no volume: backups would go with the pod"),
        (f"{STRIMZI}, {S3}, retention: {{age: 30d, keepBackups: 3}}",
         "kafkabackup.com drops sets by the time at which they began, and an incremental backup is one"
         " set: all of it would go"),
        (f"{STRIMZI}, {S3}, mode: full, retention: {{keepBackups: 2, keepSegments: 1}}",
         "it has no effect: it drops whole sets, by their age and number"),
        (f"{STRIMZI}, {S3}, validation: {{schedule: 0 2 * * *}}",
         "it has no effect: kafka-backup-operator alone validates by itself"),
    ],
)  # fmt: skip
def test_what_kafkabackup_com_cannot_do_is_told(
    project: Project, backup: str, expected: str
) -> None:
    """Nothing is left out in silence."""
    found = _messages(project, backup, "backupOperator: {api: kafkabackup.com}\n")

    assert found == [expected]


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (f"{CLI}, {S3}, validation: {{schedule: 0 2 * * *}}",
         "it has no effect: kafka-backup-operator alone validates by itself"),
        (f"{CLI}, {S3}, retention: {{keepBackups: 3}}",
         "it has no effect: the engine drops segments of one set, and no whole sets"),
    ],
)  # fmt: skip
def test_what_needs_an_operator_is_told(project: Project, backup: str, expected: str) -> None:
    """A CronJob of ours takes no words that only an operator has."""
    assert _messages(project, backup) == [expected]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("api: strimzi.io", '"strimzi.io" is not kafka.oso.sh or kafkabackup.com'),
        ("image: 'operator:latest'",
         '"operator:latest" is not an image with a version (name:tag, other than latest)'),
        ("chart: {version: latest}", '"latest" is not a whole version such as 1.2.1'),
        ("values: {image: {tag: latest}}", "here nobody sees whether its version is pinned"),
        ("values: {extraVolumes: many}", '"many" is not a list of volumes or mounts'),
        ("resources: {requests: {memory: 5Gi}, limits: {memory: 4Gi}}",
         "it requests 5Gi, and may use 4Gi"),
    ],
)  # fmt: skip
def test_mistakes_about_the_operator_are_told(
    project: Project, operator: str, expected: str
) -> None:
    """The version is pinned, and values are what Helm can use."""
    found = _messages(project, f"{OSO}, {S3}", f"backupOperator: {{{operator}}}\n")

    assert found == [expected]


def test_claims_are_made_where_the_operator_runs(project: Project) -> None:
    """In the environment's own namespace the claim may be ours."""
    backup = f"{OSO}, storage: {{pvc: {{size: 1Gi}}}}"

    assert _messages(project, backup, "backupOperator: {namespace: kafka-dev}\n") == []


def _messages(project: Project, backup: str, more: str = "") -> list[str]:
    """What is found of the backup x, without places."""
    text = ENVIRONMENT.replace("tls: ", LISTENERS)
    project.environment(f"{TOPICS}{more}backups: {{x: {{{backup}}}}}\n", text=text)
    return [each.partition("] ")[2] for each in project.findings()]


def test_a_drill_brings_an_engine_of_its_own(project: Project) -> None:
    """The operator's is inside of it, so the backup says the image after all."""
    drill = "drill: {schedule: 0 5 * * MON}"
    verify = "verify: {image: 'r/v:1', owner: team-a}\n"
    project.environment(f"{TOPICS}{verify}backups: {{x: {{{OSO}, {S3}, {drill}}}}}\n")
    assert [each.partition("] ")[2] for each in project.findings()] == [
        "'image' is missing: the drill runs the engine itself"
    ]

    project.environment(f"{TOPICS}{verify}backups: {{x: {{{STRIMZI}, {S3}, {drill}}}}}\n")
    assert project.findings() == []
