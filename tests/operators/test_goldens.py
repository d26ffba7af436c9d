"""Golden environments under Strimzi's operators, on brokers as they render them.

What an operator warns of is said in the intent, beside what it is about: `# Strimzi warns (REASON): why it is so`.
"""

from pathlib import Path

import pytest
from operators.examples import is_strimzis, label, wave
from operators.site import EXPLAINED, Strimzi, conditions, is_ready
from support import GOLDEN, RULES_OFF, Project

from generator.common.cache import Cache
from generator.plan.sides import of_project

pytestmark = [pytest.mark.live, pytest.mark.operators, pytest.mark.lot]
CASES = sorted(path.name.removesuffix(".intent.yaml") for path in GOLDEN.glob("*.intent.yaml"))
_OTHERS = ("kafka.oso.sh", "kafkabackup.com")
"""Whose definitions nobody has installed."""


@pytest.mark.parametrize("case", CASES)
def test_golden_is_taken(strimzi: Strimzi, tmp_path: Path, case: str) -> None:
    """Everything becomes ready, and nothing is warned of that the intent does not explain."""
    namespace = f"kafka-golden-{case}"
    intent = (GOLDEN / f"{case}.intent.yaml").read_text().replace("kafka-dev", namespace)
    project = Project(tmp_path)
    project.write("environments/dev/environment.yaml", intent)
    project.write("environments/dev/rules.yaml", RULES_OFF)
    manifests = of_project(tmp_path, None, Cache()).states["dev"].manifests
    bodies = [each.body for each in sorted(manifests, key=wave)]

    strimzi.apply([each for each in bodies if not str(each["apiVersion"]).startswith(_OTHERS)])
    told = [each for each in bodies if is_strimzis(each) and each["kind"] != "KafkaNodePool"]
    strimzi.until_all_told(told)

    now = {label(each): strimzi.read(each) for each in told}
    assert {name: conditions(each) for name, each in now.items() if not is_ready(each)} == {}
    warnings = {
        each["reason"]: each["message"]
        for body in now.values()
        for each in conditions(body)
        if each["type"] == "Warning"
    }
    assert warnings.keys() == set(EXPLAINED.findall(intent)), warnings
    strimzi.remove(namespace)
