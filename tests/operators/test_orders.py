"""Orders: annotations and objects by which somebody tells Connect or Cruise Control what to do now."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.request import Request, urlopen

import pytest
from operators.answering import CONNECT_PORT
from operators.intent import said
from operators.scenes import Clients, Entities
from operators.site import Strimzi, conditions
from operators.table import told

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]

_CARRIED_OUT = "dryrun=false"


@pytest.fixture(scope="module")
def entities(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entities]:
    """Real brokers, the Entity Operator, and a stand-in for Cruise Control."""
    scene = Entities(strimzi, tmp_path_factory.mktemp("entities"))
    scene.start(scene.objects())
    yield scene
    scene.stop()


@pytest.fixture(scope="module")
def clients(strimzi: Strimzi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """Hollow workers, and a stand-in for their REST API."""
    scene = Clients(strimzi, tmp_path_factory.mktemp("clients"))
    scene.start(scene.objects())
    yield scene
    scene.stop()


def _annotated(body: Any, **annotations: str) -> Any:
    changed = deepcopy(body)
    named = {f"strimzi.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    changed["metadata"]["annotations"] = {**changed["metadata"].get("annotations", {}), **named}
    return changed


def _until_carried_out(scene: Entities, before: int) -> None:
    scene.strimzi.until(
        lambda: any(_CARRIED_OUT in each for each in scene.asked[before:]), "order to move"
    )


def test_rebalance_that_is_approved(entities: Entities) -> None:
    """Cruise Control is told to do what it has only proposed."""
    objects, before = entities.objects(), len(entities.asked)
    assert not any(_CARRIED_OUT in each for each in entities.asked)
    approved = _annotated(objects["KafkaRebalance/even"], rebalance="approve")
    effects = told(objects, {**objects, "KafkaRebalance/even": approved})

    assert "data-movement: Cruise Control moves partitions as its proposal says" in said(effects)
    entities.strimzi.kubernetes.apply([approved])
    _until_carried_out(entities, before)


def test_rebalance_that_approves_itself(entities: Entities) -> None:
    """It moves partitions as soon as it is there, which plan says of a new one."""
    objects, before = entities.objects(), len(entities.asked)
    own = _annotated(objects["KafkaRebalance/even"], rebalance_auto_approval="true")
    own["metadata"]["name"] = "own"
    effects = told(objects, {**objects, "KafkaRebalance/own": own})

    assert "data-movement: " in said(effects)
    entities.strimzi.kubernetes.apply([own])
    _until_carried_out(entities, before)
    entities.strimzi.until(
        lambda: "Rebalancing" in {each["type"] for each in conditions(entities.strimzi.read(own))},
        "rebalancing of its own",
    )
    entities.strimzi.kubernetes.delete("KafkaRebalance", "own", entities.namespace)


def test_label_of_the_cluster(entities: Entities) -> None:
    """What runs beside the brokers gets it, and restarts."""
    objects = entities.objects()
    labelled = deepcopy(objects["Kafka/events"])
    labelled["metadata"]["labels"] = {"team": "payments"}
    effects = told(objects, {**objects, "Kafka/events": labelled})

    assert "Entity Operator" in said(effects)
    before = _templates(entities)
    entities.strimzi.kubernetes.apply([labelled])
    entities.strimzi.until(
        lambda: all(each != before[name] for name, each in _templates(entities).items()),
        "restart of what is beside the brokers",
    )


def _templates(scene: Entities) -> dict[str, Any]:
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in scene.strimzi.all("Deployment", scene.namespace)
    }


def test_connectors_that_no_resource_has(clients: Clients) -> None:
    """They are deleted as soon as resources are what counts."""
    objects = clients.objects()
    with_resources = objects["KafkaConnect/connect"]
    without = deepcopy(with_resources)
    del without["metadata"]["annotations"]
    clients.strimzi.kubernetes.apply([without])
    clients.wait(without, clients.strimzi.operator.position())
    address = clients.strimzi.hosts.address(
        f"{clients.namespace}/connect-connect-api", clients.namespace, ["connect-connect-api"]
    )
    body = json.dumps({"name": "by-hand", "config": {"connector.class": "Any"}}).encode()
    request = Request(f"http://{address}:{CONNECT_PORT}/connectors", body, method="POST")
    with urlopen(request) as answer:  # noqa: S310 (a stand-in of ours)
        assert answer.status == 201
    effects = told({**objects, "KafkaConnect/connect": without}, objects)

    assert "every connector without a KafkaConnector is deleted" in said(effects)
    clients.strimzi.kubernetes.apply([with_resources])
    clients.strimzi.until(lambda: "DELETE /connectors/by-hand" in clients.asked, "end of it")
