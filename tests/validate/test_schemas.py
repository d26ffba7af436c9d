"""Manifests against schemas/ and CEL: what the API server refuses is found first, at the intent.

The same broken manifests go through kubeconform and kubectl-validate, which must agree.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from second_opinion import Both
from support import LOCAL_CRDS, REPOSITORY, Cli, Project

from generator.documents.manifest import Manifest, emit
from generator.validate.cel import VERDICTS_FILE, CelRule, evaluate
from generator.validate.cel_verdicts import shipped_rules, verdicts
from generator.validate.newer import file_name
from generator.validate.schemas import Schemas, schema_folders

pytestmark = pytest.mark.usefixtures("second_opinion")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("overrides: {Kafka: {events: {spec: {kafka: {foo: 1}}}}}\n",
         "7:45 [manifest-schema] Kafka events: spec.kafka.foo: unknown key 'foo'"),
        ("overrides: {Kafka: {'*': {spec: {kafka: {version: 4}}}}}\n",
         "7:51 [manifest-schema] Kafka events: spec.kafka.version: 4 is not text"),
        ("topics: {a: {}}\noverrides: {KafkaTopic: {a: {spec: {partitions: 0}}}}\n",
         "8:49 [manifest-schema] KafkaTopic a: spec.partitions: 0 is not 1 or more"),
        ("users: {u: {spec: {authentication: {type: md5}}}}\n",
         '7:43 [manifest-schema] KafkaUser u: spec.authentication.type: "md5" is not one of tls,'
         " tls-external, scram-sha-512"),
        ("users: {u: {spec: {authorization: {type: simple, acls: [{resource: {type: topic}}]}}}}\n",
         "7:57 [manifest-schema] KafkaUser u: spec.authorization.acls[0]: 'operations' is missing"),
        ("users: {u: {spec: {authentication: {type: tls, renewalDays: 3}}}}\n",
         "7:36 [manifest-cel] KafkaUser u: spec.authentication: Both 'validityDays' and"
         " 'renewalDays' must be set together"),
        ("users: {u: {spec: {authentication: {type: tls, renewalDays: 30, validityDays: 3}}}}\n",
         "7:36 [manifest-cel] KafkaUser u: spec.authentication: 'renewalDays' must be less than"
         " 'validityDays'"),
        ("applications: {u: {certificate: {validityDays: 5}}}\n",
         "7:19 [manifest-cel] KafkaUser u: spec.authentication: Both 'validityDays' and"
         " 'renewalDays' must be set together"),
        ("overrides: {Kafka: {events: {spec: {kafka: {rack: {topologyKey: ''}}}}}}\n",
         "7:51 [manifest-cel] Kafka events: spec.kafka.rack: topologyKey property is required"),
        ("topics: {a: {labels: {bad key: x}}}\n",
         "7:23 [object-name] KafkaTopic a: metadata.labels.bad key: the key 'bad key' is not"),
        ("overrides: {KafkaTopicc: {a: {}}}\n",
         "7:13 [unused-override] no KafkaTopicc is rendered here"),
        ("topics: {a: {}}\noverrides: {KafkaTopic: {b: {}}}\n",
         "8:26 [unused-override] no KafkaTopic 'b' is rendered here"),
    ],
)  # fmt: skip
def test_refused_manifest_points_at_the_intent(project: Project, more: str, expected: str) -> None:
    """A manifest that the API server would refuse names the line of intent behind it."""
    project.environment(more)

    found = project.findings()

    assert len(found) == 1, found
    assert found[0].startswith(f"environment.yaml:{expected}")


def test_inherited_fault_points_at_the_profile(project: Project) -> None:
    """When the fault came from a profile's label, the profile's line is named."""
    project.environment(
        """\
        topicProfiles:
          p: {labels: {tier: "not a label"}}
        topics:
          a: {profile: p}
        """
    )

    assert project.findings() == [
        "environment.yaml:8:22 [object-name] KafkaTopic a: metadata.labels.tier:"
        " \"not a label\" is not a label's value: letters, digits, '-', '_', '.', up to 63 characters"
    ]


BROKEN: dict[str, dict[str, Any]] = {
    "topic with a misspelt key": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic",
        "metadata": {"name": "a"}, "spec": {"partitons": 3},
    },
    "topic without partitions": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic",
        "metadata": {"name": "a"}, "spec": {"partitions": 0},
    },
    "pool without replicas": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaNodePool", "metadata": {"name": "a"},
        "spec": {"roles": ["broker"], "storage": {"type": "ephemeral"}},
    },
    "config map with a number": {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": 1},
    },
    "application without project": {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"},
        "spec": {"destination": {"namespace": "x"}},
    },
    "rule without expression": {
        "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
        "metadata": {"name": "a"}, "spec": {"groups": [{"name": "g", "rules": [{"alert": "A"}]}]},
    },
}  # fmt: skip
CEL_BROKEN: dict[str, dict[str, Any]] = {
    "certificate of a user that has none": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaUser", "metadata": {"name": "a"},
        "spec": {"authentication": {"type": "scram-sha-512", "validityDays": 3}},
    },
    "renewal without validity": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaUser", "metadata": {"name": "a"},
        "spec": {"authentication": {"type": "tls", "renewalDays": 3}},
    },
    "exporter without its config": {
        "apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaBridge", "metadata": {"name": "a"},
        "spec": {"replicas": 1, "bootstrapServers": "x:9092", "http": {"port": 8080},
                 "metricsConfig": {"type": "jmxPrometheusExporter"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("case", [*BROKEN, *CEL_BROKEN])
def test_broken_manifest_is_refused(case: str) -> None:
    """Each broken manifest gives at least one problem."""
    manifest = Manifest("extra", (BROKEN | CEL_BROKEN)[case], ("extra", "x"))

    assert list(Schemas(schema_folders()).check(manifest))


def test_reference_implementation_is_asked(second_opinion: type[Both]) -> None:
    """Here, in the goldens and in the tests of schemas/; a verdict of its own would fail them."""
    before = second_opinion.asked
    assert list(
        Schemas(schema_folders()).check(
            Manifest("extra", BROKEN["topic without partitions"], ("x",))
        )
    )
    assert second_opinion.asked > before

    both = second_opinion({"type": "string"})
    both.reference = jsonschema.Draft202012Validator({"type": "number"})
    with pytest.raises(AssertionError):
        both.is_valid("text")


@pytest.mark.kubeconform
@pytest.mark.parametrize("case", BROKEN)
def test_kubeconform_agrees(case: str, kubeconform: str, tmp_path: Path) -> None:
    """Kubeconform on the same schemas refuses what we refuse (it does not know CEL)."""
    (tmp_path / "m.yaml").write_text(emit(BROKEN[case]))
    locations = [
        f"-schema-location={folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        for folder in schema_folders()
    ]
    done = subprocess.run([kubeconform, "-strict", *locations, str(tmp_path)], check=False)

    assert done.returncode == 1


@pytest.mark.kubectl_validate
@pytest.mark.parametrize("case", [*BROKEN, *CEL_BROKEN])
def test_kubectl_validate_agrees(case: str, kubectl_validate: str, tmp_path: Path) -> None:
    """kubectl-validate, which evaluates CEL as the API server does, refuses what we refuse."""
    (tmp_path / "m.yaml").write_text(emit((BROKEN | CEL_BROKEN)[case]))
    command = [kubectl_validate, str(tmp_path), *LOCAL_CRDS, "--version", "1.30"]
    done = subprocess.run(command, check=False, capture_output=True)

    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.kubectl_validate
def test_kubectl_validate_accepts_the_shipped(kubectl_validate: str) -> None:
    """Everything under rendered/ passes the second oracle."""
    folder = REPOSITORY / "rendered"
    command = [kubectl_validate, str(folder), *LOCAL_CRDS, "--version", "1.30"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("OK") + done.stdout.count("OK") == len(list(folder.rglob("*.yaml")))


@pytest.mark.kubeconform
@pytest.mark.usefixtures("kubeconform")
def test_kubeconform_accepts_the_shipped(cli: Cli) -> None:
    """`validate --kubeconform` over the shipped environments finds nothing."""
    code, out, err = cli("validate", "--kubeconform", root=REPOSITORY)

    assert (code, out) == (0, "")
    assert err.startswith("dev, prod, staging: ")


def test_kubeconform_missing_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without kubeconform the exit code is 3 and the message says how to install it."""
    monkeypatch.setenv("PATH", "/nowhere")

    code, _, err = cli("validate", "--kubeconform", root=REPOSITORY)

    assert code == 3
    assert err.startswith("kubeconform is not installed; install kubeconform and put it on PATH:")


def test_shipped_verdicts_are_what_cel_python_says() -> None:
    """Every verdict that is known beforehand is cel-python's own."""
    assert json.loads(VERDICTS_FILE.read_text()) == verdicts()


def test_rules_of_the_crds_are_all_known() -> None:
    """Strimzi 1.2.0 has seven CEL rules; each has a message or shows itself."""
    rules = shipped_rules()

    assert len(rules) == 7
    assert all(rule.message for rule in rules)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("self.a == 1", {"a": 1, "b": 2}, {"a": 1}),
        ("has(self.a) && self.b > 1", {"a": {"deep": 1}, "b": 2, "c": 3}, {"a": True, "b": 2}),
        ("size(self) < 3", {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ("self.a.exists(x, x == 1)", {"a": [1], "b": 2}, {"a": [1]}),
        ("self.all(k, k != 'x')", {"a": 1}, {"a": 1}),
    ],
)
def test_rule_sees_all_that_it_looks_at(rule: str, value: Any, expected: Any) -> None:
    """Cutting a value down to what a rule names never changes the verdict."""
    essence = CelRule((), rule, "").essence(value)

    assert essence == expected
    assert evaluate(rule, essence) == evaluate(rule, value)


def test_rule_that_cannot_be_evaluated_is_broken() -> None:
    """A missing field counts as a broken rule, as in the API server."""
    assert evaluate("self.a == 1", {}) is False


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "ConfigMap", "configmap-v1.json"),
        ("apps/v1", "Deployment", "deployment-apps-v1.json"),
        ("kafka.strimzi.io/v1", "KafkaTopic", "kafkatopic-kafka-v1.json"),
    ],
)
def test_schema_file_is_named_as_kubeconform_does(
    api_version: str, kind: str, expected: str
) -> None:
    """One naming scheme serves both validators."""
    assert file_name(api_version, kind) == expected


def test_kind_without_schema_is_an_error_until_one_is_given(
    project: Project, cli: Cli, tmp_path: Path
) -> None:
    """An unknown kind under extra/ is not let through; --schemas teaches it."""
    project.environment()
    project.write(
        "environments/dev/extra/secret.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec: {}\n",
    )

    code, out, _ = cli("validate")
    assert code == 1
    assert "kind: no schema for external-secrets.io/v1 ExternalSecret [unknown-kind]" in out

    schema = {"type": "object", "properties": {"spec": {"type": "object"}}}
    (tmp_path / "externalsecret-external-secrets-v1.json").write_text(json.dumps(schema))
    assert cli("validate", "--schemas", str(tmp_path))[0] == 0
