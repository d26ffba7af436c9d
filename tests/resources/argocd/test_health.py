"""The health checks that we give for Argo CD, run in Lua as Argo CD does."""

import re
from pathlib import Path
from typing import Any

import pytest

lupa = pytest.importorskip("lupa.lua54", reason="lupa is not installed")

PAGE = Path(__file__).parents[3] / ".github/argocd-health.md"
OSO, STRIMZI = re.findall(r"```lua\n(.*?)```", PAGE.read_text(), re.DOTALL)


def _health(script: str, body: dict[str, Any]) -> str:
    lua = lupa.LuaRuntime(unpack_returned_tuples=True)
    ask = lua.eval(f"function(obj) {script} end")
    return str(ask(lua.table_from(body, recursive=True))["status"])


def _oso(status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"generation": 2}, "spec": {"topics": ["a"], **spec}, "status": status}


@pytest.mark.parametrize(
    ("status", "spec", "health"),
    [
        ({}, {}, "Progressing"),
        ({"phase": "Completed", "observedGeneration": 1}, {}, "Progressing"),
        ({"phase": "Completed", "observedGeneration": 2}, {}, "Healthy"),
        ({"phase": "Ready", "observedGeneration": 2}, {}, "Healthy"),
        ({"phase": "Running", "observedGeneration": 2}, {}, "Progressing"),
        ({"phase": "Running", "observedGeneration": 2}, {"schedule": "0 0 2 * * *"}, "Healthy"),
        ({"phase": "Failed", "observedGeneration": 2}, {"schedule": "0 0 2 * * *"}, "Degraded"),
        ({"phase": "PartiallyCompleted", "observedGeneration": 2}, {}, "Degraded"),
        (
            {"phase": "Completed", "validationResult": "Fail", "observedGeneration": 2},
            {},
            "Degraded",
        ),
        ({"phase": "Ready", "observedGeneration": 2}, {"suspend": True}, "Suspended"),
    ],
)
def test_kinds_of_kafka_oso_sh(status: dict[str, Any], spec: dict[str, Any], health: str) -> None:
    """A failed one is not green, and no old status speaks for a new spec."""
    assert _health(OSO, _oso(status, **spec)) == health


@pytest.mark.parametrize(
    ("kind", "conditions", "health"),
    [
        ("KafkaBackup", [], "Progressing"),
        ("KafkaBackup", [{"type": "Ready", "status": "True"}], "Healthy"),
        ("KafkaBackup", [{"type": "Ready", "status": "False"}], "Healthy"),
        ("KafkaRestore", [{"type": "Ready", "status": "False"}], "Progressing"),
        ("KafkaRestore", [{"type": "Ready", "status": "True"}], "Healthy"),
        (
            "KafkaRestore",
            [{"type": "Ready", "status": "True"}, {"type": "Error", "status": "True"}],
            "Degraded",
        ),
    ],
)
def test_kinds_of_kafkabackup_com(kind: str, conditions: list[dict[str, str]], health: str) -> None:
    """An error is one whatever else is said."""
    body = {"kind": kind, "metadata": {"generation": 1}, "status": {"conditions": conditions}}

    assert _health(STRIMZI, body) == health
