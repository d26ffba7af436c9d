"""For each release of Strimzi `validate` says what an API server with that release's definitions says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.jars import MissingError
from live.kubernetes_server import KubernetesServer
from mutants.agreement import Agreement, Server, our_refusals
from mutants.releases import RELEASES, apis, of_release

from generator.validate.schemas import Schemas, schema_folders

pytestmark = pytest.mark.live


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(release: str, tmp_path: Path) -> Iterator[KubernetesServer]:
    """A server of its own: a definition in which objects are stored otherwise cannot just be replaced."""
    try:
        kubernetes = KubernetesServer(tmp_path)
    except MissingError as error:
        pytest.skip(f"no Kubernetes to start: {error}")
    with kubernetes:
        kubernetes.install_crds(strimzi=release)
        yield kubernetes


def test_both_say_the_same(release: str, server: KubernetesServer) -> None:
    """Of all real documents of Strimzi's kinds, in each version of the API that is served, and of mutants."""
    schemas = Schemas(schema_folders()).of(release)
    asked = Server(server, schemas)
    found = Agreement()
    for api in apis(release):
        for mutant in of_release(api, seed=3, count=300):
            ours = our_refusals(mutant.document, schemas)
            found.add(mutant, ours, asked.refusal(mutant.document))

    assert found.disagreements == []
    assert 30 < found.refused < found.asked
