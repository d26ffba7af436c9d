"""Label selectors as Kubernetes reads them."""

from collections.abc import Mapping

from generator.documents.manifest import Body


def selects(selector: Body | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector takes these labels: an empty one takes all, none at all takes nothing.

    Raises:
        ValueError: when it has an operator that Kubernetes does not have.
    """
    if selector is None:
        return False
    exact = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in exact.items()):
        return False
    return all(_holds(each, labels) for each in selector.get("matchExpressions") or ())


def _holds(expression: Body, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case other:
            raise ValueError(f"{other} is no operator of a label selector")
