"""What the intent's `verify:` section asks of checks, as the ConfigMap `strimzi-verify` holds it.

Rendering writes every number out; defaults stand for who verifies without rendered/.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from generator.common.finding import Finding, FindingsError
from generator.contract.recovery import ASSUMED_BYTES_PER_SECOND, Rate

CONFIG_MAP = "strimzi-verify"
KEY = "settings.json"
_VERSION = 1


_Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]*$")]
_Address = Annotated[
    str, msgspec.Meta(pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?)?$")
]
"""Of anything else obstore 0.12 panics, which no `except` of ours would see."""


class _Versioned(msgspec.Struct):
    version: int = _VERSION


class GroupLimits(msgspec.Struct, frozen=True, rename="camel"):
    """What a consumer group may lag behind; only what somebody asked for."""

    max_lag: int | None = None
    max_lag_seconds: float | None = None
    running: bool | None = None
    """Whether somebody has to be in it; nobody says where it is not asked for."""


class Latency(msgspec.Struct, frozen=True, rename="camel"):
    """How long the probe's records may take."""

    p99_ms: float | None = None


class Performance(msgspec.Struct, frozen=True, rename="camel"):
    """The bounded load."""

    records: int = 2000
    record_bytes: int = 1024
    min_records_per_second: float | None = None


class Certificates(msgspec.Struct, frozen=True, rename="camel"):
    """How long before their end certificates are told."""

    warn_days: float = 30
    fail_days: float = 7


class Disk(msgspec.Struct, frozen=True, rename="camel"):
    """How full log directories may be."""

    warn_percent: float = 75
    fail_percent: float = 85


class BackupStorage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where a backup is kept; no secret is in it."""

    backend: Literal["filesystem", "s3", "azure", "gcs"]
    prefix: str = ""
    bucket: _Word = ""
    region: _Word = ""
    endpoint: _Address = ""
    path_style: bool = False
    account: _Word = ""
    container: _Word = ""
    claim: str = ""
    """The PersistentVolumeClaim, and below it where its pods see it."""
    path: str = ""


class BackupRun(msgspec.Struct, frozen=True, rename="camel"):
    """One CronJob that backs topics up: a backup, or one shard of it."""

    cron_job: str
    """The CronJob, or with an operator its resource."""
    backup_id: str
    """The folder of the set below the prefix; of a full backup, what every run's folder begins with."""
    storage: BackupStorage
    topics: tuple[str, ...] = ()
    max_age_seconds: float = 0
    """How old the newest good backup may be."""
    groups: bool = True
    """Whether it keeps what consumer groups have committed."""
    incremental: bool = True
    backup: str = ""
    """The backup that this is a run of: what it needs to be read is mounted under this name."""
    readable: bool = True
    """Whether the pod of verification can read its storage."""
    deadline_seconds: float = 0
    """When a run is stopped; 0 where nobody says."""
    suspend: bool = False
    """Git says that no run begins."""
    drill: str = ""
    """The CronJob that restores a part of it as a trial; empty where none does."""
    drill_round_seconds: float = 0
    """How long it takes until that has restored something of every topic."""
    recovery_seconds: float = 0
    """Within how long all sets of the backup have to be back; 0 where nobody says."""
    restore_bytes_per_second: Annotated[int, msgspec.Meta(gt=0)] = ASSUMED_BYTES_PER_SECOND
    restore_rate_measured: bool = False
    """Whether drills have shown that rate; otherwise it is assumed."""

    @property
    def rate(self) -> Rate:
        """How fast a restore writes."""
        return Rate(self.restore_bytes_per_second, self.restore_rate_measured)


class VerifySettings(msgspec.Struct, frozen=True, rename="camel"):
    """Everything of `verify:` that checks and collectors need."""

    version: int = _VERSION
    environment: str = ""
    namespace: str = ""
    cluster: str = ""
    user: str = "verify"
    listener: str = ""
    cluster_id: str | None = None
    credentials: bool | None = None
    """Whether the Role allows to read Secrets of users, which are logged in with."""
    wait_seconds: float = 0
    stable_seconds: float = 0
    strict: bool = False
    skip: tuple[str, ...] = ()
    ignore_topics: tuple[str, ...] = ()
    groups: dict[str, GroupLimits] = {}
    latency: Latency = Latency()
    performance: Performance | None = None
    certificates: Certificates = Certificates()
    disk: Disk = Disk()
    formats: dict[str, Any] = {}
    """JSON Schemas by topic."""
    dead_letters: dict[str, str] = {}
    consumes: dict[str, tuple[str, ...]] = {}
    """Topics by consumer group."""
    backups: dict[str, BackupRun] = {}
    pushgateway: str | None = None
    kinds: tuple[tuple[str, str], ...] = ()
    """The (apiVersion, kind) that are read because they are rendered, beside what always is."""


def encode(settings: msgspec.Struct) -> str:
    """Canonical JSON with everything that is said: what is None nobody says."""
    return json.dumps(_said(settings), indent=2, sort_keys=True) + "\n"


def _said(value: object) -> object:
    """As plain data; a None inside of a mapping, such as a JSON Schema, is somebody's own."""
    if isinstance(value, msgspec.Struct):
        lean = value.__struct_config__.omit_defaults
        pairs = ((each, getattr(value, each.name)) for each in msgspec.structs.fields(value))
        return {
            each.encode_name: _said(said)
            for each, said in pairs
            if said is not None and not (lean and said == each.default)
        }
    if isinstance(value, dict):
        return {key: _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value


def decode(text: str) -> VerifySettings:
    """Settings from the ConfigMap's text.

    Raises:
        msgspec.ValidationError: when it is none.
        FindingsError: when it is of another version, whose words may mean something else.
    """
    version = msgspec.json.decode(text, type=_Versioned).version
    if version != _VERSION:
        raise FindingsError(
            [Finding(f"ConfigMap {CONFIG_MAP}", 0, 0, "settings",
                     f"{KEY} is of version {version}, and this strimzi-verify knows {_VERSION}",
                     "take the strimzi-verify that belongs to the one that rendered it")]
        )  # fmt: skip
    return msgspec.json.decode(text, type=VerifySettings)


def unknown_keys(text: str) -> list[str]:
    """Keys, with dots between them, that nothing here reads: somebody newer wrote them."""
    return list(_unknown(msgspec.json.decode(text), msgspec.to_builtins(decode(text))))


def _unknown(said: object, known: object) -> Iterator[str]:
    if not (isinstance(said, dict) and isinstance(known, dict)):
        return
    for key, value in said.items():
        if key not in known:
            yield key
        else:
            yield from (f"{key}.{each}" for each in _unknown(value, known[key]))
