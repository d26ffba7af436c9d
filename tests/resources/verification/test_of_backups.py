"""What the pod of verification gets to read backups with: Secrets, identities, claims, ways out."""

import json
from typing import Any

import pytest
from support import Project

from generator.contract.rights import reads

HEAD = "topics: {a: {backup: required}}\nverify: {image: 'r/v:1', owner: team-a%s}\nbackups:\n"
RUN = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"


def _rendered(project: Project, *backups: str, more: str = "") -> dict[str, Any]:
    """The bodies of all objects by `Kind/name`; backups are called a, b and so on."""
    lines = [
        f"  {name}: {{{RUN}, storage: {{{said}}}}}\n"
        for name, said in zip("abcd", backups, strict=False)
    ]
    return project.objects(HEAD % more + "".join(lines))


def _template(objects: dict[str, Any]) -> dict[str, Any]:
    template: dict[str, Any] = objects["Job/strimzi-verify"]["spec"]["template"]
    return template


def _mounted(objects: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Sources and paths of what is mounted for backups."""
    pod = _template(objects)["spec"]
    sources = {each.pop("name"): each for each in pod["volumes"]}
    mounts = pod["containers"][0]["volumeMounts"]
    assert all(each["readOnly"] for each in mounts if each["name"] != "tmp")
    return {
        each["name"]: (each["mountPath"], sources[each["name"]])
        for each in mounts
        if each["name"].startswith("backup-")
    }


def _readable(objects: dict[str, Any]) -> dict[str, bool]:
    told = json.loads(objects["ConfigMap/strimzi-verify"]["data"]["settings.json"])["backups"]
    return {name: each["readable"] for name, each in told.items()}


def test_checks_are_told_how_long_it_may_take(project: Project) -> None:
    """And at which rate; where nobody says one, that it is assumed."""
    bodies = project.objects(
        (HEAD % "") + f"  a: {{{RUN}, storage: {{pvc: {{size: 1Gi}}}}}}\n"
        f"  b: {{{RUN}, storage: {{pvc: {{size: 1Gi}}}}, recovery: 90m, restoreRate: 150Mi}}\n"
    )
    told = json.loads(bodies["ConfigMap/strimzi-verify"]["data"]["settings.json"])["backups"]
    keys = ("recoverySeconds", "restoreBytesPerSecond", "restoreRateMeasured")

    assert [told["a"][key] for key in keys] == [0, 40 * 2**20, False]
    assert [told["b"][key] for key in keys] == [5400, 150 * 2**20, True]


def _secret(name: str, items: dict[str, str]) -> dict[str, Any]:
    keys = [{"key": key, "path": path} for path, key in items.items()]
    said = {"secretName": name, "items": keys, "optional": True, "defaultMode": 0o440}
    return {"secret": said}


@pytest.mark.parametrize(
    ("storage", "source"),
    [
        ("s3: {bucket: b00, credentialsSecret: {name: s, accessKey: id}}",
         _secret("s", {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "AWS_SECRET_ACCESS_KEY"})),
        ("azure: {account: a00, container: c00, credentialsSecret: {name: s}}",
         _secret("s", {"AZURE_STORAGE_KEY": "AZURE_STORAGE_KEY"})),
        ("azure: {account: a00, container: c00, credentialsSecret: {name: s, sasToken: t}}",
         _secret("s", {"AZURE_STORAGE_SAS_TOKEN": "t"})),
        ("gcs: {bucket: b00, credentialsSecret: {name: s, serviceAccountKey: k}}",
         _secret("s", {"SERVICE_ACCOUNT_JSON": "k"})),
        ("pvc: {size: 1Gi, accessMode: ReadWriteMany}",
         {"persistentVolumeClaim": {"claimName": "backup-a", "readOnly": True}}),
    ],
    ids=["s3", "azure key", "azure sas", "gcs", "pvc"],
)  # fmt: skip
def test_credentials_and_claims_are_mounted(
    project: Project, storage: str, source: dict[str, Any]
) -> None:
    """Each backup has a folder of its own, so that several storages do not mix."""
    objects = _rendered(project, storage)

    assert _mounted(objects) == {"backup-a": ("/etc/strimzi-verify/backups/a", source)}
    assert _readable(objects) == {"a": True}


@pytest.mark.parametrize(
    "storage", ["pvc: {size: 1Gi}", "pvc: {size: 1Gi, accessMode: ReadWriteOncePod}", "pvc: {claim: x}"]
)  # fmt: skip
def test_claims_of_one_node_are_left_alone(project: Project, storage: str) -> None:
    """A pod on another node would wait for them for ever, and nothing at all would be proved."""
    objects = _rendered(project, storage)

    assert _mounted(objects) == {}
    assert _readable(objects) == {"a": False}


def test_identities_are_shared_as_far_as_one_account_can(project: Project) -> None:
    """Two roles do not fit into one ServiceAccount; another cloud's identity does."""
    role = "s3: {bucket: b00, workloadIdentity: {role: 'arn:aws:iam::123456789012:role/%s'}}"
    azure = "azure: {account: a00, container: c00, workloadIdentity: {clientId: x}}"
    azure = azure.replace("x", "01234567-89ab-cdef-0123-456789abcdef")
    objects = _rendered(project, role % "one", role % "two", role % "one", azure)

    notes = objects["ServiceAccount/strimzi-verify"]["metadata"]["annotations"]
    assert notes["eks.amazonaws.com/role-arn"] == "arn:aws:iam::123456789012:role/one"
    assert "azure.workload.identity/client-id" in notes
    assert _template(objects)["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    assert _readable(objects) == {"a": True, "b": False, "c": True, "d": True}
    assert _mounted(objects) == {}


def test_ways_to_storages_are_open(project: Project) -> None:
    """Those that backups have, and no more."""
    own = "s3: {bucket: b00, endpoint: 'http://minio:9000', credentialsSecret: {name: s}}"
    objects = _rendered(project, own, "gcs: {bucket: b00, workloadIdentity: {}}")
    egress = objects["NetworkPolicy/strimzi-verify"]["spec"]["egress"]

    assert {"ports": [{"port": 9000, "protocol": "TCP"}]} in egress
    ways = [(rule["to"][0]["ipBlock"]["cidr"], rule["ports"][0]["port"])
            for rule in egress if "ipBlock" in rule.get("to", [{}])[0]]  # fmt: skip
    assert ways == [("169.254.169.252/32", 988), ("169.254.169.254/32", 80)]


def test_nobody_reads_backups_where_git_says_no(project: Project) -> None:
    """Not a trace of credentials, identities and ways is left."""
    role = "s3: {bucket: b00, workloadIdentity: {role: 'arn:aws:iam::123456789012:role/one'}}"
    own = "s3: {bucket: b00, endpoint: 'http://minio:9000', credentialsSecret: {name: s}}"
    objects = _rendered(project, role, own, more=", backups: false")

    assert "eks" not in str(objects["ServiceAccount/strimzi-verify"])
    assert _mounted(objects) == {}
    assert _readable(objects) == {"a": False, "b": False}
    assert "9000" not in str(objects["NetworkPolicy/strimzi-verify"])


def test_jobs_are_read_where_there_are_cron_jobs() -> None:
    """The Role grants what is asked: without a backup or a schedule no Job's status matters."""
    with_jobs = {read.kind for read in reads([("batch/v1", "CronJob")])}
    without = {read.kind for read in reads([("v1", "ConfigMap")])}

    assert {"CronJob", "Job"} <= with_jobs
    assert not {"CronJob", "Job"} & without
