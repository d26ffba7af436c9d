"""The config with which the engine restores (kafka-backup-core 0.25.2, config.rs, RestoreOptions)."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from generator.common.units import parse_bytes
from generator.documents.manifest import emit
from generator.model.backups.drills import Drill
from generator.model.backups.restores import HEADER_BASED, Restore, Set
from generator.model.backups.storages import Storage
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment, Listener
from generator.resources.backups._config import security

_CHECKPOINT_S = 10


def restore_config(environment: Environment, restore: Restore, of: Set) -> str:
    """The whole file for one set; nothing in it is left to a default that matters."""
    options = {**_always(of.topics), **_how(restore)}
    if restore.settings["createTopics"]:
        options["default_replication_factor"] = usual_replicas(environment)
        # Kafka deletes records that are older as soon as they are there.
        kept = {"retention.bytes": "-1", "retention.ms": "-1"}
        made = sorted({*of.topics.values()} - environment.topics.keys())
        options["topic_config_overrides"] = {name: dict(kept) for name in made}
    if restore.own:
        # Beside the set, but never in somebody else's.
        options |= {
            "checkpoint_interval_secs": _CHECKPOINT_S,
            "checkpoint_storage": "remote",
            "restore_id": checkpoint(environment, restore),
        }
    return _file(environment, restore.listener, restore.job, restore.storage, of.backup_id, options)


def drill_config(
    environment: Environment, drill: Drill, backup_id: str, topics: Iterable[str]
) -> str:
    """The same for one set of a drill; of a full backup the set's name is still to be filled in.

    It writes no checkpoint: a drill never goes on where another one stopped.
    """
    options = _always({topic: drill.prefix + topic for topic in topics})
    options |= {
        # By it a record is compared with its source, even where the backup left it out.
        "consumer_group_strategy": HEADER_BASED,
        "max_concurrent_partitions": 4,
        "source_partitions": drill.partitions,
    }
    backup = drill.backup
    return _file(environment, backup.listener, drill.name, backup.storage, backup_id, options)


def _file(
    environment: Environment,
    listener: Listener,
    user: str,
    storage: Storage,
    backup_id: str,
    options: dict[str, Any],
) -> str:
    return emit(
        {
            "mode": "restore",
            "backup_id": backup_id,
            "target": {
                "bootstrap_servers": [bootstrap_address(listener, environment)],
                # Names and no patterns: without any, everything in the set would be restored.
                "topics": {"include": sorted(options["topic_mapping"])},
                "security": security(listener, user),
            },
            "storage": dict(storage.engine),
            "restore": options,
            # A Job is gone before anybody has scraped it.
            "metrics": {"enabled": False},
        }
    )


def _always(topics: Mapping[str, str]) -> dict[str, object]:
    return {
        # Groups are named or left alone; the engine would take all that the set knows.
        "auto_consumer_groups": False,
        "create_topics": False,
        "dry_run": False,
        "idempotent_producer": True,
        "produce_acks": -1,
        "purge_topics": False,
        # Settings of topics are the KafkaTopics' matter.
        "restore_topic_configs": False,
        "topic_mapping": dict(sorted(topics.items())),
    }


def _how(restore: Restore) -> dict[str, object]:
    settings = restore.settings
    options: dict[str, object] = {
        "consumer_group_strategy": settings["groups"].get("strategy", "skip"),
        "create_topics": settings["createTopics"],
        "max_concurrent_partitions": settings["parallelPartitions"],
        "purge_topics": settings["purge"],
        "restore_topic_configs": settings["createTopics"],
        "strip_offset_headers": settings["stripHeaders"],
    }
    for word, key in (("since", "time_window_start"), ("until", "time_window_end")):
        time = restore.time_ms(word)
        if time is not None:
            options[key] = time
    if "partitions" in settings:
        options["source_partitions"] = sorted(settings["partitions"])
    limit = settings.get("rateLimit", {})
    if "records" in limit:
        options["rate_limit_records_per_sec"] = limit["records"]
    if "bytes" in limit:
        options["rate_limit_bytes_per_sec"] = parse_bytes(limit["bytes"])
    return options


def checkpoint(environment: Environment, restore: Restore) -> str:
    """The name under which a restore remembers how far it got: what is restored otherwise has another.

    The engine would begin anew with other options, and write everything twice (kafka-backup-core 0.25.2,
    restore/engine.rs, open_checkpoint).
    """
    made = usual_replicas(environment) if restore.settings["createTopics"] else 0
    told = [restore.topics, _how(restore), made]
    # Beside a set there are the checkpoints of everybody who restores from it.
    told += [environment.name] if restore.held_by else []
    return f"{restore.name}-{sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]}"


def usual_replicas(environment: Environment) -> int:
    """Replicas of a topic that the engine makes; left to the broker they may be one."""
    said = environment.cluster.config.get("default.replication.factor")
    return int(said) if said is not None else min(3, environment.cluster.brokers)
