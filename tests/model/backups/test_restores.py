"""What `restores:`, `offsetResets:` and `drill:` may say, and how mistakes in them are told."""

import pytest
from support import Project

from generator.common.units import UnitError, parse_time_ms, with_milliseconds

BACKUP = (
    "backups:\n"
    "  b: {image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}%s}\n"
)
TOPICS = "topics: {a: {backup: required, partitions: 3}, c: {partitions: 3}}\n"
READER = "applications: {reader: {consumes: {a: {group: readers}}}}\n"
SET = "storage: {pvc: {claim: other}}, set: b"
IMAGE = "image: 'kafka-backup:v0.25.2'"


def test_a_restore_needs_little(project: Project) -> None:
    """A backup, and where its topics go."""
    project.environment(TOPICS + BACKUP % "" + "restores: {x: {backup: b, topics: {a: c}}}\n")

    assert project.findings() == []


@pytest.mark.parametrize(
    ("restore", "expected"),
    [
        ("topics: {a: c}", "10:12 [restore-source] it names no backup"),
        (f"backup: b, topics: {{a: c}}, {SET}",
         "10:12 [restore-source] it names a backup and a storage"),
        ("backup: d, topics: {a: c}", "10:24 [unknown-backup] there is no backup 'd'"),
        ("backup: b", "10:12 [missing-key] it names no topic, and the engine would take that for all of"
         " them"),
        ("backup: b, topics: {c: c}", "10:36 [unknown-topic] the backup b does not hold c"),
        ("backup: b, topics: {a: d}", "10:39 [unknown-topic] there is no topic 'd'"),
        ("backup: b, set: b, topics: {a: c}",
         "10:27 [no-effect] b is incremental: it has one set"),
        (f"storage: {{pvc: {{claim: other}}}}, topics: {{a: c}}, {IMAGE}",
         "10:12 [missing-key] 'set' is missing"),
        (f"{SET}, topics: {{a: c}}", "10:12 [missing-key] 'image' is missing"),
        (f"storage: {{pvc: {{size: 1Gi}}}}, set: b, topics: {{a: c}}, {IMAGE}",
         "10:32 [wrong-value] a new claim holds no backup"),
        (f"{SET}, topics: {{a: c}}, {IMAGE}, retries: 2",
         "10:103 [no-effect] it is tried once: the engine writes no checkpoint into another environment's set"),
        ("backup: b, topics: {a: c}, groups: {names: [readers]}",
         "10:52 [missing-key] nothing could let them follow: verify says no image"),
        (f"{SET}, topics: {{a: c}}, {IMAGE}, groups: {{names: [readers]}}",
         "10:112 [wrong-value] where groups of another environment were is not known here: the engine"
         " asks the cluster that it writes to"),
        ("backup: b, topics: {a: c}, partitions: [0, 3]",
         "10:59 [wrong-value] none of its topics has a partition 3"),
        ("backup: b, topics: {a: c}, until: 1795183200",
         '10:50 [wrong-type] 1795183200 is not a quoted time with its zone, such as'
         ' "2026-11-20T14:00:00Z"'),
        ("backup: b, topics: {a: c}, until: '2026-11-20T14:00:00'",
         '10:50 [wrong-value] "2026-11-20T14:00:00" is not a quoted time with its zone, such as'
         ' "2026-11-20T14:00:00Z"'),
        ("backup: b, topics: {a: c}, until: '2026-02-30T14:00:00Z'",
         '10:50 [wrong-value] "2026-02-30T14:00:00Z" is not a time with its zone, such as'
         " 2026-11-20T14:00:00Z"),
        ("backup: b, topics: {a: c}, since: '2026-11-20T14:00Z', until: '2026-11-20T15:00+01:00'",
         "10:78 [restore-window] nothing lies between since and until"),
        ("backup: b, topics: {a: c}, groups: {strategy: cluster-scan}",
         "10:62 [no-effect] the engine does nothing for cluster-scan"),
        ("backup: b, topics: {a: c}, groups: {strategy: header-based}, stripHeaders: true",
         "10:77 [no-effect] strategy header-based adds what it takes away"),
        (f"backup: b, topics: {{a: c}}, groups: {{{IMAGE}}}",
         "10:52 [no-effect] there is no group whose snapshot it could take"),
        ("backup: b, topics: {a: c}, quotas: {consumerByteRate: 1Mi}",
         "10:52 [restore-throttled] a restore that goes on reads what it has written, and takes the answer"
         " to a throttled fetch for the end of it"),
        ("backup: b, topics: {a: c}, rateLimit: {bytes: 0B}",
         "10:62 [wrong-value] nothing would ever be written"),
        ("backup: b, topics: {a: c}, listener: tsl",
         "10:53 [unknown-listener] there is no listener 'tsl'"),
        ("backup: b, topics: {a: c}, deadline: 5ms", "10:53 [wrong-value] 5ms is less than a second"),
        ("backup: b, topics: {a: c}, purge: 1", "10:50 [wrong-type] 1 is not true or false"),
    ],
)  # fmt: skip
def test_mistakes_of_a_restore_are_told_where_they_stand(
    project: Project, restore: str, expected: str
) -> None:
    """One finding, at the value or key to edit."""
    project.environment(TOPICS + BACKUP % "" + f"restores: {{x: {{{restore}}}}}\n")

    assert project.findings() == [f"environment.yaml:{expected}"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", ["10:12 [missing-key] 'set' is missing"]),
        ("set: other-29384910, ", ["10:32 [wrong-value] no run of b makes such a set"]),
        ("set: backup-b-29384910, ", []),
    ],
)
def test_the_set_of_a_full_backup_is_named(
    project: Project, said: str, expected: list[str]
) -> None:
    """Every run makes one, whose name begins as the run's."""
    restore = f"restores: {{x: {{backup: b, {said}topics: {{a: c}}}}}}\n"
    project.environment(TOPICS + BACKUP % ", mode: full" + restore)

    assert project.findings() == [f"environment.yaml:{each}" for each in expected]


def test_two_topics_do_not_become_one(project: Project) -> None:
    """Nobody could tell their records apart."""
    topics = "topics: {a: {backup: required}, b: {backup: required}, c: {}}\n"
    project.environment(topics + BACKUP % "" + "restores: {x: {backup: b, topics: {a: c, b: c}}}\n")

    assert project.findings() == [
        "environment.yaml:10:45 [wrong-value] the records of a go there, too: nobody could tell them"
        " apart"
    ]


@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        ("groups: [readers]", "9:16 [missing-key] 'to' is missing"),
        ("to: latest", "9:16 [missing-key] 'groups' is missing"),
        ("groups: [others], to: earliest",
         "9:29 [unknown-group] which topics is not said, and no application consumes in the group"
         " others"),
        ("groups: [readers], to: newest",
         '9:43 [wrong-value] "newest" is not earliest, latest, or one of timestamp, offsets and'
         " snapshot"),
        ("groups: [readers], to: {timestamp: '2026-11-20T25:00Z'}",
         '9:55 [wrong-value] "2026-11-20T25:00Z" is not a time with its zone, such as'
         " 2026-11-20T14:00:00Z"),
        ("groups: [readers], to: earliest, topics: [d]",
         "9:62 [unknown-topic] there is no topic 'd'"),
        ("groups: [readers], to: {mapping: mine}",
         "9:53 [restore-mapping] where the records of a restore went is known only while it restores"),
        ("groups: [readers], to: {snapshot: x}",
         "9:54 [wrong-value] its own snapshot is where the groups are before it"),
        ("groups: [readers], to: {offsets: {d: {'0': 5}}}",
         "9:54 [unknown-topic] there is no topic 'd'"),
        ("groups: [readers], to: {offsets: {a: {'3': 5}}}",
         "9:58 [wrong-value] a has partitions 0 to 2"),
        ("groups: [readers], to: {offsets: {a: {'0': 5}}}, topics: [a]",
         "9:69 [no-effect] the offsets name their topics themselves"),
        ("groups: [readers], to: earliest, listener: tsl",
         "9:63 [unknown-listener] there is no listener 'tsl'"),
    ],
)  # fmt: skip
def test_mistakes_of_a_reset_are_told_where_they_stand(
    project: Project, reset: str, expected: str
) -> None:
    """One finding, at the value or key to edit."""
    project.environment(TOPICS + READER + f"offsetResets: {{x: {{{reset}}}}}\n")

    assert project.findings() == [f"environment.yaml:{expected}"]


@pytest.mark.parametrize(
    ("drill", "verify", "expected"),
    [
        ("topics: 1", True, "9:88 [missing-key] 'schedule' is missing"),
        ("schedule: 0 25 * * *", True, "9:106 [wrong-value] '25' is no hour from 0 to 23"),
        ("schedule: 0 5 * * *", False,
         "9:88 [missing-key] nothing could compare what is restored: verify says no image"),
        ("schedule: 0 5 * * *, topics: [c]", True,
         "9:126 [unknown-topic] the backup does not hold c"),
        ("schedule: 0 5 * * *, topics: 0", True,
         "9:125 [wrong-value] 0 is not a number of topics, or a list of them"),
    ],
)  # fmt: skip
def test_mistakes_of_a_drill_are_told_where_they_stand(
    project: Project, drill: str, verify: bool, expected: str
) -> None:
    """One finding, at the value or key to edit."""
    image = "verify: {image: 'r/v:1'}\n" if verify else ""
    project.environment(TOPICS + BACKUP % f", drill: {{{drill}}}" + image)

    assert project.findings() == [f"environment.yaml:{expected}"]


def test_topics_that_drills_would_delete_are_refused(project: Project) -> None:
    """Everything that begins as scratch topics do, and names that would be too long for one."""
    long = "t" * 245
    text = f"topics: {{a: {{backup: required}}, {long}: {{backup: required}}, drill.b.a: {{}}}}\n"
    drill = BACKUP % ", drill: {schedule: 0 5 * * *}" + "verify: {image: 'r/v:1'}\n"
    project.environment(text + drill)

    assert [each.split(" ", 2)[1] for each in project.findings()] == [
        "[reserved-name]", "[wrong-value]"
    ]  # fmt: skip


def test_names_are_not_taken_twice(project: Project) -> None:
    """Users, and the snapshots of restores and resets."""
    project.environment(
        TOPICS + READER + BACKUP % ", drill: {schedule: 0 5 * * *}" + "verify: {image: 'r/v:1'}\n"
        "users: {restore-x: {spec: {}}, offsets-x: {spec: {}}, drill-b: {spec: {}}}\n"
        "restores: {x: {backup: b, topics: {a: c}}}\n"
        "offsetResets: {x: {groups: [readers], to: earliest}}\n"
    )

    assert [each.split(" ", 1)[1] for each in project.findings()] == [
        "[duplicate-user] 'restore-x' is the user of the restore 'x', too",
        "[duplicate-user] 'offsets-x' is the user of the offset reset 'x', too",
        "[duplicate-user] 'drill-b' is the user of the drill of the backup 'b', too",
        "[duplicate-object] a restore is called 'x', too, and their snapshots alike",
    ]


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        ("object: Job/restore-x, change: run", []),
        ("object: Job/restore-x, change: purge", ["[unknown-approval] restore-x waits for 'run'"]),
        ("object: Job/restore-p, change: run", ["[unknown-approval] restore-p waits for 'purge'"]),
        ("object: Job/restore-y, change: run", ["[unknown-approval] no Job 'restore-y' waits for it"]),
        ("object: Job/*, change: run", ["[unknown-approval] no Job '*' waits for it"]),
        ("object: Job/restore-x, change: run, to: false",
         ["[no-effect] a Job that runs becomes nothing"]),
        ("object: Job/mine, change: run", []),
    ],
)  # fmt: skip
def test_an_approval_means_one_job_and_its_word(
    project: Project, approval: str, expected: list[str]
) -> None:
    """No pattern, and never the milder word for what purges."""
    project.environment(
        TOPICS + BACKUP % "" + "restores:\n  x: {backup: b, topics: {a: c}}\n"
        "  p: {backup: b, topics: {a: c}, purge: true}\n"
        f"approvals: {{it: {{{approval}, reason: It was lost., owner: team-a, expires: '2026-12-31'}}}}\n"
    )

    assert [each.split(" ", 1)[1] for each in project.findings()] == expected


@pytest.mark.parametrize(
    ("text", "expected_ms", "padded"),
    [
        ("2026-11-20T14:00:00Z", 1795183200000, "2026-11-20T14:00:00.000Z"),
        ("2026-11-20T15:00+01:00", 1795183200000, "2026-11-20T15:00:00.000+01:00"),
        ("2026-11-20T10:30:00-03:30", 1795183200000, "2026-11-20T10:30:00.000-03:30"),
        ("2024-02-29T23:59:59Z", 1709251199000, "2024-02-29T23:59:59.000Z"),
        ("1970-01-01T00:00Z", 0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_times_with_a_zone_are_moments(text: str, expected_ms: int, padded: str) -> None:
    """Whatever zone they are said in."""
    assert parse_time_ms(text) == expected_ms
    assert with_milliseconds(text) == padded


@pytest.mark.parametrize(
    "text",
    ["2026-11-20", "2026-11-20T14:00:00", "2026-02-29T14:00Z", "2026-13-01T14:00Z", "2026-11-20T24:00Z",
     "2026-11-20T14:60Z", "0000-01-01T00:00Z", "1969-12-31T23:59:59Z", "2026-11-20T14:00:00+24:00", "now"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    """A time without a zone would mean another one to everybody."""
    with pytest.raises(UnitError):
        parse_time_ms(text)


def test_whoever_restores_says_an_owner_in_the_intent(project: Project) -> None:
    """A restore has a word for it, as a backup has; a label is for what people write themselves."""
    restore = "restores: {x: {backup: b, topics: {a: c}}}\n"
    approval = "approvals: {it: {object: Job/restore-x, change: run, reason: It was lost., owner: team-a, expires: '2026-12-01'}}\n"
    project.environment(TOPICS + BACKUP % "" + restore + approval, rules=True)

    findings = project.everything("dev").findings
    assert {each.fix for each in findings if each.rule == "application-owner"} == {"write owner."}
