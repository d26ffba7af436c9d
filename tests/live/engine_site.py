"""A cluster with everything that its environment says of backups, applied; and what tests do with it.

    with Site(folder) as site:
        site.pods.run("CronJob/backup-whole")

Nothing of what is rendered is changed: brokers listen where the environment says, and show the name
that it gives them.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import yaml
from live.applier import apply
from live.engine_pod import Pods
from live.engine_store import BUCKET, Store
from live.kafka import Kafka
from live.security import BROKER_SANS, password_of
from live.stopping import Stopping
from support import Project

from generator.cli.main import run
from generator.model.backups.labels import NAME

_BOOTSTRAP = "events-kafka-bootstrap.kafka-dev.svc.cluster.local"
CONFIG = "/etc/kafka-backup/config/backup.yaml"
"""Where a pod finds its config."""
_S3_KEYS = {"AWS_ACCESS_KEY_ID": "key-id", "AWS_SECRET_ACCESS_KEY": "key-secret"}

# Records of tests are years old: a broker would delete them as soon as it looked.
_ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners:
    tls: {{port: {tls}, authentication: tls}}
    scram: {{port: {scram}, authentication: scram-sha-512}}
  quotas: {{type: kafka, consumerByteRate: 512Ki, requestPercentage: 50}}
topics:
  orders: {{retention: unlimited, partitions: 3, backup: required}}
  prices: {{retention: unlimited, partitions: 1, backup: required, cleanup: compact}}
  payments: {{retention: unlimited, partitions: 1, backup: required}}
  quiet: {{retention: unlimited, partitions: 2, backup: required}}
  bulk: {{retention: unlimited, partitions: 2}}
  crowd: {{retention: unlimited, partitions: 2}}
  restored.crowd: {{retention: unlimited, partitions: 2}}
  gone: {{retention: unlimited, partitions: 1}}
  restored.orders: {{retention: unlimited, partitions: 3}}
  restored.prices: {{retention: unlimited, partitions: 1, cleanup: compact}}
  restored.payments: {{retention: unlimited, partitions: 1}}
  early.orders: {{retention: unlimited, partitions: 3}}
  early.quiet: {{retention: unlimited, partitions: 2}}
  early.bulk: {{retention: unlimited, partitions: 3}}
  early.payments: {{retention: unlimited, partitions: 1}}
  busy.orders: {{retention: unlimited, partitions: 3}}
  cloud.orders: {{retention: unlimited, partitions: 3}}
  slow.orders: {{retention: unlimited, partitions: 3}}
verify: {{image: "strimzi-verify:1", backups: false}}
backups:
  whole: {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, drill: {drill}}}
  single: {{{always}, listener: tls, mode: full, storage: {{pvc: {{size: 1Gi}}}}, drill: {drill}}}
  cloud:
    {{{always}, listener: scram, drill: {drill}, storage: {{s3: {{bucket: {bucket}, region: us-east-1, endpoint: "{store}",
      pathStyle: true, credentialsSecret: {{name: store-keys}}}}}}}}
  slow:
    {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [bulk]}},
      segments: {{size: 256Ki}}, compression: {{level: 22}}, parallelPartitions: 2}}
  throttled:
    {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [bulk]}}}}
  tight:
    {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [crowd]}},
      segments: {{size: 256Ki}}}}
  missing: {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [gone]}}}}
  trimmed:
    {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [quiet]}},
      retention: {{size: 1Ki, keepSegments: 1}}}}
  pruned:
    {{{always}, listener: tls, storage: {{pvc: {{size: 1Gi}}}}, topics: {{include: [bulk]}},
      retention: {{size: 6Ki, keepSegments: 1}}}}
users:
  restorer:
    spec:
      authentication: {{type: tls}}
      authorization: {{type: simple, acls: {rights}}}
  mover:
    spec:
      authentication: {{type: scram-sha-512}}
      authorization: {{type: simple, acls: {rights}}}
"""
_DRILL = "{schedule: 0 5 * * MON, topics: [orders], partitions: 2}"
_ALWAYS = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *"

# What the restores of tests need: to write, and to move groups on what was written.
_RIGHTS = [
    {
        "resource": {"type": "topic", "name": prefix, "patternType": "prefix"},
        "operations": ["DescribeConfigs", "Read", "Write"],
    }
    for prefix in ("restored.", "busy.", "cloud.", "early.", "slow.")
] + [{"resource": {"type": "group", "name": "billing", "patternType": "literal"},
      "operations": ["Read"]}]  # fmt: skip
_RESTORERS = {"tls": "restorer", "scram-sha-512": "mover"}


class Site(Stopping):
    """A cluster, an object store, and the pods of what is rendered for them."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where everything goes."""
        self._folder = folder
        self.kafka = Kafka(folder / "kafka", secure=True)
        self.store = Store(folder / "store")
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start it, and apply the environment.

        Raises:
            MissingError: when something that it needs is not there.
            ServerError: when something does not start in time.
        """
        (node,), security = self.kafka.nodes, self.kafka.security
        assert security is not None
        node.identity = security.broker((*BROKER_SANS, _BOOTSTRAP))
        project = Project(self._folder / "project")
        self.project = project.root
        project.environment(
            text=_ENVIRONMENT.format(
                **node.ports, store=self.store.url, bucket=BUCKET, always=_ALWAYS,
                rights=json.dumps(_RIGHTS), drill=_DRILL,
            )
        )  # fmt: skip
        assert run(["--root", str(project.root), "render", "--no-cache"]) == 0
        rendered = project.root / "rendered" / "dev"
        objects = {}
        for file in rendered.rglob("*.yaml"):
            body = yaml.safe_load(file.read_text(encoding="utf-8"))
            objects[f"{body['kind']}/{body['metadata']['name']}"] = body
        self.pods = Pods(self._folder, objects, self._secrets(objects), [_BOOTSTRAP])
        with ExitStack() as cleanup:
            cleanup.callback(self.store.stop)
            self.store.start()
            cleanup.enter_context(self.kafka)
            apply(self.kafka, rendered)
            self._cleanup = cleanup.pop_all()
        return self

    def _secrets(self, objects: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """The Secrets of the operators, and the one that people bring."""
        security = self.kafka.security
        assert security is not None
        found = {
            "events-cluster-ca-cert": {"ca.crt": security.cluster_ca.certificate.read_text()},
            "store-keys": _S3_KEYS,
        }
        for kind, _, name in (each.partition("/") for each in objects):
            if kind == "KafkaUser":
                shown = security.user(name)
                found[name] = {
                    "user.crt": shown.certificate.read_text(),
                    "user.key": shown.key.read_text(),
                    "password": password_of(name),
                }
        return found

    @property
    def client(self) -> dict[str, Any]:
        """The settings of a client that may do everything."""
        return self.kafka._client()

    @property
    def forbidden_words(self) -> list[str]:
        """What no log may hold."""
        return [*_S3_KEYS.values(), *(each for secret in self.pods.secrets.values()
                for key, each in secret.items() if key in ("password", "user.key"))]  # fmt: skip

    def set_of(self, backup: str, backup_id: str | None = None) -> "BackupSet":
        """The set of a backup on a volume."""
        return BackupSet(self.pods.claim(f"backup-{backup}") / (backup_id or backup))

    def restore_job(self, name: str, backup: str, topics: Sequence[str], **options: Any) -> str:
        """A Job that restores from a backup, as a user who may; returns `Kind/name`.

        Args:
            name: the Job's name.
            backup: the backup, whose listener and storage it takes.
            topics: which of the backup's topics.
            **options: the section `restore` of the engine's config.
        """
        objects, old = self.pods.objects, f"backup-{backup}"
        user = _RESTORERS[objects[f"KafkaUser/{old}"]["spec"]["authentication"]["type"]]
        texts = objects[f"ConfigMap/{old}"]["data"]
        config = yaml.safe_load(texts["backup.yaml"])
        config["mode"], config["restore"] = "restore", options
        config["target"] = {**config.pop("source"), "topics": {"include": list(topics)}}
        if "sasl_username" in config["target"]["security"]:
            config["target"]["security"]["sasl_username"] = user
        del config["backup"], config["offset_storage"]
        objects[f"ConfigMap/{name}"] = {"data": {**texts, "backup.yaml": yaml.safe_dump(config)}}

        job = json.loads(json.dumps(objects[f"CronJob/{old}"]["spec"]["jobTemplate"]))
        pod = job["spec"]["template"]["spec"]
        for volume in pod["volumes"]:
            if volume["name"] == "config":
                volume["configMap"]["name"] = name
            elif volume["name"] == "user":
                volume["secret"]["secretName"] = user
        steps = [*pod.pop("initContainers", ()), *pod["containers"]]
        pod["containers"] = [container] = [each for each in steps if each["name"] == NAME]
        container["args"] = ["restore", "--config", CONFIG]
        for variable in container.get("env", ()):
            if variable["valueFrom"]["secretKeyRef"]["name"] == old:
                variable["valueFrom"]["secretKeyRef"]["name"] = user
        objects[f"Job/{name}"] = job
        return f"Job/{name}"


class BackupSet:
    """What lies in the folder of a set."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not be there."""
        self.folder = folder

    @property
    def manifest(self) -> dict[str, Any]:
        """What the engine wrote of it."""
        content: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return content

    @property
    def partitions(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The manifest's partitions by topic and number."""
        return {
            (topic["name"], partition["partition_id"]): partition
            for topic in self.manifest["topics"]
            for partition in topic["partitions"]
        }

    @property
    def groups(self) -> dict[str, Any]:
        """The offsets of groups by their names."""
        text = (self.folder / "consumer-groups-snapshot.json").read_text()
        return {each["group_id"]: each["offsets"] for each in json.loads(text)["groups"]}

    @property
    def files(self) -> dict[str, bytes]:
        """Every segment by its name in the set."""
        return {
            file.relative_to(self.folder).as_posix(): file.read_bytes()
            for file in sorted(self.folder.rglob("segment-*"))
        }

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What the engine's own database says."""
        with closing(sqlite3.connect(self.folder / "offsets.db")) as database:
            return database.execute(query).fetchall()
