"""The shipped environments as Argo CD brings them, under Strimzi's own operators, on brokers as they render them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argocd.argo_cd import ArgoCd
from argocd.repository import Repository
from live.certificates import Authority
from live.jars import MissingError
from live.object_stores import S3
from operators.site import EXPLAINED, Strimzi, conditions, is_ready

from generator.contract.rights import NAME

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
_NO_CLOUD = ("listeners-reachable",)
"""What verification warns of because the addresses of load balancers lead nowhere here."""

pytestmark = [pytest.mark.live, pytest.mark.operators]


@pytest.fixture(scope="module")
def argo_cd(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArgoCd]:
    """Argo CD beside the operators; it pauses between waves as it does elsewhere."""
    try:
        argo_cd = ArgoCd(strimzi.kubernetes, tmp_path_factory.mktemp("argocd"))
    except MissingError as error:
        pytest.skip(f"no Argo CD to start: {error}")
    with argo_cd:
        yield argo_cd


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The shipped environments, rendered."""
    repository = Repository(tmp_path_factory.mktemp("git") / "repository")
    repository.take()
    repository.render()
    repository.commit()
    return repository


@pytest.fixture(scope="module")
def cloud(
    strimzi: Strimzi, repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The buckets of backups, empty, and whom the cloud lets in; all clouds are here."""
    folder = tmp_path_factory.mktemp("cloud")
    authority = Authority(folder, "cloud")
    with S3(folder, authority) as store:
        for bucket in _buckets(repository.manifests("prod")):
            store.make(bucket)
        strimzi.pods.cloud = {
            "AWS_ENDPOINT": store.endpoint, "SSL_CERT_FILE": str(authority.certificate),
            "AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "a word",
        }  # fmt: skip
        yield
        strimzi.pods.cloud = {}


def _buckets(manifests: list[Any]) -> set[str]:
    """Where backups lie, as verification is told."""
    told = "".join(each["data"].get("settings.json", "") for each in manifests
                   if each["kind"] == "ConfigMap" and each["metadata"]["name"] == NAME)  # fmt: skip
    return set(re.findall(r'"bucket": "([^"]+)"', told))


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    "environment",
    # Nine nodes take longer than a pull request has.
    ["dev", "staging", pytest.param("prod", marks=pytest.mark.lot)],
)
def test_environment_becomes_ready(
    strimzi: Strimzi, argo_cd: ArgoCd, repository: Repository, environment: str
) -> None:
    """All that is rendered is taken, and the Job after the sync finds nothing wrong; nobody wrote a status."""
    name = namespace = f"kafka-{environment}"
    strimzi.bring_secrets(repository.manifests(environment))
    argo_cd.follow(
        each for each in repository.manifests("argocd") if each["metadata"]["name"] == name
    )
    strimzi.until(lambda: argo_cd.is_over(name), f"end of the sync of {name}")

    state = argo_cd.application(name)["status"]["operationState"]
    assert state["phase"] == "Succeeded", state["message"]
    for kind in ("KafkaTopic", "KafkaUser"):
        refused = {each["metadata"]["name"]: conditions(each)
                   for each in strimzi.all(kind, namespace) if not is_ready(each)}  # fmt: skip
        assert refused == {}
    kafka = strimzi.kubernetes.read("Kafka", "events", namespace)
    warned = {each["reason"] for each in conditions(kafka) if each["type"] == "Warning"}
    files = [
        *(ENVIRONMENTS / "base").rglob("*.yaml"),
        *(ENVIRONMENTS / environment).rglob("*.yaml"),
    ]
    assert warned <= {reason for file in files for reason in EXPLAINED.findall(file.read_text())}
    done = strimzi.pods.verified[namespace]
    assert done.out, done.err
    assert done.wrong.keys() <= {*_NO_CLOUD, *(["resource-warnings"] if warned else [])}, done.wrong
    assert set(done.wrong.values()) <= {"warn"}
    argo_cd.until(
        lambda: (argo_cd.sync_of(name), argo_cd.health_of(name)) == ("Synced", "Healthy"),
        f"call {name} synced and healthy",
    )
    argo_cd.forget(name)
    strimzi.remove(namespace)
