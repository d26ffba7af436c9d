"""What `backups:` may say, and how mistakes in it are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ENVIRONMENT, Project

from generator.model.backups.backup_topics import matcher, shards

TOPICS = "topics: {a: {backup: required}, b: {backup: excluded}, c: {}}\n"
IMAGE = "image: 'kafka-backup:v0.25.2'"
DAILY = f"{IMAGE}, schedule: 0 2 * * *"
CLAIM = "storage: {pvc: {size: 1Gi}}"


def test_a_backup_needs_little(project: Project) -> None:
    """An image, a schedule, a storage, and something to back up."""
    project.environment(f"{TOPICS}backups: {{x: {{{DAILY}, {CLAIM}}}}}\n")

    assert project.findings() == []


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        (f"{DAILY}", "8:11 [missing-key] 'storage' is missing"),
        (f"{IMAGE}, {CLAIM}", "8:11 [missing-key] 'schedule' is missing"),
        (f"schedule: 0 2 * * *, {CLAIM}", "8:11 [missing-key] 'image' is missing"),
        (f"{DAILY}, {CLAIM}, shedule: x", "8:96 [unknown-key] unknown key 'shedule'"),
        (f"{DAILY}, storage: {{}}", "8:67 [backup-storage] it names no storage"),
        (f"{DAILY}, storage: {{pvc: {{size: 1Gi}}, gcs: {{bucket: b00, workloadIdentity: {{}}}}}}",
         "8:67 [backup-storage] it names pvc and gcs"),
        (f"{DAILY}, storage: {{pvc: {{}}}}", "8:77 [missing-key] 'size' is missing"),
        (f"{DAILY}, storage: {{pvc: {{size: 1Gi, claim: mine}}}}",
         "8:83 [wrong-value] 'size' means nothing beside 'claim'"),
        (f"{DAILY}, storage: {{s3: {{credentialsSecret: {{name: s}}}}}}",
         "8:77 [missing-key] 'bucket' is missing"),
        (f"{DAILY}, storage: {{s3: {{bucket: b00}}}}",
         "8:77 [missing-key] 'credentialsSecret' is missing"),
        (f"{DAILY}, storage: {{s3: {{bucket: b00, credentialsSecret: {{accessKey: x}}}}}}",
         "8:95 [missing-key] 'name' is missing"),
        (f"{DAILY}, storage: {{s3: {{bucket: b00, accessKey: x}}}}",
         "8:95 [unknown-key] unknown key 'accessKey'"),
        (f"{IMAGE}, schedule: 0 0 2 * * *, {CLAIM}",
         '8:56 [wrong-value] "0 0 2 * * *" is not five fields as in cron: minute, hour, day of the'
         " month, month, day of the week"),
        (f"{IMAGE}, schedule: 0 24 * * *, {CLAIM}",
         "8:56 [wrong-value] '24' is no hour from 0 to 23"),
        (f"{IMAGE}, schedule: 0 2 31 4 *, {CLAIM}",
         "8:56 [wrong-value] it never runs: no month has such a day"),
        (f"{IMAGE}, schedule: '* * * * *', shards: 2, {CLAIM}, topics: {{include: ['*']}}",
         "8:77 [wrong-value] '* * * * *' leaves no minute between 2 shards"),
        (f"{DAILY}, shards: 2, {CLAIM}", "8:75 [wrong-value] 1 topics cannot be shared by 2"),
        (f"{IMAGE}, schedule: '*/99999999999999999999 2 * * *', {CLAIM}",
         "8:56 [wrong-value] '*/99999999999999999999' has no step after its slash"),
        (f"{DAILY}, storage: {{pvc: {{size: 0Gi}}}}", "8:89 [wrong-value] 0Gi is nothing"),
        (f"{DAILY}, {CLAIM}, retention: {{size: 0B}}", "8:114 [wrong-value] 0B is nothing"),
        (f"{DAILY}, {CLAIM}, segments: {{size: 0Mi}}", "8:113 [wrong-value] 0Mi is nothing"),
        (f"{DAILY}, {CLAIM}, startingDeadline: 9s",
         "8:114 [wrong-value] Kubernetes may look only after 9s, and begin no run"),
        (f"{DAILY}, {CLAIM}, objective: 36501d",
         "8:107 [wrong-value] 36501d is longer than a hundred years"),
        (f"{DAILY}, {CLAIM}, recovery: 36501d",
         "8:106 [wrong-value] 36501d is longer than a hundred years"),
        (f"{DAILY}, {CLAIM}, recovery: 10ms", "8:106 [wrong-value] 10ms is less than a second"),
        (f"{DAILY}, {CLAIM}, restoreRate: 0Mi", "8:109 [wrong-value] 0Mi is nothing"),
        (f"{DAILY}, {CLAIM}, resources: {{limits: {{cpu: '{'1' * 5000}'}}}}",
         f'8:122 [wrong-value] "{"1" * 56}..." is not an amount of CPU such as 500m, 2 or 0.5'),
        (f"{DAILY}, {CLAIM}, timeZone: Europe/Berln",
         "8:106 [wrong-value] there is no time zone 'Europe/Berln'"),
        (f"{DAILY}, {CLAIM}, timeZone: Local",
         '8:106 [wrong-value] "Local" is not a time zone such as Europe/Berlin'),
        (f"{DAILY}, {CLAIM}, listener: tsl", "8:106 [unknown-listener] there is no listener 'tsl'"),
        (f"{DAILY}, {CLAIM}, listener: out",
         "8:106 [backup-listener] it cannot log in at the listener 'out'"),
        (f"{DAILY}, {CLAIM}, mode: full, retention: {{age: 1d}}",
         "8:108 [no-effect] it has no effect in mode full: the engine drops segments of its own set"
         " only, and every run makes a new one"),
        (f"{DAILY}, {CLAIM}, deadline: 500ms", "8:106 [wrong-value] 500ms is less than a second"),
        (f"{DAILY}, {CLAIM}, resources: {{requests: {{memory: 3Gi}}, limits: {{memory: 2Gi}}}}",
         "8:127 [wrong-value] it requests 3Gi, and may use 2Gi"),
        (f"{DAILY}, {CLAIM}, topics: {{include: [a, b]}}",
         "8:118 [wrong-value] b says backup: excluded"),
        (f"{DAILY}, {CLAIM}, topics: {{include: [a], undeclared: true}}",
         "8:131 [no-effect] it includes no pattern that one could fit"),
        (f"{DAILY}, {CLAIM}, topics: {{include: ['x*']}}",
         "8:11 [backup-empty] it holds no topic, and the engine would take that for all of them"),
        (f"{DAILY}, {CLAIM}, compression: {{type: gzip}}",
         '8:116 [wrong-value] "gzip" is not none, zstd or lz4'),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_stand(project: Project, backup: str, expected: str) -> None:
    """One finding, at the value or key to edit."""
    text = ENVIRONMENT.replace(
        "listeners: {", "listeners: {out: {port: 9094, type: loadbalancer}, "
    )
    project.environment(f"{TOPICS}backups: {{x: {{{backup}}}}}\n", text=text)

    assert project.findings() == [f"environment.yaml:{expected}"]


@pytest.mark.parametrize(
    "storage",
    [
        "s3: {bucket: b00, endpoint: 'https://minio:65536', credentialsSecret: {name: s}}",
        "s3: {bucket: b00, endpoint: 'https://minio..storage', credentialsSecret: {name: s}}",
        "s3: {bucket: b00, prefix: a/../b, credentialsSecret: {name: s}}",
        "s3: {bucket: b00, prefix: ., credentialsSecret: {name: s}}",
        "s3: {bucket: b00, credentialsSecret: {name: s..t}}",
        "s3: {bucket: b00, credentialsSecret: {name: s, secretKey: ..}}",
        "gcs: {bucket: b00, credentialsSecret: {name: s, serviceAccountKey: ..key}}",
        "pvc: {claim: s..t}",
    ],
)  # fmt: skip
def test_what_kubernetes_or_the_storage_would_refuse(project: Project, storage: str) -> None:
    """Is refused as it is written, and not once a run has failed."""
    project.environment(f"{TOPICS}backups: {{x: {{{DAILY}, storage: {{{storage}}}}}}}\n")

    (found,) = project.findings()
    assert "[wrong-value]" in found


@pytest.mark.parametrize("prefix", ["a.b/..c", "a/...", ".hidden/d.", "2026/=_-/"])
def test_prefixes_with_dots_in_them(project: Project, prefix: str) -> None:
    """Lead nowhere else."""
    storage = f"gcs: {{bucket: b00, prefix: '{prefix}', workloadIdentity: {{}}}}"
    project.environment(f"{TOPICS}backups: {{x: {{{DAILY}, storage: {{{storage}}}}}}}\n")

    assert project.findings() == []


def test_names_are_not_taken_twice(project: Project) -> None:
    """A shard may be called as another backup, and a user as another user, of the same environment."""
    project.environment(
        "topics: {a: {}, c: {}, d: {}, e: {}}\nusers: {backup-x: {spec: {}}}\nbackups:\n"
        f"  x: {{{DAILY}, shards: 2, {CLAIM}, topics: {{include: ['*']}}}}\n"
        f"  x-1: {{{DAILY}, {CLAIM}, topics: {{include: [a]}}}}\n"
    )

    assert project.findings() == [
        "environment.yaml:8:9 [duplicate-user] 'backup-x' is the user of the backup 'x', too",
        "environment.yaml:11:3 [duplicate-object] 'x-1' is what a shard of the backup 'x' is called",
    ]


def test_storage_of_a_lower_layer_is_replaced(project: Project) -> None:
    """Null removes what is inherited, as everywhere."""
    project.write("environments/base/base.yaml", f"{TOPICS}backups: {{x: {{{DAILY}, {CLAIM}}}}}\n")
    project.environment(
        "inherits: base\nbackups: {x: {storage: {pvc: null, gcs: {bucket: b00, workloadIdentity: {}}}}}\n"
    )

    assert project.findings() == []


@pytest.mark.parametrize(
    ("glob", "name", "fits"),
    [
        ("orders", "orders", True), ("orders*", "orders", True), ("*orders*", "my-orders-v2", True),
        ("order?", "orders", True), ("order?", "order", False), ("orders", "payments", False),
        ("a.b", "a-b", False), ("[ab]", "a", False),
    ],
)  # fmt: skip
def test_patterns_are_those_of_the_engine(glob: str, name: str, fits: bool) -> None:
    """As kafka-backup-core 0.25.2 tests them (backup/engine.rs, test_glob_match)."""
    assert bool(matcher([glob])(name)) is fits


@given(st.sets(st.text("abc.-", min_size=1, max_size=8), max_size=40), st.integers(1, 8))
def test_every_topic_is_in_one_shard_and_stays_there(topics: set[str], count: int) -> None:
    """Whatever else is added; and another number of shards moves topics to the new ones only."""
    parts = shards(sorted(topics), count)
    more = shards(sorted({*topics, "new"}), count)
    wider = shards(sorted(topics), count + 1)

    assert sorted(topic for part in parts for topic in part) == sorted(topics)
    assert all({*part} <= {*larger} for part, larger in zip(parts, more, strict=True))
    assert all({*part} <= {*larger, *wider[-1]} for part, larger in zip(parts, wider, strict=False))
