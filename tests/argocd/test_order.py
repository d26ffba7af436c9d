"""The order in which Argo CD brings, changes and removes what is rendered, beside what plan prints of it.

No operator runs here: a hand writes the statuses that Argo CD waits for (`argocd.stand_in`).
"""

import pytest
from argocd.argo_cd import USER
from argocd.order import assert_as_planned
from argocd.site import ENVIRONMENTS, Site

pytestmark = [pytest.mark.live, pytest.mark.operators]

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


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_everything_comes_in_the_order_of_the_plan(name: str, site: Site) -> None:
    """Wave by wave, and within a wave kind by kind; the Job that verifies at the end."""
    assert_as_planned(
        site.kubernetes, site.plans[name], site.repository.manifests(name), site.first
    )


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_it_comes_to_rest(name: str, site: Site) -> None:
    """Nothing that the API server fills in, and nothing that operators write, is taken for drift."""
    mark = site.audit.mark()
    site.argo_cd.refresh(f"kafka-{name}")

    status = site.argo_cd.application(f"kafka-{name}")["status"]
    assert [each for each in status["resources"] if each.get("status") == "OutOfSync"] == []
    assert (status["sync"]["status"], status["health"]["status"]) == ("Synced", "Healthy")
    assert status.get("conditions") is None
    home = f"/namespaces/kafka-{name}/"
    assert [each for each in site.audit.since(mark, USER) if home in each.path] == []


def test_a_change_goes_in_the_order_of_the_plan(site: Site) -> None:
    """What comes, what changes, and what goes: each wave prunes first, in waves that are mirrored."""
    earlier: list[object] = []
    for text in (_ZOO, _OTHER_ZOO, ""):
        planned, mark = site.intend("dev", "zoo", text), site.audit.mark()
        manifests = site.repository.manifests("dev")
        site.deploy("dev")
        both = [*earlier, *manifests]
        assert_as_planned(site.kubernetes, planned, both, site.audit.since(mark, USER))
        if text == _OTHER_ZOO:
            assert [(each["phase"], each["wave"]) for each in planned["order"]] == [
                ("Sync", -1), ("Prune", 10), ("Sync", 10), ("Prune", 11), ("Sync", 11)]  # fmt: skip
        earlier = manifests
