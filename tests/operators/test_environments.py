"""The shipped environments under Strimzi's own operators, on brokers as they render them."""

import json

import pytest
from operators.site import Strimzi, conditions, is_ready

pytestmark = [pytest.mark.live, pytest.mark.operators]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_environment_becomes_ready(strimzi: Strimzi, environment: str) -> None:
    """All that is rendered is taken, and strimzi-verify finds nothing wrong; nobody wrote a status."""
    namespace = f"kafka-{environment}"
    strimzi.deploy(environment)
    strimzi.until_settled(namespace)

    for kind in ("KafkaTopic", "KafkaUser"):
        refused = {each["metadata"]["name"]: conditions(each)
                   for each in strimzi.all(kind, namespace) if not is_ready(each)}  # fmt: skip
        assert refused == {}
    done = strimzi.verify(environment, "--format", "json", "--wait", "120s", "--stable", "0s")
    assert done.out, done.err
    assert done.wrong == {}, json.loads(done.out)
    strimzi.remove(namespace)
