"""What another Kafka, or another version of the metadata, does, and what no revert brings back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, edited, put


def _kafka(version: str | None, metadata: str | None = None) -> Callable[..., Any]:
    return all_of(
        put("Kafka/events", "spec kafka version", version),
        put("Kafka/events", "spec kafka metadataVersion", metadata),
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # the operator chooses
        (_kafka(None), _kafka("4.3.1"),
         ["rolling-restart: Kafka - to 4.3.1: without a version the operator chooses; every"
           " node of combined (3) restarts in turn"]),
        (_kafka("4.3.1"), _kafka(None),
         ["rolling-restart: Kafka 4.3.1 to -: without a version the operator chooses; every"
           " node of combined (3) restarts in turn"]),
        # within a minor version there is a way back
        (_kafka("4.2.0"), _kafka("4.2.1"),
         ["rolling-restart: Kafka 4.2.0 to 4.2.1: every node of combined (3) restarts in"
           " turn"]),
        (_kafka("4.2.1"), _kafka("4.2.0"),
         ["rolling-restart: Kafka 4.2.1 to 4.2.0, a downgrade: every node of combined (3)"
           " restarts in turn"]),
        (_kafka("4.2.0", "4.2-IV0"), _kafka("4.2.1", "4.2-IV1"),
         ["irreversible: metadataVersion 4.2-IV0 to 4.2-IV1: after it there is no way back"
           " to an older Kafka",
          "rolling-restart: Kafka 4.2.0 to 4.2.1: every node of combined (3) restarts in"
           " turn"]),
        # a minor version up
        (_kafka("4.2.0", "4.2-IV0"), _kafka("4.3.1", "4.2-IV0"),
         ["rolling-restart: Kafka 4.2.0 to 4.3.1: every node of combined (3) restarts in"
           " turn"]),
        (_kafka("4.2.0", "4.2-IV0"), _kafka("4.3.1", "4.3-IV0"),
         ["irreversible: metadataVersion 4.2-IV0 to 4.3-IV0: after it there is no way back"
           " to an older Kafka",
          "irreversible: version and metadataVersion rise in one merge: there is no way"
           " back if the new brokers disappoint; raise metadataVersion in a later merge",
          "rolling-restart: Kafka 4.2.0 to 4.3.1: every node of combined (3) restarts in"
           " turn"]),
        # a minor version down: what either side says of the metadata counts
        (_kafka("4.3.1", "4.2-IV0"), _kafka("4.2.1", "4.2-IV0"),
         ["rolling-restart: Kafka 4.3.1 to 4.2.1, a downgrade: every node of combined (3)"
           " restarts in turn"]),
        (_kafka("4.3.1", "4.3-IV0"), _kafka("4.2.1", "4.2-IV0"),
         ["refused: Kafka 4.3.1 to 4.2.1: the metadata version is newer than Kafka 4.2.1"
           " can read",
          "ignored: metadataVersion 4.3-IV0 to 4.2-IV0: a safe downgrade is tried; where"
           " Kafka refuses it, all stays as it is (Warning MetadataUpdateFailed)"]),
        (_kafka("4.3.1", "4.3-IV0"), _kafka("4.2.1", "4.3-IV0"),
         ["refused: Kafka 4.3.1 to 4.2.1: the metadata version is newer than Kafka 4.2.1"
           " can read"]),
        # the metadata alone
        (_kafka("4.3.1", "4.2-IV0"), _kafka("4.3.1", "4.3-IV0"),
         ["irreversible: metadataVersion 4.2-IV0 to 4.3-IV0: after it there is no way back"
           " to an older Kafka"]),
        (_kafka("4.3.1", "4.3-IV0"), _kafka("4.3.1", "4.2-IV0"),
         ["ignored: metadataVersion 4.3-IV0 to 4.2-IV0: a safe downgrade is tried; where"
           " Kafka refuses it, all stays as it is (Warning MetadataUpdateFailed)"]),
        (_kafka("4.3.1", "4.3-IV0"), _kafka("4.3.1", "4.3-IV1"),
         ["irreversible: metadataVersion 4.3-IV0 to 4.3-IV1: after it there is no way back"
           " to an older Kafka"]),
        (_kafka("4.3.1", "4.2-IV0"), _kafka("4.3.1"),
         ["irreversible: metadataVersion 4.2-IV0 to -: the operator raises it to the newest"
           " by itself"]),
        (_kafka("4.3.1"), _kafka("4.3.1", "4.2-IV0"),
         ["irreversible: metadataVersion - to 4.2-IV0: after it there is no way back to an"
           " older Kafka"]),
        (_kafka("4.3.1"), _kafka("4.3.1", "4.4-IV0"),
         ["ignored: metadataVersion - to 4.4-IV0: newer than Kafka 4.3.1; the operator"
           " silently keeps the current one"]),
        (_kafka("4.2.1", "4.2-IV0"), _kafka("4.2.1", "4.3-IV0"),
         ["ignored: metadataVersion 4.2-IV0 to 4.3-IV0: newer than Kafka 4.2.1; the"
           " operator silently keeps the current one"]),
        (_kafka(None), _kafka(None, "4.3-IV0"),
         ["irreversible: metadataVersion - to 4.3-IV0: after it there is no way back to an"
           " older Kafka"]),
        (_kafka(None, "4.2-IV0"), _kafka(None, "4.3-IV0"),
         ["irreversible: metadataVersion 4.2-IV0 to 4.3-IV0: after it there is no way back"
           " to an older Kafka"]),
    ],
)  # fmt: skip
def test_version(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """With or without a version of the metadata."""
    assert edited(tmp_path, CLUSTER, after, before) == expected
