"""Container resources in Kubernetes' own quantities."""

from typing import Any

from generator.common.units import format_cpu_m, parse_bytes, parse_cpu_m, quantity
from generator.model.environment import Json


def resources(intent: Json) -> dict[str, Any]:
    """Requests and limits with canonical quantities: `1` CPU stays text, `1024Mi` becomes `1Gi`."""
    body: dict[str, Any] = {}
    for name, amounts in intent.items():
        body[name] = {}
        if "cpu" in amounts:
            body[name]["cpu"] = format_cpu_m(parse_cpu_m(amounts["cpu"]))
        if "memory" in amounts:
            body[name]["memory"] = quantity(parse_bytes(amounts["memory"]))
    return body
