"""What an access rule of a KafkaUser says, in the forms that Strimzi has had for it."""

from collections.abc import Mapping
from typing import Any


def operations_of(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The operations of a rule; v1beta2 may also name a single one, as v1 may not.

    Source: Strimzi, SimpleAclRule.fromCrd at 0.45.0 and 0.51.0 (both at once are refused); 044-Crd-kafkauser.yaml at
    0.51.0 (v1beta2 and v1).
    """
    said = rule.get("operations")
    if said is None:
        said = [rule["operation"]] if "operation" in rule else []
    return tuple(said)
