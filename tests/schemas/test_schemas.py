"""The schemas in schemas/: complete, loadable, and strict in the way an API server is."""

from __future__ import annotations

import copy
import hashlib
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
sys.path.insert(0, str(SCHEMAS))

# The scripts are no package; importing them by name keeps type checkers from looking for one.
_convert: Any = importlib.import_module("_convert")
_fields: Any = importlib.import_module("_fields")
_platform: Any = importlib.import_module("_platform")
_strimzi: Any = importlib.import_module("_strimzi")
generate: Any = importlib.import_module("generate")

pytestmark = pytest.mark.usefixtures("second_opinion")

PINS = {
    "argocd": _platform.ARGO_CD,
    "kubernetes": _platform.KUBERNETES,
    "prometheus-operator": _platform.PROMETHEUS_OPERATOR,
}
FOLDERS = ("argocd", "backup-operators", "kubernetes", "prometheus-operator", "strimzi")
NEWEST = _strimzi.ROWS[-1].version
LOCATIONS = [f"strimzi/{NEWEST}" if folder == "strimzi" else folder for folder in FOLDERS]
LOCATIONS = [
    f"{folder}/{list(PINS[folder])[-1]}" if folder in PINS else folder for folder in LOCATIONS
]
SCHEMA_FILES = sorted(path for folder in LOCATIONS for path in (SCHEMAS / folder).glob("*.json"))
OLDER_FILES = sorted(
    {path for folder in FOLDERS for path in (SCHEMAS / folder).glob("*/*.json")} - {*SCHEMA_FILES}
)
CRD_FILES = sorted((SCHEMAS / "crds").glob("*.yaml"))
CRD_FILES += sorted((SCHEMAS / "strimzi" / NEWEST / "crds").glob("*.yaml"))

CEL_RULES = {
    "self.type == 'tls' || (!has(self.validityDays) && !has(self.renewalDays))": {"KafkaUser"},
    "self.type != 'tls' || (has(self.renewalDays) == has(self.validityDays))": {"KafkaUser"},
    "self.type != 'tls' || !has(self.renewalDays) || !has(self.validityDays)"
    " || self.renewalDays < self.validityDays": {"KafkaUser"},
    '(has(self.type) && self.type != "topology-label") || self.topologyKey != ""': {
        *("Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2"),
    },
    'has(self.type) == false || self.type != "environment-variable" || self.envVarName != ""': {
        *("Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2"),
    },
    "self.type != 'jmxPrometheusExporter' || has(self.valueFrom)": {
        *("Kafka", "KafkaBridge", "KafkaConnect", "KafkaMirrorMaker2"),
    },
    "self.type != 'strimziMetricsReporter'": {"Kafka"},
}

BASES = """
topic:
  apiVersion: kafka.strimzi.io/v1
  kind: KafkaTopic
  metadata: {name: orders, labels: {strimzi.io/cluster: main}}
  spec: {partitions: 3, replicas: 3, config: {retention.ms: 604800000}}
user:
  apiVersion: kafka.strimzi.io/v1
  kind: KafkaUser
  metadata: {name: orders-service}
  spec:
    authentication: {type: tls}
    authorization:
      type: simple
      acls:
        - resource: {type: topic, name: orders, patternType: literal}
          operations: [Read, Describe]
pool:
  apiVersion: kafka.strimzi.io/v1
  kind: KafkaNodePool
  metadata: {name: brokers}
  spec:
    replicas: 3
    roles: [broker]
    resources: {requests: {cpu: 2, memory: 8Gi}}
    storage: {type: jbod, volumes: [{id: 0, type: persistent-claim, size: 100Gi}]}
kafka:
  apiVersion: kafka.strimzi.io/v1
  kind: Kafka
  metadata: {name: main}
  spec:
    kafka:
      version: 4.3.1
      listeners: [{name: tls, port: 9093, type: internal, tls: true}]
      config: {min.insync.replicas: 2}
    entityOperator: {topicOperator: {}, userOperator: {}}
podset:
  apiVersion: core.strimzi.io/v1
  kind: StrimziPodSet
  metadata: {name: main-brokers}
  spec: {selector: {matchLabels: {app: kafka}}, pods: [{any: {thing: 1}}]}
configmap:
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings, creationTimestamp: null}
  data: {retries: "3"}
secret:
  apiVersion: v1
  kind: Secret
  metadata: {name: password}
  data: {password: aHVudGVyMg==}
networkpolicy:
  apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: allow-kafka}
  spec:
    podSelector: {}
    policyTypes: [Ingress]
    ingress: [{ports: [{port: 9093, protocol: TCP}, {port: metrics}]}]
deployment:
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: app}
  spec:
    selector: {matchLabels: {app: app}}
    template:
      metadata: {labels: {app: app}}
      spec:
        containers:
          - name: app
            image: app:1
            resources: {limits: {cpu: 0.5, memory: 1Gi}}
crd:
  apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: things.example.com}
  spec:
    group: example.com
    names: {kind: Thing, plural: things}
    scope: Namespaced
    versions:
      - name: v1
        served: true
        storage: true
        schema:
          openAPIV3Schema:
            type: object
            properties: {spec: {type: object, additionalProperties: true}}
application:
  apiVersion: argoproj.io/v1alpha1
  kind: Application
  metadata: {name: kafka, namespace: argocd}
  spec:
    project: default
    source: {repoURL: https://example.com/repo.git, path: rendered, targetRevision: main}
    destination: {server: https://kubernetes.default.svc, namespace: kafka}
    syncPolicy: {automated: {prune: false}, syncOptions: [ServerSideApply=true]}
project:
  apiVersion: argoproj.io/v1alpha1
  kind: AppProject
  metadata: {name: kafka}
  spec: {sourceRepos: ["*"], destinations: [{server: "*", namespace: kafka}]}
podmonitor:
  apiVersion: monitoring.coreos.com/v1
  kind: PodMonitor
  metadata: {name: kafka}
  spec: {selector: {}, podMetricsEndpoints: [{port: tcp-prometheus}]}
rule:
  apiVersion: monitoring.coreos.com/v1
  kind: PrometheusRule
  metadata: {name: kafka}
  spec: {groups: [{name: kafka, rules: [{alert: Down, expr: up == 0, for: 5m}]}]}
backup:
  apiVersion: kafka.oso.sh/v1alpha1
  kind: KafkaBackup
  metadata: {name: nightly}
  spec:
    topics: [orders]
    kafkaCluster: {bootstrapServers: ["main:9093"], caSecret: {name: ca}}
    storage: {storageType: s3, s3: {bucket: b, region: eu-1, credentialsSecret: {name: s}}}
validation:
  apiVersion: kafka.oso.sh/v1alpha1
  kind: KafkaBackupValidation
  metadata: {name: weekly}
  spec:
    backupRef: {name: nightly, storage: {storageType: pvc, pvc: {claimName: c}}}
    checks: {customWebhooks: [{name: hook, url: "https://example.com"}]}
reset:
  apiVersion: kafka.oso.sh/v1alpha1
  kind: KafkaOffsetReset
  metadata: {name: back}
  spec: {consumerGroups: [a], resetStrategy: to-latest, kafkaCluster: {bootstrapServers: [a]}}
rollback:
  apiVersion: kafka.oso.sh/v1alpha1
  kind: KafkaOffsetRollback
  metadata: {name: back}
  spec: {snapshotRef: {name: s, path: /data/s}, kafkaCluster: {bootstrapServers: [a]}}
restore:
  apiVersion: kafka.oso.sh/v1alpha1
  kind: KafkaRestore
  metadata: {name: back}
  spec:
    backupRef: {name: nightly}
    kafkaCluster: {bootstrapServers: [a]}
    pitr: {endTime: "2026-11-21T12:00:00Z"}
    partitionMapping: {"0": 1}
    repartitioning: {orders: {strategy: murmur2, targetPartitions: 3}}
strimzibackup:
  apiVersion: kafkabackup.com/v1alpha1
  kind: KafkaBackup
  metadata: {name: nightly}
  spec:
    strimziClusterRef: {name: main}
    storage: {type: s3, s3: {bucket: b}}
    schedule: {cron: 0 2 * * *}
    env: [{name: A, value: b}]
    resources: {limits: {cpu: "2"}}
    template: {pod: {securityContext: {runAsNonRoot: true}, tolerations: [{operator: Exists}]}}
strimzirestore:
  apiVersion: kafkabackup.com/v1alpha1
  kind: KafkaRestore
  metadata: {name: back}
  spec:
    strimziClusterRef: {name: main}
    backupRef: {name: nightly}
    topicMapping: [{sourceTopic: a, targetTopic: b}]
    restore: {topicCreation: manual, sourcePartitions: [0]}
"""

# What is tried on a base document: path, new value, whether the result is accepted.
CHANGES: list[tuple[str, str, Any, bool]] = [
    ("topic", "spec.config", {"any": {"thing": [1, True, None]}}, True),
    ("topic", "spec.partition", 3, False),
    ("topic", "spec.partitions", 0, False),
    ("topic", "spec.partitions", "3", False),
    ("topic", "spec.partitions", None, False),
    ("topic", "spec.replicas", 32768, False),
    ("topic", "apiVersion", "kafka.strimzi.io/v1beta2", False),
    ("topic", "kind", "KafkaTopics", False),
    ("topic", "metadata", {}, False),
    ("topic", "metadata.labels", {"number": 1}, False),
    ("topic", "metadata.label", {}, False),
    ("topic", "status", {"observedGeneration": 1}, True),
    ("topic", "status", {"conditions": [{}]}, True),
    ("topic", "status", {"anything": 1}, False),
    ("topic", "metadata.name", "a" * 253, True),
    ("topic", "metadata.name", "a" * 254, False),
    ("topic", "metadata.namespace", "a.b", False),
    ("topic", "metadata.creationTimestamp", "yesterday", False),
    ("topic", "metadata.annotations", {"A.b/c": "x"}, True),
    ("topic", "metadata.annotations", {"a b": "x"}, False),
    ("topic", "metadata.finalizers", ["a", "a"], False),
    ("topic", "spec.partitions", 2**63, False),
    ("pool", "spec.replicas", 2**31, False),
    ("topic", "stat", {}, False),
    ("user", "spec.quotas", {"producerByteRate": 1048576}, True),
    ("user", "spec.authentication.type", "oauth", False),
    (
        "user",
        "spec.authorization.acls.0",
        {"resource": {"type": "topic"}, "operation": "Read"},
        False,
    ),
    ("user", "spec.authorization.acls.0.operations", ["read"], False),
    ("pool", "spec.replicas", ..., False),
    ("pool", "spec.roles", ["zookeeper"], False),
    ("pool", "spec.resources.requests.memory", "8 Gi", False),
    ("pool", "spec.resources.requests.cpu", 0.5, False),
    ("kafka", "spec.kafka.config", {"broker.id": 0, "unknown": "x"}, True),
    ("kafka", "spec.kafka.metadataversion", "4.3-IV0", False),
    ("kafka", "spec.kafka.replicas", 3, False),
    ("kafka", "spec.zookeeper", {"replicas": 3}, False),
    ("kafka", "spec.kafka.listeners", [], False),
    ("kafka", "spec.kafka.listeners.0.port", 80, False),
    ("kafka", "spec.entityOperator.topicOperator", None, False),
    ("podset", "spec.pods", [], True),
    ("podset", "spec.pod", [], False),
    ("configmap", "data.retries", 3, False),
    ("configmap", "Data", {}, False),
    ("secret", "data.password", "hunter-2", False),
    ("secret", "stringData", {"user": "x"}, True),
    ("networkpolicy", "spec.ingress.0.ports.0.port", "metrics", True),
    ("networkpolicy", "spec.ingress.0.ports.0.port", True, False),
    ("networkpolicy", "spec.ingress.0.from", [{"podSelectors": {}}], False),
    ("deployment", "spec.template.spec.containers.0.imagePullPolice", "Always", False),
    ("deployment", "spec.template.spec.containers.0.resources.limits.memory", "1GB", False),
    ("deployment", "spec.template.metadata", {}, True),
    ("deployment", "spec.selector", ..., False),
    ("crd", "spec.versions.0.schema.openAPIV3Schema.properties.spec.typ", "object", False),
    ("application", "spec.source.repoUrl", "https://example.com/repo.git", False),
    ("application", "spec.destination", ..., False),
    (
        "application",
        "spec.ignoreDifferences",
        [{"kind": "Kafka", "jsonPointers": ["/status"]}],
        True,
    ),
    ("project", "spec.sourceRepo", [], False),
    ("podmonitor", "spec.podMetricsEndpoints.0.ports", [], False),
    ("podmonitor", "spec.selector", ..., False),
    ("rule", "spec.groups.0.rules.0.expr", 1, True),
    ("rule", "spec.groups.0.rules.0.alerts", "Down", False),
    ("rule", "spec.groups.0.partial_response_strategy", "Warn", True),
    ("rule", "spec.groups.0.partial_response_strategy", "ignore", False),
    # What the vendor's own pages write, and the API server drops without a word.
    ("backup", "spec.excludeTopics", ["a"], False),
    ("backup", "spec.retention", {"backups": 3}, False),
    ("backup", "spec.resources", {}, False),
    ("backup", "spec.storage.s3.credentialsSecret.accessKeyKey", "a", False),
    ("backup", "spec.storage.azure", {"connectionStringSecret": {"name": "a"}}, False),
    ("backup", "spec.schedule", {"cron": "0 2 * * *"}, False),
    ("backup", "spec.storage.s3.region", ..., False),
    ("backup", "spec.kafkaCluster.bootstrapServers", ..., False),
    ("backup", "spec.metrics", {"port": 65535}, True),
    ("backup", "spec.metrics", {"port": 65536}, False),
    ("backup", "spec.segmentMaxBytes", -1, False),
    ("backup", "spec.retention", {"keepLast": 2**32}, False),
    ("backup", "apiVersion", "kafkabackup.com/v1alpha1", False),
    ("validation", "spec.backupRef.storage.pvc.claim", "c", False),
    ("validation", "spec.checks.customWebhooks.0.url", ..., False),
    ("validation", "spec.checks", ..., False),
    ("reset", "spec.resetStrategy", "to-yesterday", False),
    ("reset", "spec.kafkaCluster.tlsSecret", {"certKey": "user.crt"}, False),
    ("rollback", "spec.snapshotRef.name", ..., False),
    ("restore", "spec.pitr.endTime", "yesterday", False),
    ("restore", "spec.partitionMapping", {"0": "1"}, False),
    ("restore", "spec.produceAcks", 40000, False),
    ("restore", "status", {"phase": "Running"}, True),
    ("strimzibackup", "spec.schedule", "0 2 * * *", False),
    ("strimzibackup", "spec.storage.type", "pvc", False),
    ("strimzibackup", "spec.authentication", {"type": "plain"}, False),
    ("strimzibackup", "spec.resources.limits.cpu", 2, False),
    ("strimzibackup", "spec.template.container", {"securityContext": {"anything": 1}}, True),
    ("strimzibackup", "spec.template.container", {"resources": {}}, False),
    ("strimzirestore", "spec.topicMapping", {"a": "b"}, False),
    ("strimzirestore", "spec.restore.existingTopicPolicy", "purge", False),
    ("strimzirestore", "spec.restore.sourcePartitions", ["0"], False),
]


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of a document with one value set, or removed where the value is `...`."""
    result = copy.deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target: Any = result
    for part in parents:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return result


def table() -> dict[str, tuple[dict[str, Any], str, bool]]:
    """Return all documents to try by name, each with the kind to judge it by and the verdict."""
    bases = yaml.safe_load(BASES)
    rows = {name: (document, name, True) for name, document in bases.items()}
    for number, (name, path, value, accepted) in enumerate(CHANGES):
        rows[f"{name}-{number:02}-{path}"] = (changed(bases[name], path, value), name, accepted)
    return rows


TABLE = table()


def schema_path(document: dict[str, Any]) -> Path:
    """Return the schema file for a document, by the same rule as kubeconform."""
    group, _, version = document["apiVersion"].rpartition("/")
    name = _convert.file_name(group, version, document["kind"])
    return next(path for path in SCHEMA_FILES if path.name == name)


@cache
def validator(path: Path) -> Any:
    """Return the validator for a schema file."""
    return jsonschema_rs.validator_for(json.loads(path.read_bytes()))


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas inside it, but nothing that is a value or a name."""
    found = [schema, *schema.get("definitions", {}).values()]
    while found:
        node = found.pop()
        yield node
        _convert.map_subschemas(node, lambda _keyword, child: found.append(child))


def test_checksums_cover_exactly_the_generated_files() -> None:
    """SHA256SUMS is sorted, matches each generated file, and misses none."""
    lines = (SCHEMAS / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    present = {
        path.relative_to(SCHEMAS).as_posix()
        for folder in (*FOLDERS, "crds", "kafka")
        for path in (SCHEMAS / folder).rglob("*")
        if path.is_file() and path.suffix != ".tsv" and path.name != "differences.json"  # by hand
    }
    assert list(sums) == sorted(present | {"LICENSE", "SOURCES.md"})
    for name, digest in sums.items():
        assert hashlib.sha256((SCHEMAS / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize(
    "path", SCHEMA_FILES + OLDER_FILES, ids=lambda path: path.relative_to(SCHEMAS).as_posix()
)
def test_schema_compiles_and_follows_the_rules(path: Path) -> None:
    """Each schema loads offline, identifies its kind, and leaves no described object open."""
    schema = json.loads(path.read_bytes())
    assert validator(path).is_valid({}) is False
    assert {"apiVersion", "kind", "metadata"} <= set(schema["required"])
    identity = schema["properties"]
    group, _, version = identity["apiVersion"]["const"].rpartition("/")
    assert path.name == _convert.file_name(group, version, identity["kind"]["const"])
    assert identity["metadata"]["required"] == ["name"]
    for node in subschemas(schema):
        if "type" in node and "properties" in node and _convert.PRESERVE_UNKNOWN not in node:
            assert "additionalProperties" in node


@pytest.mark.parametrize("name", TABLE)
def test_verdict(name: str) -> None:
    """Right documents are accepted and documents with one mistake are rejected."""
    document, base, accepted = TABLE[name]
    path = schema_path(TABLE[base][0])
    errors = [error.message for error in validator(path).iter_errors(document)]
    assert (not errors) is accepted, errors


def test_cel_rules_are_kept() -> None:
    """The seven CEL rules of Strimzi stand in the schemas of exactly their kinds, word for word."""
    found: dict[str, set[str]] = {}
    for path in (SCHEMAS / "strimzi" / NEWEST).glob("*.json"):
        schema = json.loads(path.read_bytes())
        for node in subschemas(schema):
            for rule in node.get("x-kubernetes-validations", []):
                assert rule["message"]
                found.setdefault(rule["rule"], set()).add(schema["properties"]["kind"]["const"])
    assert found == CEL_RULES


@pytest.mark.parametrize("path", CRD_FILES, ids=lambda path: path.name)
def test_crd_is_valid_and_has_a_schema(path: Path) -> None:
    """Each CustomResourceDefinition is valid itself and has its JSON Schema beside it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    crd = yaml.load(path.read_bytes(), loader)  # noqa: S506 (both loaders are safe)
    assert path.name == f"{crd['metadata']['name']}.yaml"
    assert [error.message for error in validator(schema_path(crd)).iter_errors(crd)] == []
    spec = crd["spec"]
    for version in spec["versions"]:
        name = _convert.file_name(spec["group"], version["name"], spec["names"]["kind"])
        assert any(schema.name == name for schema in SCHEMA_FILES)


def test_field_tables_stop_at_unknown_words(tmp_path: Path) -> None:
    """A type or a constraint that nobody knows is not dropped silently."""
    table = tmp_path / "example.com.tsv"
    for row in ("text", "array<text>", "set<string>", "string\t\tmaximum=3", "string\t\tformat=ip"):
        table.write_text(f"Thing\tsize\t{row}\n")
        with pytest.raises(_convert.ConversionError, match=row.rpartition("\t")[2]):
            _fields.open_api(_fields.read_table(table)["Thing"])


def test_conversion_keeps_properties_called_description() -> None:
    """Texts for humans are removed, fields that happen to be called like them are not."""
    source = {
        "type": "object",
        "description": "a text",
        "properties": {"description": {"type": "string", "description": "another text"}},
    }
    expected = {"type": "object", "properties": {"description": {"type": "string"}}}
    assert _convert.strip_descriptions(source) == expected
    assert _convert.convert(source) == {**expected, "additionalProperties": False}


def test_conversion_of_kubernetes_keywords() -> None:
    """Nullable, integer-or-string and defaulted fields accept what an API server accepts."""
    source = {
        "type": "object",
        "required": ["level", "port"],
        "properties": {
            "level": {"type": "string", "enum": ["low"], "nullable": True, "default": "low"},
            "port": {
                "anyOf": [{"type": "integer"}, {"type": "string"}],
                "x-kubernetes-int-or-string": True,
            },
        },
        "oneOf": [{"properties": {"level": {}}, "required": ["level"]}, {"required": ["port"]}],
    }
    assert _convert.convert(source) == {
        "type": "object",
        "additionalProperties": False,
        "required": ["port"],
        "properties": {
            "level": {"type": ["string", "null"], "enum": ["low", None]},
            "port": {"type": ["integer", "string"], "minimum": -(2**63), "maximum": 2**63 - 1},
        },
        "oneOf": [{"properties": {"level": {}}, "required": ["level"]}, {"required": ["port"]}],
    }


def test_conversion_stops_at_unknown_keywords() -> None:
    """A constraint that the conversion does not know is not dropped silently."""
    with pytest.raises(_convert.ConversionError, match="multipleOf"):
        _convert.convert({"type": "object", "properties": {"size": {"multipleOf": 2}}})
    with pytest.raises(_convert.ConversionError, match="pattern"):
        _convert.convert({"type": "string", "pattern": "(?i)yes"})


def test_check_reports_every_kind_of_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check names changed, missing and superfluous files, and writing settles them."""
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    generate.write({"strimzi/a.json": b"1", "strimzi/b.json": b"2"}, set())
    files = {"strimzi/a.json": b"changed", "strimzi/c.json": b"3"}
    owned = generate.owned_files(["strimzi"])
    assert generate.differences(files, owned) == [
        "not generated any more: strimzi/b.json",
        "different: strimzi/a.json",
        "missing: strimzi/c.json",
    ]
    generate.write(files, owned)
    assert generate.differences(files, generate.owned_files(["strimzi"])) == []


@pytest.mark.kubeconform
def test_kubeconform_agrees(tmp_path: Path, kubeconform: str) -> None:
    """Kubeconform finds each schema by its file name and gives the same verdicts."""
    rows = {
        # Kubeconform looks for the schema of the kind that the document itself names.
        name: row
        for name, row in TABLE.items()
        if row[0]["kind"] == TABLE[row[1]][0]["kind"]
        and row[0]["apiVersion"] == TABLE[row[1]][0]["apiVersion"]
    }
    for name, (document, _, _) in rows.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(document))
    command = [kubeconform, "-strict", "-verbose", "-output", "json"]
    for folder in LOCATIONS:
        template = SCHEMAS / folder / "{{.ResourceKind}}{{.KindSuffix}}.json"
        command += ["-schema-location", str(template)]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    verdicts = {
        Path(resource["filename"]).stem: resource["status"]
        for resource in json.loads(done.stdout)["resources"]
    }
    expected = {
        name: "statusValid" if accepted else "statusInvalid"
        for name, (_, _, accepted) in rows.items()
    }
    assert verdicts == expected


@pytest.mark.parametrize("folder", PINS)
def test_versions_are_the_pins(folder: str) -> None:
    """The list that the program reads, and folders of no other version."""
    versions = json.loads((SCHEMAS / folder / "versions.json").read_bytes())

    assert versions == list(PINS[folder])
    assert {path.name for path in (SCHEMAS / folder).iterdir() if path.is_dir()} <= {*versions}


def test_intent_offers_the_pins() -> None:
    """As examples, oldest first."""
    schema = (SCHEMAS / "intent.schema.json").read_bytes()

    assert _platform.intent_schema(schema) == schema


def test_older_definitions_get_no_newer_fields() -> None:
    """What the API server demands of a field is said only where there is one."""
    job: dict[str, Any] = {"properties": {"template": {}}}
    name = "io.k8s.api.batch.v1.JobSpec"

    assert _convert.constrained(name, job)["properties"].keys() == {"template"}
