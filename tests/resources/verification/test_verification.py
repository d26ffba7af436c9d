"""Verification as it is rendered: what it may do, where it may go, when it runs, what it is told."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from plans import CLUSTER, make
from support import ENVIRONMENT, REPOSITORY, Cli, Project, crd_files

from generator.contract.rights import PREFIX, ca_secret_names, reads
from generator.intent.schema import intent_schema_text

VERIFY = "verify: {image: registry.example.com/strimzi-verify:1.0.0, owner: team-platform%s}\n"
HEALTHY = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners: {tls: {port: 9093, authentication: tls}}
policy: {severities: {broker-log-disk: ignore}}
topics: {words: {owner: team-a, description: Words., messageFormat: word, retention: 7d, throughput: 1B}}
messageFormats: {word: {type: object}}
applications:
  writer: {owner: team-a, produces: [words]}
"""


def _rendered(project: Project, more: str = "", text: str = ENVIRONMENT) -> dict[str, Any]:
    """The bodies of all objects by `Kind/name`."""
    return project.objects(VERIFY % "" + more if "verify:" not in more else more, text=text)


def _settings(objects: dict[str, Any]) -> dict[str, Any]:
    text = objects["ConfigMap/strimzi-verify"]["data"]["settings.json"]
    settings: dict[str, Any] = json.loads(text)
    assert text == json.dumps(settings, indent=2, sort_keys=True) + "\n"
    return settings


def test_nothing_is_rendered_without_being_asked_for(project: Project) -> None:
    """An environment that says no `verify:` has no trace of it."""
    project.environment("topics: {a: {}}\n")

    files = project.everything().files()

    assert not [file for file in files["dev"] if "verify" in file]
    assert "verify" not in "".join(files["dev"].values())


def test_job_is_a_hook_with_an_end(project: Project) -> None:
    """Argo CD runs it after every sync, replaces the last one, and it ends in time."""
    job = _rendered(project)["Job/strimzi-verify"]

    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": "PostSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "argocd.argoproj.io/sync-wave": "0",
    }
    assert (job["spec"]["backoffLimit"], job["spec"]["activeDeadlineSeconds"]) == (0, 900)
    assert "ttlSecondsAfterFinished" not in job["spec"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == [
        "run", "dev", "--in-cluster", "--wait", "600s", "--stable", "30s",
    ]  # fmt: skip


def test_job_does_not_wait_for_what_is_unmanaged(tmp_path: Path) -> None:
    """A released topic never becomes healthy, so the Job goes before it and the sync can end."""
    verify = CLUSTER + VERIFY % ""

    told = make(
        tmp_path, f"{verify}topics: {{a: {{}}}}\n", f"{verify}topics: {{a: {{retire: true}}}}\n"
    )

    (environment,) = (each for each in told.environments if each.name == "dev")
    assert [(step.phase, step.wave, step.objects, step.hangs) for step in environment.steps] == [
        ("Sync", 89, ("Job/strimzi-verify",), ()),
        ("Sync", 90, ("KafkaTopic/a",), ()),
    ]


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_pods_meet_the_restricted_standard(project: Project, kind: str) -> None:
    """No root, no privilege, no writable disk but /tmp, a token of its own, and only needed keys."""
    objects = _rendered(project, VERIFY % ', schedule: "0 * * * *"')
    found = next(body for name, body in objects.items() if name.startswith(f"{kind}/"))
    job = found["spec"]["jobTemplate"] if kind == "CronJob" else found
    template = job["spec"]["template"]
    pod, (container,) = template["spec"], template["spec"]["containers"]

    assert template["metadata"]["labels"]["app.kubernetes.io/name"] == "strimzi-verify"
    assert "strimzi.io/cluster" not in template["metadata"]["labels"]
    assert pod["securityContext"] == {
        "fsGroup": 65532, "runAsGroup": 65532, "runAsNonRoot": True, "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert (pod["restartPolicy"], pod["enableServiceLinks"]) == ("Never", False)
    assert pod["automountServiceAccountToken"] is True
    assert objects["ServiceAccount/strimzi-verify"]["automountServiceAccountToken"] is False
    assert set(container["resources"]) == {"requests", "limits"}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert volumes.keys() == mounts.keys() == {"user", "cluster-ca", "settings", "tmp"}
    assert volumes["tmp"]["emptyDir"] == {"sizeLimit": "64Mi"}
    sources = {
        name: volume.get("secret") or volume.get("configMap")
        for name, volume in volumes.items()
        if name != "tmp"
    }
    assert {
        name: [item["key"] for item in source["items"]] for name, source in sources.items()
    } == {
        "user": ["user.crt", "user.key"],
        "cluster-ca": ["ca.crt"],
        "settings": ["settings.json"],
    }
    assert {source["defaultMode"] for source in sources.values()} == {0o440}
    assert sources["user"]["secretName"] == "verify"
    assert sources["cluster-ca"]["secretName"] == "events-cluster-ca-cert"
    for name in sources:
        assert mounts[name] == {
            "name": name, "mountPath": f"/etc/strimzi-verify/{name}", "readOnly": True,
        }  # fmt: skip


def test_role_reads_secrets_of_users_where_it_is_asked_to(project: Project) -> None:
    """By name, those that log in; elsewhere none, and nobody is told that it may."""
    assert "credentials" not in _settings(_rendered(project))
    objects = _rendered(project, VERIFY % ", credentials: true")
    (names,) = (
        rule["resourceNames"]
        for rule in objects["Role/strimzi-verify"]["rules"]
        if rule["resources"] == ["secrets"]
    )
    users = {
        body["metadata"]["name"]
        for body in objects.values()
        if body["kind"] == "KafkaUser" and "authentication" in body["spec"]
    }
    assert users
    assert names == [*ca_secret_names("events"), *sorted(users)]
    assert _settings(objects)["credentials"] is True


def test_role_lists_exactly_what_is_read(project: Project) -> None:
    """Verbs, kinds and names are those of the module that the collector reads, and no more."""
    project.write(
        "environments/dev/extra/more.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: kafka-dev}\n---\n"
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: b, namespace: kafka-dev}\n---\n"
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: c}\nvalue: 1\n",
    )
    objects = _rendered(project)
    granted = {
        (group, resource, verb, tuple(rule.get("resourceNames", ())))
        for rule in objects["Role/strimzi-verify"]["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    kinds = {(body["apiVersion"], body["kind"]) for body in objects.values()}

    assert granted == {
        *((read.group, read.plural, "list", ()) for read in reads(kinds)),
        ("", "secrets", "get", ca_secret_names("events")),
    }
    told = {(version, kind) for version, kind in _settings(objects)["kinds"]}
    assert reads(told) == reads(kinds)
    assert ("", "resourcequotas", "list", ()) in granted
    assert ("batch", "jobs", "list", ()) in granted
    assert not {resource for _, resource, verb, _ in granted if verb == "list"} & {
        "secrets", "namespaces", "priorityclasses",
    }  # fmt: skip
    binding = objects["RoleBinding/strimzi-verify"]
    assert (binding["roleRef"]["name"], binding["subjects"]) == (
        "strimzi-verify",
        [{"kind": "ServiceAccount", "name": "strimzi-verify", "namespace": "kafka-dev"}],
    )


@pytest.mark.parametrize("file", crd_files(), ids=lambda file: file.stem)
def test_plurals_are_those_of_the_api(file: Path) -> None:
    """Every custom kind is called in the Role what its definition calls it."""
    names = yaml.safe_load(file.read_text())["spec"]

    (read,) = (
        each
        for each in reads([(f"{names['group']}/v1", names["names"]["kind"])])
        if each.kind == names["names"]["kind"]
    )
    assert read.plural == names["names"]["plural"]


@pytest.mark.parametrize(
    ("kind", "plural"),
    [("NetworkPolicy", "networkpolicies"), ("Ingress", "ingresses"), ("Endpoints", "endpoints"),
     ("Gateway", "gateways"), ("CronJob", "cronjobs"), ("Prometheus", "prometheuses")],
)  # fmt: skip
def test_plurals_are_guessed_as_kubernetes_does(kind: str, plural: str) -> None:
    """English as the API speaks it."""
    assert [each.plural for each in reads([("a/v1", kind)]) if each.kind == kind] == [plural]


def test_user_may_look_at_everything_and_touch_its_own(project: Project) -> None:
    """The ACLs are exact; records are read only where a format is checked."""
    objects = _rendered(
        project, "messageFormats: {f: {}}\ntopics: {a: {messageFormat: f}, b: {deadLetter: true}}\n"
    )
    spec = objects["KafkaUser/verify"]["spec"]
    acls = spec["authorization"]["acls"]

    assert spec["authentication"] == {"type": "tls"}
    assert {(acl["type"], acl["host"]) for acl in acls} == {("allow", "*")}
    assert [
        (
            acl["resource"]["type"],
            acl["resource"].get("name"),
            acl["resource"].get("patternType"),
            acl["operations"],
        )
        for acl in acls
    ] == [
        ("topic", "*", "literal", ["Describe", "DescribeConfigs"]),
        ("topic", PREFIX, "prefix", ["Create", "Delete", "Read", "Write"]),
        ("topic", "a", "literal", ["Read"]),
        ("group", "*", "literal", ["Describe"]),
        ("group", PREFIX, "prefix", ["Delete", "Read"]),
        ("transactionalId", "*", "literal", ["Describe"]),
        ("transactionalId", PREFIX, "prefix", ["Describe", "Write"]),
        ("cluster", None, None, ["Describe", "DescribeConfigs"]),
    ]


def test_user_has_no_acls_where_none_are_asked(project: Project) -> None:
    """Without authorization the User Operator would refuse them."""
    text = ENVIRONMENT + "  authorization: {type: none}\n"

    assert _rendered(project, text=text)["KafkaUser/verify"]["spec"] == {
        "authentication": {"type": "tls"}
    }


def test_rules_hold_for_verification_as_for_everybody(project: Project) -> None:
    """All rules pass what is rendered; a reader of formats is no consumer; others may not do the same."""
    user = deepcopy(_rendered(project, VERIFY % "")["KafkaUser/verify"]["spec"])
    project.write("environments/dev/rules.yaml", "{}\n")
    project.write("environments/dev/environment.yaml", HEALTHY + VERIFY % "")

    found = {each.rule for each in project.everything("dev").findings}

    assert found == {"topic-without-consumer"}

    body = json.dumps({"users": {"same": {"owner": "team-a", "spec": user}}})
    project.write("environments/dev/environment.yaml", HEALTHY)
    project.write("environments/dev/users.yaml", body)
    found = {each.rule for each in project.everything("dev").findings}
    assert {"acl-create", "acl-alter"} <= found


def test_verification_has_an_owner_as_everybody(project: Project) -> None:
    """Somebody answers for the user, or the rule says so at the section."""
    project.environment("verify: {image: r/v:1}\n")
    project.write("environments/dev/rules.yaml", "{}\n")

    assert "environment.yaml:7:1 [application-owner] KafkaUser verify: it has no owner" in (
        project.findings()
    )


def test_network_follows_listeners(project: Project) -> None:
    """Out to names, every listener's port from both sides, the API and the Pushgateway; nobody comes in."""
    text = ENVIRONMENT + "  metrics: {type: none}\n"
    text = text.replace(
        "listeners: {tls: {port: 9093, authentication: tls}}",
        "listeners: {tls: {port: 9093, authentication: tls}, plain: {port: 9192, tls: false,"
        " authentication: scram-sha-512}, out: {port: 9294, type: loadbalancer},"
        " nodes: {port: 9394, type: nodeport}}",
    )
    objects = _rendered(project, VERIFY % ', pushgateway: "http://push.monitoring:9091"', text)
    spec = objects["NetworkPolicy/strimzi-verify"]["spec"]
    brokers = [{"podSelector": {"matchLabels": {
        "strimzi.io/cluster": "events", "strimzi.io/kind": "Kafka"}}}]  # fmt: skip

    assert spec["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "strimzi-verify"}}
    assert (spec["policyTypes"], "ingress" in spec) == (["Egress", "Ingress"], False)
    assert [
        (["/".join(str(part) for part in port.values()) for port in rule["ports"]], rule.get("to"))
        for rule in spec["egress"]
    ] == [
        (["53/TCP", "53/UDP"], None),
        (["9093/TCP", "9192/TCP", "9294/TCP", "9394/TCP"], brokers),
        (["443/TCP", "6443/TCP"], None),
        (["9294/TCP", "32767/30000/TCP"], None),
        (["9091/TCP"], None),
    ]


def test_listeners_that_keep_others_out_let_it_in(project: Project) -> None:
    """It is one peer more where there are some; where everybody may come, nothing is said."""
    peers = "networkPolicyPeers: [{podSelector: {}}]"
    text = ENVIRONMENT.replace(
        "tls: {port: 9093, authentication: tls}",
        f"tls: {{port: 9093, authentication: tls, {peers}}}, more: {{port: 9094}},"
        " all: {port: 9095, networkPolicyPeers: []}",
    )
    kafka = _rendered(project, text=text)["Kafka/events"]
    found = {
        each["name"]: each.get("networkPolicyPeers") for each in kafka["spec"]["kafka"]["listeners"]
    }

    assert found == {
        "tls": [
            {"podSelector": {}},
            {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "strimzi-verify"}}},
        ],
        "more": None,
        "all": [],
    }


@pytest.mark.parametrize(
    ("listeners", "chosen", "secret"),
    [
        ("{a: {port: 9092, authentication: scram-sha-512}, b: {port: 9093, authentication: tls}}",
         "b", ["user.crt", "user.key"]),
        ("{a: {port: 9092, authentication: scram-sha-512}, b: {port: 9093, type: loadbalancer,"
         " authentication: tls}}", "a", ["password"]),
        ("{a: {port: 9093}, b: {port: 9094, type: cluster-ip, authentication: tls}}", "b",
         ["user.crt", "user.key"]),
    ],
)  # fmt: skip
def test_listener_is_internal_and_asks_who_comes(
    project: Project, listeners: str, chosen: str, secret: list[str]
) -> None:
    """Certificates before passwords; the Secret's keys follow."""
    text = ENVIRONMENT.replace("{tls: {port: 9093, authentication: tls}}", listeners)
    objects = _rendered(project, text=text)
    volumes = objects["Job/strimzi-verify"]["spec"]["template"]["spec"]["volumes"]

    assert _settings(objects)["listener"] == chosen
    assert [item["key"] for item in volumes[0]["secret"]["items"]] == secret


def test_commands_are_such_as_strimzi_verify_takes(project: Project) -> None:
    """The pods' arguments and folders are those of the command that the image starts."""
    cli = pytest.importorskip("verify.cli.main")
    reach = pytest.importorskip("verify.collect.endpoints")
    more = ', strict: true, schedule: "0 * * * *", pushgateway: "http://push:9091"'
    objects = _rendered(project, VERIFY % more)
    steady = objects["CronJob/strimzi-verify-steady"]["spec"]["jobTemplate"]

    for job in (objects["Job/strimzi-verify"], steady):
        (container,) = job["spec"]["template"]["spec"]["containers"]
        command, *words = container["args"]
        found = cli.main.get_command(None, command)
        context = found.make_context(command, words)
        assert (context.params["environment"], context.params["in_cluster"]) == ("dev", True)
        assert {
            str(Path(mount["mountPath"]).parent) for mount in container["volumeMounts"][:-1]
        } == {str(reach.MOUNTED)}


def test_settings_leave_no_number_to_a_default(project: Project) -> None:
    """What nobody says is written all the same."""
    assert _settings(_rendered(project)) == {
        "version": 1, "environment": "dev", "namespace": "kafka-dev", "cluster": "events",
        "user": "verify", "listener": "tls", "waitSeconds": 600, "stableSeconds": 30,
        "strict": False, "skip": [], "ignoreTopics": [], "groups": {}, "latency": {},
        "certificates": {"warnDays": 30, "failDays": 7},
        "disk": {"warnPercent": 75, "failPercent": 85},
        "formats": {}, "deadLetters": {}, "consumes": {}, "backups": {},
        "kinds": [
            ["batch/v1", "Job"],
            ["networking.k8s.io/v1", "NetworkPolicy"],
            ["rbac.authorization.k8s.io/v1", "Role"],
            ["rbac.authorization.k8s.io/v1", "RoleBinding"],
            ["v1", "ConfigMap"],
            ["v1", "ServiceAccount"],
        ],
    }  # fmt: skip


def test_settings_are_readable_in_a_review(project: Project) -> None:
    """One line a value in the rendered file, whatever letters and nulls a format has."""
    more = 'messageFormats: {f: {title: "\u00e4: \\"x\\"", properties: {a: {const: null}}}}\n'
    project.environment(VERIFY % "" + more + "topics: {a: {messageFormat: f}}\n")

    everything = project.everything("dev")
    text = everything.files()["dev"]["verify/configmap-strimzi-verify.yaml"]

    assert '\n      "certificates": {\n' in text
    assert json.loads(yaml.safe_load(text)["data"]["settings.json"])["formats"] == {
        "a": {"title": '\u00e4: "x"', "properties": {"a": {"const": None}}}
    }


def test_checks_know_every_setting() -> None:
    """What is written here and what the checks read are the same keys."""
    msgspec = pytest.importorskip("msgspec")
    settings = pytest.importorskip("generator.contract.settings")
    golden = (REPOSITORY / "tests/golden/verify.rendered.yaml").read_text().split("# --- ")
    config_map = yaml.safe_load(golden[1].partition("\n")[2])
    text = config_map["data"]["settings.json"]

    read = json.loads(msgspec.json.encode(settings.decode(text)))

    def lost(written: Any, known: Any, path: str) -> list[str]:
        if not isinstance(written, dict):
            return [] if written == known else [path]
        return [
            each
            for key, value in written.items()
            for each in (
                lost(value, known[key], f"{path}.{key}") if key in known else [f"{path}.{key}"]
            )
        ]

    assert lost(json.loads(text), read, "") == []


def test_defaults_of_the_schema_are_the_real_ones(project: Project) -> None:
    """What editors show is what happens."""
    schema = json.loads(intent_schema_text())["definitions"]["verify"]["properties"]
    said = {key: node["default"] for key, node in schema.items() if "default" in node}
    load = schema["performance"]["properties"]
    said["performance"] = {key: load[key]["default"] for key in ("records", "recordSize")}
    for section in ("certificates", "disk"):
        inside = schema[section]["properties"]
        said[section] = {key: node["default"] for key, node in inside.items()}
    silent = _rendered(project, VERIFY % ", performance: {}")
    spoken = _rendered(
        project, VERIFY % "".join(f", {k}: {json.dumps(v)}" for k, v in said.items())
    )

    assert spoken == silent


def test_steady_verification_runs_alone_and_gives_one_verdict(project: Project) -> None:
    """No waiting, no second run beside the first, and the clock of nobody's country."""
    more = ', schedule: "*/15 * * * *", strict: true, pushgateway: "http://push:9091"'
    cron = _rendered(project, VERIFY % more)["CronJob/strimzi-verify-steady"]
    spec = cron["spec"]
    job = spec.pop("jobTemplate")["spec"]

    assert spec == {
        "concurrencyPolicy": "Forbid", "failedJobsHistoryLimit": 3, "schedule": "*/15 * * * *",
        "startingDeadlineSeconds": 300, "successfulJobsHistoryLimit": 1, "timeZone": "Etc/UTC",
    }  # fmt: skip
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (0, 900)
    assert job["template"]["spec"]["containers"][0]["args"] == [
        "run", "dev", "--in-cluster", "--strict", "--push", "http://push:9091",
    ]  # fmt: skip


def test_a_new_format_reaches_settings_and_rights(project: Project, cli: Cli) -> None:
    """The short way of rendering one changed topic is not taken where more than the topic changes."""
    more = VERIFY % "" + "messageFormats: {f: {type: string}}\ntopics: {a: {%s}, b: {}}\n"
    project.environment(more % "")
    assert cli("render")[0] == 0
    project.environment(more % "messageFormat: f")
    assert cli("render")[0] == 0

    rendered = {name: text.decode() for name, text in project.rendered().items()}
    assert '"a": {' in rendered["dev/verify/configmap-strimzi-verify.yaml"]
    assert "name: a\n" in rendered["dev/verify/kafkauser-verify.yaml"]
    assert cli("render", "--check", "--no-cache")[0] == 0


def test_plan_tells_that_kafka_does_not_notice(tmp_path: Path) -> None:
    """Only the user is news to Kafka; a changed Job, Role or NetworkPolicy is none."""
    there = VERIFY % ""
    changed = VERIFY % ', schedule: "0 * * * *", wait: 5m, pushgateway: "http://push:9091"'

    for before, after, expected in (("", there, {"dynamic"}), (there, changed, set()),
                                    (there, "", {"client-visible"})):  # fmt: skip
        told = make(tmp_path / f"{len(before)}-{len(after)}", CLUSTER + before, CLUSTER + after)
        (environment,) = (each for each in told.environments if each.name == "dev")
        effects = [(change.kind, effect) for change in environment.changes
                   for effect in change.effects]  # fmt: skip
        assert effects
        loud = {(kind, str(effect.impact)) for kind, effect in effects
                if str(effect.impact) != "no-effect"}  # fmt: skip
        assert {kind for kind, _ in loud} == ({"KafkaUser"} if expected else set())
        assert {impact for _, impact in loud} == expected


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_shipped_environment_is_verified(environment: str) -> None:
    """After every sync; production steadily as well, with numbers to keep and a format to check."""
    folder = REPOSITORY / "rendered" / environment / "verify"
    objects = {path.name: yaml.safe_load(path.read_text()) for path in folder.glob("*.yaml")}

    assert {body["kind"] for body in objects.values()} == {
        "ConfigMap", "Job", "KafkaUser", "NetworkPolicy", "Role", "RoleBinding", "ServiceAccount",
        *(["CronJob"] if environment == "prod" else []),
    }  # fmt: skip
    settings = json.loads(objects["configmap-strimzi-verify.yaml"]["data"]["settings.json"])
    assert list(settings["formats"]) == ["orders.order.created"]
    assert bool(settings["groups"]) == (environment == "prod")
