"""What KafkaRebalances move, and which nobody asks Cruise Control for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

Edit = Callable[..., Any]
CONTROL = put("Kafka/events", "spec cruiseControl", {})
PROPOSAL = "dynamic: Cruise Control makes a proposal; nothing moves until it is approved"
ANOTHER = "dynamic: another proposal; nothing moves until it is approved"


def _rebalance(spec: Any = None, **annotations: str) -> Edit:
    noted = {f"strimzi.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    labels = {"strimzi.io/cluster": "events"}
    return all_of(CONTROL, add("KafkaRebalance", spec, labels=labels, annotations=noted))


def _without(edit: Edit) -> Edit:
    return all_of(edit, put("Kafka/events", "spec cruiseControl", None))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (CONTROL, _rebalance(), [PROPOSAL]),
        (CONTROL, _rebalance(rebalance_template="true"), ["no-effect: a template: nothing moves by it"]),
        (CONTROL, _rebalance(rebalance_auto_approval="true"),
         ["data-movement: Cruise Control moves partitions as soon as it has a proposal"]),
        (CONTROL, _rebalance(rebalance="approve"),
         ["data-movement: Cruise Control moves partitions as soon as it has a proposal"]),
        (_rebalance(), CONTROL, ["dynamic: the object goes; what has moved stays where it is"]),
        (nothing, _without(_rebalance()),
         ["refused: the Kafka has no Cruise Control: the KafkaRebalance goes NotReady"]),
        (CONTROL, _rebalance({"mode": "add-brokers"}),
         ["refused: mode add-brokers wants brokers: the KafkaRebalance goes NotReady"]),
        (_rebalance(), _rebalance({"goals": ["a"]}), [ANOTHER]),
        (_rebalance(rebalance_auto_approval="true"), _rebalance({"goals": ["a"]}, rebalance_auto_approval="true"),
         ["data-movement: Cruise Control may move partitions by a new proposal"]),
        (_rebalance(rebalance_template="true"), _rebalance({"goals": ["a"]}, rebalance_template="true"),
         ["dynamic: a template: it counts for the next rebalance that is made from it"]),
        (_rebalance(pause_reconciliation="true"), _rebalance({"goals": ["a"]}, pause_reconciliation="true"),
         ["ignored: nothing of it is applied while it is paused"]),
        (_rebalance(), _rebalance({"brokers": [1]}), ["ignored: mode full does not look at brokers", ANOTHER]),
        (_rebalance({"mode": "add-brokers", "brokers": [1]}), _rebalance({"mode": "add-brokers", "brokers": [2]}),
         [ANOTHER]),
        (_rebalance(), _rebalance({"mode": "remove-disks"}),
         ["refused: mode remove-disks wants moveReplicasOffVolumes: the KafkaRebalance goes NotReady"]),
        (_rebalance({"goals": ["a"]}), _rebalance({"goals": ["a"], "rebalanceDisk": True}),
         ["refused: rebalanceDisk bears no goals: the KafkaRebalance goes NotReady"]),
    ],
)  # fmt: skip
def test_rebalances(tmp_path: Path, before: Edit, after: Edit, expected: list[str]) -> None:
    """Nothing moves before somebody approves, and some orders nobody carries out."""
    assert edited(tmp_path, CLUSTER, after, before) == expected
