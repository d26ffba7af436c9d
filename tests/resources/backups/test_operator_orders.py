"""Orders to operators: nothing before they are approved, all that they need afterwards, and who is asked again."""

from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, make
from support import ENVIRONMENT, Project

from generator.plan.approval_text import approval_for
from generator.plan.plan import Plan

TOPICS = "topics: {a: {backup: required}, c: {}}\n"
READER = "applications: {reader: {consumes: {a: {group: readers}}}}\n"
S3 = "schedule: 0 2 * * *, storage: {s3: {bucket: b00, region: eu-1, credentialsSecret: {name: s}}}"
OSO = f"{TOPICS}{READER}backups: {{b: {{engine: operator, {S3}}}}}\n"
STRIMZI = (
    f"{TOPICS}{READER}backupOperator: {{api: kafkabackup.com}}\n"
    f"backups: {{b: {{engine: operator, image: 'kafka-backup:v0.25.2', mode: full, {S3}}}}}\n"
)
RESTORE = "restores: {x: {backup: b, set: b-20261121-020000, topics: {a: c}%s}}\n"
RESTORE_OUTSIDE = "restores: {x: {backup: b, set: b-scheduled-29384910, topics: {a: c}%s}}\n"
RESET = "offsetResets: {x: {engine: operator, groups: [readers], to: earliest%s}}\n"
ROLLBACK = (
    "offsetResets: {x: {engine: operator, groups: [readers], to: {snapshot: s, path: /data/s}%s}}\n"
)


def _approval(order: str, word: str = "run", expires: str = "2026-12-31") -> str:
    return (
        f"approvals: {{it: {{object: {order}/x, change: {word}, reason: It was lost., owner: team-a,"
        f" expires: '{expires}'}}}}\n"
    )


@pytest.mark.parametrize(
    ("before", "section", "order", "more"),
    [
        (OSO, RESTORE % "", "KafkaRestore", {"KafkaUser/restore-x"}),
        (STRIMZI, RESTORE_OUTSIDE % "", "KafkaRestore",
         {"KafkaUser/restore-x", "ServiceAccount/restore-x", "NetworkPolicy/restore-x"}),
        (OSO, RESET % "", "KafkaOffsetReset", {"KafkaUser/offsets-x"}),
        (OSO, ROLLBACK % "", "KafkaOffsetRollback", {"KafkaUser/offsets-x"}),
    ],
)  # fmt: skip
def test_an_order_is_not_there_until_it_is_approved(
    project: Project, before: str, section: str, order: str, more: set[str]
) -> None:
    """Nothing of it is, not even a way through the listener: the operator would begin at once."""
    before += "verify: {image: 'r/v:1', owner: team-a}\n"
    peers = "networkPolicyPeers: [{podSelector: {}}]"
    text = ENVIRONMENT.replace("authentication: tls}", f"authentication: tls, {peers}}}")
    without = project.objects(before, text)

    assert project.objects(before + section, text) == without
    other = _approval(order).replace("/x", "/other")
    assert project.objects(before + section + other, text) == without
    approved = project.objects(before + section + _approval(order), text)
    hook = approved["Job/strimzi-verify"]["metadata"]["annotations"]["argocd.argoproj.io/hook"]
    assert hook == "Sync"
    assert approved.keys() - without.keys() == {f"{order}/x", *more}


def test_a_listener_opens_with_the_approval(project: Project) -> None:
    """To the operator's pods, where others are kept out and the backup goes another way."""
    other = (
        "other: {port: 9094, authentication: tls, networkPolicyPeers: [{podSelector: {}}]}, tls:"
    )
    text = ENVIRONMENT.replace("tls:", other, 1)
    more = OSO.replace("engine: operator,", "engine: operator, listener: tls,")
    more += RESTORE % ", listener: other"

    def guests(approval: str) -> list[Any]:
        listeners = project.objects(more + approval, text)["Kafka/events"]["spec"]["kafka"]
        (found,) = [each for each in listeners["listeners"] if each["name"] == "other"]
        peers: list[Any] = found["networkPolicyPeers"][1:]
        return peers

    assert guests("") == []
    (operator,) = guests(_approval("KafkaRestore"))
    assert operator["podSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "kafka-backup-operator"
    }


@pytest.mark.parametrize(
    ("section", "order", "word", "user", "expected"),
    [
        (RESTORE % "", "KafkaRestore", "run", "restore-x", {"topic c": ["DescribeConfigs", "Write"]}),
        (RESTORE % ", purge: true, createTopics: true", "KafkaRestore", "purge", "restore-x",
         {"topic c": ["AlterConfigs", "Create", "Delete", "DescribeConfigs", "Write"]}),
        (RESTORE % ", groups: {names: [readers]}", "KafkaRestore", "run", "restore-x",
         {"topic c": ["DescribeConfigs", "Read", "Write"], "topic a": ["Read"],
          "group readers": ["Read"]}),
        (RESET % "", "KafkaOffsetReset", "run", "offsets-x",
         {"topic a": ["Read"], "group readers": ["Read"]}),
        (ROLLBACK % "", "KafkaOffsetRollback", "run", "offsets-x",
         {"topic a": ["Read"], "group readers": ["Read"]}),
    ],
)  # fmt: skip
def test_an_order_may_do_what_it_has_to(
    project: Project,
    section: str,
    order: str,
    word: str,
    user: str,
    expected: dict[str, list[str]],
) -> None:
    """And nothing else: operators keep no snapshots in groups."""
    found = project.objects(OSO + section + _approval(order, word))
    acls = found[f"KafkaUser/{user}"]["spec"]["authorization"]["acls"]

    assert {
        f"{acl['resource']['type']} {acl['resource']['name']}": acl["operations"] for acl in acls
    } == expected


def test_an_order_logs_in_as_its_own_user(project: Project) -> None:
    """Whose Secret is there by then: users come in an earlier wave, and the order in the last."""
    found = project.objects(OSO + RESTORE % "" + _approval("KafkaRestore"))
    order, user = found["KafkaRestore/x"], found["KafkaUser/restore-x"]
    waves = [
        int(each["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for each in found.values()
        if "argocd.argoproj.io/sync-wave" in each["metadata"].get("annotations", {})
    ]

    assert order["spec"]["kafkaCluster"]["tlsSecret"]["name"] == "restore-x"
    wave = order["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
    assert int(wave) == max(waves)
    assert int(user["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]) < max(waves)


def test_pods_of_a_restore_are_the_ones_that_its_network_policy_means(project: Project) -> None:
    """And not the backup's, whose ways and account are others."""
    found = project.objects(STRIMZI + RESTORE_OUTSIDE % "" + _approval("KafkaRestore"))
    pod = found["KafkaRestore/x"]["spec"]["template"]["pod"]
    selector = found["NetworkPolicy/restore-x"]["spec"]["podSelector"]["matchLabels"]
    backup = found["NetworkPolicy/backup-b"]["spec"]["podSelector"]["matchLabels"]

    assert selector.items() <= pod["metadata"]["labels"].items()
    assert not backup.items() <= pod["metadata"]["labels"].items()
    assert pod["serviceAccountName"] == "restore-x"


@pytest.mark.parametrize(("before", "restore"), [(OSO, RESTORE), (STRIMZI, RESTORE_OUTSIDE)])
def test_nothing_is_rendered_that_has_no_effect(
    project: Project, before: str, restore: str
) -> None:
    """No dry run that looks at nothing, no snapshot that nobody keeps, no second try."""
    more = ", groups: {names: [readers]}, rateLimit: {bytes: 1Mi}, until: '2026-11-20T14:00Z'"
    found = project.objects(before + restore % more + _approval("KafkaRestore"))
    spec = found["KafkaRestore/x"]["spec"]

    assert not {"dryRun", "rollback", "circuitBreaker", "autoConsumerGroups"} & spec.keys()
    assert "dryRun" not in spec.get("restore", {})
    assert spec.get("backoffLimit", 0) == 0


def _of(made: Plan, kind: str) -> list[tuple[str, str, str]]:
    return [
        (each.what, str(each.impact), each.approved_by or each.blocked)
        for each in made.changes
        if each.kind == kind
    ]


_UNGUARDED = "policy: {guard: []}\n"
_ORDERS = [
    (RESTORE % "", "KafkaRestore", "run", "irreversible"),
    (RESTORE % ", purge: true", "KafkaRestore", "purge", "data-loss"),
    (RESET % "", "KafkaOffsetReset", "run", "irreversible"),
    (ROLLBACK % "", "KafkaOffsetRollback", "run", "irreversible"),
]


@pytest.mark.parametrize(("section", "order", "word", "impact"), _ORDERS)
def test_an_order_is_given_on_its_day_only(
    tmp_path: Path, section: str, order: str, word: str, impact: str
) -> None:
    """A day too late nothing begins, whatever the policy guards; before its approval nothing is there."""
    base = CLUSTER + OSO + _UNGUARDED
    waits = make(tmp_path / "1", base, base + section)
    given = make(tmp_path / "2", base + section, base + section + _approval(order, word))
    late = make(tmp_path / "3", base, base + section + _approval(order, word, "2026-11-20"))

    assert waits.changes == []
    assert _of(given, order) == [(word, impact, "it")]
    assert given.blocked == []
    assert _of(late, order) == [
        (word, impact, f"{impact}, it {word}s: approve it, or take it back")
    ]


@pytest.mark.parametrize(("section", "order", "word", "impact"), _ORDERS)
def test_an_order_that_changes_is_given_again(
    tmp_path: Path, section: str, order: str, word: str, impact: str
) -> None:
    """So it needs an approval of this change; what only people read may change, and it may go."""
    base = CLUSTER + OSO + _UNGUARDED
    late, holds = _approval(order, word, "2026-11-20"), _approval(order, word)
    once = base + section
    listener = once.replace("port: 9093", "port: 9094")
    told = once.replace("x: {", "x: {description: Friday., ")

    again = make(tmp_path / "1", once + late, listener + late)
    assert _of(again, order) == [
        (word, impact, f"{impact}, it {word}s: approve it, or take it back")
    ]
    old = make(tmp_path / "2", once + holds, listener + holds)
    assert _of(old, order) == _of(again, order)
    renewed = _approval(order, word, "2027-01-01")
    approved = make(tmp_path / "5", once + holds, listener + renewed)
    assert _of(approved, order) == [(word, impact, "it")]
    assert make(tmp_path / "3", once + late, told + late).blocked == []
    gone = make(tmp_path / "4", once + late, base)
    assert (_of(gone, order), gone.blocked) == ([("delete", "dynamic", "")], [])


def test_no_override_purges_with_a_milder_word(tmp_path: Path) -> None:
    """The guard looks at what an order does, not at what the intent says of it."""
    base = CLUSTER + OSO + _UNGUARDED
    override = "overrides: {KafkaRestore: {x: {spec: {purgeTopics: true}}}}\n"
    made = make(tmp_path, base, base + RESTORE % "" + _approval("KafkaRestore") + override)

    (change,) = [each for each in made.blocked if each.kind == "KafkaRestore"]
    assert change.blocked == "data-loss, it purges: approve it, or take it back"
    assert approval_for(change, "2026-12-21").startswith(
        "approvals:\n  x-purge:\n    object: KafkaRestore/x\n    change: purge\n    reason:"
    )


def test_argocd_waits_for_no_order(tmp_path: Path) -> None:
    """It is applied last, and counts as done at once."""
    base = CLUSTER + OSO
    made = make(tmp_path, base, base + RESTORE % "" + _approval("KafkaRestore"))
    last = made.environments[0].steps[-1]

    assert (last.phase, last.wave, last.objects) == ("Sync", 90, ("KafkaRestore/x",))
    assert (last.gates, last.hangs) == (False, ())
