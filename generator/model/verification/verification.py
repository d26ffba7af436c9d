"""What `verify:` asks for, with everything filled in that it leaves open, and what checks are told.

The section as resolved -> a frozen Verification, and the settings that checks read in the cluster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.common.units import parse_bytes, parse_duration_ms
from generator.contract.rights import NAME, USER
from generator.contract.settings import (
    Certificates,
    Disk,
    GroupLimits,
    Latency,
    Performance,
    VerifySettings,
)
from generator.intent.sections import (
    ResourcesSection,
    VerifyGroupsSection,
    VerifyPerformanceSection,
    VerifySection,
)
from generator.model import contributions
from generator.model.connection import login_listener
from generator.model.environment import Environment, Listener, once

POD_LABELS = {"app.kubernetes.io/name": NAME}
"""What pods of verification carry, and nothing else does."""

POD_PEER = {"podSelector": {"matchLabels": POD_LABELS}}
"""Those pods as a peer of a NetworkPolicy in their own namespace."""

_DEADLINE, _WAIT, _STABLE = "15m", "10m", "30s"
_RESOURCES: ResourcesSection = {
    "requests": {"cpu": "100m", "memory": "256Mi"},
    "limits": {"cpu": "1", "memory": "512Mi"},
}
_DAY_MS = 86_400_000
_PORT = re.compile(r"(https?)://[^/:]+(?::([0-9]+))?(?:/.*)?")


@dataclass(frozen=True, slots=True)
class Verification:
    """How verification runs in the cluster; `settings` is the section as resolved."""

    image: str
    owner: str | None
    deadline_s: int
    wait_s: int
    stable_s: int
    strict: bool
    listener: Listener
    resources: ResourcesSection
    schedule: str | None
    pushgateway: str | None
    settings: VerifySection


@once
def verification(environment: Environment) -> Verification | None:
    """What is asked for; None when nothing is, or when it cannot log in anywhere."""
    section = environment.data.get("verify", {})
    listener = listener_of(environment)
    if "image" not in section or listener is None:
        return None
    return Verification(
        image=section["image"],
        owner=section.get("owner"),
        deadline_s=seconds(section.get("deadline", _DEADLINE)),
        wait_s=seconds(section.get("wait", _WAIT)),
        stable_s=seconds(section.get("stable", _STABLE)),
        strict=section.get("strict", False),
        listener=listener,
        resources=section.get("resources", _RESOURCES),
        schedule=section.get("schedule"),
        pushgateway=section.get("pushgateway"),
        settings=section,
    )


def listener_of(environment: Environment) -> Listener | None:
    """The listener that it comes through: the named one, else the first internal one with TLS."""
    return login_listener(environment, environment.data.get("verify", {}).get("listener"))


def seconds(duration: str) -> int:
    """Whole seconds, rounded up."""
    return -(-parse_duration_ms(duration) // 1000)


def certificates(section: VerifySection) -> Certificates:
    """How long before their end certificates are worth a warning, and a failure."""
    said, usual = section.get("certificates", {}), Certificates()
    return Certificates(
        parse_duration_ms(said["warn"]) // _DAY_MS if "warn" in said else usual.warn_days,
        parse_duration_ms(said["fail"]) // _DAY_MS if "fail" in said else usual.fail_days,
    )


def disk(section: VerifySection) -> Disk:
    """How full disks may be before it is worth a warning, and a failure."""
    said, usual = section.get("disk", {}), Disk()
    return Disk(
        said.get("warnPercent", usual.warn_percent), said.get("failPercent", usual.fail_percent)
    )


def push_port(address: str) -> int:
    """The port of a Pushgateway's address."""
    match = _PORT.fullmatch(address)
    scheme, port = match.groups() if match else ("http", None)
    return int(port) if port else {"http": 80, "https": 443}[scheme]


@once
def check_settings(environment: Environment) -> VerifySettings | None:
    """What checks need to know besides the manifests, no number left to a default; None without any."""
    asked = verification(environment)
    if asked is None:
        return None
    section = asked.settings
    subjects = contributions.all_told(environment)
    ignored = {*section.get("ignoreTopics", ()), *subjects.pop("ignore_topics", ())}
    latency = section.get("latency", {})
    return VerifySettings(
        environment=environment.name,
        namespace=environment.namespace,
        cluster=environment.cluster.name,
        user=USER,
        listener=asked.listener.name,
        cluster_id=section.get("clusterId"),
        credentials=section.get("credentials") or None,
        wait_seconds=asked.wait_s,
        stable_seconds=asked.stable_s,
        strict=asked.strict,
        skip=tuple(sorted(section.get("skip", ()))),
        ignore_topics=tuple(sorted(ignored)),
        groups={name: _lag(group) for name, group in section.get("groups", {}).items()},
        latency=Latency(parse_duration_ms(latency["p99"]) if "p99" in latency else None),
        performance=_performance(section["performance"]) if "performance" in section else None,
        certificates=certificates(section),
        disk=disk(section),
        pushgateway=section.get("pushgateway"),
        **subjects,
    )


def _lag(group: VerifyGroupsSection) -> GroupLimits:
    time = group.get("maxLagTime")
    return GroupLimits(
        group.get("maxLag"), None if time is None else seconds(time), group.get("running") or None
    )


def _performance(section: VerifyPerformanceSection) -> Performance:
    usual = Performance()
    size = section.get("recordSize")
    return Performance(
        records=section.get("records", usual.records),
        record_bytes=usual.record_bytes if size is None else parse_bytes(size),
        min_records_per_second=section.get("minRecordsPerSecond"),
    )


def guests(environment: Environment) -> Iterator[contributions.Guest]:
    """The pods of verification, which look at every listener."""
    if verification(environment) is not None:
        for listener in environment.cluster.listeners:
            yield contributions.Guest(listener, POD_PEER)
