"""Selectors, and the labels that they have to meet."""

from collections.abc import Iterator
from typing import Any

from generator.validate.places import Complaint
from generator.validate.semantics import on

_WITH = "give it values"
_WITHOUT = "drop values"


@on("LabelSelectorRequirement", "NodeSelectorRequirement")
def requirement(each: Any) -> Iterator[Complaint]:
    """Operators have the values that they need (ValidateLabelSelectorRequirement, NewRequirement)."""
    operator, values = each["operator"], list(each.get("values") or ())
    if operator in ("In", "NotIn") and not values:
        yield ("operator",), f"{operator} without values", _WITH
    if operator in ("Exists", "DoesNotExist") and values:
        yield ("values",), f"{operator} has no values", _WITHOUT
    if operator in ("Gt", "Lt") and not (len(values) == 1 and values[0].lstrip("-").isdecimal()):
        yield ("values",), f"{operator} has one value, a whole number", "write one number, quoted"


@on("DaemonSetSpec", "DeploymentSpec", "ReplicaSetSpec", "StatefulSetSpec")
def selects_its_pods(spec: Any) -> Iterator[Complaint]:
    """A workload selects the pods that it makes (ValidateDeploymentSpec and its siblings)."""
    selector = spec["selector"]
    if not (selector.get("matchLabels") or selector.get("matchExpressions")):
        yield ("selector",), "an empty selector selects everything", "add matchLabels:"
    elif not _meets(selector, (spec["template"].get("metadata") or {}).get("labels") or {}):
        yield (
            ("template", "metadata", "labels"),
            "the selector does not select these pods",
            "give the template the selector's labels",
        )


def _meets(selector: Any, labels: Any) -> bool:
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for each in selector.get("matchExpressions") or ():
        there, values = each["key"] in labels, each.get("values") or ()
        match each["operator"]:
            case "In":
                fits = there and labels[each["key"]] in values
            case "NotIn":
                fits = not there or labels[each["key"]] not in values
            case "Exists":
                fits = there
            case _:
                fits = not there
        if not fits:
            return False
    return True
