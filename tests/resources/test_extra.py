"""extra/ and overrides: the user's own manifests and last words, held to the same rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Project

from generator.model.overrides import patch
from generator.resources import extra

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n"


def test_plain_manifest_is_rendered(project: Project) -> None:
    """A manifest under extra/ goes to rendered/ENV/extra in canonical form."""
    project.environment()
    project.write("environments/dev/extra/mine.yaml", f"{CONFIG_MAP}data: {{b: '1', a: '2'}}\n")

    text = project.everything("dev").files()["dev"]["extra/configmap-mine.yaml"]

    assert text.split("\n", 1)[1] == (
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\ndata:\n  a: "2"\n  b: "1"\n'
    )


def test_file_of_a_higher_layer_replaces_the_lower(project: Project) -> None:
    """The same file name in the environment wins over base's."""
    project.write("environments/base/extra/mine.yaml", CONFIG_MAP + "data: {from: base}\n")
    project.environment("inherits: base\n")
    assert project.body("extra/configmap-mine.yaml")["data"] == {"from": "base"}

    project.write("environments/dev/extra/mine.yaml", CONFIG_MAP + "data: {from: dev}\n")
    assert project.body("extra/configmap-mine.yaml")["data"] == {"from": "dev"}


def test_template_writes_values_as_scalars(project: Project) -> None:
    """Values need no quotes and cannot break out of their place."""
    project.environment("topics: {'t': {description: \"a: b\\n- c # d\"}}\n")
    project.write(
        "environments/dev/extra/mine.yaml.j2",
        CONFIG_MAP
        + "data:\n  env: {{ environment }}\n  ns: {{ namespace }}\n  cluster: {{ cluster }}\n"
        "  text: {{ intent.topics.t.description }}\n"
        "  {% for name in intent.topics %}{{ name }}: {{ 'x' ~ name }}{% endfor %}\n",
    )

    assert project.body("extra/configmap-mine.yaml")["data"] == {
        "env": "dev", "ns": "kafka-dev", "cluster": "events", "text": "a: b\n- c # d", "t": "xt",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ namespce }}\n", "1:1 [template] 'namespce' is undefined"),
        ("a: 1\nb: {{ intent.nothing }}\n", "2:1 [template] 'dict object' has no attribute 'nothing'"),
        ("{% if %}\n", "1:1 [template] Expected an expression, got 'end of statement block'"),
        ("a: {{ 1 / 0 }}\n", "1:1 [template] division by zero"),
        ("a: {{ ''.__class__.__mro__ }}\n",
         "1:1 [template] access to attribute '__class__' of 'str' object is unsafe."),
        ("{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxxxx{% endfor %}{% endfor %}",
         "0:0 [template] renders more than 8 MiB"),
        ("a: [\n", "0:0 [yaml-syntax] this is no YAML: did not find expected node content"
         " (while parsing a flow node)"),
    ],
)  # fmt: skip
def test_template_mistake_is_named(project: Project, text: str, expected: str) -> None:
    """Undefined names, broken syntax, unsafe access and endless output end with a finding."""
    project.environment()
    project.write("environments/dev/extra/mine.yaml.j2", text)

    (found,) = project.findings()

    name, _, rest = found.partition(":")
    assert name == "extra/mine.yaml.j2"
    assert rest.endswith(expected.split(" ", 1)[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n", "1:1 [extra-manifest] 'apiVersion' is missing"),
        ("- a\n", "1:1 [extra-manifest] this is no manifest"),
        ("apiVersion: v1\nkind: ConfigMap\n", "1:1 [extra-manifest] 'metadata.name' is missing"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {nam: x}\n",
         "3:11 [extra-manifest] 'metadata.name' is missing"),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {password: hunter2}\n",
         "2:7 [extra-manifest] a Secret with content would be readable by everyone who reads Git"),
        (CONFIG_MAP + "data: {a: 1}\n",
         "4:11 [manifest-schema] ConfigMap mine: data.a: 1 is not text"),
        (CONFIG_MAP + "dta: {}\n", "4:1 [manifest-schema] ConfigMap mine: dta: unknown key 'dta'"),
        (CONFIG_MAP + "---\n" + CONFIG_MAP.replace("ConfigMap", "ConfgMap"),
         "6:7 [unknown-kind] ConfgMap mine: kind: no schema for v1 ConfgMap"),
        (CONFIG_MAP + "---\n" + CONFIG_MAP,
         "5:1 [duplicate-object] ConfigMap mine: this object is rendered twice"),
        ("apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata:\n  name: x\n"
         "  labels: {strimzi.io/cluster: evnts}\nspec: {}\n",
         '5:32 [unknown-reference] KafkaTopic x: metadata.labels."strimzi.io/cluster": there is no'
         " Kafka 'evnts' in this environment"),
        ("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n    spec:\n"
         "      restartPolicy: Never\n      serviceAccountName: runner\n"
         "      containers: [{name: c, image: i, envFrom: [{configMapRef: {name: kafka-conection}}]}]\n",
         "9:72 [unknown-reference] Job j: spec.template.spec.containers.c.envFrom[0].configMapRef.name:"
         " there is no ConfigMap 'kafka-conection' in this environment"),
    ],
)  # fmt: skip
def test_manifest_mistake_is_named(project: Project, text: str, expected: str) -> None:
    """The finding names the line of the extra file."""
    project.environment()
    project.write("environments/dev/extra/mine.yaml", text)

    assert f"extra/mine.yaml:{expected}" in project.findings()


def test_secret_never_reaches_rendered(project: Project) -> None:
    """A Secret with content is refused before anything is written, and not repeated in the report."""
    project.environment()
    project.write(
        "environments/dev/extra/s.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {password: aHVudGVyMg==}\n",
    )

    assert all("aHVudGVyMg" not in finding for finding in project.findings())


def test_fault_of_a_patch_on_an_extra_points_at_the_patch(project: Project) -> None:
    """Overrides reach extra manifests too; their faults stand in the overrides."""
    project.environment("overrides: {ConfigMap: {mine: {data: {a: 1}}}}\n")
    project.write("environments/dev/extra/mine.yaml", CONFIG_MAP)

    assert project.findings() == [
        "environment.yaml:7:42 [manifest-schema] ConfigMap mine: data.a: 1 is not text"
    ]


@pytest.mark.parametrize(
    ("patched", "expected"),
    [
        ("kind: null", "30 [override-identity] a patch cannot change kind"),
        ("apiVersion: 3", "30 [override-identity] a patch cannot change apiVersion"),
        ("metadata: null", "30 [override-identity] a patch cannot change metadata"),
        ("metadata: [1]", "30 [override-identity] a patch cannot change metadata"),
        ("metadata: {name: x}", "41 [override-identity] a patch cannot change metadata.name"),
        ("metadata: {namespace: x}", "41 [override-identity] a patch cannot change metadata.namespace"),
        ("metadata: {labels: 3}", "49 [manifest-schema] Kafka events: metadata.labels: 3 is not a mapping"),
    ],
)  # fmt: skip
def test_patch_never_makes_another_object(project: Project, patched: str, expected: str) -> None:
    """What an object is cannot be patched; whatever else is wrong is an ordinary finding."""
    project.environment(f"overrides: {{Kafka: {{events: {{{patched}}}}}}}\n")

    assert project.findings() == [f"environment.yaml:7:{expected}"]


@pytest.mark.parametrize("name", ["x/../../../y", "a/b", "..", "a%2fb"])
def test_no_name_leads_out_of_the_folder(project: Project, name: str) -> None:
    """RBAC names may hold nearly anything, but never a path."""
    project.environment()
    project.write(
        "environments/dev/extra/mine.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
        f'metadata: {{name: "{name}"}}\nrules: []\n',
    )

    (finding,) = project.findings()
    assert "[object-name]" in finding


@pytest.mark.parametrize(
    ("first", "second"),
    [("{name: c, namespace: n1}", "{name: c, namespace: n2}"), ("{name: c}", "{name: c, namespace: kafka-dev}")],
)  # fmt: skip
def test_two_objects_never_share_a_file(project: Project, first: str, second: str) -> None:
    """What would overwrite each other in rendered/ is an error, not a loss."""
    project.environment()
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"
    project.write(
        "environments/dev/extra/mine.yaml",
        text.replace("{}", first) + "---\n" + text.replace("{}", second),
    )

    (finding,) = project.findings()
    assert "[duplicate-object]" in finding


def test_templates_know_no_chance(project: Project) -> None:
    """Nothing random: the same intent gives the same bytes."""
    project.environment()
    project.write("environments/dev/extra/mine.yaml.j2", "a: {{ lipsum() }}\n")

    assert "'lipsum' is undefined" in project.findings()[0]


@pytest.mark.parametrize("labels", ["3", "[a]", "null", "{a: 1}", "{a: {b: c}}"])
def test_odd_labels_are_findings(project: Project, labels: str) -> None:
    """Structural nonsense in an extra manifest or a patch never crashes what looks at it later."""
    project.environment(
        f"topics: {{t: {{}}}}\noverrides: {{KafkaTopic: {{t: {{metadata: {{labels: {labels}}}}}}}}}\n"
    )
    project.write(
        "environments/dev/extra/mine.yaml",
        f"apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata: {{name: x, labels: {labels}}}\n"
        "spec: {}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
        f"metadata: {{name: x}}\nroleRef: {labels}\nsubjects: {labels}\n",
    )

    assert len(project.findings()) >= 2


@pytest.mark.parametrize(
    ("manifest", "where"),
    [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, namespace: [x]}\n",
         "metadata.namespace: a list is not a DNS label"),
        ("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: mine}\n"
         "spec: {groups: [{name: [x]}]}\n", "spec.groups[0].name: a list is not text"),
    ],
)  # fmt: skip
def test_names_that_are_no_text(project: Project, manifest: str, where: str) -> None:
    """Are findings, and name nothing."""
    project.environment()
    project.write("environments/dev/extra/mine.yaml", manifest)

    (found,) = project.findings()
    assert where in found


def test_patches_merge_named_items(project: Project) -> None:
    """Listeners merge by name, volumes by id; null removes; '*' comes before the name."""
    project.environment(
        """\
        overrides:
          Kafka:
            events:
              spec:
                kafka:
                  template: null
                  listeners: [{name: tls, configuration: {maxConnections: 5}}]
          KafkaNodePool:
            "*": {spec: {replicas: 5, storage: {volumes: [{id: 0, class: fast}]}}}
            combined: {spec: {replicas: 7}}
        """
    )

    kafka: Any = project.body("cluster/kafka-events.yaml")["spec"]
    pool: Any = project.body("cluster/kafkanodepool-combined.yaml")["spec"]

    assert "template" not in kafka["kafka"]
    (listener,) = kafka["kafka"]["listeners"]
    assert listener["port"] == 9093
    assert listener["configuration"] == {"maxConnections": 5}
    assert pool["replicas"] == 7
    assert pool["storage"]["volumes"][0]["class"] == "fast"
    assert pool["storage"]["volumes"][0]["size"] == "10Gi"


BODIES = st.recursive(
    st.integers() | st.text("ab", max_size=2),
    lambda inner: (
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.lists(inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from("xyz"), "v": inner}), max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from("abc"), BODIES), st.dictionaries(st.sampled_from("abc"), BODIES)
)
def test_patching_twice_is_patching_once(low: Any, high: Any) -> None:
    """A patch says a state, so applying it again changes nothing, and inputs stay as they are."""
    before = repr((low, high))
    once = patch(low, high)

    assert patch(once, high) == once
    assert repr((low, high)) == before


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{{ 'x' * 10**10 }}", "takes more than 512 MiB of memory"),
        ("{{ '%1000000000d' % 1 }}", "takes more than 512 MiB of memory"),
        ("{{ 'a'|center(10**10) }}", "takes more than 512 MiB of memory"),
        ("{% for i in range(10**9) %}{{ i }}{% endfor %}", "Range too big"),
    ],
)
def test_template_is_bounded(project: Project, expression: str, message: str) -> None:
    """Whatever an expression makes, the error is at its line."""
    project.environment()
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n"
    project.write("environments/dev/extra/mine.yaml.j2", f"{head}data: {{a: {expression}}}\n")

    (found,) = project.findings()
    assert found.startswith(f"extra/mine.yaml.j2:4:1 [template] {message}")


def test_template_that_never_ends(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is stopped; nested loops multiply what is allowed to one."""
    monkeypatch.setattr(extra, "_MAX_SECONDS", 1)
    project.environment()
    loops = "{% for i in range(10**5) %}{% for j in range(10**5) %}{% endfor %}{% endfor %}"
    project.write("environments/dev/extra/mine.yaml.j2", f"a: 1\nb: {loops}\n")

    (found,) = project.findings()
    assert found == "extra/mine.yaml.j2:2:1 [template] takes more than 1 s"


def test_null_is_not_rendered(project: Project) -> None:
    """Server-side apply refuses it; what no schema describes keeps its own."""
    project.environment()
    project.write(
        "environments/dev/extra/mine.yaml",
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\n"
        "metadata: {name: t, annotations: null, labels: {strimzi.io/cluster: events}}\n"
        "spec: {partitions: 1, replicas: null, config: {flush.ms: null}}\n",
    )

    body: Any = project.body("extra/kafkatopic-t.yaml")
    assert body["spec"] == {"partitions": 1, "config": {"flush.ms": None}}
    assert "annotations" not in body["metadata"]


def test_long_name_has_a_file(project: Project) -> None:
    """Kubernetes takes 253 characters, which with the kind are more than a file's name may have."""
    project.environment()
    for last in "ab":
        name = "x" * 252 + last
        project.write(
            f"environments/dev/extra/{last}.yaml",
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n",
        )

    files = [file for file in project.everything().folders()["dev"] if file.startswith("extra/")]
    assert len(set(files)) == 2
    assert all(len(file) < 240 for file in files)


def test_long_kind_is_unknown(project: Project) -> None:
    """And no bug."""
    project.environment()
    kind = "K" * 300
    manifest = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: mine}}\n"
    project.write("environments/dev/extra/mine.yaml", manifest)

    (found,) = project.findings()
    assert "[unknown-kind]" in found
