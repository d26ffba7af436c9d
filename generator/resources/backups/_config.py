"""The config of the backup engine, in its own words (kafka-backup-core 0.25.2, config.rs).

`${NAME}` stands for an environment variable that the pod gets from a Secret: the engine fills it in
before it reads the text as YAML, and an unset one with nothing at all.
"""

from generator.common.units import format_duration_ms, parse_bytes, parse_duration_ms
from generator.contract.backup import JOB
from generator.documents.manifest import emit
from generator.intent.sections import BackupRetentionSection
from generator.model.backups.backups import GRACE_S, Backup, Run, seconds
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment, Listener

MOUNTS = "/etc/kafka-backup"
CONFIG_KEY = "backup.yaml"
PASSWORD = "KAFKA_PASSWORD"  # noqa: S105 - a variable's name

_MECHANISM = "SCRAM-SHA512"
"""As every version spells it; 0.17 and older do not know SCRAM-SHA-512."""


def config(environment: Environment, backup: Backup, run: Run) -> str:
    """The whole file of one run; nothing in it is left to a default that matters."""
    return emit(
        {
            "mode": "backup",
            "backup_id": run.name if backup.incremental else f"${{{JOB}}}",
            "source": {
                "bootstrap_servers": [bootstrap_address(backup.listener, environment)],
                "topics": _topics(run),
                "security": security(backup.listener, backup.user),
            },
            "storage": dict(backup.storage.engine),
            "backup": _options(backup),
            # Its presence makes the engine remember how far it got; the copy that counts lies beside
            # the manifest. The default is the working directory, which cannot be written to.
            "offset_storage": {"backend": "sqlite", "db_path": "/tmp/offsets.db"},  # noqa: S108
            # A Job is gone before anybody has scraped it.
            "metrics": {"enabled": False},
        }
    )


def _topics(run: Run) -> dict[str, object]:
    """Names, of which the engine fails when one is missing; of patterns it never does."""
    topics: dict[str, object] = {"include": list(run.include)}
    if run.exclude:
        topics["exclude"] = list(run.exclude)
    return topics


def security(listener: Listener, user: str) -> dict[str, object]:
    """How the engine logs in as a KafkaUser; no secret is in it."""
    security: dict[str, object] = {"security_protocol": listener.security_protocol}
    if listener.tls:
        security["ssl_ca_location"] = f"{MOUNTS}/cluster-ca/ca.crt"
    if listener.authentication == "tls":
        security["ssl_certificate_location"] = f"{MOUNTS}/user/user.crt"
        security["ssl_key_location"] = f"{MOUNTS}/user/user.key"
    else:
        security["sasl_mechanism"] = _MECHANISM
        security["sasl_username"] = user
        security["sasl_password"] = f"${{{PASSWORD}}}"
    return security


def _options(backup: Backup) -> dict[str, object]:
    settings = backup.settings
    options: dict[str, object] = {
        "compression": settings["compression"]["type"],
        "compression_level": settings["compression"]["level"],
        "consumer_group_snapshot": settings["consumerGroups"],
        # A run that reads on for ever never ends as a Job.
        "continuous": False,
        "include_offset_headers": True,
        "max_concurrent_partitions": settings["parallelPartitions"],
        "on_missing_topic": "fail",
        "require_topic_configs": settings["requireTopicConfigs"],
        "segment_max_bytes": parse_bytes(settings["segments"]["size"]),
        "segment_max_interval_ms": parse_duration_ms(settings["segments"]["interval"]),
        "shutdown_grace_secs": GRACE_S,
        "start_offset": "earliest",
        "stop_at_current_offsets": True,
    }
    if "retention" in settings:
        options["retention"] = _retention(settings["retention"])
    return options


def _retention(said: BackupRetentionSection) -> dict[str, object]:
    retention: dict[str, object] = {"keep_segments": said.get("keepSegments", 1)}
    if "age" in said:
        retention["max_age"] = format_duration_ms(seconds(said["age"]) * 1000)
    if "size" in said:
        retention["max_total_bytes"] = parse_bytes(said["size"])
    return retention
