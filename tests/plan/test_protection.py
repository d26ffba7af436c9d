"""What guards data, and the way to production, is guarded like the data itself."""

from pathlib import Path

import pytest
from plans import CLUSTER, make, make_sides

from generator.plan.plan import Plan

ARGOCD = 'argocd: {repoURL: "https://example.com/a.git"%s}\n'
TOPICS = CLUSTER + "topics: {a: {backup: %s}, b: {backup: required}, c: {}}\n"
VERIFY = "verify: {image: 'r/v:1', owner: team-a}\n"
IMAGE = "image: 'kafka-backup:v0.25.2'"
PVC = "storage: {pvc: {size: 1Gi}}"
S3 = "storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
_ONE = f"{IMAGE}, schedule: '%s', {PVC}"
BACKUP = f"backups: {{one: {{{_ONE}%s}}}}\n"
OSO = f"backups: {{one: {{engine: operator, schedule: '%s', {S3}%s}}}}\n"
STRIMZI = (
    "backupOperator: {api: kafkabackup.com}\n"
    f"backups: {{one: {{engine: operator, {IMAGE}, schedule: '%s', {S3}%s}}}}\n"
)
OFTEN, MONTHLY = "0 */4 * * *", "0 2 1 * *"


def _guarded(made: Plan) -> dict[str, list[str]]:
    """What is blocked, with what is lost."""
    return {
        f"{change.kind}/{change.name} {change.what}": [
            effect.text for effect in change.effects if effect.impact == "protection-loss"
        ]
        for change in made.blocked
        if any(effect.impact == "protection-loss" for effect in change.effects)
    }


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (", targetRevision: feature", "spec.source.targetRevision"),
        (", path: elsewhere", "spec.source.path"),
    ],
)
def test_other_content_is_guarded(tmp_path: Path, more: str, what: str) -> None:
    """All of an environment would follow what nobody has planned."""
    made = make(tmp_path, CLUSTER + ARGOCD % "", CLUSTER + ARGOCD % more)

    assert _guarded(made) == {
        f"Application/kafka-dev {what}": [
            "all of kafka-dev follows what stands there, which nobody has planned here, and loses what does"
            " not stand there"
        ]
    }


def test_another_repository_is_guarded(tmp_path: Path) -> None:
    """As what is followed, and as what may be."""
    after = ARGOCD.replace("a.git", "b.git") % ""

    assert _guarded(make(tmp_path, CLUSTER + ARGOCD % "", CLUSTER + after)).keys() == {
        "Application/kafka-dev spec.source.repoURL", "AppProject/kafka-dev spec.sourceRepos",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "blocked"),
    [
        ("", ", automated: {enabled: false}", True),
        (", automated: {enabled: false}", "", True),
        (", automated: {prune: false}", "", True),
        ("", ", automated: {prune: false}", False),
        ("", ", automated: {selfHeal: false}", True),
    ],
)
def test_how_it_is_synced_is_guarded(
    tmp_path: Path, before: str, after: str, blocked: bool
) -> None:
    """Whether what is merged arrives, and what is not in Git stays."""
    made = make(tmp_path, CLUSTER + ARGOCD % before, CLUSTER + ARGOCD % after)

    assert bool(_guarded(made)) is blocked


def test_argocd_switched_off_is_guarded(tmp_path: Path) -> None:
    """Without repoURL nothing of it is rendered: nothing gets to the cluster any more, or all of it goes."""
    kept = make(
        tmp_path / "1", f"protect: true\n{CLUSTER}{ARGOCD % ''}", f"protect: true\n{CLUSTER}"
    )
    assert "Application/kafka-dev delete" in _guarded(kept)
    lost = make(tmp_path / "2", CLUSTER + ARGOCD % "", CLUSTER)
    assert ("kafka-dev", "data-loss") in {(each.name, str(each.impact)) for each in lost.blocked}


@pytest.mark.parametrize(
    ("values", "impact"),
    [
        ("{replicas: 0}", "ignored"),
        ("{watchNamespaces: []}", "protection-loss"),
        ("{extraEnvs: []}", "protection-loss"),
        ("{image: {registry: example.com}}", "protection-loss"),
    ],
)
def test_values_of_the_operator_are_guarded(tmp_path: Path, values: str, impact: str) -> None:
    """It could stop, let go, or be another one; a revert of a chart's value is not the point."""
    text = CLUSTER + ARGOCD % ""
    made = make(tmp_path, text, text + f"strimzi: {{values: {values}}}\n")

    (change,) = [each for each in made.changes if each.kind == "Application"]
    assert change.blocked
    assert impact in {str(effect.impact) for effect in change.effects}


def test_one_more_environment_is_no_loss(tmp_path: Path) -> None:
    """The operator watches its namespace as well."""
    from support import Project

    for side in ("before", "after"):
        Project(tmp_path / side).environment(ARGOCD % "")
    Project(tmp_path / "after").environment(ARGOCD % "", name="prod")

    made = make_sides(tmp_path)
    assert made.blocked == []
    assert "watchNamespaces" in str([change.field for change in made.changes])


@pytest.mark.parametrize("engine", [BACKUP, OSO, STRIMZI])
def test_a_backup_that_goes_is_guarded(tmp_path: Path, engine: str) -> None:
    """With the topics that are in none then."""
    with_it = TOPICS % "optional" + VERIFY + engine % (OFTEN, "")
    made = make(tmp_path, with_it, TOPICS.replace("required", "optional") % "optional" + VERIFY)

    (lost,) = _guarded(made).values()
    assert lost == [
        "it backs nothing up any more; what is stored stays",
        "b is in no backup any more",
    ]


def test_one_of_two_backups_is_guarded(tmp_path: Path) -> None:
    """The second copy is not there for nothing."""
    two = TOPICS % "required" + f"backups: {{one: {{{_ONE}}}, two: {{{_ONE}}}}}\n" % (OFTEN, OFTEN)
    made = make(tmp_path, two, TOPICS % "required" + BACKUP % (OFTEN, ""))

    assert _guarded(made)["CronJob/backup-two delete"] == [
        "it backs nothing up any more; what is stored stays"
    ]


def test_fewer_shards_are_no_loss(tmp_path: Path) -> None:
    """Others go on with the topics."""
    made = make(tmp_path, TOPICS % "required" + BACKUP % (OFTEN, ", shards: 2"),
                TOPICS % "required" + BACKUP % (OFTEN, ", shards: 1"))  # fmt: skip

    assert all(
        "no backup any more" not in text for texts in _guarded(made).values() for text in texts
    )


@pytest.mark.parametrize("engine", [BACKUP, OSO, STRIMZI])
def test_a_topic_that_leaves_its_only_backup_is_guarded(tmp_path: Path, engine: str) -> None:
    """From required to excluded; not when it goes itself, or another backup has it."""
    backup = VERIFY + engine % (OFTEN, "")
    left = make(tmp_path / "1", TOPICS % "required" + backup, TOPICS % "excluded" + backup)
    assert ["a is in no backup any more"] in list(_guarded(left).values())

    gone = make(tmp_path / "2", TOPICS % "required" + backup,
                (TOPICS % "required").replace("a: {backup: required}, ", "") + backup)  # fmt: skip
    assert not any("no backup" in str(texts) for texts in _guarded(gone).values())


@pytest.mark.parametrize("engine", [BACKUP, OSO, STRIMZI])
def test_a_rarer_backup_is_guarded(tmp_path: Path, engine: str) -> None:
    """Every four hours to monthly is not nothing; more often is fine, and so is another minute."""
    text = TOPICS % "required" + VERIFY
    rarer = make(tmp_path / "1", text + engine % (OFTEN, ""), text + engine % (MONTHLY, ""))
    assert ["up to 31d instead of 4h pass until what is new is stored"] in list(
        _guarded(rarer).values()
    )
    for number, other in enumerate(("0 * * * *", "30 */4 * * *")):
        made = make(
            tmp_path / f"o{number}", text + engine % (OFTEN, ""), text + engine % (other, "")
        )
        assert made.blocked == []


@pytest.mark.parametrize("engine", [BACKUP, OSO, STRIMZI])
def test_a_suspended_backup_is_guarded(tmp_path: Path, engine: str) -> None:
    """And one that goes on is welcome."""
    text = TOPICS % "required" + VERIFY
    runs, rests = text + engine % (OFTEN, ""), text + engine % (OFTEN, ", suspend: true")

    assert _guarded(make(tmp_path / "1", runs, rests))
    assert not _guarded(make(tmp_path / "2", rests, runs))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{age: 90d}", "{age: 30d}"), (None, "{age: 30d}"),
    ],
)  # fmt: skip
def test_a_backup_that_is_kept_for_less_long_is_guarded(
    tmp_path: Path, before: str | None, after: str
) -> None:
    """What is older is dropped."""
    sides = [
        TOPICS % "required" + BACKUP % (OFTEN, f", retention: {each}" if each else "")
        for each in (before, after)
    ]
    assert [str(change.impact) for change in make(tmp_path, *sides).blocked] == ["data-loss"]


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        ("", "no drill proves any more that what is stored can be restored"),
        (", drill: {schedule: 0 5 1 * *}", "up to 31d instead of 7d pass until what is new is proved to be"
         " restorable"),
        (", drill: {schedule: 0 5 * * MON, suspend: true}", "no run begins any more: no drill proves that it"
         " can be restored; what is stored stays"),
        (", drill: {schedule: 0 5 * * *}", None),
    ],
)  # fmt: skip
def test_a_drill_is_guarded(tmp_path: Path, after: str, lost: str | None) -> None:
    """A backup that nobody restores is a hope."""
    text = TOPICS % "required" + VERIFY
    made = make(tmp_path, text + BACKUP % (OFTEN, ", drill: {schedule: 0 5 * * MON}"),
                text + BACKUP % (OFTEN, after))  # fmt: skip

    assert list(_guarded(made).values()) == ([[lost]] if lost else [])


@pytest.mark.parametrize("own", [True, False])
def test_a_validation_by_an_operator_is_guarded(tmp_path: Path, own: bool) -> None:
    """Ours, and one that somebody has written under extra/."""
    text = TOPICS % "required" + VERIFY
    if own:
        checks = ", validation: {schedule: '%s'%s}"
        sides = [text + OSO % (OFTEN, checks % each) for each in ((OFTEN, ""), (MONTHLY, ""))]
        sides.append(text + OSO % (OFTEN, ""))
    else:
        from support import Project

        manifest = (
            "apiVersion: kafka.oso.sh/v1alpha1\nkind: KafkaBackupValidation\nmetadata: {name: mine}\n"
            "spec: {backupRef: {name: one}, schedule: 0 %s, checks: {}}\n"
        )
        for number, schedules in enumerate(((OFTEN, MONTHLY), (OFTEN, None))):
            for side, schedule in zip(("before", "after"), schedules, strict=True):
                if schedule:
                    Project(tmp_path / str(number + 1) / side).write(
                        "environments/dev/extra/mine.yaml", manifest % schedule
                    )
        sides = [text] * 3
    rarer, gone = (make(tmp_path / str(n), sides[0], sides[n]) for n in (1, 2))

    assert list(_guarded(rarer).values()) == [
        ["up to 31d instead of 4h pass until what is new is proved to be restorable"]
    ]
    assert list(_guarded(gone).values()) == [
        ["no drill proves any more that what is stored can be restored"]
    ]


def test_alerts_are_guarded(tmp_path: Path) -> None:
    """Nobody would hear that a backup failed."""
    text = TOPICS % "required" + BACKUP % (OFTEN, "")
    made = make(tmp_path, text + "monitoring: {prometheusRules: true}\n", text)

    assert [key.partition("/")[0] for key in _guarded(made)] == ["PrometheusRule"]


def test_confirmations_that_go_with_protect_are_guarded_once(tmp_path: Path) -> None:
    """One approval for the whole environment, whatever the number of topics."""
    text = TOPICS % "optional" + ARGOCD % ""
    made = make(tmp_path, "protect: true\n" + text, "protect: false\n" + text)

    assert _guarded(made) == {
        "Policy/guard protect": [
            "from the next merge on, Argo CD asks nobody any more before it removes the cluster, a pool or a"
            " topic"
        ],
        "Application/kafka-dev metadata.finalizers": [
            "from now on Argo CD deletes everything that it manages when the Application goes"
        ],
    }  # fmt: skip


def test_a_confirmation_that_a_patch_takes_away_is_guarded(tmp_path: Path) -> None:
    """Protect stays, and yet nobody would be asked; what is retired is released on purpose."""
    text = "protect: true\n" + TOPICS % "optional"
    patch = "overrides: {KafkaTopic: {a: {metadata: {annotations: {argocd.argoproj.io/sync-options: null}}}}}\n"
    made = make(tmp_path / "1", text, text + patch)
    assert _guarded(made) == {
        "KafkaTopic/a metadata.annotations.argocd.argoproj.io/sync-options": [
            "Argo CD asks nobody any more before it removes it"
        ]
    }
    retired = text.replace("c: {}", "c: {retire: true}")
    assert make(tmp_path / "2", text, retired).blocked == []
