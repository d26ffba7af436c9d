"""What Argo CD's own checks make of statuses: asked of Argo CD's own command, without any server.

The statuses are written here as Strimzi 1.2.0 and Kubernetes 1.34 write them; where operators run, other
tests look at theirs.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from argocd.program import programs
from live.jars import MissingError
from support import REPOSITORY

from generator.common.kinds import KINDS, Kind, kind_of, names_of

pytestmark = [pytest.mark.live, pytest.mark.operators]

_NONE = "Health script is not configured"
_EARLIER, _LATER = "2026-11-28T02:00:00Z", "2026-11-29T02:00:00Z"
_READY = {"type": "Ready", "status": "True"}
_NOT_READY = {"type": "NotReady", "status": "True", "reason": "KafkaError", "message": "no"}


@pytest.fixture(scope="module")
def argocd() -> str:
    """Argo CD's command."""
    try:
        return str(programs() / "argocd")
    except MissingError as error:
        pytest.skip(f"no Argo CD to ask: {error}")


def _judged(argocd: str, folder: Path, body: Any, settings: dict[str, str] | None = None) -> str:
    """The health that Argo CD finds, or why it finds none."""
    cm = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm"},
          "data": settings or {}}  # fmt: skip
    for name, content in (("object", body), ("cm", cm)):
        (folder / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
    command = [argocd, "admin", "settings", "resource-overrides", "health",
               str(folder / "object.yaml"), "--argocd-cm-path", str(folder / "cm.yaml")]  # fmt: skip
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    for line in done.stdout.splitlines():
        if line.startswith("STATUS: "):
            return line.removeprefix("STATUS: ")
    return _NONE if _NONE in done.stdout else done.stdout + done.stderr


def _body(kind: Kind, **more: Any) -> dict[str, Any]:
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": "x", "namespace": "y"},
            "spec": {}, **more}  # fmt: skip


def test_the_table_of_kinds_knows_whose_health_is_judged(argocd: str, tmp_path: Path) -> None:
    """Which waves gate, and what hangs, is told by that column."""
    judged = {kind.name for kind in KINDS if _judged(argocd, tmp_path, _body(kind)) != _NONE}

    assert judged == set(names_of("health"))


@pytest.mark.parametrize(
    ("kinds", "conditions", "health"),
    [
        ("Kafka KafkaTopic KafkaUser KafkaConnect", [], "Progressing"),
        ("Kafka KafkaTopic KafkaUser KafkaConnect KafkaBridge KafkaConnector", [_READY], "Healthy"),
        ("Kafka KafkaUser KafkaConnect KafkaBridge KafkaConnector", [_NOT_READY], "Degraded"),
        ("Kafka", [_NOT_READY | {"reason": "Creating"}], "Progressing"),
        # The Topic Operator's own way to say that it failed.
        ("KafkaTopic", [_READY | {"status": "False", "reason": "KafkaError"}], "Progressing"),
        ("KafkaTopic", [{"type": "Unmanaged", "status": "True"}], "Progressing"),
        ("Kafka KafkaTopic KafkaUser", [{"type": "ReconciliationPaused", "status": "True"}], "Progressing"),
        ("Kafka KafkaUser", [{"type": "Warning", "status": "True"}, _READY], "Healthy"),
    ],
)  # fmt: skip
def test_statuses_of_strimzi_are_judged(
    kinds: str, conditions: list[dict[str, str]], health: str, argocd: str, tmp_path: Path
) -> None:
    """And none by the generation that it is about: this one is of an earlier spec."""
    status = {"observedGeneration": 1, "conditions": conditions}
    for name in kinds.split():
        body = _body(kind_of(name), status=status if conditions else {})
        body["metadata"]["generation"] = 2
        assert _judged(argocd, tmp_path, body) == health, name


@pytest.mark.parametrize(
    ("kind", "spec", "status", "health"),
    [
        ("Job", {}, {}, "Progressing"),
        ("Job", {"suspend": True}, {"conditions": [{"type": "Suspended", "status": "True"}]}, "Suspended"),
        ("Job", {}, {"conditions": [{"type": "Complete", "status": "True"}]}, "Healthy"),
        ("Job", {}, {"conditions": [{"type": "Failed", "status": "True"}]}, "Degraded"),
        ("CronJob", {}, {}, "Healthy"),
        ("CronJob", {"suspend": True}, {}, "Healthy"),
        ("CronJob", {}, {"lastScheduleTime": _LATER}, "Healthy"),
        ("CronJob", {}, {"lastScheduleTime": _LATER, "lastSuccessfulTime": _EARLIER}, "Degraded"),
        ("CronJob", {}, {"lastScheduleTime": _EARLIER, "lastSuccessfulTime": _LATER}, "Healthy"),
    ],
)  # fmt: skip
def test_jobs_are_judged(
    kind: str,
    spec: dict[str, Any],
    status: dict[str, Any],
    health: str,
    argocd: str,
    tmp_path: Path,
) -> None:
    """A Job that waits is Suspended; a CronJob is judged by its last run, once one has succeeded."""
    body = _body(kind_of(kind), spec=spec, status=status)

    assert _judged(argocd, tmp_path, body) == health


def test_our_checks_for_backup_operators_are_argo_cds_own_lua(argocd: str, tmp_path: Path) -> None:
    """The page's scripts, put where it says, are taken and answer; without them nobody judges."""
    page = (REPOSITORY / ".github/argocd-health.md").read_text(encoding="utf-8")
    oso, strimzi = re.findall(r"```lua\n(.*?)```", page, re.DOTALL)
    prefix = "resource.customizations.health."
    settings = {
        f"{prefix}kafka.oso.sh_KafkaBackup": oso,
        f"{prefix}kafkabackup.com_KafkaBackup": strimzi,
    }
    failed = {"phase": "Failed", "observedGeneration": 1}
    error = {"conditions": [{"type": "Error", "status": "True", "message": "no"}]}
    for version, status in (("kafka.oso.sh/v1alpha1", failed), ("kafkabackup.com/v1alpha1", error)):
        body = {"apiVersion": version, "kind": "KafkaBackup", "spec": {}, "status": status,
                "metadata": {"name": "x", "namespace": "y", "generation": 1}}  # fmt: skip
        assert _judged(argocd, tmp_path, body) == _NONE
        assert _judged(argocd, tmp_path, body, settings) == "Degraded"
        assert _judged(argocd, tmp_path, body | {"status": {}}, settings) == "Progressing"
