"""What the operator itself is told: the values of its chart, its feature gates and its environment."""

from collections.abc import Iterator
from typing import Any

from generator.common.finding import Severity, did_you_mean
from generator.common.strimzi.facts import READS_NEW_KUBERNETES
from generator.common.strimzi.releases import known, release
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_KUBERNETES = "STRIMZI_KUBERNETES_VERSION"


def _values(system: System) -> dict[str, Any]:
    said = system.environment.data.get("strimzi", {}) if system.environment else {}
    return {**said.get("values", {})}


def _variables(values: dict[str, Any]) -> dict[str, str]:
    """The environment that the chart is told to add."""
    said = [each for each in values.get("extraEnvs") or () if isinstance(each, dict)]
    return {str(each.get("name")): str(each.get("value", "")) for each in said}


@rule("operator-disruption-budget")
def operator_disruption_budget(system: System) -> Iterator[Flaw]:
    """The operator's PodDisruptionBudget says how many pods stay, or how many may go, and not both.

    Why: the chart says minAvailable: 1 by itself, and writes maxUnavailable beside it. Kubernetes refuses
        that ("minAvailable and maxUnavailable cannot be both set"), so the operator's Application never syncs.
    Fix: drop maxUnavailable, or write minAvailable: 0 beside it, which the chart takes for none.
    Source: Strimzi 1.2.0, helm-charts/helm3/strimzi-kafka-operator (values.yaml:90, templates/051-PodDisruptionBudget);
        rendered by Helm 3.19 and refused by kube-apiserver 1.34.
    """
    budget = _values(system).get("podDisruptionBudget")
    if not isinstance(budget, dict):
        return
    if budget.get("enabled") and budget.get("maxUnavailable") and budget.get("minAvailable", 1):
        yield Flaw(("strimzi", "values", "podDisruptionBudget", "maxUnavailable"),
                   f"maxUnavailable {budget['maxUnavailable']} stands beside minAvailable"
                   f" {budget.get('minAvailable', 'of the chart, 1')}")  # fmt: skip


@rule("operator-feature-gate")
def feature_gate(system: System) -> Iterator[Flaw]:
    """Feature gates that are set are those of the operator's release.

    Why: at a gate that it does not have, or no longer, the operator ends as it starts, again and again: nothing is
        created, rolled or given new certificates.
    Fix: drop it from strimzi.values.featureGates; a gate that is gone is on for good, or its feature is gone.
    Source: Strimzi, FeatureGates.java at the tag of each release (0.45.0 to 1.2.0): InvalidConfigurationException,
        "Unknown feature gate".
    """
    values = _values(system)
    if not known(system.strimzi):
        return
    gates = release(system.strimzi).feature_gates
    for each in str(values.get("featureGates") or "").split(","):
        name = each.strip().lstrip("+-")
        if name and name not in gates:
            yield Flaw(("strimzi", "values", "featureGates"), f"Strimzi {system.strimzi} has no feature gate '{name}'",
                       did_you_mean(name, gates))  # fmt: skip


@rule("operator-kubernetes-version", Severity.INFO)
def kubernetes_version(system: System) -> Iterator[Flaw]:
    """The operator can read which version Kubernetes has.

    Why: Strimzi 0.45.0 cannot where the server tells more than it knows, as newer ones do, and ends as it starts
        ("Detection of Kubernetes version failed").
    Fix: upgrade to 0.45.1 or later; or say STRIMZI_KUBERNETES_VERSION in strimzi.values.extraEnvs (major, minor,
        gitVersion and the like, one a line). Suppress this rule where your Kubernetes is old enough.
    Source: Strimzi, pom.xml at 0.45.0 and 0.45.1 (fabric8 6.13.4 and 7.2.0); ClusterOperatorConfig; seen on 0.45.0's
        Cluster Operator with kube-apiserver 1.34.4.
    """
    if system.environment is None or system.has(READS_NEW_KUBERNETES):
        return
    if _KUBERNETES not in _variables(_values(system)):
        yield Flaw(("strimzi", "version"), f"Strimzi {system.strimzi} does not start on newer versions of Kubernetes,"
                   " such as 1.34")  # fmt: skip
