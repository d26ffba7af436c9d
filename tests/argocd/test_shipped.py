"""The shipped environments on Argo CD itself: how they come, change and go.

No operator runs here: a hand writes the statuses that Argo CD waits for (`argocd.stand_in`).
"""

from typing import Any, NamedTuple

import pytest
from argocd.argo_cd import NAMESPACE, USER, ArgoCd
from argocd.audit import Audit
from argocd.order import assert_as_planned
from argocd.repository import Repository
from argocd.stand_in import StandIn

pytestmark = [pytest.mark.live, pytest.mark.operators]

_ENVIRONMENTS = ("dev", "staging", "prod")
_MERGE = "application/merge-patch+json"
_HEALTH = {"dev": "Healthy", "staging": "Healthy", "prod": "Healthy"}
_ZOO = """\
topics:
  zoo-events: {profile: events, owner: team-todo, description: What animals do.}
  zoo-visits: {profile: events, owner: team-todo, description: Who comes to see them.}
applications:
  zoo-api: {owner: team-todo, description: The zoo., produces: [zoo-events, zoo-visits]}
  zoo-report: {owner: team-todo, description: Reads., consumes: {zoo-events: {group: zoo-report}}}
"""
_OTHER_ZOO = """\
topics:
  zoo-events: {profile: events, owner: team-todo, description: What animals do., retention: 6d}
  zoo-food: {profile: events, owner: team-todo, description: What they eat.}
applications:
  zoo-api: {owner: team-todo, description: The zoo., produces: [zoo-events, zoo-food]}
"""


class Shipped(NamedTuple):
    """How the environments came from nothing."""

    plans: dict[str, Any]
    """What plan had said, by environment."""
    mark: int
    """Where the log began."""


def _gates(repository: Repository, label: str) -> bool:
    """Whether Argo CD waits, as plan says, in the wave of an object that changes."""
    (step,) = (each for each in repository.plan("dev")["order"] if label in each["objects"])
    return bool(step["gates"])


def _job(argo_cd: ArgoCd) -> str:
    """Which one of dev's Jobs that verify is there: each sync makes another."""
    return str(argo_cd.kubernetes.read("Job", "strimzi-verify", "kafka-dev")["metadata"]["uid"])


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The shipped environments, not committed yet."""
    repository = Repository(tmp_path_factory.mktemp("git") / "repository")
    repository.take()
    repository.render()
    return repository


@pytest.fixture(scope="module")
def shipped(argo_cd: ArgoCd, audit: Audit, hand: StandIn, repository: Repository) -> Shipped:
    """All environments as Argo CD has brought them from nothing; their plans, and where the log began."""
    del hand
    plans = {name: repository.plan(name) for name in _ENVIRONMENTS}
    revision, mark = repository.commit(), audit.mark()
    argo_cd.follow(
        each
        for each in repository.manifests("argocd")
        if "operator" not in each["metadata"]["name"]
    )
    for name in _ENVIRONMENTS:
        argo_cd.until_synced(f"kafka-{name}", revision)
    return Shipped(plans, mark)


@pytest.mark.parametrize("name", _ENVIRONMENTS)
def test_everything_comes_in_the_order_of_the_plan(
    name: str, shipped: Shipped, argo_cd: ArgoCd, audit: Audit, repository: Repository
) -> None:
    """Wave by wave, and within a wave kind by kind; the Job that verifies at the end."""
    manifests = repository.manifests(name)
    writes = audit.since(shipped.mark, USER)

    assert_as_planned(argo_cd.kubernetes, shipped.plans[name], manifests, writes)


@pytest.mark.parametrize("name", _ENVIRONMENTS)
def test_it_comes_to_rest(name: str, shipped: Shipped, argo_cd: ArgoCd, audit: Audit) -> None:
    """Nothing that the API server fills in, and nothing that operators write, is taken for drift."""
    del shipped
    mark = audit.mark()
    argo_cd.refresh(f"kafka-{name}")

    status = argo_cd.application(f"kafka-{name}")["status"]
    assert [each for each in status["resources"] if each.get("status") == "OutOfSync"] == []
    assert (status["sync"]["status"], status["health"]["status"]) == ("Synced", _HEALTH[name])
    assert status.get("conditions") is None
    assert [each for each in audit.since(mark, USER) if f"/kafka-{name}/" in each.path
            and "/argocd/" not in each.path] == []  # fmt: skip


def test_a_change_goes_in_the_order_of_the_plan(
    shipped: Shipped, argo_cd: ArgoCd, audit: Audit, repository: Repository
) -> None:
    """What comes, what changes, and what goes: each wave prunes first, in waves that are mirrored."""
    del shipped
    repository.write("environments/dev/zoo.yaml", _ZOO)
    repository.render()
    planned, earlier = repository.plan("dev"), repository.manifests("dev")
    mark = audit.mark()
    argo_cd.deploy("kafka-dev", repository.commit())
    assert_as_planned(argo_cd.kubernetes, planned, earlier, audit.since(mark, USER))

    repository.write("environments/dev/zoo.yaml", _OTHER_ZOO)
    repository.render()
    planned, mark = repository.plan("dev"), audit.mark()
    assert [(each["phase"], each["wave"]) for each in planned["order"]] == [
        ("Sync", -1), ("Prune", 10), ("Sync", 10), ("Prune", 11), ("Sync", 11)]  # fmt: skip
    argo_cd.deploy("kafka-dev", repository.commit())
    both = [*earlier, *repository.manifests("dev")]
    assert_as_planned(argo_cd.kubernetes, planned, both, audit.since(mark, USER))


def test_it_waits_for_what_is_new_and_not_for_what_changes(
    shipped: Shipped, argo_cd: ArgoCd, hand: StandIn, repository: Repository
) -> None:
    """As plan's `waits until healthy` says: an operator's last word counts for its next one."""
    del shipped
    topic = "{profile: events, owner: team-todo, description: Hay.%s}"
    reader = "{owner: team-todo, description: Hay., consumes: {hay-events: {group: hay}}}"
    new = f"topics:\n  hay-events: {topic % ''}\napplications:\n  hay: {reader}\n"
    repository.write("environments/dev/hay.yaml", new)
    repository.render()
    assert _gates(repository, "KafkaTopic/hay-events") is True
    hand.held = {"KafkaTopic/hay-events"}
    revision = repository.commit()
    argo_cd.refresh("kafka-dev")
    argo_cd.until_operation("kafka-dev", revision, "Running", words="KafkaTopic/hay-events")
    assert not argo_cd.is_there("KafkaUser", "hay", "kafka-dev")
    hand.held = set()
    argo_cd.until_synced("kafka-dev", revision)

    hand.held = {"KafkaTopic/hay-events"}
    changed = new.replace("Hay.}\napp", "Hay., retention: 6d}\napp")
    repository.write("environments/dev/hay.yaml", changed.replace("group: hay", "group: straw"))
    repository.render()
    assert _gates(repository, "KafkaTopic/hay-events") is False
    argo_cd.deploy("kafka-dev", repository.commit())
    live = argo_cd.kubernetes.read("KafkaTopic", "hay-events", "kafka-dev")
    assert live["status"]["observedGeneration"] < live["metadata"]["generation"]
    hand.held = set()


def test_what_goes_is_waited_for(shipped: Shipped, argo_cd: ArgoCd, repository: Repository) -> None:
    """As long as the Topic Operator's finalizer is there, no later wave begins."""
    del shipped
    kubernetes = argo_cd.kubernetes
    repository.write("environments/dev/straw.yaml", _ZOO.replace("zoo", "straw"))
    repository.render()
    argo_cd.deploy("kafka-dev", repository.commit())
    path = kubernetes.path("KafkaTopic", "straw-visits", "kafka-dev")
    kept = {"metadata": {"finalizers": ["strimzi.io/topic-operator"]}}
    kubernetes.admin.request("PATCH", path, kept, _MERGE)
    repository.remove("environments/dev/straw.yaml")
    repository.render()
    order = [
        (each["phase"], each["wave"], each["gates"]) for each in repository.plan("dev")["order"]
    ]
    assert order == [("Sync", -1, False), ("Prune", 10, True), ("Prune", 11, True)]
    job, revision = _job(argo_cd), repository.commit()
    argo_cd.refresh("kafka-dev")
    argo_cd.until_operation("kafka-dev", revision, "Running", words="KafkaTopic/straw-visits")
    assert (argo_cd.is_there("KafkaTopic", "straw-visits", "kafka-dev"), _job(argo_cd)) == (
        True,
        job,
    )
    kubernetes.admin.request("PATCH", path, {"metadata": {"finalizers": None}}, _MERGE)
    argo_cd.until_synced("kafka-dev", revision)
    assert (argo_cd.is_there("KafkaTopic", "straw-visits", "kafka-dev"), _job(argo_cd) != job) == (
        False,
        True,
    )


def test_what_people_change_is_taken_back_and_what_they_add_is_not(
    shipped: Shipped, argo_cd: ArgoCd, audit: Audit
) -> None:
    """Argo CD owns the fields that Git says; beside them everybody may write, and nobody sees it."""
    del shipped
    kubernetes, job = argo_cd.kubernetes, _job(argo_cd)
    topic = kubernetes.read("KafkaTopic", "dlq", "kafka-dev")
    path, config = kubernetes.path("KafkaTopic", "dlq", "kafka-dev"), topic["spec"]["config"]
    asked = {"retention.ms": 1000, "retention.bytes": 1000}
    kubernetes.admin.request("PATCH", path, {"spec": {"config": asked}}, _MERGE)

    def healed() -> bool:
        live = kubernetes.read("KafkaTopic", "dlq", "kafka-dev")["spec"]["config"]
        return bool(live["retention.ms"] == config["retention.ms"])

    argo_cd.until(healed, "take it back")
    argo_cd.until(lambda: argo_cd.sync_of("kafka-dev") == "Synced", "be in sync")
    argo_cd.refresh("kafka-dev")
    live = kubernetes.read("KafkaTopic", "dlq", "kafka-dev")
    assert live["spec"]["config"] == config | {"retention.bytes": 1000}
    assert argo_cd.sync_of("kafka-dev") == "Synced"
    # A part of a sync runs no hooks.
    assert _job(argo_cd) == job
    kubernetes.delete("KafkaTopic", "dlq", "kafka-dev")
    argo_cd.until(
        lambda: kubernetes.read("KafkaTopic", "dlq", "kafka-dev") is not None, "make it anew"
    )
    del audit


def test_what_operators_write_stays(
    shipped: Shipped, argo_cd: ArgoCd, audit: Audit, repository: Repository
) -> None:
    """Finalizers, annotations and statuses beside what Git says outlive a sync that changes the object."""
    del shipped
    kubernetes = argo_cd.kubernetes
    path = kubernetes.path("KafkaTopic", "code.reviews", "kafka-dev")
    written = {"finalizers": ["strimzi.io/topic-operator"], "annotations": {"strimzi.io/x": "y"}}
    kubernetes.admin.request("PATCH", path, {"metadata": written}, _MERGE)
    mark = audit.mark()
    argo_cd.refresh("kafka-dev")
    assert argo_cd.sync_of("kafka-dev") == "Synced"
    assert path not in {each.path for each in audit.since(mark, USER)}

    repository.write("environments/dev/reviews.yaml", "topics: {code.reviews: {retention: 6d}}\n")
    repository.render()
    argo_cd.deploy("kafka-dev", repository.commit())
    live = kubernetes.read("KafkaTopic", "code.reviews", "kafka-dev")
    assert live["spec"]["config"]["retention.ms"] == 6 * 86_400_000
    assert live["metadata"]["finalizers"] == written["finalizers"]
    assert live["metadata"]["annotations"]["strimzi.io/x"] == "y"
    assert "conditions" in live["status"]
    kubernetes.admin.request("PATCH", path, {"metadata": {"finalizers": None}}, _MERGE)


def test_where_nothing_is_healed_a_hand_stays_until_the_next_sync(
    shipped: Shipped, argo_cd: ArgoCd, repository: Repository
) -> None:
    """In prod, where selfHeal is off: Argo CD sees it, and takes it back with the next commit."""
    del shipped
    kubernetes = argo_cd.kubernetes
    path = kubernetes.path("KafkaTopic", "dlq", "kafka-prod")
    said = kubernetes.read("KafkaTopic", "dlq", "kafka-prod")["spec"]["config"]["retention.ms"]
    kubernetes.admin.request("PATCH", path, {"spec": {"config": {"retention.ms": 1000}}}, _MERGE)
    argo_cd.until(lambda: argo_cd.sync_of("kafka-prod") == "OutOfSync", "see it")
    argo_cd.refresh("kafka-prod")
    live = kubernetes.read("KafkaTopic", "dlq", "kafka-prod")["spec"]["config"]["retention.ms"]
    assert (live, argo_cd.sync_of("kafka-prod")) == (1000, "OutOfSync")

    repository.write(
        "environments/prod/oats.yaml", "topics: {oats: {profile: events, owner: team-todo}}\n"
    )
    repository.render()
    argo_cd.deploy("kafka-prod", repository.commit())
    live = kubernetes.read("KafkaTopic", "dlq", "kafka-prod")["spec"]["config"]["retention.ms"]
    assert live == said


def test_what_is_protected_asks_before_it_goes(
    shipped: Shipped, argo_cd: ArgoCd, audit: Audit, repository: Repository
) -> None:
    """What stands in earlier waves is done; then nothing goes on until somebody confirms."""
    del shipped
    topic = "{profile: events, owner: team-todo, description: Rye.}"
    reader = "{owner: team-todo, consumes: {%s: {group: rye}}}"
    repository.write("environments/prod/rye.yaml", f"topics: {{rye: {topic}}}\n"
                     f"applications: {{rye: {reader % 'rye'}}}\n")  # fmt: skip
    repository.render()
    argo_cd.deploy("kafka-prod", repository.commit())
    earlier = repository.manifests("prod")
    repository.write("environments/prod/rye.yaml", f"topics: {{bran: {topic}}}\n"
                     f"applications: {{rye: {reader % 'bran'}}}\n")  # fmt: skip
    repository.render()
    planned, mark = repository.plan("prod"), audit.mark()
    where = [each["phase"] for each in planned["order"]].index("Prune")
    assert [len(each["hangs"]) for each in planned["order"]] == [0, 1, 0, 0]
    revision = repository.commit()
    argo_cd.refresh("kafka-prod")
    topic = "kafka.strimzi.io/KafkaTopic/rye"
    argo_cd.until_operation(
        "kafka-prod", revision, "Running", words=f"pruning confirmation of {topic}"
    )
    done = {each.path.rpartition("/")[2] for each in audit.since(mark, USER)}
    assert _names(planned["order"][:where]) <= done
    assert not _names(planned["order"][where:]) & done

    argo_cd.confirm("kafka-prod")
    argo_cd.until_synced("kafka-prod", revision)
    both = [*earlier, *repository.manifests("prod")]
    assert_as_planned(argo_cd.kubernetes, planned, both, audit.since(mark, USER))


def test_what_is_retired_goes_without_a_question(
    shipped: Shipped, argo_cd: ArgoCd, repository: Repository
) -> None:
    """Two merges: the first lets go, and the sync ends although the topic never says Ready again."""
    del shipped
    topic = "topics: {oats: {profile: events, owner: team-todo%s}}\n"
    repository.write("environments/prod/oats.yaml", topic % "")
    repository.render()
    argo_cd.deploy("kafka-prod", repository.commit())
    repository.write("environments/prod/oats.yaml", topic % ", retire: true")
    repository.render()
    argo_cd.deploy("kafka-prod", repository.commit())
    argo_cd.until(lambda: argo_cd.health_of("kafka-prod") == "Progressing", "wait for the topic")
    repository.remove("environments/prod/oats.yaml")
    repository.render()
    assert not any(each["hangs"] for each in repository.plan("prod")["order"])
    argo_cd.deploy("kafka-prod", repository.commit())
    assert not argo_cd.is_there("KafkaTopic", "oats", "kafka-prod")
    argo_cd.until(lambda: argo_cd.health_of("kafka-prod") == "Healthy", "be healthy")


def test_another_revision_prunes_what_does_not_stand_there(
    shipped: Shipped, argo_cd: ArgoCd, repository: Repository
) -> None:
    """As plan says of an Application that follows something else; where nothing stands, nothing goes."""
    del shipped
    intent = "environments/dev/environment.yaml"
    repository.write(
        "environments/dev/wheat.yaml", "topics: {wheat: {profile: events, owner: team-todo}}\n"
    )
    repository.render()
    argo_cd.deploy("kafka-dev", repository.commit())
    repository.edit(intent, "\nargocd:\n", "\nargocd:\n  path: nowhere\n")
    _follow_dev(argo_cd, repository)
    argo_cd.until(lambda: argo_cd.sync_of("kafka-dev") == "Unknown", "find nothing")
    (told,) = argo_cd.application("kafka-dev")["status"]["conditions"]
    assert (told["type"], "nowhere/dev: app path does not exist" in told["message"]) == (
        "ComparisonError",
        True,
    )
    assert argo_cd.is_there("KafkaTopic", "wheat", "kafka-dev")

    repository.edit(intent, "  path: nowhere\n", "  targetRevision: elsewhere\n")
    repository.render()
    (change,) = (
        each for each in repository.plan("argocd")["changes"] if each["field"] == "spec.source.targetRevision"
    )  # fmt: skip
    assert "loses what does not stand there" in change["effects"][0]["text"]
    repository.commit()
    repository.branch("elsewhere")
    repository.remove("environments/dev/wheat.yaml")
    repository.render()
    revision = repository.commit()
    _follow_dev(argo_cd, repository)
    argo_cd.until_synced("kafka-dev", revision)
    assert not argo_cd.is_there("KafkaTopic", "wheat", "kafka-dev")


def test_an_application_takes_all_with_it_and_a_protected_one_nothing(
    shipped: Shipped, argo_cd: ArgoCd, audit: Audit
) -> None:
    """The finalizer that is rendered where nothing is protected: highest waves first, the namespace last."""
    del shipped
    kubernetes, mark = argo_cd.kubernetes, audit.mark()
    kubernetes.delete("Application", "kafka-prod", NAMESPACE)
    kubernetes.delete("Application", "kafka-dev", NAMESPACE)
    argo_cd.until(
        lambda: not argo_cd.is_there("Application", "kafka-prod", NAMESPACE), "let prod go"
    )
    argo_cd.until(lambda: not argo_cd.is_there("Application", "kafka-dev", NAMESPACE), "let dev go")
    argo_cd.until(lambda: not argo_cd.is_there("Namespace", "kafka-dev"), "let the namespace go")
    gone = [each.path for each in audit.since(mark, USER) if each.verb == "delete"]
    kinds = list(dict.fromkeys(_resource(path) for path in gone if "/argocd/" not in path))
    assert kinds[:4] == ["kafkausers", "kafkatopics", "kafkas", "kafkanodepools"]
    assert kinds[-1] == "namespaces"
    assert argo_cd.is_there("Kafka", "events", "kafka-prod")
    assert not [path for path in gone if "kafka-prod" in path and "/argocd/" not in path]


def _names(order: list[Any]) -> set[str]:
    """The objects of some waves by their names."""
    return {label.partition("/")[2] for step in order for label in step["objects"]}


def _follow_dev(argo_cd: ArgoCd, repository: Repository) -> None:
    """Render, commit and apply dev's Application, as an Application of applications would."""
    repository.render()
    repository.commit()
    argo_cd.follow(
        each for each in repository.manifests("argocd") if each["metadata"]["name"] == "kafka-dev"
    )


def _resource(path: str) -> str:
    """Such as kafkatopics."""
    return path.split("/")[-2]
