"""What loses records needs a backup that was verified: which reports prove one, and which do not."""

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import pytest
from plans import CLUSTER, ENVIRONMENT
from support import Cli, Project

from generator.cli import backup_live
from generator.common.cache import Cache
from generator.common.finding import FindingsError
from generator.plan.approval_text import help_for
from generator.plan.backup_gate import BackupGate
from generator.plan.backup_report import GROUP, MADE, NEEDED, BackupReport, of_text
from generator.plan.formats.data import as_data
from generator.plan.formats.html import as_html
from generator.plan.formats.text import as_markdown, as_text
from generator.plan.guard import Guard
from generator.plan.plan import Plan, plan
from generator.plan.sides import of_project
from generator.validate.kubeconform import ToolMissingError
from verify.checks.registry import all_checks

NOW_S = 1_795_280_400.0
ID = "MkU3OEVBNTcwNTJENDM2Qg"
MORE = "; `strimzi-verify run dev --only backup` tells why"
OPEN = "policy: {approvals: {patterns: true}}\n"
GATE = "policy: {backupGate: {}, approvals: {patterns: true}}\n"
BACKUPS = "backups:\n  x: {image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}}\n"
TOPICS = (
    "topics:\n  orders: {retention: %s, backup: required}\n  scratch: {retention: %s, backup: excluded}\n"
    "  other: {retention: %s}\n"
)


def _intent(orders: str = "7d", scratch: str = "7d", other: str = "7d", more: str = GATE) -> str:
    return CLUSTER + TOPICS % (orders, scratch, other) + BACKUPS + more


def _approval(**more: str) -> str:
    said = {"object": "'*/*'", "change": "'*'", "reason": "Nobody reads it.", "owner": "team-a",
            "expires": "2026-12-31", **more}  # fmt: skip
    return "approvals:\n  lost:\n" + "".join(f"    {key}: {said[key]}\n" for key in said)


def _check(name: str, *outcomes: tuple[str, str], status: str = "pass") -> dict[str, Any]:
    return {
        "check": name, "group": "backup", "status": status,
        "outcomes": [{"status": each, "subject": subject, "message": f"it is {each}"}
                     for each, subject in outcomes],
    }  # fmt: skip


def _report(changed: list[dict[str, Any]] | None = None, **more: Any) -> bytes:
    """A report of a whole backup, as strimzi-verify prints it."""
    usual = [_check(name, ("pass", "x")) for name in (*NEEDED, *MADE)]
    usual.append(_check("backup-drill", ("skip", ""), status="skip"))
    found = {each["check"]: each for each in (*usual, *(changed or []))}
    data = {
        "version": 1, "tool": {"name": "strimzi-verify", "version": "1.0.0"}, "environment": "dev",
        "namespace": "kafka-dev", "cluster": "events", "cluster_id": ID, "taken_at_s": NOW_S - 3600,
        "checks": list(found.values()), **more,
    }  # fmt: skip
    return json.dumps(data).encode()


def _proof(raw: bytes) -> BackupReport:
    return of_text(raw, f"sha256:{sha256(raw).hexdigest()}")


def _plan(root: Path, before: str, after: str, gate: BackupGate | None = None) -> Plan:
    sides = []
    for name, text in (("before", before), ("after", after)):
        project = Project(root / name)
        project.environment(text, text=ENVIRONMENT)
        sides.append(of_project(project.root, None, Cache()))
    guard = Guard.between(sides[0].rules, sides[1].rules, "2026-11-21", gate)
    return plan(sides[0].states, sides[1].states, guard)


def _gate(raw: bytes) -> BackupGate:
    proof = _proof(raw)
    return BackupGate({proof.environment: proof}, NOW_S)


def _signed(raw: bytes) -> str:
    return _approval(backupProof=_proof(raw).digest)


def _blocked(made: Plan) -> list[str]:
    return [change.blocked for change in made.blocked]


SHORTER = {"orders": "1d"}


def test_a_slow_backup_is_whole(tmp_path: Path) -> None:
    """How long it takes until it is back does not say whether something is missing."""
    raw = _report([_check("backup-recovery", ("fail", "x"), status="fail")])
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _signed(raw)), _gate(raw))

    assert _blocked(made) == []


def test_nothing_is_demanded_unasked(tmp_path: Path) -> None:
    """Without policy.backupGate an approval is enough."""
    made = _plan(tmp_path, _intent(more=OPEN), _intent(**SHORTER, more=OPEN + _approval()))

    assert _blocked(made) == []
    assert [change.backup_proof for change in made.changes] == [""]


def test_approval_alone_is_not_enough(tmp_path: Path) -> None:
    """And what is missing comes with what to do."""
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _approval()))

    assert _blocked(made) == [
        "backup gate: it needs a backup verified within 1d: plan --backup-proof FILE with what"
        " `strimzi-verify run dev --only backup --format json` prints, or plan --backup-live"
    ]


def test_signed_report_lets_it_through(tmp_path: Path) -> None:
    """The approval of the change names the very file; every output tells of it."""
    raw = _report()
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _signed(raw)), _gate(raw))
    (change,) = made.changes
    said = f"x verified 1h ago (report {_proof(raw).digest})"

    assert (change.blocked, change.approved_by, change.backup_proof) == ("", "lost", said)
    assert made.environments[0].unused_approvals == []
    assert f"      backup: {said}\n" in click.unstyle(as_text(made))
    assert f":white_check_mark: backup: {said}" in as_markdown(made)
    data = as_data(made)
    assert data["environments"][0]["changes"][0]["backup_proof"] == said
    assert f"Backup: {said}" in as_html(data)


def test_verdict_of_a_blocked_change_is_in_every_output(tmp_path: Path) -> None:
    """Together with the approval that is missing."""
    made = _plan(tmp_path, _intent(), _intent(**SHORTER))
    said = (
        "data-loss: approve it, or take it back; backup gate: it needs a backup verified within 1d"
    )

    for output in (as_text(made), as_html(as_data(made)), json.dumps(as_data(made))):
        assert said in click.unstyle(output)
    assert said in as_markdown(made).replace("\\", "")


def test_report_has_to_be_signed_off(tmp_path: Path) -> None:
    """One that nobody named, and an approval that names another one, do not count."""
    raw = _report()
    for number, more in enumerate((_approval(), _approval(backupProof=f"sha256:{'0' * 64}"))):
        made = _plan(
            tmp_path / str(number), _intent(), _intent(**SHORTER, more=GATE + more), _gate(raw)
        )
        assert _blocked(made) == [
            "backup gate: nobody has signed the report off: the approval has to name it (backupProof)"
        ]
        assert f"backupProof: {_proof(raw).digest}\n" in help_for(made.blocked, "2026-12-21")


def test_signature_is_for_one_change(tmp_path: Path) -> None:
    """An approval of something else, or one that has run out, signs nothing."""
    raw = _report()
    for number, more in enumerate(({"object": "KafkaTopic/other"}, {"expires": "2026-11-20"})):
        signed = _approval(**more, backupProof=_proof(raw).digest).partition("\n")[2]
        said = _approval() + signed.replace("lost:", "signed:")
        made = _plan(
            tmp_path / str(number), _intent(), _intent(**SHORTER, more=GATE + said), _gate(raw)
        )
        assert "nobody has signed the report off" in _blocked(made)[0]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"namespace": "kafka-prod"}, "the report is of namespace 'kafka-prod', not of 'kafka-dev'"),
        ({"cluster": "other"}, "the report is of cluster 'other', not of 'events'"),
        ({"cluster_id": "xyz"}, "the report is of cluster id 'xyz', not of '" + ID + "'"),
        ({"taken_at_s": NOW_S - 86_400}, ""),
        ({"taken_at_s": NOW_S - 86_461}, "the report is 1d1m old, and may be 1d: verify again"),
        ({"taken_at_s": NOW_S}, ""),
        ({"taken_at_s": NOW_S + 1},
         "the report comes from the future: set the clocks, and verify again"),
        ({"environment": "prod"},
         "it needs a backup verified within 1d (those given are of prod): plan --backup-proof FILE with"
         " what `strimzi-verify run dev --only backup --format json` prints, or plan --backup-live"),
        ({"checks": []}, "x, which holds orders, is not proved to be whole: the check backup-manifest"
         " was not made"),
    ],
)  # fmt: skip
def test_report_is_of_this_cluster_and_of_today(
    tmp_path: Path, more: dict[str, Any], why: str
) -> None:
    """Another's, an old one and one from the future prove nothing."""
    raw = _report(**more)
    known = GATE + "verify: {clusterId: " + ID + ", image: 'r/v:1'}\n"
    made = _plan(
        tmp_path, _intent(more=known), _intent(**SHORTER, more=known + _signed(raw)), _gate(raw)
    )

    assert _blocked(made) == ([f"backup gate: {why}"] if why else [])


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (_check("backup-gaps", ("warn", "x")), "backup-gaps is warn: it is warn"),
        (_check("backup-gaps", ("fail", "x")), "backup-gaps is fail: it is fail"),
        (_check("backup-gaps", ("unknown", "x")), "backup-gaps is unknown: it is unknown"),
        (_check("backup-gaps", ("skip", "x")), "backup-gaps is skip: it is skip"),
        (_check("backup-gaps", ("skip", "")), "backup-gaps is skip: it is skip"),
        (_check("backup-gaps", ("unknown", "")), "backup-gaps is unknown: it is unknown"),
        (_check("backup-gaps", ("pass", "x"), ("fail", "x: orders")), "backup-gaps is fail: it is fail"),
        (_check("backup-gaps", ("pass", "x"), ("fail", "x-1")), "backup-gaps is fail: it is fail"),
        (_check("backup-gaps", status="fail"), "backup-gaps says nothing of x"),
        (_check("backup-gaps"), ""),
        (_check("backup-running", ("unknown", "x")), "backup-running is unknown: it is unknown"),
        (_check("backup-groups", ("skip", "x")), ""),
        (_check("backup-integrity", ("skip", "x")), "backup-integrity is skip: it is skip"),
        (_check("backup-consistent", ("fail", "x")), "backup-consistent is fail: it is fail"),
        (_check("backup-history", ("fail", "x")), "backup-history is fail: it is fail"),
        (_check("backup-history", ("unknown", "x")), "backup-history is unknown: it is unknown"),
        (_check("backup-history", ("skip", "x")), ""),
        (_check("backup-identity", ("fail", "x")), "backup-identity is fail: it is fail"),
        (_check("backup-identity", ("skip", "x")), ""),
        (_check("backup-offsets", ("warn", "x")), "backup-offsets is warn: it is warn"),
        (_check("backup-running", ("skip", "")), ""),
        ({**_check("pods", ("fail", "x")), "group": "kubernetes"}, ""),
    ],
)  # fmt: skip
def test_every_check_has_to_have_passed(tmp_path: Path, check: dict[str, Any], why: str) -> None:
    """What was not found out, or left out, proves nothing; only what does not apply may be skipped."""
    raw = _report([check])
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _signed(raw)), _gate(raw))
    told = f"backup gate: x, which holds orders, is not proved to be whole: {why}"

    assert _blocked(made) == ([told] if why else [])


@pytest.mark.parametrize("missing", [*NEEDED, *MADE])
def test_no_needed_check_may_be_left_out(tmp_path: Path, missing: str) -> None:
    """A report of a few chosen checks looks as fine as a whole one."""
    data = json.loads(_report())
    data["checks"] = [each for each in data["checks"] if each["check"] != missing]
    raw = json.dumps(data).encode()
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _signed(raw)), _gate(raw))

    assert _blocked(made)[0].endswith(f"the check {missing} was not made")


def test_needed_checks_are_those_of_strimzi_verify() -> None:
    """Each has the name that a report has."""
    known = {check.name for check in all_checks().values() if check.group == GROUP}
    if not known:
        pytest.skip("strimzi-verify has no check of backups yet")

    assert {*NEEDED, *MADE} <= known


def test_one_whole_backup_of_a_topic_is_enough(tmp_path: Path) -> None:
    """Others may hold the topic, too, and be broken."""
    more = BACKUPS.replace("backups:\n  x:", "  z:") + GATE
    fine = [_check(name, ("pass", "x"), ("fail", "z")) for name in NEEDED]
    raw = _report(fine)
    after = _intent(**SHORTER, more=more + _signed(raw))
    made = _plan(tmp_path / "1", _intent(more=more), after, _gate(raw))
    assert _blocked(made) == []
    assert made.changes[-1].backup_proof.startswith("x verified")

    raw = _report([_check(name, ("fail", "x"), ("fail", "z")) for name in NEEDED])
    after = _intent(**SHORTER, more=more + _signed(raw))
    assert len(_blocked(_plan(tmp_path / "2", _intent(more=more), after, _gate(raw)))) == 1


def test_another_backup_may_be_ill(tmp_path: Path) -> None:
    """What is said of its run or of its CronJob is nothing against this one; of anything else it is."""
    more = BACKUPS.replace("backups:\n  x:", "  z:") + GATE
    more = more.replace("schedule: 0 2", "topics: {include: [other]}, schedule: 0 2")
    for number, (subject, count) in enumerate(
        (("z", 0), ("cronjob/backup-z", 0), ("cronjob/backup-x", 1), ("claim/backup-z", 1))
    ):
        raw = _report([_check("backup-suspended", ("fail", subject))])
        after = _intent(**SHORTER, more=more + _signed(raw))
        made = _plan(tmp_path / str(number), _intent(more=more), after, _gate(raw))
        assert len(_blocked(made)) == count, subject


def test_topic_of_another_kafka_is_in_no_backup(tmp_path: Path) -> None:
    """Backups read the environment's own; a topic of the same name elsewhere is another one."""
    kafka = (
        "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: second, namespace: kafka-dev}\n"
        "spec: {kafka: {listeners: [{name: tls, port: 9093, type: internal, tls: true}]}}\n"
    )
    topic = (
        "---\napiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {name: second-orders,"
        " namespace: kafka-dev, labels: {strimzi.io/cluster: second}}\n"
        "spec: {topicName: orders, partitions: 1, replicas: 1}\n"
    )
    raw = _report()
    for side, text in (("before", kafka + topic), ("after", kafka)):
        Project(tmp_path / side).write("environments/dev/extra/second.yaml", text)
    made = _plan(tmp_path, _intent(), _intent(more=GATE + _signed(raw)), _gate(raw))

    assert _blocked(made) == [
        "backup gate: it belongs to Kafka second, of which there are no backups: it needs a merge before this one"
        " without policy.backupGate"
    ]


def test_topic_that_no_backup_holds_cannot_be_proved(tmp_path: Path) -> None:
    """It says so, and how to go on; what is excluded may go."""
    raw = _report()
    after = _intent(other="1d", scratch="1d", more=GATE + _signed(raw))
    made = _plan(tmp_path, _intent(), after, _gate(raw))

    assert [(change.name, change.blocked) for change in made.blocked] == [
        ("other",
         "backup gate: no backup holds other, so nothing can ever prove one: back it up, or, in a merge"
         " before this one, say `backup: excluded` on what may be lost"),
    ]  # fmt: skip


def test_topic_cannot_be_excluded_as_it_goes(tmp_path: Path) -> None:
    """What counts is what was said before the change."""
    raw = _report()
    gone = _intent(more=GATE + _signed(raw)).replace("  other: {retention: 7d}\n", "")
    assert len(_blocked(_plan(tmp_path / "1", _intent(), gone, _gate(raw)))) == 1

    said = _intent().replace("other: {", "other: {backup: excluded, ")
    assert _blocked(_plan(tmp_path / "2", said, gone, _gate(raw))) == []


def test_what_loses_all_topics_needs_a_proof_of_all(tmp_path: Path) -> None:
    """A disk that is deleted with its pool, for instance."""
    raw = _report()
    after = _intent(more=GATE + _signed(raw)).replace(
        CLUSTER, CLUSTER + "  storage: {deleteClaim: true}\n"
    )
    before = _intent().replace(CLUSTER, CLUSTER + "  storage: {deleteClaim: false}\n")
    (blocked,) = _blocked(_plan(tmp_path / "1", before, after, _gate(raw)))
    assert "no backup holds other" in blocked

    old, new = (text.replace("  other: {retention: 7d}\n", "") for text in (before, after))
    made = _plan(tmp_path / "2", old, new, _gate(raw))
    assert [change.kind for change in made.changes] == ["KafkaNodePool"]
    assert _blocked(made) == []


def test_volume_of_backups_is_nobodys_topic(tmp_path: Path) -> None:
    """It cannot be proved by what is on it; an approval is enough."""
    extra = (
        "apiVersion: v1\nkind: PersistentVolumeClaim\n"
        "metadata: {name: old, namespace: kafka-dev%s}\n"
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"
    )
    for number, (labels, count) in enumerate(
        ((", labels: {strimzi-gitops/backup: x}", 0), ("", 1))
    ):
        root = tmp_path / str(number)
        Project(root / "before").write("environments/dev/extra/claim.yaml", extra % labels)
        made = _plan(root, _intent(), _intent(more=GATE + _approval()))
        assert [change.kind for change in made.changes] == ["PersistentVolumeClaim"]
        assert len(_blocked(made)) == count


def test_only_named_classes_need_a_backup(tmp_path: Path) -> None:
    """More partitions lose nothing, unless the policy wants a backup for what cannot be undone, too."""
    for number, (gate, count) in enumerate(
        (("{}", 0), ("{changes: [irreversible]}", 1), ("{changes: [data-loss]}", 0))
    ):
        more = f"policy: {{backupGate: {gate}, approvals: {{patterns: true}}}}\n"
        after = _intent(more=more + _approval()).replace("orders: {", "orders: {partitions: 9, ")
        before = _intent(more=more).replace("orders: {", "orders: {partitions: 6, ")
        assert len(_blocked(_plan(tmp_path / str(number), before, after))) == count


def test_deletion_within_its_budget_needs_a_backup_all_the_same(tmp_path: Path) -> None:
    """Nobody has to approve it, but a report in a file has to be signed; one that is live signs itself."""
    more = "policy: {backupGate: {}, deletions: {any: 9}, approvals: {patterns: true}}\n"
    raw = _report()
    gone = _intent(more=more).replace(
        "  orders: {retention: 7d, backup: required}\n", "  kept: {backup: required}\n"
    )
    before = _intent(more=more).replace("topics:\n", "topics:\n  kept: {backup: required}\n")

    assert "it needs a backup" in _blocked(_plan(tmp_path / "1", before, gone))[0]
    made = _plan(tmp_path / "2", before, gone, _gate(raw))
    assert "nobody has signed" in _blocked(made)[0]
    assert made.blocked[0].approvable
    made = _plan(tmp_path / "3", before, gone + _signed(raw), _gate(raw))
    assert _blocked(made) == []
    assert [change.approved_by for change in made.changes if change.kind == "KafkaTopic"] == [
        "lost"
    ]
    live = BackupGate(now_s=NOW_S, ask=lambda _: of_text(raw))
    made = _plan(tmp_path / "4", before, gone, live)
    assert _blocked(made) == []


def test_no_change_takes_its_own_gate_away(tmp_path: Path) -> None:
    """What either side demands counts, and a weaker demand has to be approved."""
    cases = {
        "": "from the next merge on, no verified backup is demanded any more",
        "policy: {backupGate: {maxAge: 2d}}\n":
            "from the next merge on, a verified backup may be 2d instead of 1d old",
        "policy: {backupGate: {changes: [irreversible]}}\n":
            "from the next merge on, changes that are data-loss need no verified backup any more",
    }  # fmt: skip
    for number, (weaker, text) in enumerate(cases.items()):
        made = _plan(tmp_path / str(number), _intent(), _intent(**SHORTER, more=weaker))
        assert {change.what: change.blocked.partition(":")[0] for change in made.blocked} == {
            "policy.backupGate": "it loosens the guard", "spec.config.retention.ms": "data-loss",
        }  # fmt: skip
        assert text in [effect.text for change in made.changes for effect in change.effects]
        assert "backup gate" in next(e for e in _blocked(made) if e.startswith("data-loss"))
    stricter = "policy: {backupGate: {maxAge: 1h, changes: [data-loss, irreversible]}}\n"
    assert _plan(tmp_path / "stricter", _intent(), _intent(more=stricter)).changes == []


def test_what_cannot_be_approved_is_not_asked_for_a_backup(tmp_path: Path) -> None:
    """A protected topic has to be released first; that is told alone."""
    before = "protect: true\n" + _intent()
    gone = before.replace(
        "  orders: {retention: 7d, backup: required}\n", "  k: {backup: required}\n"
    )
    told = _blocked(
        _plan(tmp_path, before.replace("topics:\n", "topics:\n  k: {backup: required}\n"), gone)
    )

    assert len(told) == 1
    assert "backup gate" not in told[0]


def test_live_is_asked_once_and_only_when_it_is_needed(tmp_path: Path) -> None:
    """A plan that loses nothing disturbs no cluster."""
    asked: list[str] = []

    def ask(environment: str) -> BackupReport:
        asked.append(environment)
        return of_text(_report())

    gate = BackupGate(now_s=NOW_S, ask=ask)
    assert _plan(tmp_path / "1", _intent(), _intent(orders="8d"), gate).blocked == []
    assert asked == []

    both = _intent(**SHORTER, more=GATE + _approval()).replace("1d,", "1d, retentionSize: 1Gi,")
    made = _plan(tmp_path / "2", _intent(), both, gate)
    assert len(made.changes) == 2
    assert _blocked(made) == []
    assert {change.backup_proof for change in made.changes} == {"x verified 1h ago (asked live)"}
    assert asked == ["dev"]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a strimzi-verify on PATH that does what a script says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def write(script: str) -> Path:
        file = folder / "strimzi-verify"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return write


@pytest.mark.parametrize(
    ("script", "flaw"),
    [
        ("cat {report}", ""),
        ("cat {report}; exit 5", ""),
        ("cat {report}; exit 6", ""),
        ("echo 'no route to host' >&2; exit 2",
         "strimzi-verify gave no verdict (exit 2: the Kubernetes API or Kafka cannot be reached or"
         f" refuses us: no route to host){MORE}"),
        ("exit 4", f"strimzi-verify gave no verdict (exit 4: timed out before a verdict){MORE}"),
        ("exit 77", f"strimzi-verify gave no verdict (exit 77){MORE}"),
        ("echo hello", "strimzi-verify printed no report: JSON is malformed: invalid character (byte 0)"),
        ("sed s/dev/prod/ {report}", "strimzi-verify told of environment 'prod'"),
        ("exec sleep 60", "strimzi-verify gave no verdict within 1 s"),
    ],
)  # fmt: skip
def test_live_answer_in_words(
    tmp_path: Path, program: Callable[[str], Path], script: str, flaw: str
) -> None:
    """A verdict is judged as a report is; any other end says why there is none."""
    report = tmp_path / "report.json"
    report.write_bytes(_report())
    program(script.replace("{report}", str(report)))

    proof = backup_live.ask(tmp_path, "dev", deadline_s=1)
    assert proof.flaw == flaw
    assert bool(proof.checks) is not bool(flaw)
    assert proof.digest == ""


def test_live_is_asked_about_backups_only(tmp_path: Path, program: Callable[[str], Path]) -> None:
    """The command line that people would type."""
    program(f'echo "$@" > {tmp_path}/said; exit 4')
    backup_live.ask(Path("/project"), "dev")

    assert (tmp_path / "said").read_text() == (
        "--root /project run dev --only backup --format json\n"
    )


def test_flaw_of_a_live_answer_blocks(tmp_path: Path) -> None:
    """Could not find out is never fine."""
    gate = BackupGate(now_s=NOW_S, ask=lambda name: BackupReport(name, flaw="nobody answers"))
    made = _plan(tmp_path, _intent(), _intent(**SHORTER, more=GATE + _approval()), gate)

    assert _blocked(made) == ["backup gate: nobody answers"]


def test_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor beside this Python."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    with pytest.raises(ToolMissingError, match="strimzi-verify is not installed"):
        backup_live.ask(tmp_path, "dev")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "Input data was truncated"),
        (b"\xff", "JSON is malformed"),
        (b"[" * 100_000, "Expected `object`, got `array`"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"x":' + b"[" * 100_000, "it is nested too deeply"),
        (_report(version=2), "version: Invalid enum value 2"),
        (_report(tool={"name": "other"}), "tool.name: "),
        (_report(taken_at_s="now"), "taken_at_s: Expected `float`, got `str`"),
        (_report(taken_at_s=float("nan")), "JSON is malformed"),
        (_report(taken_at_s=-1), "taken_at_s: Expected `float` >= 0"),
        (_report(taken_at_s=10**4000), "taken_at_s: Number out of range"),
        (_report(environment="a\u202eb"), "environment: "),
        (_report(checks=[{"check": "x"}]), "checks[0]: Object missing required field `group`"),
        (_report(checks=[_check("a", ("fine", "x"))]), "checks[0].outcomes[0].status: "),
    ],
)
def test_what_is_no_report_is_refused(raw: bytes, why: str) -> None:
    """With its reason, and never with a traceback."""
    with pytest.raises(ValueError, match=r"^" + why.replace("[", r"\[").replace(".", r"\.")):
        of_text(raw)


@pytest.fixture
def repository(project: Project) -> Project:
    """A Git repository in which a topic's retention is about to shrink."""
    project.environment(_intent().removeprefix(CLUSTER))
    _commit(project)
    project.environment(_intent(**SHORTER).removeprefix(CLUSTER))
    return project


def _commit(project: Project) -> None:
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
            cwd=project.root, check=True,
        )  # fmt: skip


NOW = ("--today", "2026-11-21", "--now", "2026-11-21T14:00:00Z")


def test_round_of_a_sign_off(repository: Project, cli: Cli, tmp_path: Path) -> None:
    """The plan prints the lines that sign the report off; written down, they let the change through."""
    file = tmp_path / "report.json"
    file.write_bytes(_report(taken_at_s=_seconds("2026-11-21T13:00:00+00:00")))
    code, out, err = cli("plan", "--backup-proof", str(file), *NOW)
    assert code == 8
    assert "backup gate: nobody has signed the report off" in out

    lines = err.partition(":\n\n")[2].partition("\n\n")[0] + "\n"
    repository.write("environments/dev/approvals.yaml", lines.replace("<team>", "team-a"))
    code, out, _ = cli("plan", "--backup-proof", str(file), *NOW)
    assert (code, "verified 1h ago" in out) == (0, True)

    file.write_bytes(file.read_bytes() + b"\n")
    assert cli("plan", "--backup-proof", str(file), *NOW)[0] == 8
    assert cli("plan", *NOW)[0] == 8


def _seconds(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def test_base_that_does_not_render_is_judged_by_what_is_meant_now(
    project: Project, cli: Cli, tmp_path: Path
) -> None:
    """Of a broken intent nobody knows its backups: those of the new one count, and its gate."""
    project.environment(_intent().removeprefix(CLUSTER))
    assert cli("render")[0] == 0
    broken = _intent().removeprefix(CLUSTER) + "nonsense: 1\n"
    project.environment(broken)
    _commit(project)
    project.environment(_intent(**SHORTER).removeprefix(CLUSTER))
    file = tmp_path / "report.json"
    file.write_bytes(_report(taken_at_s=_seconds("2026-11-21T13:00:00+00:00")))

    code, out, err = cli("plan", "--backup-proof", str(file), *NOW)
    assert "does not render" in err
    assert (code, "backup gate: nobody has signed the report off" in out) == (8, True)


def test_live_proof_needs_no_signature(
    repository: Project, cli: Cli, tmp_path: Path, program: Callable[[str], Path]
) -> None:
    """The state of the base is verified, as it is what runs now; its own rendered/ is asked about."""
    report = tmp_path / "report.json"
    report.write_bytes(_report(taken_at_s=_seconds("2026-11-21T13:59:59+00:00")))
    program(
        f'grep -h "orders: {{retention" "$2"/environments/dev/*.yaml > {tmp_path}/saw\ncat {report}'
    )
    repository.write("environments/dev/approvals.yaml", _approval())

    code, out, err = cli("plan", "--backup-live", *NOW)
    assert (code, "asked live" in out) == (0, True), out + err
    assert "asking strimzi-verify about the backups of dev" in err
    assert "retention: 7d" in (tmp_path / "saw").read_text()


def test_live_proof_without_the_program_is_exit_3(
    repository: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A needed tool is missing; nothing is said to be fine."""
    assert repository
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    (tmp_path / "git").symlink_to("/usr/bin/git")
    monkeypatch.setenv("PATH", str(tmp_path))

    code, out, err = cli("plan", "--backup-live", *NOW)
    assert (code, out) == (3, "")
    assert "strimzi-verify is not installed; pip install 'strimzi-gitops[verify]'" in err


def test_proof_of_a_comparison_with_another_environment(project: Project, cli: Cli) -> None:
    """--against asks as --base does."""
    project.environment(_intent().removeprefix(CLUSTER))
    project.environment(_intent(**SHORTER).removeprefix(CLUSTER), name="other")

    assert "backup gate: it needs a backup" in cli("plan", "dev", "--against", "other", *NOW)[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--backup-proof", "{one}", "--backup-live"),
            "give one of --backup-proof and --backup-live",
        ),
        (
            ("--backup-proof", "{one}", "--backup-proof", "{one}"),
            "give one --backup-proof for each",
        ),
        (("--backup-live", "--from", "{folder}", "--to", "{folder}"), "--from/--to know no policy"),
        (("--backup-proof", "{folder}/none"), "does not exist"),
        (("--now", "yesterday"), "'yesterday' is no time with its zone"),
        (("--now", "2026-11-21T14:00:00"), "is no time with its zone"),
    ],
)
def test_wrong_usage_of_the_gate(
    repository: Project, cli: Cli, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Said with exit 64."""
    assert repository
    one = tmp_path / "one.json"
    one.write_bytes(_report())
    filled = [each.format(one=one, folder=tmp_path) for each in arguments]

    code, _, err = cli("plan", *filled)
    assert code == 64
    assert said in err


def test_bad_report_is_a_finding(repository: Project, cli: Cli, tmp_path: Path) -> None:
    """What users can mend is no bug: exit 1, and how to make a good one."""
    assert repository
    file = tmp_path / "report.json"
    file.write_text("{}")

    code, out, _ = cli("plan", "--backup-proof", str(file))
    assert code == 1
    assert "error: is no report of strimzi-verify: Object missing required field `tool`" in out
    assert "fix: make one: strimzi-verify run ENVIRONMENT --only backup --format json > FILE" in out


def test_huge_and_unreadable_reports_are_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read to its end that is no report."""
    from generator.plan import backup_report

    monkeypatch.setattr(backup_report, "_MAX_BYTES", 10)
    file = tmp_path / "report.json"
    file.write_text("x" * 11)
    with pytest.raises(FindingsError) as large:
        backup_report.of_file(file)
    with pytest.raises(FindingsError) as gone:
        backup_report.of_file(tmp_path / "none")

    assert [each.findings[0].message for each in (large.value, gone.value)] == [
        "is too large for a report", "cannot be read: No such file or directory",
    ]  # fmt: skip
