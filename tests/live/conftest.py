"""Fixtures of the tests that start real servers, and their logs where such a test fails."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from live.applier import RENDERED, apply, settings_of
from live.commands import Commands, commands
from live.engine_site import Site
from live.jars import MissingError, class_path, java, tiered_storage
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.statuses import as_operators, deploy

_STORE = "org.apache.kafka.server.log.remote.storage.LocalTieredStorage"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One node with everything allowed; tests keep apart by the names of their topics."""
    _need(java, class_path)
    with Kafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Three nodes, as many as an environment of size small has."""
    _need(java, class_path)
    with Kafka(tmp_path_factory.mktemp("kafka"), nodes=3) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def tiered_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One node with an object store, which is a folder."""
    _need(java, class_path, tiered_storage)
    folder = tmp_path_factory.mktemp("kafka")
    settings = {
        "remote.log.storage.system.enable": "true",
        "remote.log.storage.manager.class.name": _STORE,
        "remote.log.storage.manager.class.path": tiered_storage(),
        "rsm.config.dir": str(folder / "store"),
        "remote.log.metadata.manager.listener.name": "PLAINTEXT",
        "rlmm.config.remote.log.metadata.topic.num.partitions": "1",
        "rlmm.config.remote.log.metadata.topic.replication.factor": "1",
    }
    with Kafka(folder, settings=settings) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One node with security, and all that the environment dev says."""
    with _environment(tmp_path_factory, "dev", nodes=1) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Three nodes with security, and all that the environment staging says."""
    with _environment(tmp_path_factory, "staging", nodes=3) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A cluster with backups that nobody has made yet, and what makes them."""
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesServer]:
    """A server that knows the definitions of all that is rendered; tests keep to namespaces."""
    try:
        server = KubernetesServer(tmp_path_factory.mktemp("kubernetes"))
    except MissingError as error:
        pytest.skip(f"no Kubernetes to start: {error}")
    with server:
        server.install_crds()
        yield server


@pytest.fixture(scope="module")
def cli(
    kubernetes: KubernetesServer, dev: Kafka, tmp_path_factory: pytest.TempPathFactory
) -> Commands:
    """The command, and the way into the environment dev, which is healthy."""
    deploy(kubernetes, "dev")
    as_operators(kubernetes, "dev", dev)
    return commands(kubernetes, dev, tmp_path_factory.mktemp("home"))


@contextmanager
def _environment(
    tmp_path_factory: pytest.TempPathFactory, name: str, nodes: int
) -> Iterator[Kafka]:
    _need(java, class_path)
    folder = RENDERED / name
    settings = settings_of(folder)
    with Kafka(tmp_path_factory.mktemp("kafka"), nodes, settings, secure=True) as kafka:
        apply(kafka, folder)
        yield kafka


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what the servers that it asked said last."""
    report = yield
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    for name, kafka in fixtures.items():
        if report.failed and isinstance(kafka, Kafka):
            report.sections.append((f"Kafka's log ({name})", kafka.log_tail()))
    return report


def _need(*parts: Callable[[], object]) -> None:
    """Skip the test where there is no Kafka and no way to get it."""
    try:
        for part in parts:
            part()
    except MissingError as error:
        pytest.skip(f"no Kafka to start: {error}")


@pytest.fixture
def cluster(environment: str, request: pytest.FixtureRequest) -> Kafka:
    """The cluster of a test's environment."""
    kafka: Kafka = request.getfixturevalue(environment)
    return kafka


@pytest.fixture(params=["dev", "staging"])
def each_cluster(request: pytest.FixtureRequest) -> Kafka:
    """The cluster of each of the smaller environments."""
    kafka: Kafka = request.getfixturevalue(request.param)
    return kafka
