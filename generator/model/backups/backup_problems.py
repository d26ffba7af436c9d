"""What is wrong with `backups` beyond its shape: what is missing, clashes, or leads nowhere."""

from collections.abc import Iterator
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.schedule import fault, gaps_s, shifted
from generator.common.time_zones import is_zone, zones
from generator.common.units import format_duration_ms, parse_bytes, parse_cpu_m, parse_duration_ms
from generator.model.backups.backup_operator import OSO
from generator.model.backups.backup_topics import EXCLUDED, rights_fit, selected, shards
from generator.model.backups.backups import (
    FULL,
    PREFIX,
    SECTION,
    backup,
    operator_of,
    with_defaults,
)
from generator.model.backups.storages import KINDS, missing
from generator.model.connection import fits, login_listener
from generator.model.environment import Environment, Json

_NEEDED = {
    "image": "with the kafka-backup image of your registry",
    "schedule": "with five fields as in cron, such as 0 2 * * *",
    "storage": "with one of pvc, s3, azure and gcs",
}
_AMOUNT = {"cpu": parse_cpu_m, "memory": parse_bytes}
_LARGEST_BYTES = 900 * 1024
"""What the names of a run's topics may take: a ConfigMap holds 1 MiB, its own words included."""
_LONGEST_MS = 36_500 * 86_400_000
"""A hundred years: Kubernetes and Prometheus count in nanoseconds, of which 63 bits hold 292."""
_LEAST_START_MS = 10_000
"""The controller of CronJobs looks every ten seconds (Kubernetes 1.34, CronJob limitations)."""


def problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a backup from being rendered, or from working whatever the topics hold."""
    names: dict[str, str] = {}
    for name, section in sorted(environment.section(SECTION).items()):
        operator = operator_of(environment, name)
        settings = with_defaults(section, operator)
        path: Path = (SECTION, name)
        for key, how in _NEEDED.items():
            has_image = operator is not None and operator.api == OSO
            if key not in section and not (key == "image" and has_image):
                yield Problem(path, f"'{key}' is missing", "missing-key", f"add {key}: {how}",
                              on_key=True)  # fmt: skip
        yield from storage_problems(section.get("storage"), (*path, "storage"))
        yield from _schedule(settings, path)
        yield from listener_problems(environment, path, section.get("listener"))
        yield from _amounts(settings, path)
        yield from above_limits(settings["resources"], (*path, "resources"))
        if operator is None and settings["mode"] == FULL and "retention" in settings:
            yield Problem((*path, "retention"), "it has no effect in mode full: the engine drops segments"
                          " of its own set only, and every run makes a new one", "no-effect",
                          "let a rule of the bucket delete old sets as a whole, or write mode: incremental",
                          on_key=True)  # fmt: skip
        yield from _topics(environment, settings, path)
        made = backup(environment, name)
        for run in made.runs if made else ():
            other = names.setdefault(run.name, name)
            if other != name:
                yield Problem(path, f"'{run.name}' is what a shard of the backup '{other}' is called"
                              if run.name == name else
                              f"its shard '{run.name}' is called as the backup '{other}'",
                              "duplicate-object", "rename one of the two", on_key=True)  # fmt: skip
        user = PREFIX + name
        for users in ("applications", "users"):
            if user in environment.section(users):
                yield Problem((users, user), f"'{user}' is the user of the backup '{name}', too",
                              "duplicate-user", "rename it", on_key=True)  # fmt: skip


def storage_problems(said: Json | None, path: Path) -> Iterator[Problem]:
    """A storage that is none, several, or lacks what it needs."""
    if said is None:
        return
    kinds = [kind for kind in KINDS if kind in said]
    if len(kinds) != 1:
        message = f"it names {' and '.join(kinds)}" if kinds else "it names no storage"
        yield Problem(path, message, "backup-storage",
                      "keep one; write null for one that is inherited" if kinds
                      else f"write one of {', '.join(KINDS)}", on_key=True)  # fmt: skip
        return
    for *above, key in missing(said):
        fix = {
            "credentialsSecret": "name the Secret with the keys, or write workloadIdentity: {}",
            "size": "write how large the claim shall be, or the claim that is there already",
        }.get(key, f"add {key}:")
        yield Problem((*path, *above), f"'{key}' is missing", "missing-key", fix, on_key=True)
    yield from size_problems(said, path, ("pvc", "size"))
    own = said[kinds[0]]
    both = [("credentialsSecret", "workloadIdentity"), ("size", "claim"), ("storageClass", "claim"),
            ("accessMode", "claim")]  # fmt: skip
    for one, other in both:
        if one in own and other in own:
            yield Problem((*path, kinds[0], one), f"'{one}' means nothing beside '{other}'",
                          "wrong-value", "keep one of the two", on_key=True)  # fmt: skip


def _schedule(settings: Json, path: Path) -> Iterator[Problem]:
    zone = settings["timeZone"]
    if not is_zone(zone):
        yield Problem((*path, "timeZone"), f"there is no time zone '{zone}'", "wrong-value",
                      did_you_mean(zone, zones()) or "write one such as Europe/Berlin")  # fmt: skip
    text = settings.get("schedule")
    if text is None:
        return
    wrong = list(schedule_problems(text, (*path, "schedule")))
    yield from wrong
    if not wrong and shifted(text, 1, settings["shards"]) is None:
        yield Problem((*path, "shards"), f"'{text}' leaves no minute between {settings['shards']} shards",
                      "wrong-value", "write fewer shards, or a schedule that runs less often")  # fmt: skip


def schedule_problems(text: str, path: Path) -> Iterator[Problem]:
    """A schedule that Kubernetes would refuse, or that never comes."""
    wrong = fault(text)
    if wrong:
        yield Problem(path, wrong, "wrong-value",
                      "write minute, hour, day of the month, month and day of the week")  # fmt: skip
    elif gaps_s(text) is None:
        yield Problem(path, "it never runs: no month has such a day", "wrong-value",
                      "write a day that there is")  # fmt: skip


def listener_problems(environment: Environment, path: Path, named: str | None) -> Iterator[Problem]:
    """A listener that is not there, or at which no pod of ours could log in."""
    known = {each.name: each for each in environment.cluster.listeners}
    here = (*path, "listener")
    if named is not None and named not in known:
        yield Problem(here, f"there is no listener '{named}'", "unknown-listener",
                      did_you_mean(named, known))  # fmt: skip
    elif login_listener(environment, named) is None and known:
        others = sorted(each for each, listener in known.items() if fits(listener))
        yield Problem(here if named else path,
                      f"it cannot log in at the listener '{named}'" if named
                      else "there is no listener at which it could log in", "backup-listener",
                      f"name {' or '.join(others)}" if others else
                      "give an internal listener the authentication tls or scram-sha-512",
                      on_key=not named)  # fmt: skip


def time_problems(settings: Json, path: Path, *all_keys: Path) -> Iterator[Problem]:
    """Times of nothing, and of longer than anybody can count."""
    for keys in all_keys:
        said = _said(settings, keys)
        if said is None:
            continue
        time_ms = parse_duration_ms(said)
        if time_ms < 1000:
            yield Problem((*path, *keys), f"{said} is less than a second", "wrong-value",
                          "write at least 1s")  # fmt: skip
        elif time_ms > _LONGEST_MS:
            yield Problem((*path, *keys), f"{said} is longer than a hundred years", "wrong-value",
                          f"write at most {format_duration_ms(_LONGEST_MS)}")  # fmt: skip


def size_problems(settings: Json, path: Path, *all_keys: Path) -> Iterator[Problem]:
    """Sizes of nothing."""
    for keys in all_keys:
        said = _said(settings, keys)
        if said is not None and not parse_bytes(said):
            yield Problem((*path, *keys), f"{said} is nothing", "wrong-value",
                          "write more than 0B")  # fmt: skip


def _said(settings: Json, keys: Path) -> str | None:
    """The text below some keys; None where there is none."""
    node: Any = settings
    for key in keys:
        node = node.get(key, {})
    return node if isinstance(node, str) else None


def _amounts(settings: Json, path: Path) -> Iterator[Problem]:
    """Times and sizes that cannot be meant."""
    yield from time_problems(settings, path, ("deadline",), ("startingDeadline",), ("objective",),
                             ("retention", "age"), ("segments", "interval"))  # fmt: skip
    yield from size_problems(settings, path, ("retention", "size"), ("segments", "size"))
    late = settings["startingDeadline"]
    if 1000 <= parse_duration_ms(late) < _LEAST_START_MS:
        yield Problem((*path, "startingDeadline"), f"Kubernetes may look only after {late}, and begin no run",
                      "wrong-value", "write at least 10s")  # fmt: skip


def above_limits(resources: Json, path: Path) -> Iterator[Problem]:
    """Requests that no pod gets, because they are above its limits."""
    for name, amount in resources.get("requests", {}).items():
        limit = resources.get("limits", {}).get(name, amount)
        if _AMOUNT[name](amount) > _AMOUNT[name](limit):
            yield Problem((*path, "requests", name), f"it requests {amount}, and may use {limit}",
                          "wrong-value", "raise the limit, or lower the request")  # fmt: skip


def _topics(environment: Environment, settings: Json, path: Path) -> Iterator[Problem]:
    topics = environment.topics
    said = settings.get("topics", {})
    for index, each in enumerate(said.get("include", ())):
        if each in topics and topics[each].backup == EXCLUDED:
            yield Problem((*path, "topics", "include", index), f"{each} says backup: excluded",
                          "wrong-value", "drop one of the two")  # fmt: skip
    if said.get("undeclared") and not any(set(each) & {*"*?"} for each in said.get("include", ())):
        yield Problem((*path, "topics", "undeclared"), "it includes no pattern that one could fit",
                      "no-effect", "add a pattern to include, or drop it")  # fmt: skip
    held = selected(settings, topics.values())
    if not held:
        yield Problem(path, "it holds no topic, and the engine would take that for all of them",
                      "backup-empty", "name topics, or mark some with backup: required",
                      on_key=True)  # fmt: skip
        return
    if not (said.get("undeclared") or rights_fit(held) or len(held) == len(topics)):
        yield Problem(path, f"a KafkaUser cannot hold the rights on {len(held)} topics", "backup-size",
                      "write several backups, or one that holds every topic", on_key=True)  # fmt: skip
    if len(held) < settings["shards"]:
        yield Problem((*path, "shards"), f"{len(held)} topics cannot be shared by"
                      f" {settings['shards']}", "wrong-value", "write fewer shards")  # fmt: skip
    parts = shards(held, settings["shards"])
    size = max(sum(len(topic) + 10 for topic in part) for part in parts)
    if size > _LARGEST_BYTES:
        yield Problem(path, f"the names of its topics take {size} bytes; a ConfigMap holds 1 MiB",
                      "backup-size", "write more shards, or several backups", on_key=True)  # fmt: skip
