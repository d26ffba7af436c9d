"""Container resources in Kubernetes' own quantities."""

from generator.common.units import format_cpu_m, parse_bytes, parse_cpu_m, quantity
from generator.documents.manifest import Body
from generator.intent.sections import ResourcesSection


def resources(intent: ResourcesSection) -> Body:
    """Requests and limits with canonical quantities: `1` CPU stays text, `1024Mi` becomes `1Gi`."""
    body: Body = {}
    requests, limits = intent.get("requests"), intent.get("limits")
    for name, amounts in (("requests", requests), ("limits", limits)):
        if amounts is None:
            continue
        body[name] = {}
        if "cpu" in amounts:
            body[name]["cpu"] = format_cpu_m(parse_cpu_m(amounts["cpu"]))
        if "memory" in amounts:
            body[name]["memory"] = quantity(parse_bytes(amounts["memory"]))
    return body
