"""The smaller shipped environments under Strimzi's own operators, on brokers as they render them."""

from pathlib import Path

import pytest
from operators.site import EXPLAINED, Strimzi, conditions, is_ready

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
_NO_CLOUD = ("listeners-reachable",)
"""What verification warns of because the addresses of load balancers lead nowhere here."""

pytestmark = [pytest.mark.live, pytest.mark.operators]


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_environment_becomes_ready(strimzi: Strimzi, environment: str) -> None:
    """All that is rendered is taken, and strimzi-verify finds nothing wrong; nobody wrote a status."""
    namespace = f"kafka-{environment}"
    strimzi.deploy(environment)
    strimzi.until_settled(namespace)

    for kind in ("KafkaTopic", "KafkaUser"):
        refused = {each["metadata"]["name"]: conditions(each)
                   for each in strimzi.all(kind, namespace) if not is_ready(each)}  # fmt: skip
        assert refused == {}
    kafka = strimzi.kubernetes.read("Kafka", "events", namespace)
    warned = {each["reason"] for each in conditions(kafka) if each["type"] == "Warning"}
    files = [
        *(ENVIRONMENTS / "base").rglob("*.yaml"),
        *(ENVIRONMENTS / environment).rglob("*.yaml"),
    ]
    assert warned <= {reason for file in files for reason in EXPLAINED.findall(file.read_text())}
    done = strimzi.verify(environment, "--format", "json", "--wait", "120s", "--stable", "0s")
    assert done.out, done.err
    assert done.wrong.keys() <= {*_NO_CLOUD, *(["resource-warnings"] if warned else [])}, done.wrong
    assert set(done.wrong.values()) <= {"warn"}
    strimzi.remove(namespace)
