"""What Argo CD takes back, and what it leaves: what people and operators write beside Git.

No operator runs here: a hand writes the statuses that Argo CD waits for (`argocd.stand_in`).
"""

import pytest
from argocd.argo_cd import USER
from argocd.site import Site

pytestmark = [pytest.mark.live, pytest.mark.operators]

_DAY_MS = 86_400_000


def test_what_people_change_is_taken_back_and_what_they_add_is_not(site: Site) -> None:
    """Argo CD owns the fields that Git says; beside them everybody may write, and nobody sees it."""
    job = site.verification("dev")
    said = site.read("dev", "KafkaTopic", "dlq")["spec"]["config"]
    changed = {"retention.ms": 1000, "retention.bytes": 1000}
    site.patch("dev", "KafkaTopic", "dlq", {"spec": {"config": changed}})

    healed = said | {"retention.bytes": 1000}
    site.argo_cd.until(lambda: _config(site) == healed, "take back what was changed")
    site.argo_cd.until(lambda: site.argo_cd.sync_of("kafka-dev") == "Synced", "be in sync")
    site.argo_cd.refresh("kafka-dev")
    assert (_config(site), site.argo_cd.sync_of("kafka-dev")) == (healed, "Synced")
    # It syncs the one object, and a part of a sync runs no hooks.
    assert site.verification("dev") == job


def test_what_people_delete_comes_back(site: Site) -> None:
    """As Git says it, without what had been added to it."""
    before = site.read("dev", "KafkaTopic", "llm-errors")["metadata"]["uid"]
    site.kubernetes.delete("KafkaTopic", "llm-errors", "kafka-dev")

    site.argo_cd.until(
        lambda: site.read("dev", "KafkaTopic", "llm-errors")["metadata"]["uid"] != before,
        "make the topic anew",
    )


def test_what_operators_write_stays(site: Site) -> None:
    """Finalizers, annotations and statuses beside what Git says outlive a sync that changes the object."""
    name, path = "code.reviews", site.kubernetes.path("KafkaTopic", "code.reviews", "kafka-dev")
    written = {"finalizers": ["strimzi.io/topic-operator"], "annotations": {"strimzi.io/x": "y"}}
    site.patch("dev", "KafkaTopic", name, {"metadata": written})
    mark = site.audit.mark()
    site.argo_cd.refresh("kafka-dev")
    assert site.argo_cd.sync_of("kafka-dev") == "Synced"
    assert path not in {each.path for each in site.audit.since(mark, USER)}

    site.intend("dev", "reviews", f"topics: {{{name}: {{retention: 6d}}}}\n")
    site.deploy("dev")
    live = site.read("dev", "KafkaTopic", name)
    assert live["spec"]["config"]["retention.ms"] == 6 * _DAY_MS
    assert live["metadata"]["finalizers"] == written["finalizers"]
    assert live["metadata"]["annotations"]["strimzi.io/x"] == "y"
    assert "conditions" in live["status"]
    site.patch("dev", "KafkaTopic", name, {"metadata": {"finalizers": None}})


def test_where_nothing_is_healed_a_hand_stays_until_the_next_sync(site: Site) -> None:
    """In prod, where selfHeal is off: Argo CD sees it, and takes it back with the next commit."""
    # A commit that it has not tried yet would do, too, whatever it is about.
    site.intend("prod", "rye", "topics: {rye: {profile: events, owner: team-todo}}\n")
    site.deploy("prod")
    said = site.read("prod", "KafkaTopic", "dlq")["spec"]["config"]["retention.ms"]
    site.patch("prod", "KafkaTopic", "dlq", {"spec": {"config": {"retention.ms": 1000}}})
    site.argo_cd.until(lambda: site.argo_cd.sync_of("kafka-prod") == "OutOfSync", "see it")
    site.argo_cd.refresh("kafka-prod")
    live = site.read("prod", "KafkaTopic", "dlq")["spec"]["config"]["retention.ms"]
    assert (live, site.argo_cd.sync_of("kafka-prod")) == (1000, "OutOfSync")

    site.intend("prod", "oats", "topics: {oats: {profile: events, owner: team-todo}}\n")
    site.deploy("prod")
    assert site.read("prod", "KafkaTopic", "dlq")["spec"]["config"]["retention.ms"] == said


def _config(site: Site) -> object:
    return site.read("dev", "KafkaTopic", "dlq")["spec"]["config"]


@pytest.mark.parametrize(
    ("options", "is_made_anew"), [("Replace=true", False), ("Replace=true,Force=true", True)]
)
def test_what_is_replaced_by_force_is_made_anew(
    options: str, is_made_anew: bool, site: Site
) -> None:
    """Force deletes the object first, and a topic's data with it; without it the object stays the same."""
    about = f"annotations: {{argocd.argoproj.io/sync-options: '{options}'}}"
    topic = f"topics: {{oat: {{profile: events, owner: team-todo, {about}, retention: %s}}}}\n"
    uids = []
    for retention in ("5d", "6d"):
        planned = site.intend("dev", "oat", topic % retention)
        site.deploy("dev")
        uids.append(site.read("dev", "KafkaTopic", "oat")["metadata"]["uid"])

    told = {each["impact"] for each in planned["changes"] if each["name"] == "oat"}
    assert (uids[0] != uids[1], "data-loss" in told) == (is_made_anew, is_made_anew)
    site.intend("dev", "oat", "")
    site.deploy("dev")
