"""Every change that is blocked has a way through that is told with it, and that works."""

import json

import pytest
from plans import DAY, approve, commit
from support import Cli, Project

ALL = (
    "[data-loss, protection-loss, irreversible, refused, ignored, client-visible, data-movement,"
    " rolling-restart]"
)
STRICT = f"policy: {{guard: {ALL}}}\n"
ARGOCD = 'argocd: {repoURL: "https://example.com/a.git"}\n'
BACKUP = "backups: {b: {image: 'kafka-backup:v0.25.2', schedule: '0 2 * * *', storage: {pvc: {size: 1Gi}}}}\n"
KEPT = "topics: {a: {backup: required}, b: {backup: required}}\n"
RESTORE = "topics: {a: {}, c: {}}\n" + BACKUP.replace(
    "schedule", "topics: {include: [a]}, schedule"
)
_PURGE = "restores: {x: {backup: b, topics: {a: c}, purge: true}}\n"
_RUN = _PURGE.replace(", purge: true", "")
_CRUISE = "cluster: {name: events, cruiseControl: {}, listeners: {tls: {port: 9093, authentication: tls}}}\n"
_EXPIRED = "approvals: {it: {object: Job/restore-x, change: %s, reason: It was lost., owner: a, expires: 2026-11-01}}\n"


@pytest.mark.parametrize(
    ("before", "after", "impact"),
    [
        ("topics: {a: {retention: 7d}}\n", "topics: {a: {retention: 1d}}\n", "data-loss"),
        ("topics: {a: {retention: 1d, config: {segment.ms: 600000}}}\n", "topics: {a: {retention: 1h}}\n",
         "data-loss"),
        ("topics: {a: {}, b: {}}\n", "topics: {a: {}}\n", "data-loss"),
        ("topics: {a: {partitions: 9}}\n", "topics: {a.v2: {partitions: 9}}\n", "data-loss"),
        ("topics: {a: {partitions: 6}}\n", "topics: {a: {partitions: 9}}\n", "irreversible"),
        ("topics: {a: {partitions: 6}}\n", "topics: {a: {partitions: 3}}\n", "refused"),
        ("topics: {a: {}}\n",
         "topics: {a: {annotations: {strimzi.io/pause-reconciliation: 'true'}}}\n", "ignored"),
        ("topics: {a: {minInsyncReplicas: 2}}\n", "topics: {a: {minInsyncReplicas: 3}}\n",
         "client-visible"),
        ("topics: {a: {}}\napplications: {x: {consumes: [a], produces: [a]}}\n",
         "topics: {a: {}}\napplications: {x: {consumes: [a]}}\n", "client-visible"),
        ("", "cluster: {name: events, config: {queued.max.requests: 600},"
             " listeners: {tls: {port: 9093, authentication: tls}}}\n", "rolling-restart"),
        (_CRUISE + "topics: {a: {replicas: 3}}\n", _CRUISE + "topics: {a: {replicas: 2}}\n",
         "data-movement"),
        (ARGOCD, ARGOCD.replace("a.git", "b.git"), "protection-loss"),
        (ARGOCD, ARGOCD + "strimzi: {values: {replicas: 0}}\n", "protection-loss"),
        (ARGOCD, "", "data-loss"),
        (KEPT + BACKUP, KEPT.replace("required", "optional"), "protection-loss"),
        (KEPT + BACKUP, KEPT + BACKUP.replace("* * *", "1 * *"),
         "protection-loss"),
        (KEPT + BACKUP, KEPT.replace("a: {backup: required}", "a: {backup: excluded}") + BACKUP,
         "protection-loss"),
        ("protect: true\n", "", "protection-loss"),
        (RESTORE + _RUN, RESTORE + _RUN + _EXPIRED % "run", "irreversible"),
        (RESTORE + _PURGE, RESTORE + _PURGE + _EXPIRED % "purge", "data-loss"),
    ],
)  # fmt: skip
def test_what_plan_proposes_lets_it_through(
    project: Project, cli: Cli, before: str, after: str, impact: str
) -> None:
    """Written down where it says, for each impact and each sort of change, and nothing is left to guess."""
    project.write("environments/dev/policy.yaml", STRICT)
    _environment(project, before)
    commit(project)
    _environment(project, after)

    code, out, err = cli("plan", *DAY)
    assert (code, impact in out) == (8, True)
    assert approve(project, err) == ["environments/dev/"]
    if "approvals:" in after:  # the one that has expired goes, as the plan says
        assert "take the approval out" in out
        _environment(project, after.partition("approvals:")[0])
    code, out, err = cli("plan", *DAY)
    assert (code, err) == (0, ""), out


def _environment(project: Project, more: str) -> None:
    text = more if more.startswith("cluster:") else f"{_CLUSTER}{more}"
    project.environment(text, text="environment: dev\nnamespace: kafka-dev\nsize: small\n")


_CLUSTER = "cluster: {name: events, listeners: {tls: {port: 9093, authentication: tls}}}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"guard: {ALL}", "guard: []"),
        ("deletions: {any: 0}", "deletions: {any: 3, KafkaTopic: 9}"),
        ("backupGate: {maxAge: 1h}", "backupGate: {maxAge: 9h}"),
        ("backupGate: {}", "guard: [data-loss, protection-loss, irreversible, refused, ignored]"),
        ("approvals: {maxDays: 9}", "approvals: {maxDays: 99, patterns: true}"),
        ("severities: {topic-min-insync-replicas: error}", "severities: {topic-min-insync-replicas: ignore}"),
    ],
)  # fmt: skip
def test_a_weaker_guard_can_be_approved(
    project: Project, cli: Cli, before: str, after: str
) -> None:
    """By name and with what it becomes, like everything else."""
    for text in (before, after):
        project.environment(rules=True)
        project.write("environments/dev/policy.yaml", f"policy: {{{text}}}\n")
        if text is before:
            commit(project)
    code, _, err = cli("plan", *DAY)
    assert code == 8

    assert approve(project, err) == ["environments/dev/"]
    assert cli("plan", *DAY)[0] == 0


TOPIC = "topics: {a: {%s}, kept: {}}\n"
_SPARE = (
    "  nodePools: {spare: {roles: [broker], replicas: 3, %sstorage: {volumes: {data-0: {}}}}}\n"
)
_CM = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: mine
  labels: {strimzi.io/cluster: events}
  annotations: {argocd.argoproj.io/sync-options: "%s"}
spec: {partitions: 3, replicas: 3}
"""


@pytest.mark.parametrize(
    ("kept", "released", "gone", "told"),
    [
        (TOPIC % "", TOPIC % "retire: true", "topics: {kept: {}}\n", 'retire: true on topics."a"'),
        (TOPIC % "", TOPIC % "retire: {data: delete}", "topics: {kept: {}}\n", 'retire: true on topics."a"'),
        (TOPIC % "deadLetter: true", TOPIC % "deadLetter: {retire: true}", TOPIC % "",
         'deadLetter: {retire: true} on topics."a"'),
        (TOPIC % "retries: 3", TOPIC % "retries: {count: 3, retire: {from: 2}}", TOPIC % "retries: 1",
         'retries: {count: 3, retire: {from: 2}} on topics."a"'),
        (TOPIC % "retries: 2", TOPIC % "retries: {count: 2, retire: {from: 1, data: delete}}", TOPIC % "",
         'retries: {count: 2, retire: {from: 1}} on topics."a"'),
        (TOPIC % "retries: 2, deadLetter: true", TOPIC % "retries: 2, deadLetter: true, retire: true",
         "topics: {kept: {}}\n", 'retire: true on topics."a"'),
        (TOPIC % "partitions: 9", TOPIC % "partitions: 9, retire: true",
         "topics: {a.v2: {partitions: 9}, kept: {}}\n", 'retire: true on topics."a"'),
        (_SPARE % "", _SPARE % "retire: true, ", "", "retire: true on cluster.nodePools.spare"),
        ("", "retire: true\n", "namespace: elsewhere\n", "retire: true on the whole environment"),
        ("extra:Prune=confirm", "extra:", "",
         "take Prune=confirm out of its annotation argocd.argoproj.io/sync-options"),
    ],
)  # fmt: skip
def test_what_is_protected_leaves_as_plan_says(
    project: Project, cli: Cli, kept: str, released: str, gone: str, told: str
) -> None:
    """Released by the very words, then removed; what is lost has to be approved, and nothing else."""

    def say(more: str) -> None:
        manifest = project.root / "environments/dev/extra/mine.yaml"
        if more.startswith("extra:"):
            project.write("environments/dev/extra/mine.yaml", _CM % more.removeprefix("extra:"))
        elif manifest.exists():
            manifest.unlink()
        cluster = more if more.startswith("  ") else ""
        rest = "" if cluster or more.startswith("extra:") else more
        text = rest if "namespace:" in rest else f"namespace: kafka-dev\n{rest}"
        project.environment(
            f"{text}{_BLOCK}{cluster}", text="environment: dev\nprotect: true\nsize: small\n"
        )

    say(kept)
    commit(project)
    say(gone)
    code, out, _ = cli("plan", *DAY)
    assert code == 8
    assert f"it is protected: release it first ({told})" in out

    say(released)
    _get_through(project, cli)
    commit(project)
    say(gone)
    _get_through(project, cli)
    assert "it is protected" not in cli("plan", *DAY)[1]


_BLOCK = "cluster:\n  name: events\n  listeners: {tls: {port: 9093, authentication: tls}}\n"


def _get_through(project: Project, cli: Cli) -> None:
    """Approve what has to be; there is nothing that cannot be."""
    file = project.root / "environments/dev/approvals.yaml"
    file.unlink(missing_ok=True)
    code, _, err = cli("plan", *DAY)
    if code:
        approve(project, err)
    code, out, err = cli("plan", *DAY)
    assert code == 0, out + err


def test_fewer_retries_keep_the_others_managed(project: Project, cli: Cli) -> None:
    """Those below the first one that goes are what they were."""
    project.environment("protect: true\n" + TOPIC % "retries: 3")
    commit(project)
    project.environment("protect: true\n" + TOPIC % "retries: {count: 3, retire: {from: 2}}")

    body = json.loads(cli("plan", *DAY, "--format", "json")[1])
    names = {change["name"] for change in body["environments"][0]["changes"]}
    assert names == {"a.retry-2", "a.retry-3"}
    project.environment(TOPIC % "retries: {count: 3, retire: {from: 4}}")
    assert "there are 3 retry topics [no-effect]" in cli("validate")[1]


def test_an_environment_goes_as_plan_says(project: Project, cli: Cli) -> None:
    """Released, then a tombstone; Argo CD's own objects go with it."""
    for name in ("dev", "prod"):
        project.environment(ARGOCD + "protect: true\n", name=name)
    commit(project)
    folder = project.root / "environments/dev"
    (folder / "environment.yaml").rename(project.root / "kept.yaml")
    code, out, _ = cli("plan", *DAY)
    assert code == 8
    assert out.count("say so in environments/dev/tombstone.yaml with reason: and owner:") > 2

    (project.root / "kept.yaml").rename(folder / "environment.yaml")
    project.environment(ARGOCD + "protect: true\nretire: true\n")
    _get_through(project, cli)
    commit(project)
    project.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")
    code, out, err = cli("plan", *DAY)
    if code:  # the operator lets go of the namespace, which prod has to know
        assert approve(project, err) == ["environments/prod/"]
        code, out, err = cli("plan", *DAY)
    assert code == 0, out + err
