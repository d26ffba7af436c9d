"""What becomes of everything when an Application follows something else, or goes.

No operator runs here: a hand writes the statuses that Argo CD waits for (`argocd.stand_in`).
"""

import pytest
from argocd.argo_cd import NAMESPACE, USER
from argocd.site import Site

pytestmark = [pytest.mark.live, pytest.mark.operators]

_INTENT = "environments/staging/environment.yaml"
_WHEAT = "topics: {wheat: {profile: events, owner: team-todo}}\n"


def test_another_revision_prunes_what_does_not_stand_there(site: Site) -> None:
    """As plan says of an Application that follows something else; where nothing stands, nothing goes."""
    site.intend("staging", "wheat", _WHEAT)
    site.deploy("staging")
    argocd = "argocd: {path: nowhere}\n"
    site.intend("staging", "follows", argocd)
    site.repository.commit()
    site.follow("staging")
    site.argo_cd.until(lambda: site.argo_cd.sync_of("kafka-staging") == "Unknown", "find nothing")
    (told,) = site.argo_cd.application("kafka-staging")["status"]["conditions"]
    assert told["type"] == "ComparisonError"
    assert "nowhere/staging: app path does not exist" in told["message"]
    assert site.is_there("staging", "KafkaTopic", "wheat")

    site.intend("staging", "follows", "argocd: {targetRevision: elsewhere}\n")
    changes = site.repository.plan("argocd")["changes"]
    (change,) = (each for each in changes if each["field"] == "spec.source.targetRevision")
    assert "loses what does not stand there" in change["effects"][0]["text"]
    site.repository.commit()
    site.repository.branch("elsewhere")
    site.intend("staging", "wheat", "")
    revision = site.repository.commit()
    site.follow("staging")
    site.argo_cd.until_synced("kafka-staging", revision)
    assert not site.is_there("staging", "KafkaTopic", "wheat")
    site.repository.branch("main")


def test_an_application_takes_all_with_it_and_a_protected_one_nothing(site: Site) -> None:
    """The finalizer that is rendered where nothing is protected: highest waves first, the namespace last."""
    mark = site.audit.mark()
    for name in ("kafka-prod", "kafka-staging"):
        site.kubernetes.delete("Application", name, NAMESPACE)
    site.argo_cd.until(lambda: not _is_left(site, "kafka-prod"), "let prod go")
    site.argo_cd.until(lambda: not _is_left(site, "kafka-staging"), "let staging go")
    gone = [each.path for each in site.audit.since(mark, USER) if each.verb == "delete"]
    kinds = list(dict.fromkeys(path.split("/")[-2] for path in gone))
    ordered = ("kafkausers", "kafkatopics", "kafkas", "kafkanodepools", "namespaces")
    assert [kind for kind in kinds if kind in ordered] == list(ordered)
    assert not site.argo_cd.is_there("Namespace", "kafka-staging")
    assert site.is_there("prod", "Kafka", "events")
    assert [path for path in gone if "/kafka-prod/" in path] == []


def test_what_is_protected_asks_before_it_goes_with_its_application(site: Site) -> None:
    """Where somebody has set the finalizer by hand: nothing goes until somebody confirms, and then all."""
    site.follow("prod")
    site.argo_cd.until(lambda: site.argo_cd.sync_of("kafka-prod") == "Synced", "be in sync")
    finalizers = ["resources-finalizer.argocd.argoproj.io"]
    site.argo_cd.change("kafka-prod", {"metadata": {"finalizers": finalizers}})
    mark = site.audit.mark()
    site.kubernetes.delete("Application", "kafka-prod", NAMESPACE)
    site.argo_cd.until(
        lambda: site.argo_cd.has_said("requires manual confirmation to delete"), "ask"
    )
    assert [each for each in site.audit.since(mark, USER) if each.verb == "delete"] == []

    site.argo_cd.confirm("kafka-prod")
    site.argo_cd.until(lambda: not _is_left(site, "kafka-prod"), "let prod go")
    assert not site.argo_cd.is_there("Namespace", "kafka-prod")


def _is_left(site: Site, name: str) -> bool:
    return site.argo_cd.is_there("Application", name, NAMESPACE)
