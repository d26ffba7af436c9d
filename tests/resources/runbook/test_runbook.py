"""The runbook: what people read is true of what is rendered, and what they run is a command."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from support import GOLDEN, RULES_OFF, Cli, Project, need_tool

from generator.common.finding import Severity
from generator.resources.monitoring import backup_alerts
from generator.resources.runbook.runbook import MAX_LISTED, code

FILE = "backup/RUNBOOK.md"
BACKUP = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}"
BUCKET = "storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
ONE = f"topics: {{a: {{backup: required}}, b: {{}}}}\nbackups: {{x: {{{BACKUP}}}}}\n"


def _text(project: Project, more: str = "") -> str:
    if more:
        project.environment(more)
    everything = project.everything()
    assert everything.findings == []
    return everything.files()["dev"][FILE]


def _golden(project: Project, case: str) -> str:
    intent = (GOLDEN / f"{case}.intent.yaml").read_text()
    project.write("environments/dev/environment.yaml", intent)
    project.write("environments/dev/rules.yaml", RULES_OFF)
    return _text(project)


def _blocks(text: str, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return ["".join(line.removeprefix(pad) for line in body.splitlines(keepends=True))
            for pad, body in found]  # fmt: skip


def test_runbook_is_as_its_golden(project: Project, request: pytest.FixtureRequest) -> None:
    """One backup in two parts in a bucket, one on a volume."""
    text = _golden(project, "monitoring").split("\n", 1)[1]

    golden = GOLDEN / "monitoring.RUNBOOK.md"
    if request.config.getoption("--update-golden"):
        golden.write_text(text)
        pytest.fail(f"{golden.name} rewritten; read the diff, then run without --update-golden")
    assert text == golden.read_text()


@pytest.mark.parametrize("case", ["backups", "monitoring"])
def test_commands_are_bash(project: Project, case: str) -> None:
    """Every block for a shell is one that bash can read, of every storage."""
    blocks = _blocks(_golden(project, case), "sh")
    assert len(blocks) > 10

    for block in blocks:
        done = subprocess.run(
            ["bash", "-n"], input=block, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), block


@pytest.mark.parametrize("case", ["backups", "monitoring"])
def test_what_is_typed_by_hand_is_a_command(project: Project, cli: Cli, case: str) -> None:
    """As it stands, with the folder of a set where one has to be chosen; a topic beside its source, or all of them."""
    text = _golden(project, case)
    typed = re.findall(r"^ *(strimzi-gitops restore .*)$", text, re.MULTILINE)
    folders = dict(re.findall(r"\| `CronJob (?:backup-)?(\S+)` \| `\S*?([^/`]+)` \|", text))
    assert len(typed) > 1

    for number, command in enumerate(typed):
        words = shlex.split(command)[1:]
        words = [
            each.replace("FOLDER", folders.get(each.partition("=")[0], "") + "1") for each in words
        ]
        words[words.index("--out") + 1] = str(project.root / f"by-hand-{number}")
        code_, out, err = cli(*words)
        assert (code_, out) == (0, ""), (command, out, err)
        assert (project.root / f"by-hand-{number}/run.sh").exists()


@pytest.mark.parametrize(
    ("backups", "kind"),
    [
        (f"backups: {{'null': {{{BACKUP}}}}}\n", "Job"),
        (f"backups: {{x: {{{BACKUP}, mode: full}}}}\n", "Job"),
        (f"backups: {{'1': {{engine: operator, schedule: 0 2 * * *, {BUCKET}}}}}\n", "KafkaRestore"),
        (f"backupOperator: {{api: kafkabackup.com}}\nbackups: {{x: {{engine: operator, image:"
         f" 'k:v1', schedule: 0 2 * * *, {BUCKET}}}}}\n", "KafkaRestore"),
    ],
)  # fmt: skip
def test_restore_with_git_is_an_intent(project: Project, backups: str, kind: str) -> None:
    """What is shown is taken as it stands, approved, whatever runs the backup and however things are called."""
    topics = "topics: {'true': {backup: required}}\n"
    text = _text(project, topics + backups)
    shown = _blocks(text.split("### With Git")[1], "yaml")[0]
    listed = {"<one folder's name of those listed above>": _set_of(backups)}
    for word, value in {**listed, "<the incident>": "It was lost.", "<team>": "team-a",
                        "<YYYY-MM-DD>": "2099-12-31", "<as many as the source has>": "3",
                        "<more than a partition gets back>": "2Gi"}.items():  # fmt: skip
        shown = shown.replace(word, value)
    project.write("environments/dev/restores.yaml", shown)
    everything = project.everything()

    assert everything.findings == []
    name = "after-incident" if kind == "KafkaRestore" else "restore-after-incident"
    body = yaml.safe_load(everything.files()["dev"][f"backup/{kind.lower()}-{name}.yaml"])
    assert not body["spec"].get("suspend")


def _set_of(backups: str) -> str:
    return "1-20261121-020000" if "'1'" in backups else "backup-x-29384910"


def test_example_leaves_room_for_its_suffix(project: Project) -> None:
    """A topic whose name is as long as it may be is no example."""
    long = "a" * 241
    text = _text(project, f"topics: {{{long}: {{backup: required}}, b: {{backup: required}}}}\n"
                 f"backups: {{x: {{{BACKUP}}}}}\n")  # fmt: skip

    assert f"{long}.restored" not in text
    assert "topics: {b: b.restored}" in text


def test_manifests_are_told_by_topic(project: Project) -> None:
    """The times of the oldest and the newest record of each topic, and of its last upload; none of empty ones."""
    jq = need_tool("jq", "Debian: apt-get install jq")
    (program,) = {
        match
        for block in _blocks(_golden(project, "backups"), "sh")
        for match in re.findall(r"jq -r '(.*?)'", block, re.DOTALL)
    }

    def segment(*ms: int) -> dict[str, int]:
        return dict(zip(("start_timestamp", "end_timestamp", "uploaded_at"), ms, strict=True))

    times = [segment(1_000, 2_000, 9_000), segment(500, 3_000, 8_000)]
    manifest = {"topics": [
        {"name": "orders", "partitions": [{"segments": times[:1]}, {"segments": times[1:]}]},
        {"name": "empty", "partitions": [{"segments": []}]},
    ]}  # fmt: skip
    done = subprocess.run(
        [jq, "-r", program], input=json.dumps(manifest) * 2, capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    line = "orders\t1970-01-01T00:00:00Z\t1970-01-01T00:00:03Z\t1970-01-01T00:00:09Z\n"
    assert done.stdout == line * 2


@pytest.mark.parametrize(
    ("operator", "stop"),
    [
        ("backupOperator: {api: kafka.oso.sh}\n", """patch kafkabackup.v1alpha1.kafka.oso.sh b --type merge -p '{"spec":{"suspend":true}}'"""),
        ("backupOperator: {api: kafkabackup.com}\n",
         """patch kafkabackup.v1alpha1.kafkabackup.com b --type merge -p"""
         """ '{"spec":{"schedule":{"suspend":true}}}'"""),
    ],
)  # fmt: skip
def test_what_an_operator_runs_is_stopped_at_its_kind(
    project: Project, operator: str, stop: str
) -> None:
    """A CronJob that it makes is not ours to change, and there may be none."""
    image = "image: 'kafka-backup:v0.25.2', " if "kafkabackup.com" in operator else ""
    project.environment(
        f"topics: {{a: {{backup: required}}}}\n{operator}backups:\n  b: {{engine: operator, {image}schedule:"
        " 0 2 * * *, storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}}\n"
    )
    text = project.everything().contents()["dev"]["backup/RUNBOOK.md"].content().decode()

    assert f"kubectl -n kafka-dev {stop}\n" in text
    assert "| `KafkaBackup b` |" in text
    assert "patch cronjob" not in text


@pytest.mark.parametrize(
    ("engine", "started"),
    [
        ("image: 'kafka-backup:v0.25.2'", ""),
        ("image: 'kafka-backup:v0.25.2', mode: full", "backup-x-29384910"),
        ("engine: operator", "x-20261121-020000"),
    ],
)
def test_a_restore_with_git_is_one_that_validates(
    project: Project, engine: str, started: str
) -> None:
    """Copied as it stands, with its blanks filled in, it lacks nothing and breaks no rule."""
    project.environment(
        "topics: {a: {owner: t, backup: required, partitions: 3, retention: 7d}}\n"
        f"backups: {{x: {{owner: t, {engine}, schedule: 0 2 * * *, storage: {{s3: {{bucket: b00,"
        " region: eu-1, credentialsSecret: {name: s}}}}}\n",
        rules=True,
    )
    text = project.everything().files()["dev"][FILE].partition("### With Git")[2]
    block = _blocks(text, "yaml")[0]
    blanks = {"<one folder's name of those listed above>": started, "<team>": "t",
              "<as many as the source has>": "3", "<more than a partition gets back>": "2Gi",
              "<the incident>": "It was lost.", "<YYYY-MM-DD>": "'2026-12-31'"}  # fmt: skip
    for blank, said in blanks.items():
        block = block.replace(blank, said)

    project.write("environments/dev/restores.yaml", block)
    findings = project.everything("dev").findings
    errors = [each for each in findings if each.severity is Severity.ERROR]

    assert [f"{each.rule}: {each.message}" for each in errors] == []
    assert "job-approved" in {each.rule for each in findings}


def test_every_alert_has_its_heading() -> None:
    """An alert leads there, also one that only some environments have."""
    text = (GOLDEN / "monitoring.RUNBOOK.md").read_text()
    source = Path(backup_alerts.__file__).read_text()
    alerts = set(re.findall(r'"(KafkaBackup[A-Za-z]+)"', source))
    assert len(alerts) == 11

    assert set(re.findall(r"^### (KafkaBackup\w+)$", text, re.MULTILINE)) == alerts


def test_links_lead_to_headings() -> None:
    """As GitHub names them."""
    text = (GOLDEN / "monitoring.RUNBOOK.md").read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_what_is_in_no_backup_is_told(project: Project) -> None:
    """And what must be in none is told apart."""
    text = _text(project, ONE.replace("b: {}", "b: {}, c: {backup: excluded}"))

    assert "1 topic is in a backup." in text
    assert "**1 topic is in no backup**; what is lost of them is lost: `b`." in text
    assert "1 topic must not be in any (`backup: excluded`): `c`." in text


def test_secrets_of_a_rebuild_are_named(project: Project) -> None:
    """Those of both authorities, of users that have one, and of the storage; nobody else makes them."""
    text = _text(
        project,
        "topics: {a: {backup: required}}\n"
        "applications: {one: {}, two: {authentication: tls-external}}\n"
        f"backups: {{x: {{{BACKUP}}}}}\n".replace(
            "pvc: {size: 1Gi}", "s3: {bucket: b00, credentialsSecret: {name: minio}}"
        ),
    )

    (command,) = [block for block in _blocks(text, "sh") if "get secret" in block]
    assert [word for word in command.partition("  | gpg")[0].split()[7:] if word != "\\"] == [
        "backup-x", "events-clients-ca", "events-clients-ca-cert", "events-cluster-ca", "events-cluster-ca-cert",
        "minio", "one",
    ]  # fmt: skip


def test_old_volumes_wait_for_their_claims(project: Project) -> None:
    """Those of backups and those of brokers, each by the name of its claim and no other."""
    text = _text(project, f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{BACKUP}}}}}\n")

    (block,) = [block for block in _blocks(text, "sh") if "take_back" in block]
    backups, brokers = re.findall(r"^ *take_back '(.*)'", block, re.MULTILINE)
    assert re.search(backups, "backup-x")
    assert not re.search(backups, "backup-x-y")
    for claim in ("data-0-events-combined-0", "data-events-combined-11"):
        assert re.search(brokers, claim)
    for claim in (
        "data-0-others-combined-0",
        "data-0-other-events-combined-0",
        "data-0-events-gone-0",
    ):
        assert not re.search(brokers, claim)


def test_the_operator_comes_before_the_environment(project: Project) -> None:
    """By Argo CD's own way where there is one, else by its chart."""
    bare = f"topics: {{a: {{backup: required}}}}\nbackups: {{x: {{{BACKUP}}}}}\n"
    (first,) = [b for b in _blocks(_text(project, bare), "sh") if "Established" in b]
    assert "helm upgrade --install strimzi-operator" in first
    assert "--set 'watchNamespaces={kafka-dev}'" in first
    argocd = bare + "argocd: {repoURL: 'https://git.example.com/a.git', targetRevision: main}\n"
    (files,) = [b for b in _blocks(_text(project, argocd), "sh") if "find rendered/argocd" in b]
    for name in ("application-kafka-dev", "application-kafka-prod", "appproject-kafka-dev"):
        project.write(f"rendered/argocd/{name}.yaml", "{}")
    project.write("bin/kubectl", '#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (project.root / "bin/kubectl").chmod(0o755)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", files], cwd=project.root, capture_output=True, text=True, check=True,
        env={"PATH": f"{project.root / 'bin'}:/usr/bin:/bin"},
    )  # fmt: skip
    word, *rest = done.stdout.split()
    assert word == "apply"
    assert sorted(rest) == [
        "-f",
        "-f",
        "rendered/argocd/application-kafka-prod.yaml",
        "rendered/argocd/appproject-kafka-dev.yaml",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b", "`a'b`"),
        ("<b> [x](y) @all", "`<b> [x](y) @all`"),
        ("one\n\n## two", "`one ## two`"),
        ("a|b", "`a¦b`"),
        ("\u202eevil\u200b", "`evil`"),
    ],
)
def test_values_stay_in_their_code(value: str, shown: str) -> None:
    """Nothing ends the code, the line or the cell, and nothing is invisible."""
    assert code(value) == shown


def test_description_is_only_a_text(project: Project) -> None:
    """What people write about a backup is no Markdown of the page."""
    said = 'description: "x` <script>\\n# heading", '
    text = _text(project, ONE.replace("x: {", "x: {" + said))

    assert "\n`x' <script> # heading`\n" in text


def test_many_topics_are_told_by_their_folder(project: Project) -> None:
    """A list that nobody reads is not printed."""
    many = ", ".join(f"t{number}: {{backup: required}}" for number in range(MAX_LISTED))
    text = _text(project, f"topics: {{{many}}}\nbackups: {{x: {{{BACKUP}}}}}\n")
    assert f"| KafkaTopic ({MAX_LISTED}) | file |" in text

    more = _text(project, f"topics: {{{many}, u: {{}}}}\nbackups: {{x: {{{BACKUP}}}}}\n")
    assert f"{MAX_LISTED + 1} of kind KafkaTopic: `rendered/dev/topics/`." in more
    assert "kafkatopic-t7.yaml" not in more


@pytest.mark.parametrize(
    ("said", "heals"),
    [
        ("", True),
        (", automated: {prune: false}", True),
        (", automated: {selfHeal: false}", False),
        (", automated: {enabled: false}", False),
        (", automated: null", True),
    ],
)
def test_self_heal_is_switched_off_first(project: Project, said: str, heals: bool) -> None:
    """Where Argo CD would resume what was just suspended."""
    text = _text(project, f"{ONE}argocd: {{repoURL: 'https://e.example/x.git'{said}}}\n")
    stop = text.partition("## First: stop the damage")[2].partition("## Choose")[0]

    assert ("patch application kafka-dev" in stop) is heals
    assert stop.index("patch cronjob") > stop.find("patch application")


def test_runbook_comes_and_goes_with_backups(project: Project, cli: Cli) -> None:
    """Written, kept, restored after an edit, and removed with the last backup."""
    project.environment(ONE)
    assert cli("render")[0] == 0
    path = project.root / "rendered/dev" / FILE
    written, stamp = path.read_bytes(), path.stat().st_mtime_ns
    assert cli("render", "--no-cache")[0] == 0
    assert path.stat().st_mtime_ns == stamp
    assert cli("validate")[2].startswith("dev: 12 manifests")

    path.write_text(path.read_text().replace("## Restore", "## Do not restore"))
    code_, out, _ = cli("render", "--check")
    assert (code_, out) == (7, f"edited   rendered/dev/{FILE}\n")
    assert cli("render")[0] == 0
    assert path.read_bytes() == written

    project.environment(ONE.partition("backups:")[0])
    assert f"orphan   rendered/dev/{FILE}" in cli("render", "--check")[1]
    assert cli("render")[0] == 0
    assert not path.parent.exists()


def test_page_of_somebody_else_is_not_overwritten(project: Project, cli: Cli) -> None:
    """As with manifests."""
    project.environment(ONE)
    project.write(f"rendered/dev/{FILE}", "# Mine\n")

    code_, out, _ = cli("render")
    assert code_ == 1
    assert f"rendered/dev/{FILE}: error: this file was not rendered, but its name is needed" in out


def test_runbook_follows_its_topics(project: Project, cli: Cli) -> None:
    """What changes of a topic that is backed up is told as by a render from nothing."""
    project.environment(ONE)
    assert cli("render")[0] == 0
    project.environment(ONE.replace("{backup: required}", "{backup: required, partitions: 9}"))

    assert cli("render")[0] == 0
    assert cli("render", "--check", "--no-cache")[0] == 0


def test_runbook_follows_how_long_drills_take(project: Project, cli: Cli) -> None:
    """More partitions take more turns; that is told as by a render from nothing."""
    drill = (
        ONE.replace("schedule", "drill: {schedule: 0 5 * * MON}, schedule")
        + "verify: {image: 'r/v:1'}\n"
    )
    project.environment(drill)
    assert cli("render")[0] == 0
    project.environment(drill.replace("{backup: required}", "{backup: required, partitions: 9}"))

    assert cli("render")[0] == 0
    assert cli("render", "--check", "--no-cache")[0] == 0


def test_plan_does_not_look_at_the_runbook(project: Project, cli: Cli, tmp_path: Path) -> None:
    """It is no object; folders that hold one are compared all the same."""
    project.environment(ONE)
    assert cli("render")[0] == 0
    before, after = tmp_path / "before", tmp_path / "after"
    subprocess.run(["cp", "-r", project.root / "rendered", before], check=True)
    subprocess.run(["cp", "-r", project.root / "rendered", after], check=True)
    (after / "dev" / FILE).write_text("something else\n")

    assert cli("plan", "--from", str(before), "--to", str(after))[1] == "nothing changes\n"


def test_kubeconform_is_given_manifests_only(project: Project, cli: Cli, kubeconform: str) -> None:
    """A page is no YAML."""
    assert kubeconform
    project.environment(ONE)

    code_, out, err = cli("validate", "--kubeconform")
    assert (code_, out) == (0, ""), err
