"""Where backups are kept: the `storage` of one -> the engine's own words, and what a pod needs for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.contract.settings import BackupStorage
from generator.documents.manifest import Body
from generator.intent.sections import (
    BackupStorageAzureSection,
    BackupStorageGcsSection,
    BackupStorageS3Section,
    BackupStorageSection,
)
from generator.model.environment import Environment

Cloud = Literal["s3", "azure", "gcs"]
CLOUDS: tuple[Cloud, ...] = ("s3", "azure", "gcs")
KINDS: tuple[Literal["pvc"] | Cloud, ...] = ("pvc", *CLOUDS)
NEEDED = {
    "pvc": (),
    "s3": ("bucket",),
    "azure": ("account", "container"),
    "gcs": ("bucket",),
}
"""What each kind of storage cannot do without; a claim says a size or is there already."""

DATA = "/data"
_TOLD = {"bucket": "bucket", "region": "region", "endpoint": "endpoint", "pathStyle": "path_style",
         "account": "account", "container": "container"}  # fmt: skip

CREDENTIALS = "/etc/kafka-backup/storage"
_IDENTITY = {
    "s3": (("169.254.170.23/32", 80),),
    "gcs": (("169.254.169.252/32", 988), ("169.254.169.254/32", 80)),
}
"""Where pods get their cloud identity from: EKS Pod Identity; GKE's metadata server, with and
without its Dataplane V2."""

_PORT = re.compile(r"(https?)://[^/:]+(?::([0-9]+))?(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Storage:
    """One place for backups; `engine` is the `storage` of the engine's config."""

    kind: str
    settings: Mapping[str, object]
    prefix: str
    engine: Body
    claim: str = ""
    variables: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Environment variables by name: the Secret and its key."""
    secret_file: tuple[str, str] | None = None
    """A Secret and the key of it that is mounted as a file."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    """What the ServiceAccount carries, so that its pods get an identity in the cloud."""
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    identity_servers: tuple[tuple[str, int], ...] = ()
    """Addresses and ports on the node that give a pod its identity."""

    @property
    def secrets(self) -> list[str]:
        """The Secrets with which a pod comes to it; nobody but people has made them."""
        named = {name for name, _ in self.variables.values()}
        return sorted(named | ({self.secret_file[0]} if self.secret_file else set()))

    @property
    def place(self) -> tuple[str, ...]:
        """What tells this storage from all others, but for the prefix."""
        words = ("endpoint", "account", "container", "bucket")
        return (self.kind, self.claim, *(str(self.settings.get(word, "")) for word in words))

    def told(self) -> BackupStorage:
        """What checks need to find it; whoever reads it brings credentials of their own."""
        backend = self.engine["backend"]
        if backend == "filesystem":
            return BackupStorage(backend, claim=self.claim, path=DATA)
        said: dict[str, Any] = {
            word: self.settings[key] for key, word in _TOLD.items() if key in self.settings
        }
        return BackupStorage(backend, prefix=self.prefix, **said)


def storage_of(environment: Environment, name: str, said: BackupStorageSection) -> Storage | None:
    """The storage that a backup says; None unless it is exactly one with all that it needs."""
    if sum(kind in said for kind in KINDS) != 1 or missing(said):
        return None
    usual = f"{environment.name}/{environment.cluster.name}"
    if "s3" in said:
        return _s3(said["s3"], said["s3"].get("prefix", usual).strip("/"))
    if "azure" in said:
        return _azure(said["azure"], said["azure"].get("prefix", usual).strip("/"))
    if "gcs" in said:
        return _gcs(said["gcs"], said["gcs"].get("prefix", usual).strip("/"))
    claim = said["pvc"].get("claim", f"backup-{name}")
    return Storage("pvc", said["pvc"], "", {"backend": "filesystem", "path": DATA}, claim)


def missing(said: BackupStorageSection) -> list[tuple[str, ...]]:
    """The keys that its kind of storage needs and that nobody says."""
    found: list[tuple[str, ...]] = [
        (kind, key)
        for kind in KINDS
        for key in NEEDED[kind]
        if kind in said and key not in said[kind]
    ]
    claim = said.get("pvc")
    if claim is not None and "size" not in claim and "claim" not in claim:
        found.append(("pvc", "size"))
    found += [
        (kind, "credentialsSecret")
        for kind in CLOUDS
        if kind in said and not {"credentialsSecret", "workloadIdentity"} & said[kind].keys()
    ]
    found += [
        (kind, "credentialsSecret", "name")
        for kind in CLOUDS
        if kind in said and "name" not in said[kind].get("credentialsSecret", {"name": ""})
    ]
    return found


def port_of(endpoint: str) -> int:
    """The port of an address, which its scheme has when it says none."""
    match = _PORT.fullmatch(endpoint)
    scheme, port = match.groups() if match else ("https", None)
    return int(port) if port else {"http": 80, "https": 443}[scheme]


def _s3(settings: BackupStorageS3Section, prefix: str) -> Storage:
    """S3, and what speaks like it; the engine finds the keys in the environment by itself."""
    engine: Body = {"backend": "s3", "bucket": settings["bucket"], "prefix": prefix}
    if "region" in settings:
        engine["region"] = settings["region"]
    if "endpoint" in settings:
        engine["endpoint"] = settings["endpoint"]
    if "pathStyle" in settings:
        engine["path_style"] = settings["pathStyle"]
    endpoint = settings.get("endpoint", "https://s3.amazonaws.com")
    if endpoint.startswith("http://"):
        engine["allow_http"] = True
    ports = [port_of(endpoint)]
    variables, annotations = {}, {}
    servers: tuple[tuple[str, int], ...] = ()
    if "credentialsSecret" in settings:
        secret = settings["credentialsSecret"]
        variables = {
            "AWS_ACCESS_KEY_ID": (secret["name"], secret.get("accessKey", "AWS_ACCESS_KEY_ID")),
            "AWS_SECRET_ACCESS_KEY": (
                secret["name"],
                secret.get("secretKey", "AWS_SECRET_ACCESS_KEY"),
            ),
        }
    else:
        role = settings["workloadIdentity"].get("role")
        annotations = _annotation("eks.amazonaws.com/role-arn", role)
        servers = _IDENTITY["s3"]
        ports.append(443)  # where the role is taken on
    return Storage("s3", settings, prefix, engine, variables=variables, annotations=annotations,
                   ports=tuple(sorted(set(ports))), identity_servers=servers)  # fmt: skip


def _azure(settings: BackupStorageAzureSection, prefix: str) -> Storage:
    """Azure Blob Storage; its keys are read from the config only, so they stand there as variables."""
    engine: Body = {
        "backend": "azure",
        "account_name": settings["account"],
        "container_name": settings["container"],
        "prefix": prefix,
    }
    if "endpoint" in settings:
        engine["endpoint"] = settings["endpoint"]
    variables, annotations, labels = {}, {}, {}
    if "credentialsSecret" in settings:
        secret = settings["credentialsSecret"]
        if "sasToken" in secret:
            engine["sas_token"] = "${AZURE_STORAGE_SAS_TOKEN}"  # noqa: S105 - a variable's name
            variables["AZURE_STORAGE_SAS_TOKEN"] = (secret["name"], secret["sasToken"])
        else:
            engine["account_key"] = "${AZURE_STORAGE_KEY}"
            key = secret.get("accountKey", "AZURE_STORAGE_KEY")
            variables["AZURE_STORAGE_KEY"] = (secret["name"], key)
    else:
        engine["use_workload_identity"] = True
        client = settings["workloadIdentity"].get("clientId")
        annotations = _annotation("azure.workload.identity/client-id", client)
        labels = {"azure.workload.identity/use": "true"}
    port = port_of(settings.get("endpoint", "https://blob.core.windows.net"))
    return Storage("azure", settings, prefix, engine, variables=variables, annotations=annotations,
                   pod_labels=labels, ports=tuple(sorted({port, 443})))  # fmt: skip


def _gcs(settings: BackupStorageGcsSection, prefix: str) -> Storage:
    """Google Cloud Storage; a key is a file, and an identity comes from the metadata server."""
    engine: Body = {"backend": "gcs", "bucket": settings["bucket"], "prefix": prefix}
    if "credentialsSecret" in settings:
        secret = settings["credentialsSecret"]
        key = secret.get("serviceAccountKey", "SERVICE_ACCOUNT_JSON")
        engine["service_account_path"] = f"{CREDENTIALS}/{key}"
        return Storage("gcs", settings, prefix, engine, secret_file=(secret["name"], key),
                       ports=(443,))  # fmt: skip
    account = settings["workloadIdentity"].get("serviceAccount")
    annotations = _annotation("iam.gke.io/gcp-service-account", account)
    return Storage("gcs", settings, prefix, engine, annotations=annotations, ports=(443,),
                   identity_servers=_IDENTITY["gcs"])  # fmt: skip


def _annotation(key: str, identity: str | None) -> dict[str, str]:
    return {} if identity is None else {key: identity}
