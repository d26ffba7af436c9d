"""What counts as a disagreement between plan and operators; `test_table` asks the operators themselves."""

from typing import Any

import pytest
from operators.changes import Change, changes
from operators.seen import Seen
from operators.table import described, disagreements, lot

from generator.plan.change import Effect, Impact

ROLLS = Effect(Impact.ROLLING_RESTART, "its only pod restarts")
TOLD = Effect(
    Impact.DYNAMIC, "the connector and its tasks restart with its new settings; no pod does"
)
NOTHING = Effect(Impact.NO_EFFECT, "the same")
REFUSED = Effect(Impact.REFUSED, "no such version")
REST = Effect(Impact.REFUSED, "partitions 3 to 2: no; its other settings are applied")
PUT = "PUT /connectors/lines/config"


def _change(**told: Any) -> Change:
    return Change("KafkaConnect", "spec.image", told, {})


@pytest.mark.parametrize(
    ("effects", "seen", "wrong"),
    [
        ([ROLLS], {"pools": {"connect"}, "touched": {"StrimziPodSet/connect"}}, []),
        ([ROLLS], {"touched": {"Service/connect"}}, ["plan restarts pods; nobody restarted"]),
        ([TOLD], {"asked": [PUT]}, []),
        ([TOLD], {"touched": {"ConfigMap/connect"}},
         ["plan tells 'with its new settings'; nothing was asked"]),
        ([ROLLS], {"pools": {"connect"}, "asked": [PUT]},
         [f"plan does not tell 'with its new settings'; ['{PUT}'] was asked"]),
        ([NOTHING], {}, []),
        ([NOTHING], {"touched": {"Service/connect"}},
         ["plan says that nothing happens; ['Service/connect'] changed"]),
        ([Effect(Impact.DYNAMIC, "something")], {}, ["plan says that something happens; nothing changed"]),
        ([REFUSED], {"refused": "InvalidResourceException: no"}, []),
        ([REFUSED], {}, ["plan refuses; it was not refused", "plan says that something happens; nothing changed"]),
        ([REST], {"refused": "NotSupported: no", "touched": {"Topic/orders"}}, []),
        ([REST], {"refused": "NotSupported: no"},
         ["plan tells 'its other settings are applied'; nothing changed"]),
        ([ROLLS], {"refused": "InvalidResourceException: no"}, ["plan does not refuse; InvalidResourceException: no"]),
        ([Effect(Impact.UNKNOWN, "who knows")], {"touched": {"Service/connect"}}, ["plan does not know"]),
    ],
)  # fmt: skip
def test_disagreements(effects: list[Effect], seen: dict[str, Any], wrong: list[str]) -> None:
    """Each way in which plan is wrong is told."""
    assert list(disagreements(_change(), effects, Seen(**seen))) == wrong


def test_what_shows_nowhere_is_not_looked_for() -> None:
    """Where changes.yaml says why."""
    effects = [Effect(Impact.DYNAMIC, "counts later")]

    assert list(disagreements(_change(unseen="until then"), effects, Seen())) == []


def test_description_is_for_people() -> None:
    """What is wrong, what was said, and what was seen."""
    row = {"change": "KafkaConnect spec.image", "wrong": ["plan restarts pods; nobody restarted"],
           "told": ["rolling-restart: its only pod restarts"], "refused": "", "warnings": [], "pools": [],
           "deployments": [], "touched": ["Service/connect"], "asked": []}  # fmt: skip

    assert described(row) == (
        "KafkaConnect spec.image\n"
        "  wrong: plan restarts pods; nobody restarted\n"
        "  said: rolling-restart: its only pod restarts\n"
        "  seen: touched ['Service/connect']"
    )


def test_lot_is_a_tenth_of_each_scene() -> None:
    """It falls anew with each seed, and by the same seed on the same."""
    every = changes()
    chosen = lot(every, 10, "a")

    assert len(every) / 10 <= len(chosen) <= len(every) / 10 + 3
    assert {"Kafka", "KafkaConnect"} <= {each.kind for each in chosen}
    assert chosen == lot(every, 10, "a") != lot(every, 10, "b")
