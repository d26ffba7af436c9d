"""Monitoring: what Git asks Prometheus to look at, Prometheus does look at."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, skip, unknown, warn
from generator.documents.manifest import Body
from verify.checks._objects import kubernetes_of, label, labels
from verify.checks._selectors import selects
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_SELECTORS = {
    "PodMonitor": "podMonitor",
    "Probe": "probe",
    "PrometheusRule": "rule",
    "ScrapeConfig": "scrapeConfig",
    "ServiceMonitor": "serviceMonitor",
}
_NAME = "kubernetes.io/metadata.name"


def _monitors(desired: Desired) -> list[Body]:
    return [body for kind in _SELECTORS for body in desired.of_kind(kind).values()]


@check("monitors-selected", needs=("kubernetes", "kubernetes.prometheuses"), severity=Status.WARN)
def monitors_selected(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Some Prometheus takes every rendered monitor and rule.

    Compares: labels of rendered PodMonitors, ServiceMonitors, PrometheusRules and the like, and of their
        namespace, with the selectors of all Prometheus objects.
    Why: a monitor without the label that Prometheus looks for is ignored without a word: no metrics, and
        no alert that could say so.
    Fix: kubectl get prometheus -A -o yaml; give the monitors in environments/ the labels that its
        podMonitorSelector, serviceMonitorSelector and ruleSelector ask for.
    Source: Prometheus Operator 0.85, Documentation/api-reference/api.md, PrometheusSpec.
    """
    monitors = _monitors(desired)
    kubernetes = kubernetes_of(live)
    if not monitors:
        yield skip("no monitor and no rule is rendered")
        return
    if not kubernetes.prometheuses:
        yield warn("no namespace has a Prometheus object that could take them")
        return
    for body in monitors:
        taken = [_takes(each, body, live) for each in kubernetes.prometheuses]
        if True in taken:
            continue
        if None in taken:
            yield unknown("the labels of its namespace are not known", label(body))
        else:
            yield warn("no Prometheus selects it", label(body))


def _takes(prometheus: Body, body: Body, live: Live) -> bool | None:
    """None when only the namespace's labels could tell."""
    spec = prometheus.get("spec") or {}
    word = _SELECTORS[body["kind"]]
    if not selects(spec.get(f"{word}Selector"), labels(body)):
        return False
    kubernetes = kubernetes_of(live)
    here = body["metadata"].get("namespace", kubernetes.namespace)
    selector = spec.get(f"{word}NamespaceSelector")
    if selector is None:
        return bool(prometheus["metadata"].get("namespace") == here)
    namespace = kubernetes.objects.get("Namespace", {}).get(here)
    if namespace is not None:
        return selects(selector, {**labels(namespace), _NAME: here})
    if set(_keys(selector)) <= {_NAME}:
        return selects(selector, {_NAME: here})
    return None


def _keys(selector: Body) -> Iterator[str]:
    yield from selector.get("matchLabels") or ()
    yield from (each["key"] for each in selector.get("matchExpressions") or ())


@check("monitors-find-pods", needs=("kubernetes.Pod",), severity=Status.WARN)
def monitors_find_pods(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every rendered PodMonitor that is about Strimzi's pods finds at least one.

    Compares: selectors of rendered PodMonitors that name labels of Strimzi with the cluster's pods.
    Why: a selector with a mistake in it finds nothing, and nothing looks like silence.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster} --show-labels, and mend the
        PodMonitor's selector in environments/.
    Source: Prometheus Operator 0.85, Documentation/api-reference/api.md, PodMonitorSpec.
    """
    pods = kubernetes_of(live).objects.get("Pod", {}).values()
    for body in desired.of_kind("PodMonitor").values():
        selector = (body.get("spec") or {}).get("selector")
        about = selector is not None and any(k.startswith("strimzi.io/") for k in _keys(selector))
        if about and not any(selects(selector, labels(pod)) for pod in pods):
            yield warn("its selector finds no pod of the cluster", label(body))
