"""What is wrong with `backups` beyond its shape: what is missing, clashes, or leads nowhere."""

from collections.abc import Iterator

from generator.backups import (
    EXCLUDED,
    FULL,
    PREFIX,
    SECTION,
    backup,
    listener_of,
    rights_fit,
    selected,
    shards,
    with_defaults,
)
from generator.connection import fits
from generator.finding import Path, Problem, did_you_mean
from generator.intent import Environment, Json
from generator.schedule import fault, gaps_s, shifted
from generator.storages import KINDS, missing
from generator.units import parse_bytes, parse_cpu_m, parse_duration_ms

_NEEDED = {
    "image": "with the kafka-backup image of your registry",
    "schedule": "with five fields as in cron, such as 0 2 * * *",
    "storage": "with one of pvc, s3, azure and gcs",
}
_AMOUNT = {"cpu": parse_cpu_m, "memory": parse_bytes}
_LARGEST_BYTES = 900 * 1024
"""What the names of a run's topics may take: a ConfigMap holds 1 MiB, its own words included."""


def backup_problems(environment: Environment) -> Iterator[Problem]:
    """All that keeps a backup from being rendered, or from working whatever the topics hold."""
    names: dict[str, str] = {}
    for name, section in sorted(environment.section(SECTION).items()):
        settings = with_defaults(section)
        path: Path = (SECTION, name)
        for key, how in _NEEDED.items():
            if key not in section:
                yield Problem(path, f"'{key}' is missing", "missing-key", f"add {key}: {how}",
                              on_key=True)  # fmt: skip
        yield from _storage(section.get("storage"), (*path, "storage"))
        yield from _schedule(settings, path)
        yield from _listener(environment, name)
        yield from _amounts(settings, path)
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


def _storage(said: Json | None, path: Path) -> Iterator[Problem]:
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
    own = said[kinds[0]]
    both = [("credentialsSecret", "workloadIdentity"), ("size", "claim"), ("storageClass", "claim"),
            ("accessMode", "claim")]  # fmt: skip
    for one, other in both:
        if one in own and other in own:
            yield Problem((*path, kinds[0], one), f"'{one}' means nothing beside '{other}'",
                          "wrong-value", "keep one of the two", on_key=True)  # fmt: skip


def _schedule(settings: Json, path: Path) -> Iterator[Problem]:
    text = settings.get("schedule")
    if text is None:
        return
    here = (*path, "schedule")
    wrong = fault(text)
    if wrong:
        yield Problem(here, wrong, "wrong-value",
                      "write minute, hour, day of the month, month and day of the week")  # fmt: skip
    elif gaps_s(text) is None:
        yield Problem(here, "it never runs: no month has such a day", "wrong-value",
                      "write a day that there is")  # fmt: skip
    elif shifted(text, 1, settings["shards"]) is None:
        yield Problem((*path, "shards"), f"'{text}' leaves no minute between {settings['shards']} shards",
                      "wrong-value", "write fewer shards, or a schedule that runs less often")  # fmt: skip


def _listener(environment: Environment, name: str) -> Iterator[Problem]:
    named = environment.section(SECTION)[name].get("listener")
    known = {each.name: each for each in environment.cluster.listeners}
    path = (SECTION, name, "listener")
    if named is not None and named not in known:
        yield Problem(path, f"there is no listener '{named}'", "unknown-listener",
                      did_you_mean(named, known))  # fmt: skip
    elif listener_of(environment, name) is None and known:
        others = sorted(each for each, listener in known.items() if fits(listener))
        yield Problem(path if named else path[:2],
                      f"it cannot log in at the listener '{named}'" if named
                      else "there is no listener at which it could log in", "backup-listener",
                      f"name {' or '.join(others)}" if others else
                      "give an internal listener the authentication tls or scram-sha-512",
                      on_key=not named)  # fmt: skip


def _amounts(settings: Json, path: Path) -> Iterator[Problem]:
    """Requests above limits, times of nothing, and what the engine's own checks refuse."""
    for name, amount in settings["resources"].get("requests", {}).items():
        limit = settings["resources"].get("limits", {}).get(name, amount)
        if _AMOUNT[name](amount) > _AMOUNT[name](limit):
            yield Problem((*path, "resources", "requests", name),
                          f"it requests {amount}, and may use {limit}", "wrong-value",
                          "raise the limit, or lower the request")  # fmt: skip
    for keys in (("deadline",), ("startingDeadline",), ("objective",), ("retention", "age"),
                 ("segments", "interval")):  # fmt: skip
        node = settings
        for key in keys:
            node = node.get(key, {})
        if isinstance(node, str) and parse_duration_ms(node) < 1000:
            yield Problem((*path, *keys), f"{node} is less than a second", "wrong-value",
                          "write at least 1s")  # fmt: skip
    if settings["mode"] == FULL and "retention" in settings:
        yield Problem((*path, "retention"), "it has no effect in mode full: the engine drops segments"
                      " of its own set only, and every run makes a new one", "no-effect",
                      "let a rule of the bucket delete old sets as a whole, or write mode: incremental",
                      on_key=True)  # fmt: skip


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
