"""Where Argo CD waits, asks, fails and goes on, beside what plan says of it.

No operator runs here: a hand writes the statuses that Argo CD waits for (`argocd.stand_in`), and here also
those of an operator that has failed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argocd.argo_cd import USER
from argocd.order import assert_as_planned
from argocd.site import Site
from live.statuses import condition, now

pytestmark = [pytest.mark.live, pytest.mark.operators]

_TOPIC = "{profile: events, owner: team-todo, description: Grain.%s}"
_READER = "{owner: team-todo, description: Mill., consumes: {%s: {group: %s}}}"


def _grain(topic: str, group: str = "mill", more: str = "") -> str:
    """A topic and its reader, whose name is `mill-` and the topic's."""
    reader = _READER % (topic, group)
    return f"topics: {{{topic}: {_TOPIC % more}}}\napplications: {{mill-{topic}: {reader}}}\n"


def test_it_waits_for_what_is_new_and_not_for_what_changes(site: Site) -> None:
    """As plan's `waits until healthy` says: an operator's last word counts for its next one."""
    planned = site.intend("dev", "hay", _grain("hay"))
    assert _gates(planned, "KafkaTopic/hay") is True
    site.hand.held = {"KafkaTopic/hay"}
    revision = site.merge("dev")
    site.argo_cd.until_operation("kafka-dev", revision, "Running", words="KafkaTopic/hay")
    assert not site.is_there("dev", "KafkaUser", "mill-hay")
    site.hand.held = set()
    site.argo_cd.until_synced("kafka-dev", revision)

    site.hand.held = {"KafkaTopic/hay"}
    planned = site.intend("dev", "hay", _grain("hay", "other-mill", ", retention: 6d"))
    assert _gates(planned, "KafkaTopic/hay") is False
    site.deploy("dev")
    live = site.read("dev", "KafkaTopic", "hay")
    assert live["status"]["observedGeneration"] < live["metadata"]["generation"]
    site.hand.held = set()


def test_what_has_failed_fails_the_sync_that_mends_it_once(site: Site) -> None:
    """An operator's last word counts here too; the next try leaves out what is applied, and goes on."""
    site.intend("dev", "barley", _grain("barley"))
    site.deploy("dev")
    site.hand.held = {"KafkaUser/mill-barley"}
    generation = site.read("dev", "KafkaUser", "mill-barley")["metadata"]["generation"]
    failed = {"observedGeneration": generation, "conditions": [condition("NotReady", reason="X", message="No.")]}  # fmt: skip
    site.kubernetes.write_status("KafkaUser", "mill-barley", "kafka-dev", failed)
    site.argo_cd.until(lambda: site.argo_cd.health_of("kafka-dev") == "Degraded", "see it")

    site.intend("dev", "barley", _grain("barley", "other-mill"))
    revision = site.merge("dev")
    words = "one or more synchronization tasks completed unsuccessfully"
    said = site.argo_cd.until_operation("kafka-dev", revision, "Running", words=words)
    assert "Retrying attempt #1" in said
    site.argo_cd.until_synced("kafka-dev", revision)
    assert site.argo_cd.health_of("kafka-dev") == "Degraded"
    site.hand.held = set()


def test_what_goes_is_waited_for(site: Site) -> None:
    """As long as the Topic Operator's finalizer is there, nothing that follows begins."""
    site.intend("dev", "straw", _grain("straw"))
    site.deploy("dev")
    kept = {"metadata": {"finalizers": ["strimzi.io/topic-operator"]}}
    site.patch("dev", "KafkaTopic", "straw", kept)
    planned = site.intend("dev", "straw", "")
    assert [(each["phase"], each["wave"], each["gates"]) for each in planned["order"]] == [
        ("Sync", -1, False), ("Prune", 10, True), ("Prune", 11, True)]  # fmt: skip

    job, revision = site.verification("dev"), site.merge("dev")
    site.argo_cd.until_operation("kafka-dev", revision, "Running", words="KafkaTopic/straw")
    assert site.is_there("dev", "KafkaTopic", "straw")
    assert site.verification("dev") == job
    site.patch("dev", "KafkaTopic", "straw", {"metadata": {"finalizers": None}})
    site.argo_cd.until_synced("kafka-dev", revision)
    assert not site.is_there("dev", "KafkaTopic", "straw")
    assert site.verification("dev") != job


def test_what_is_protected_asks_before_it_goes(site: Site) -> None:
    """What stands in earlier waves is done; then nothing goes on until somebody confirms."""
    site.intend("prod", "rye", _grain("rye"))
    site.deploy("prod")
    earlier = site.repository.manifests("prod")
    planned, mark = site.intend("prod", "rye", _grain("bran")), site.audit.mark()
    order = planned["order"]
    where = next(turn for turn, each in enumerate(order) if each["hangs"])
    assert (order[where]["phase"], where > 0) == ("Prune", True)
    revision = site.merge("prod")
    asks = "pruning confirmation of kafka.strimzi.io/KafkaTopic/rye"
    site.argo_cd.until_operation("kafka-prod", revision, "Running", words=asks)
    assert _names(order[:where]) <= site.done(mark)
    assert not _names(order[where:]) & site.done(mark)

    site.argo_cd.confirm("kafka-prod")
    site.argo_cd.until_synced("kafka-prod", revision)
    both = [*earlier, *site.repository.manifests("prod")]
    assert_as_planned(site.kubernetes, planned, both, site.audit.since(mark, USER))


def test_what_is_retired_goes_without_a_question(site: Site) -> None:
    """Two merges: the first lets go, and the sync ends although the topic never says Ready again."""
    topic = "topics: {malt: {profile: events, owner: team-todo%s}}\n"
    for more in ("", ", retire: true"):
        site.intend("prod", "malt", topic % more)
        site.deploy("prod")
    site.argo_cd.until(lambda: site.argo_cd.health_of("kafka-prod") == "Progressing", "see it")

    planned = site.intend("prod", "malt", "")
    assert not any(each["hangs"] for each in planned["order"])
    site.deploy("prod")
    assert not site.is_there("prod", "KafkaTopic", "malt")
    site.argo_cd.until(lambda: site.argo_cd.health_of("kafka-prod") == "Healthy", "be healthy")


def test_a_job_that_waits_lets_the_sync_end(site: Site) -> None:
    """It stands in the last wave, behind verification; an approval lets it run, and it is the same Job."""
    reset = "offsetResets:\n  again: {groups: [todo-chat], topics: [todo-events], to: earliest}\n"
    earlier, mark = site.repository.manifests("dev"), site.audit.mark()
    planned = site.intend("dev", "reset", reset)
    site.deploy("dev")
    both = [*earlier, *site.repository.manifests("dev")]
    assert_as_planned(site.kubernetes, planned, both, site.audit.since(mark, USER))
    waits = site.read("dev", "Job", "offsets-again")
    assert [each["type"] for each in waits["status"]["conditions"]] == ["Suspended"]
    jobs = [path for _, path in site.audit.since(mark, USER) if "/jobs/" in path]
    assert [path.rpartition("/")[2] for path in jobs][-1] == "offsets-again"
    site.argo_cd.until(lambda: site.argo_cd.health_of("kafka-dev") == "Healthy", "be healthy")

    soon = datetime.now(UTC).date() + timedelta(days=20)
    approval = (
        "{object: Job/offsets-again, change: run, reason: They were lost., owner: team-todo, "
        f"expires: '{soon}'}}"
    )
    site.intend("dev", "reset", f"{reset}approvals: {{again: {approval}}}\n")
    site.deploy("dev")
    ran = site.read("dev", "Job", "offsets-again")
    assert (ran["metadata"]["uid"], ran["spec"]["suspend"]) == (waits["metadata"]["uid"], False)


def test_a_failed_run_of_a_cron_job_is_no_failure_of_its_environment(site: Site) -> None:
    """Its annotation keeps it out of the environment's health; the sync that changes it needs a second try."""
    # No cron job of a test runs at night: what its controller writes then is written here.
    status = {"lastScheduleTime": now(), "lastSuccessfulTime": now(-86_400)}
    path = site.kubernetes.path("CronJob", "strimzi-verify-steady", "kafka-prod")
    site.kubernetes.admin.request("PATCH", f"{path}/status", {"status": status}, "application/merge-patch+json")  # fmt: skip
    site.argo_cd.refresh("kafka-prod")
    assert site.argo_cd.health_of("kafka-prod") == "Healthy"

    site.repository.edit("environments/prod/verify.yaml", "schedule: ", "schedule: 7 3 * * * # ")
    site.repository.render()
    site.deploy("prod")
    assert site.read("prod", "CronJob", "strimzi-verify-steady")["spec"]["schedule"] == "7 3 * * *"


def _gates(planned: Any, label: str) -> bool:
    """Whether Argo CD waits, as plan says, in the wave of an object."""
    (step,) = (each for each in planned["order"] if label in each["objects"])
    return bool(step["gates"])


def _names(order: list[Any]) -> set[str]:
    """The objects of some waves by their names."""
    return {label.partition("/")[2] for step in order for label in step["objects"]}
