"""kafka-backup-operator 1.2.1 (group kafka.oso.sh), which runs the engine in its own pod."""

from collections.abc import Iterator
from typing import ClassVar

from generator.common.finding import Path, Problem
from generator.common.schedule import fault, with_seconds
from generator.common.units import parse_duration_ms
from generator.documents.manifest import Body
from generator.intent.sections import (
    BackupOperatorChartSection,
    BackupSection,
    BackupStorageSection,
    BackupValidationSection,
    ResourcesSection,
    RestoreSection,
)
from generator.model.backups.engines.engine import (
    FULL,
    INCREMENTAL,
    NO_SNAPSHOT,
    TRIED_ONCE,
    WHOLE_SETS,
    Asked,
    Operator,
    Unread,
)
from generator.model.backups.engines.strimzi import Strimzi
from generator.model.backups.problems.shared import schedule_problems, time_problems
from generator.model.backups.storages import DATA
from generator.model.connection import login_listener
from generator.model.environment import Environment, below

_DAY_MS = 86_400_000
_UTC = ("Etc/UTC", "UTC")
_IN_OPERATOR = "the engine runs inside the operator"
_NO_JOB = "the operator makes no Job"
_HEADERS = "it adds the headers to every record"


class Oso(Operator):
    """Source: its adapters/core_integration.rs and reconcilers/offset_reset.rs."""

    group = "kafka.oso.sh"
    CHART: ClassVar[BackupOperatorChartSection] = {
        "repoURL": "https://osodevops.github.io/helm-charts/",
        "name": "kafka-backup-operator",
        "version": "1.2.1",
    }
    # The engine runs inside, with segments of every partition that is read at once.
    RESOURCES: ClassVar[ResourcesSection] = {
        "requests": {"cpu": "250m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "4Gi"},
    }
    needs_image = False
    has_pods = False
    default_mode = FULL  # the one that it has
    tells_sets_by_name = True
    schedule_path = ("schedule",)
    storage_word = "storageType"
    storage_kinds = ("pvc", "s3", "azure", "gcs")
    storage_paths = (("storage",), ("backupRef", "storage"), ("evidence", "storage"))
    continuous_path = ("continuous",)
    restore_path = ()
    create_topics = "createTopics"
    keep_fix = "in any case"
    unread: ClassVar[Unread] = {
        ("image",): _IN_OPERATOR,
        ("resources",): _IN_OPERATOR,
        ("retries",): "it does not try a failed run again",
        ("deadline",): "it stops no run",
        ("startingDeadline",): _NO_JOB,
        ("history",): _NO_JOB,
        ("retention", "size"): WHOLE_SETS,
        ("retention", "keepSegments"): WHOLE_SETS,
    }
    unread_of_restore: ClassVar[Unread] = {
        ("partitions",): "it has no word for it, and restores all of them",
        ("stripHeaders",): _HEADERS,
        ("groups", "strategy"): f"{_HEADERS}, and has no word for more",
        ("groups", "image"): NO_SNAPSHOT,
        ("deadline",): "it stops no restore",
        ("retries",): TRIED_ONCE,
        ("image",): _IN_OPERATOR,
        ("resources",): _IN_OPERATOR,
    }
    unread_of_reset: ClassVar[Unread] = {
        ("parallelism",): "groups are moved one after the other",
        ("deadline",): "the operator stops no reset",
        ("image",): _IN_OPERATOR,
        ("resources",): _IN_OPERATOR,
    }

    @property
    def peer(self) -> Body:
        """Its own pod, in another namespace."""
        labels = {"app.kubernetes.io/name": self.CHART["name"]}
        return {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}},
            "podSelector": {"matchLabels": labels},
        }

    def resources(self, settings: BackupSection) -> ResourcesSection:
        """What its own pod may use."""
        del settings
        return self.own_resources

    def claim_namespace(self, environment: Environment) -> str:
        """Its own pod mounts the claim."""
        del environment
        return self.namespace

    def set_prefix(self, backup: str, run: str) -> str:
        """The time follows."""
        del run
        return f"{backup}-"

    def cron_job(self, backup: str, run: str) -> str:
        """It starts runs itself."""
        del backup, run
        return ""

    @staticmethod
    def mount_of(claim: str) -> str:
        """Where it looks for a claim, in its own pod (adapters/storage_config.rs)."""
        return f"{DATA}/{claim}"

    def problems(self, asked: Asked) -> Iterator[Problem]:
        """What it cannot do besides.

        Source: kafka-backup-operator 1.2.1, reconcilers/backup.rs (a new set for each run), saslSecret
        (usernameKey), topics (a list of names or of what fits); Strimzi 1.2.0, KafkaUserModel (the Secret of
        a user with a password holds password and sasl.jaas.config).
        """
        yield from super().problems(asked)
        path, section = asked.path, asked.section
        if section.get("mode") == INCREMENTAL:
            yield Problem((*path, "mode"), f"{self.group} makes a whole set in every run",
                          "backup-operator", f"write mode: {FULL}, or api: {Strimzi.group}")  # fmt: skip
        yield from self._times(section, path)
        if asked.listener is not None and asked.listener.authentication != "tls":
            yield Problem((*path, "listener") if "listener" in section else path,
                          f"{self.group} reads a user's name from the Secret, and Strimzi's Secrets of"
                          f" {asked.listener.authentication} users hold none", "backup-listener",
                          "name an internal listener with the authentication tls",
                          on_key="listener" not in section)  # fmt: skip
        if asked.leaves_out:
            yield Problem((*path, "topics", "undeclared"), f"{self.group} cannot leave out what fits a"
                          " pattern", "backup-operator",
                          "name the topics, or take every one that fits")  # fmt: skip
        yield from self._storage(asked.environment, section.get("storage", {}), (*path, "storage"))
        if "validation" in section:
            yield from _validation(section, section["validation"], (*path, "validation"))

    def retention_problems(self, section: BackupSection, path: Path) -> Iterator[Problem]:
        """It counts days.

        Source: kafka-backup-operator 1.2.1, retention (maxAgeDays).
        """
        age = section.get("retention", {}).get("age")
        if age is not None and parse_duration_ms(age) % _DAY_MS:
            yield Problem((*path, "retention", "age"), f"the operator counts whole days, and {age} is none",
                          "backup-operator", "write days, such as 30d")  # fmt: skip
        yield from super().retention_problems(section, path)

    def _times(self, section: BackupSection, path: Path) -> Iterator[Problem]:
        """When it runs.

        Source: kafka-backup-operator 1.2.1 (crate cron 0.12: in UTC, and a day has to be both).
        """
        zone = section.get("timeZone", "UTC")
        if zone not in _UTC:
            yield Problem((*path, "timeZone"), f"{self.group} counts in UTC, and has no word for {zone}",
                          "backup-operator", "write the schedule in UTC, and drop timeZone")  # fmt: skip
        for keys in (("schedule",), ("validation", "schedule")):
            text = below(section, keys)
            if isinstance(text, str) and not fault(text) and with_seconds(text) is None:
                yield Problem((*path, *keys), "it names days of the month and of the week, of which either"
                              f" is enough; {self.group} would wait for days that are both",
                              "backup-operator", "leave one of them open: *")  # fmt: skip

    def _storage(
        self, environment: Environment, said: BackupStorageSection, path: Path
    ) -> Iterator[Problem]:
        """Where it can write to.

        Source: kafka-backup-operator 1.2.1, adapters/storage_config.rs (what the Secret says is taken for
        the path of a key; s3 has keys; a claim is looked for at /data/CLAIM of its own pod), its chart
        (azureWorkloadIdentity).
        """
        if "gcs" in said:
            yield Problem((*path, "gcs"), f"{self.group} takes the key itself for the name of a file, and"
                          " cannot log in", "backup-operator",
                          f"write another storage, or api: {Strimzi.group}", on_key=True)  # fmt: skip
        if "workloadIdentity" in said.get("s3", {}):
            yield Problem((*path, "s3", "workloadIdentity"), f"{self.group} needs access keys for S3",
                          "backup-operator", "name the Secret with the keys: credentialsSecret",
                          on_key=True)  # fmt: skip
        if "s3" in said and "region" not in said["s3"]:
            yield Problem((*path, "s3"), "'region' is missing", "missing-key",
                          "add region: with the bucket's region, us-east-1 where there is none",
                          on_key=True)  # fmt: skip
        if "clientId" in said.get("azure", {}).get("workloadIdentity", {}):
            yield Problem((*path, "azure", "workloadIdentity", "clientId"),
                          "it has no effect: the identity is the operator's", "no-effect",
                          "say it in backupOperator.values: azureWorkloadIdentity", on_key=True)  # fmt: skip
        if "size" in said.get("pvc", {}) and self.namespace != environment.namespace:
            yield Problem((*path, "pvc", "size"), "the claim would be made in the namespace"
                          f" {environment.namespace}, and the operator runs in {self.namespace}",
                          "backup-operator", "name a claim that is there: claim", on_key=True)  # fmt: skip

    def restore_problems(
        self, environment: Environment, said: RestoreSection, path: Path
    ) -> Iterator[Problem]:
        """It tells topics apart by their names, and logs in with a certificate.

        Source: kafka-backup-operator 1.2.1 (its validation of specs: every topic has another name).
        """
        if "listener" in said:
            yield from self.login_problems(environment, path, said["listener"])
        for source, target in sorted(said.get("topics", {}).items()):
            if source == target and not said.get("purge"):
                yield Problem((*path, "topics", source), f"{self.group} wants every topic to have a new"
                              " name, unless topics are purged", "backup-operator",
                              "name another topic, or write purge: true where what it holds shall be"
                              " lost")  # fmt: skip

    def login_problems(
        self, environment: Environment, path: Path, named: str | None
    ) -> Iterator[Problem]:
        """A listener at which it cannot log in with an order.

        Source: kafka-backup-operator 1.2.1, adapters/tls_files.rs; saslSecret (a user's name is read from the
        Secret, and Strimzi's hold none).
        """
        listener = login_listener(environment, named)
        if listener is not None and listener.authentication != "tls":
            yield Problem(path if named is None else (*path, "listener"),
                          f"{self.group} logs in with a certificate of Strimzi's only", "backup-listener",
                          "name an internal listener with the authentication tls",
                          on_key=named is None)  # fmt: skip


def _validation(
    section: BackupSection, said: BackupValidationSection, path: Path
) -> Iterator[Problem]:
    groups = said.get("checks", {}).get("consumerGroupOffsets", {})
    if section.get("consumerGroups") is False and groups.get("enabled", bool(groups)):
        yield Problem((*path, "checks", "consumerGroupOffsets"), "the backup holds no groups:"
                      " consumerGroups is false", "no-effect", "drop one of the two",
                      on_key=True)  # fmt: skip
    if "schedule" not in said:
        yield Problem(path, "'schedule' is missing", "missing-key",
                      "add schedule: with five fields as in cron, such as 0 6 * * SUN", on_key=True)  # fmt: skip
    else:
        yield from schedule_problems(said["schedule"], (*path, "schedule"))
    for name, hook in sorted(said.get("checks", {}).get("webhooks", {}).items()):
        if "url" not in hook:
            yield Problem((*path, "checks", "webhooks", name), "'url' is missing", "missing-key",
                          "add url:", on_key=True)  # fmt: skip
        yield from time_problems(hook, (*path, "checks", "webhooks", name), ("timeout",))
