"""`validate` says what the API server says, of 1,000 mutants of real documents."""

import pytest
from live.kubernetes_server import KubernetesServer
from mutants.agreement import Server, agreement, our_refusals
from mutants.documents import originals

pytestmark = pytest.mark.live


def test_real_documents_are_accepted_by_both(kubernetes: KubernetesServer) -> None:
    """One of each kind that the server has, so that mutants begin with something sound."""
    server = Server(kubernetes)
    known = {kind: each[0] for kind, each in originals().items() if server.knows(kind)}
    refused = {kind: our_refusals(each) or server.refusal(each) for kind, each in known.items()}

    assert len(known) > 40
    assert {kind: said for kind, said in refused.items() if said} == {}


def test_mutants(kubernetes: KubernetesServer) -> None:
    """Nobody misses one or refuses one wrongly, but for what is left out, all of which is needed."""
    found = agreement(Server(kubernetes), seed=1, count=1000)

    assert found.disagreements == []
    assert found.unused() == []
    assert found.refused > 500
