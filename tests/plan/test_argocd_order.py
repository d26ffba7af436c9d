"""The order of a sync: each wave prunes first, in waves that are mirrored among themselves."""

from generator.common.changes import Action
from generator.documents.manifest import Body, Manifest
from generator.plan.argocd_order import steps
from generator.plan.change import Change


def _manifest(name: str, wave: int, kind: str = "KafkaTopic", **argocd: str) -> Manifest:
    annotations = {
        f"argocd.argoproj.io/{key.replace('_', '-')}": text for key, text in argocd.items()
    }
    metadata = {
        "name": name,
        "annotations": {"argocd.argoproj.io/sync-wave": str(wave)} | annotations,
    }
    return Manifest("", {"apiVersion": "v1", "kind": kind, "metadata": metadata}, ())


def _change(manifest: Manifest, action: Action) -> Change:
    metadata: Body = manifest.body["metadata"]
    return Change("dev", manifest.kind, manifest.name, action, (), metadata=metadata)


def _told(come: list[Manifest], gone: list[Manifest]) -> list[tuple[str, int, str, bool]]:
    changes = [_change(each, Action.CREATE) for each in come]
    changes += [_change(each, Action.DELETE) for each in gone]
    return [
        (
            step.phase,
            step.wave,
            " ".join(each.partition("/")[2] for each in step.objects),
            step.gates,
        )
        for step in steps(changes, come, gone)
    ]


def test_waves_of_what_goes_are_mirrored() -> None:
    """The highest goes in the lowest wave that prunes; each wave waits until it is gone, but for the last."""
    gone = [_manifest("pool", 0), _manifest("topic", 10), _manifest("user", 11)]

    assert _told([_manifest("new", 10)], gone) == [
        ("Prune", 0, "user", True),
        ("Prune", 10, "topic", True),
        ("Sync", 10, "new", True),
        ("Prune", 11, "pool", False),
    ]


def test_phases_stand_above_waves() -> None:
    """What goes is a part of Sync: after PreSync, and before PostSync, which is why it is awaited."""
    come = [
        _manifest("first", 5, "Job", hook="PreSync"),
        _manifest("last", -5, "Job", hook="PostSync"),
    ]

    assert [each[:3] for each in _told(come, [_manifest("old", 0)])] == [
        ("PreSync", 5, "first"),
        ("Prune", 0, "old"),
        ("PostSync", -5, "last"),
    ]
    assert _told(come, [_manifest("old", 0)])[1][3]


def test_what_goes_last_goes_behind_all_waves() -> None:
    """PruneLast is a wave of its own; Prune=false is none."""
    gone = [_manifest("late", 0, sync_options="PruneLast=true"), _manifest("early", 3),
            _manifest("kept", 5, sync_options="Prune=false")]  # fmt: skip

    assert _told([_manifest("new", 7)], gone) == [
        ("Prune", 3, "early", True),
        ("Sync", 7, "new", True),
        ("Prune", 8, "late", False),
    ]


def test_what_has_no_health_hangs_nobody() -> None:
    """A pool is done as it is applied, paused or not; a Kafka is waited for."""
    paused = {"strimzi.io/pause-reconciliation": "true"}
    pool, kafka = _manifest("p", 0, "KafkaNodePool"), _manifest("k", 1, "Kafka")
    for each in (pool, kafka):
        each.body["metadata"]["annotations"] |= paused
    manifests = [pool, kafka, _manifest("t", 10)]

    told = steps([_change(each, Action.CREATE) for each in manifests], manifests)
    assert [(step.gates, len(step.hangs)) for step in told] == [(False, 0), (True, 1), (False, 0)]


def test_what_asks_before_it_goes_holds_everything() -> None:
    """Nothing is pruned in its wave, and no later one begins, until somebody confirms."""
    gone = _manifest("topic", 10, sync_options="Prune=confirm,Delete=confirm")

    (step,) = steps([_change(gone, Action.DELETE)], [], [gone])
    assert step.hangs == (
        "KafkaTopic/topic: somebody has to confirm that it goes; what follows waits until then",
    )


def test_what_changes_is_not_awaited() -> None:
    """Argo CD takes what an operator of Strimzi said before for its answer; a Deployment tells generations apart."""
    later = _manifest("later", 50, "ConfigMap")
    for kind, gates in (("KafkaTopic", False), ("Kafka", False), ("Deployment", True)):
        changed = _manifest("changed", 10, kind)
        changes = [_change(changed, Action.UPDATE), _change(later, Action.CREATE)]
        assert [step.gates for step in steps(changes, [changed, later])] == [gates, False]
        new = [_change(changed, Action.CREATE), changes[1]]
        assert [step.gates for step in steps(new, [changed, later])] == [True, False]


def test_the_last_wave_that_changes_is_not_awaited() -> None:
    """What stays as it is makes no later wave, since only what is out of sync is applied; a hook does."""
    topic, user = _manifest("topic", 10), _manifest("user", 11, "KafkaUser")
    changes = [_change(topic, Action.CREATE)]

    assert [step.gates for step in steps(changes, [topic, user])] == [False]
    for hook, gates in (("PostSync", True), ("Sync", True), ("PreSync", False), ("Skip", False)):
        job = _manifest("job", 20, "Job", hook=hook)
        assert [step.gates for step in steps(changes, [topic, user, job])] == [gates], hook
    same_wave = _manifest("job", 10, "Job", hook="Sync")
    assert [step.gates for step in steps(changes, [topic, same_wave])] == [True]


def test_a_wave_that_is_no_number_is_wave_0() -> None:
    """As Argo CD reads it: a sign counts, words do not."""
    said = {"-5": -5, "+3": 3, "007": 7, "": 0, "x": 0, "1.5": 0, "1234567890": 0}
    for text, wave in said.items():
        manifest = _manifest("topic", 0, sync_wave=text)
        assert [each[1] for each in _told([manifest], [])] == [wave], text


def test_a_hook_of_another_name_is_synced_with_the_rest() -> None:
    """Of several the first one counts."""
    for said, phase in (("PreSync,PostSync", "PreSync"), ("Skip", "Sync"), ("", "Sync")):
        assert [each[0] for each in _told([_manifest("a", 0, "Job", hook=said)], [])] == [phase]


def test_who_is_never_healthy_is_told() -> None:
    """Paused, unmanaged, waiting for an approval: as long as something comes behind it."""
    job, topic, last = _manifest("j", 0, "Job"), _manifest("t", 0), _manifest("u", 1, "KafkaUser")
    job.body["metadata"]["annotations"] |= {"strimzi-gitops/approval": "run"}
    topic.body["metadata"]["annotations"] |= {"strimzi.io/managed": "false"}
    last.body["metadata"]["annotations"] |= {"strimzi.io/pause-reconciliation": "true"}
    come = [job, topic, last]

    first, second = steps([_change(each, Action.CREATE) for each in come], come)
    assert sorted(first.hangs) == [
        "Job/j: a Job that waits for its approval, or takes its time once it has it",
        "KafkaTopic/t: unmanaged, which Argo CD's own health check takes for unfinished",
    ]
    assert second.hangs == ()
