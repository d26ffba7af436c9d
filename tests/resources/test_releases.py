"""What is rendered for each release of Strimzi, where that differs."""

import pytest
from support import Project

from generator.common.strimzi.releases import numbers, releases

VERSIONS = [each.version for each in releases()]

_MORE = """\
strimzi: {version: %s}
cluster:
  rack: {topologyKey: topology.kubernetes.io/zone}
  metrics: {}
"""
_ARGOCD = """\
strimzi: {version: %s, namespace: %s%s}
argocd: {repoURL: https://git.example.com/kafka.git}
"""


@pytest.mark.parametrize("strimzi", VERSIONS)
def test_kafka_is_in_the_form_that_the_release_knows(project: Project, strimzi: str) -> None:
    """Without any finding: its schemas are those of the release."""
    text = "environment: dev\nnamespace: kafka-dev\nsize: small\n"
    more = (_MORE % strimzi).replace(
        "cluster:\n",
        "cluster:\n  name: events\n  listeners: {tls: {port: 9093, authentication: tls}}\n",
    )
    kafka = project.objects(more, text)["Kafka/events"]
    notes = kafka["metadata"].get("annotations", {})
    spec = kafka["spec"]["kafka"]
    asked = numbers(strimzi)

    assert kafka["apiVersion"].endswith("/v1") is (asked >= (0, 49))
    assert notes.get("strimzi-gitops/strimzi-version", "1.2.0") == strimzi
    for word in ("strimzi.io/kraft", "strimzi.io/node-pools"):
        assert notes.get(word) == ("enabled" if asked < (0, 48) else None)
    assert spec["rack"].get("type") == ("topology-label" if asked >= (1,) else None)
    reporter = spec["metricsConfig"]["type"]
    assert reporter == ("strimziMetricsReporter" if asked >= (0, 47) else "jmxPrometheusExporter")


@pytest.mark.parametrize("strimzi", VERSIONS)
def test_application_of_the_operator(project: Project, strimzi: str) -> None:
    """What only the chart of 1.2 has is left to it, and what older ones lack is said."""
    for namespace, more, context in (
        ("kafka-dev", "", numbers(strimzi) < (1, 2)),
        ("strimzi", "", False),
        ("kafka-dev", ", values: {securityContext: {runAsUser: 7}}", True),
    ):
        project.environment(_ARGOCD % (strimzi, namespace, more))
        everything = project.everything()
        assert everything.findings == []
        (application,) = (
            each.body
            for each in everything.shared or ()
            if each.kind == "Application" and each.name == "strimzi-operator"
        )
        source = application["spec"].get("source") or application["spec"]["sources"][0]
        said = source["helm"]["valuesObject"].get("securityContext")

        assert ("ignoreDifferences" in application["spec"]) is (strimzi == "1.2.0")
        assert (said is not None) is context
        if said and not more:
            assert said == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            }
        if more:
            assert said == {"runAsUser": 7}
