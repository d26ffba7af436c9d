"""What makes pods (kubernetes 1.34.4, pkg/apis/apps, batch and autoscaling, validation)."""

from collections.abc import Iterator
from typing import Any

from generator.common.schedule import cron_fault
from generator.common.time_zones import is_zone
from generator.validate.places import Complaint
from generator.validate.semantics import on


def _none(value: Any) -> bool:
    """True for no pods: 0 or 0%."""
    return value == 0 or (isinstance(value, str) and not value.rstrip("%").strip("0"))


@on("DeploymentSpec")
def deployment(spec: Any) -> Iterator[Complaint]:
    """A rollout can go on, and has longer than a pod takes to be there."""
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        yield ("strategy", "rollingUpdate"), "Recreate rolls nothing", "drop rollingUpdate"
    elif _none((rolling or {}).get("maxUnavailable", 1)) and _none(
        (rolling or {}).get("maxSurge", 1)
    ):
        yield (
            ("strategy", "rollingUpdate", "maxUnavailable"),
            "with maxSurge 0 too no pod is ever replaced",
            "write 1 for one of the two",
        )
    if spec.get("progressDeadlineSeconds", 600) <= spec.get("minReadySeconds", 0):
        message = "has to be more than minReadySeconds"
        yield ("progressDeadlineSeconds",), message, "raise it, or lower minReadySeconds"


@on("DaemonSetUpdateStrategy")
def daemon_set(strategy: Any) -> Iterator[Complaint]:
    """Pods are replaced one way or the other."""
    rolling = strategy.get("rollingUpdate") or {}
    unavailable, surge = rolling.get("maxUnavailable", 1), rolling.get("maxSurge", 0)
    if (strategy.get("type") or "RollingUpdate") == "RollingUpdate" and _none(unavailable) == _none(
        surge
    ):
        yield (
            ("rollingUpdate",),
            "one of maxUnavailable and maxSurge is 0, and the other is not",
            "write maxUnavailable: 1",
        )


@on("StatefulSetUpdateStrategy")
def stateful_set(strategy: Any) -> Iterator[Complaint]:
    """What is replaced on deletion only is not rolled."""
    if strategy.get("type") == "OnDelete" and strategy.get("rollingUpdate") is not None:
        yield ("rollingUpdate",), "OnDelete rolls nothing", "drop rollingUpdate"


@on("CronJobSpec")
def cron_job(spec: Any) -> Iterator[Complaint]:
    """A schedule is one, in a time zone that there is."""
    fault = cron_fault(spec["schedule"])
    if fault:
        yield ("schedule",), fault, "five fields such as 0 3 * * *, or @daily"
    zone = spec.get("timeZone")
    if zone is not None and not is_zone(zone):
        yield ("timeZone",), f"'{zone}' is no time zone", "a name such as Europe/Berlin"


@on("JobSpec")
def job(spec: Any) -> Iterator[Complaint]:
    """Numbered pods have a count; the selector is made by Kubernetes."""
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        yield ("completions",), "is needed for completionMode Indexed", "add completions:"
    if spec.get("selector") is not None and not spec.get("manualSelector"):
        yield ("selector",), "Kubernetes makes it", "drop selector"


@on("HorizontalPodAutoscalerSpec")
def autoscaler(spec: Any) -> Iterator[Complaint]:
    """There is room between the fewest and the most."""
    if spec.get("minReplicas", 1) > spec["maxReplicas"]:
        yield ("maxReplicas",), "is below minReplicas", "raise it, or lower minReplicas"


@on("Job")
def numbered(body: Any) -> Iterator[Complaint]:
    """The host names of numbered pods are DNS labels."""
    spec = body["spec"]
    last = (spec.get("completions") or 0) - 1
    name = body["metadata"]["name"]
    if spec.get("completionMode") == "Indexed" and last >= 0 and len(f"{name}-{last}") > 63:
        yield (
            ("metadata", "name"),
            "is too long for pods with numbers",
            "up to 63 characters with them",
        )


_SOURCES = ("containerResource", "external", "object", "pods", "resource")


@on("MetricSpec")
def metric(each: Any) -> Iterator[Complaint]:
    """A metric has the source that its type says, and no other."""
    wanted = each["type"][:1].lower() + each["type"][1:]
    if wanted not in each:
        yield (), f"'{wanted}' is missing", f"add {wanted}:"
    for key in _SOURCES:
        if key in each and key != wanted:
            yield (key,), f"type {each['type']} has no {key}", f"drop {key}"


@on("MetricTarget")
def target(each: Any) -> Iterator[Complaint]:
    """One number is aimed at, and it is the one that the type says."""
    key = {"AverageValue": "averageValue", "Utilization": "averageUtilization", "Value": "value"}[
        each["type"]
    ]
    if key not in each:
        yield (), f"'{key}' is missing", f"add {key}:"
    if "averageUtilization" in each and "averageValue" in each:
        yield ("averageValue",), "averageUtilization is there already", "drop one of the two"
