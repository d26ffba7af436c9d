"""What `verify:` asks for, with everything filled in that it leaves open, and what checks are told.

The section as resolved -> a frozen Verification, and the settings that checks read in the cluster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.common.units import parse_bytes, parse_duration_ms
from generator.contract.rights import NAME, USER
from generator.model import contributions
from generator.model.connection import login_listener
from generator.model.environment import Environment, Json, Listener, once

POD_LABELS = {"app.kubernetes.io/name": NAME}
"""What pods of verification carry, and nothing else does."""

POD_PEER = {"podSelector": {"matchLabels": POD_LABELS}}
"""Those pods as a peer of a NetworkPolicy in their own namespace."""

SETTINGS_KEY = "settings.json"
_VERSION = 1
_DEADLINE, _WAIT, _STABLE = "15m", "10m", "30s"
_CERTIFICATES = {"warn": "30d", "fail": "7d"}
_DISK = {"warnPercent": 75, "failPercent": 85}
_PERFORMANCE = {"records": 2000, "recordSize": "1Ki"}
_RESOURCES = {
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
    resources: Json
    schedule: str | None
    pushgateway: str | None
    settings: Json


@once
def verification(environment: Environment) -> Verification | None:
    """What is asked for; None when nothing is, or when it cannot log in anywhere."""
    section = environment.section("verify")
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
    return login_listener(environment, environment.section("verify").get("listener"))


def seconds(duration: str) -> int:
    """Whole seconds, rounded up."""
    return -(-parse_duration_ms(duration) // 1000)


def thresholds(section: Json) -> dict[str, dict[str, int]]:
    """When certificates and disks are worth a warning, and when a failure."""
    certificates = {**_CERTIFICATES, **section.get("certificates", {})}
    return {
        "certificates": {
            f"{word}Days": parse_duration_ms(value) // _DAY_MS
            for word, value in certificates.items()
        },
        "disk": {**_DISK, **section.get("disk", {})},
    }


def push_port(address: str) -> int:
    """The port of a Pushgateway's address."""
    match = _PORT.fullmatch(address)
    scheme, port = match.groups() if match else ("http", None)
    return int(port) if port else {"http": 80, "https": 443}[scheme]


def check_settings(environment: Environment, asked: Verification) -> dict[str, Any]:
    """What checks need to know besides the manifests; no number is left to a default."""
    section = asked.settings
    latency = section.get("latency", {})
    told: dict[str, Any] = {
        "version": _VERSION,
        "environment": environment.name,
        "namespace": environment.namespace,
        "cluster": environment.cluster.name,
        "user": USER,
        "listener": asked.listener.name,
        "waitSeconds": asked.wait_s,
        "stableSeconds": asked.stable_s,
        "strict": asked.strict,
        "skip": sorted(section.get("skip", ())),
        "groups": {
            name: dict(_lag(group)) for name, group in sorted(section.get("groups", {}).items())
        },
        "latency": {"p99Ms": parse_duration_ms(latency["p99"])} if "p99" in latency else {},
        **thresholds(section),
    }
    subjects = contributions.all_told(environment)
    ignored = {*section.get("ignoreTopics", ()), *subjects.pop("ignoreTopics", ())}
    told |= {**subjects, "ignoreTopics": sorted(ignored)}
    if "performance" in section:
        told["performance"] = _performance(section["performance"])
    for word in ("clusterId", "pushgateway"):
        if word in section:
            told[word] = section[word]
    return told


def _lag(group: Json) -> Iterator[tuple[str, int]]:
    if "maxLag" in group:
        yield "maxLag", group["maxLag"]
    if "maxLagTime" in group:
        yield "maxLagSeconds", seconds(group["maxLagTime"])


def _performance(section: Json) -> dict[str, int]:
    asked = {**_PERFORMANCE, **section}
    told = {"records": asked["records"], "recordBytes": parse_bytes(asked["recordSize"])}
    if "minRecordsPerSecond" in asked:
        told["minRecordsPerSecond"] = asked["minRecordsPerSecond"]
    return told


def guests(environment: Environment) -> Iterator[contributions.Guest]:
    """The pods of verification, which look at every listener."""
    if verification(environment) is not None:
        for listener in environment.cluster.listeners:
            yield contributions.Guest(listener, POD_PEER)
