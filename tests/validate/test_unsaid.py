"""Objects of Strimzi's without a spec, which everybody here reads."""

import pytest

from generator.documents.manifest import Manifest
from generator.render import prove
from generator.validate.schemas import Schemas, schema_folders


@pytest.mark.parametrize(
    ("release", "api"),
    [("0.45.0", "v1beta2"), ("0.51.0", "v1beta2"), ("0.51.0", "v1"), ("1.2.0", "v1")],
)
@pytest.mark.parametrize("kind", ["KafkaTopic", "KafkaUser", "KafkaConnect", "KafkaRebalance"])
def test_an_object_that_says_nothing(release: str, api: str, kind: str) -> None:
    """In v1 its definition says so; before, Strimzi's operators did."""
    body = {"apiVersion": f"kafka.strimzi.io/{api}", "kind": kind, "metadata": {"name": "x"}}
    problems, sound = prove(
        [Manifest("extra", body, ("extra", "x"))], Schemas(schema_folders()).of(release), "dev"
    )

    assert f"{kind} x: 'spec' is missing" in [each.message for each in problems]
    assert sound == []


def test_others_need_none() -> None:
    """Such as a ConfigMap."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}

    assert (
        prove([Manifest("extra", body, ("extra", "x"))], Schemas(schema_folders()), "dev")[0] == []
    )
