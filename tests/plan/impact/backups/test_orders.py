"""Orders to backup operators, and Jobs: what runs again when they change, and what never does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, edited

OSO, STRIMZI = "kafka.oso.sh/v1alpha1", "kafkabackup.com/v1alpha1"
NEVER = "ignored: its Job is there, and a change starts no other one: give it a new name"
RESTORES = (
    "irreversible: it restores again: records are added to topics, where nobody can tell them from"
    " others"
)
FIXED = "refused: Kubernetes never changes what a Job runs: give it a new name for a new run"


def _job(text: str, options: str) -> Callable[..., Any]:
    annotations = {"argocd.argoproj.io/sync-options": options}
    return add("Job", {"template": text}, "batch/v1", annotations=annotations)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (add("KafkaRestore", {"a": 1}, OSO), add("KafkaRestore", {"a": 2}, OSO), RESTORES),
        (add("KafkaRestore", {"a": 1}, STRIMZI), add("KafkaRestore", {"a": 2}, STRIMZI), NEVER),
        (add("KafkaBackup", {"a": 1}, OSO), add("KafkaBackup", {"a": 2}, OSO),
         "dynamic: it runs again: without a schedule every change starts it"),
        (add("KafkaBackup", {"a": 1}, STRIMZI), add("KafkaBackup", {"a": 2}, STRIMZI), NEVER),
        (_job("a", "Replace=true"), _job("b", "Replace=true"), FIXED),
        (_job("a", "Force=true"), _job("b", "Force=true"), FIXED),
        (_job("a", "Force=true,Replace=true"), _job("b", "Force=true,Replace=true"),
         "dynamic: applied as it is; nothing of Kafka restarts"),
    ],
)  # fmt: skip
def test_what_runs_again(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: str
) -> None:
    """Only one operator looks at the generation, and only a Job that is deleted is made anew."""
    assert expected in edited(tmp_path, CLUSTER, after, before)
