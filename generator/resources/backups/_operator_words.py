"""What kinds of both operators have in common: how they reach Kafka, and where they keep backups.

Intent's storage and listener -> the words of kafka-backup-operator 1.2.1 (kafka.oso.sh) and of
strimzi-backup-operator 0.2.18 (kafkabackup.com).
"""

from typing import Any

from generator.contract.rights import ca_secret_names
from generator.model.backups.backup_operator import OSO
from generator.model.backups.storages import Storage
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment, Json, Listener
from generator.resources._restricted import container_context, pod_context

_ID = 1000
"""User and group of the engine's image."""


def kafka_cluster(environment: Environment, listener: Listener, user: str) -> dict[str, Any]:
    """Kafka for kafka.oso.sh: one listener with TLS, and Strimzi's own Secrets.

    The user's Secret has a ca.crt of the clients' CA, which did not sign the brokers' certificates.
    """
    ca_secret, _ = ca_secret_names(environment.cluster.name)
    return {
        "bootstrapServers": [bootstrap_address(listener, environment)],
        "securityProtocol": listener.security_protocol,
        "caSecret": {"name": ca_secret, "caKey": "ca.crt"},
        "tlsSecret": {"name": user, "certKey": "user.crt", "keyKey": "user.key"},
    }


def strimzi_cluster(environment: Environment, listener: Listener, user: str) -> dict[str, Any]:
    """Kafka for kafkabackup.com, which looks up addresses and Secrets itself."""
    return {
        "strimziClusterRef": {"name": environment.cluster.name, "listener": listener.name},
        "authentication": {"type": listener.authentication, "kafkaUserRef": {"name": user}},
    }


def pod_template(labels: Json, service_account: str) -> dict[str, Any]:
    """A pod of kafkabackup.com that meets the restricted Pod Security Standard.

    It writes to its own file system, because the operator can give it no volume.
    """
    return {
        "container": {"securityContext": container_context(read_only=False)},
        "pod": {
            "metadata": {"labels": dict(labels)},
            "securityContext": pod_context(_ID),
            "serviceAccountName": service_account,
        },
    }


def storage(place: Storage, api: str) -> dict[str, Any]:
    """The `storage` of a KafkaBackup."""
    if api == OSO:
        body = {"pvc": _oso_pvc, "s3": _oso_s3, "azure": _oso_azure}[place.kind](place)
        return {"storageType": place.kind, place.kind: body}
    body = {"s3": _strimzi_s3, "azure": _strimzi_azure, "gcs": _strimzi_gcs}[place.kind](place)
    return {"type": place.kind, place.kind: body}


def _oso_pvc(place: Storage) -> dict[str, Any]:
    return {"claimName": place.claim}


def _oso_s3(place: Storage) -> dict[str, Any]:
    said = place.settings
    (secret, access_key), (_, secret_key) = place.variables.values()
    body = {
        "bucket": said["bucket"],
        "region": said["region"],
        "prefix": place.prefix,
        "credentialsSecret": {
            "name": secret,
            "accessKeyIdKey": access_key,
            "secretAccessKeyKey": secret_key,
        },
    }
    return body | _endpoint(place, "pathStyle")


def _endpoint(place: Storage, path_style: str) -> dict[str, Any]:
    said, body = place.settings, {}
    if "endpoint" in said:
        body["endpoint"] = said["endpoint"]
        if said["endpoint"].startswith("http://"):
            body["allowHttp"] = True
    if said.get("pathStyle"):
        body[path_style] = True
    return body


def _oso_azure(place: Storage) -> dict[str, Any]:
    said = place.settings
    body: dict[str, Any] = {
        "accountName": said["account"],
        "container": said["container"],
        "prefix": place.prefix,
    }
    if "endpoint" in said:
        body["endpoint"] = said["endpoint"]
    if "workloadIdentity" in said:
        return {**body, "useWorkloadIdentity": True}
    for variable, (name, key) in place.variables.items():
        if variable == "AZURE_STORAGE_SAS_TOKEN":
            body["sasTokenSecret"] = {"name": name, "sasTokenKey": key}
        else:
            body["credentialsSecret"] = {"name": name, "accountKeyKey": key}
    return body


def _strimzi_s3(place: Storage) -> dict[str, Any]:
    said = place.settings
    body = {"bucket": said["bucket"], "prefix": place.prefix, **_endpoint(place, "forcePathStyle")}
    if "region" in said:
        body["region"] = said["region"]
    words = {"AWS_ACCESS_KEY_ID": "accessKeySecret", "AWS_SECRET_ACCESS_KEY": "secretKeySecret"}
    return body | _key_refs(place, words)


def _strimzi_azure(place: Storage) -> dict[str, Any]:
    said = place.settings
    body = {
        "storageAccount": said["account"],
        "container": said["container"],
        "prefix": place.prefix,
    }
    if "endpoint" in said:
        body["endpoint"] = said["endpoint"]
    if "workloadIdentity" in said:
        return {**body, "useWorkloadIdentity": True}
    words = {"AZURE_STORAGE_SAS_TOKEN": "sasTokenSecret", "AZURE_STORAGE_KEY": "accountKeySecret"}
    return body | _key_refs(place, words)


def _strimzi_gcs(place: Storage) -> dict[str, Any]:
    body: dict[str, Any] = {"bucket": place.settings["bucket"], "prefix": place.prefix}
    if place.secret_file:
        name, key = place.secret_file
        body["credentialsSecret"] = {"name": name, "key": key}
    return body


def _key_refs(place: Storage, words: Json) -> dict[str, Any]:
    return {
        words[variable]: {"name": name, "key": key}
        for variable, (name, key) in place.variables.items()
    }
