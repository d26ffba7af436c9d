"""What the plan tells of restores, resets and drills, and what may not happen unapproved."""

from pathlib import Path

import pytest
from plans import CLUSTER, make

from generator.plan.approval_text import approval_for
from generator.plan.plan import Plan

TOPICS = f"{CLUSTER}topics: {{a: {{backup: required}}, c: {{}}}}\n"
BASE = TOPICS + (
    "applications: {reader: {consumes: {a: {group: readers}}}}\n"
    "backups: {b: {image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}%s}}\n"
)
NOTHING = BASE % ""
RESTORE = NOTHING + "restores: {x: {backup: b, topics: {a: c}}}\n"
PURGE = NOTHING + "restores: {x: {backup: b, topics: {a: c}, purge: true}}\n"
RESET = NOTHING + "offsetResets: {x: {groups: [readers], to: earliest}}\n"


def _approval(job: str, word: str = "run", expires: str = "2026-12-31") -> str:
    return (
        f"approvals: {{it: {{object: Job/{job}, change: {word}, reason: It was lost., owner: team-a,"
        f" expires: '{expires}'}}}}\n"
    )


def _of_jobs(made: Plan) -> list[tuple[str, str, str]]:
    return [
        (each.what, str(each.impact), each.approved_by or each.blocked)
        for each in made.changes
        if each.kind == "Job"
    ]


@pytest.mark.parametrize("waiting", [RESTORE, PURGE, RESET])
def test_what_waits_does_nothing(tmp_path: Path, waiting: str) -> None:
    """It comes and goes, and nobody has to be asked."""
    came, went = make(tmp_path / "1", NOTHING, waiting), make(tmp_path / "2", waiting, NOTHING)

    assert _of_jobs(came) == [("create", "no-effect", "")]
    assert _of_jobs(went) == [("delete", "no-effect", "")]
    assert came.blocked == went.blocked == []


@pytest.mark.parametrize(
    ("waiting", "job", "word", "impact"),
    [
        (RESTORE, "restore-x", "run", "irreversible"),
        (PURGE, "restore-x", "purge", "data-loss"),
        (RESET, "offsets-x", "run", "client-visible"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_approval_lets_it_run_on_its_day(
    tmp_path: Path, waiting: str, job: str, word: str, impact: str, at_once: bool
) -> None:
    """In the same change or in a later one; a day too late nothing begins, whatever is guarded."""
    before = NOTHING if at_once else waiting
    made = make(tmp_path / "1", before, waiting + _approval(job, word))
    late = make(tmp_path / "2", before, waiting + _approval(job, word, "2026-11-20"))

    assert _of_jobs(made) == [(word, impact, "it")]
    blocked = f"{impact}, it {word}s: approve it, or take it back"
    assert _of_jobs(late) == [(word, impact, blocked)]
    assert made.blocked == []
    assert not next(each for each in made.changes if each.kind == "Job").reversible


def test_what_it_will_do_is_told(tmp_path: Path) -> None:
    """In one line, with the topics and the groups, and that nobody may be in them."""
    (restore,) = (
        effect.text
        for change in make(tmp_path / "1", NOTHING, RESTORE + _approval("restore-x")).changes
        for effect in change.effects
        if change.kind == "Job"
    )
    (reset,) = (
        effect.text
        for change in make(tmp_path / "2", NOTHING, RESET + _approval("offsets-x")).changes
        for effect in change.effects
        if change.kind == "Job"
    )

    assert restore == "records are added to c"
    assert reset == (
        "readers go to earliest on a: records are processed again or left out. Nobody may be in the"
        " groups: Kafka refuses otherwise"
    )


def test_how_to_approve_is_told(tmp_path: Path) -> None:
    """The word, and no value to become."""
    late = make(tmp_path, RESET, RESET + _approval("offsets-x", expires="2026-11-20"))

    (change,) = [each for each in late.blocked if each.kind == "Job"]
    assert approval_for(change, "2026-12-21").startswith(
        "approvals:\n  offsets-x-run:\n    object: Job/offsets-x\n    change: run\n    reason:"
    )


def test_what_ran_never_runs_otherwise(tmp_path: Path) -> None:
    """Kubernetes refuses another template, and what a Job has read it does not read again."""
    approved = RESTORE + _approval("restore-x")
    other = approved.replace("topics: {a: c}}", "topics: {a: c}, until: '2026-11-20T14:00Z'}")
    image = approved.replace("topics: {a: c}}", "topics: {a: c}, image: 'kafka-backup:v0.25.3'}")

    (config,) = make(tmp_path / "1", approved, other).changes
    assert (config.kind, str(config.impact)) == ("ConfigMap", "ignored")
    assert config.blocked
    made = make(tmp_path / "2", approved, image)
    assert {str(each.impact) for each in made.changes if each.kind == "Job"} == {"refused"}
    assert made.blocked
    waiting = make(tmp_path / "3", RESTORE, other.replace(_approval("restore-x"), ""))
    assert [str(each.impact) for each in waiting.changes] == ["no-effect"]


def test_what_ran_may_go(tmp_path: Path) -> None:
    """With its user, which nobody else was; no approval is needed for that."""
    made = make(tmp_path, RESTORE + _approval("restore-x"), NOTHING)

    assert made.blocked == []
    assert {each.kind: str(each.impact) for each in made.changes} == {
        "Job": "dynamic", "KafkaUser": "dynamic", "ConfigMap": "no-effect",
        "ServiceAccount": "no-effect", "NetworkPolicy": "no-effect",
    }  # fmt: skip


def test_other_jobs_are_judged_as_what_they_are(tmp_path: Path) -> None:
    """The hook of verification is made anew each time; nothing of it waits."""
    verify = "verify: {image: 'r/v:%s', owner: team-a}\n"
    made = make(tmp_path, NOTHING + verify % 1, NOTHING + verify % 2)

    assert {(each.what, str(each.impact)) for each in made.changes if each.kind == "Job"} == {
        ("spec.template.spec.containers.strimzi-verify.image", "no-effect")
    }


def test_argocd_ends_with_what_waits(tmp_path: Path) -> None:
    """Nothing comes after it, so that nothing hangs."""
    (environment,) = make(tmp_path, NOTHING, RESTORE + _approval("restore-x")).environments

    last = environment.steps[-1]
    assert (last.phase, last.wave, last.objects) == ("Sync", 90, ("Job/restore-x",))
    assert last.hangs == ()


def test_a_hook_of_others_would_hang(tmp_path: Path) -> None:
    """Argo CD begins PostSync only once everything is healthy."""
    hook = "overrides: {KafkaUser: {reader: {metadata: {annotations: {argocd.argoproj.io/hook: PostSync}}}}}\n"
    (environment,) = make(tmp_path, NOTHING + hook, RESTORE + hook).environments

    assert [each for step in environment.steps for each in step.hangs] == [
        "Job/restore-x: a Job that waits for its approval, or takes its time once it has it"
    ]


def test_a_drill_is_no_change_of_kafka(tmp_path: Path) -> None:
    """Its topics are its own; but that it goes is a loss of proof, which is guarded."""
    drill = "verify: {image: 'r/v:1', owner: team-a}\n"
    without, with_drill = NOTHING + drill, BASE % ", drill: {schedule: 0 5 * * *}" + drill
    came, went = (
        make(tmp_path / "1", without, with_drill),
        make(tmp_path / "2", with_drill, without),
    )

    assert {str(each.impact) for each in came.changes} == {"no-effect", "dynamic"}
    assert came.blocked == []
    assert [(each.kind, str(each.impact)) for each in went.blocked] == [
        ("CronJob", "protection-loss")
    ]
    others = {str(each.impact) for each in went.changes if not each.blocked}
    assert others == {"no-effect", "dynamic"}
