"""What several sections of backups get wrong alike: storages, schedules, listeners, times and sizes."""

from collections.abc import Iterator, Mapping

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.schedule import fault, gaps_s
from generator.common.units import format_duration_ms, parse_bytes, parse_cpu_m, parse_duration_ms
from generator.intent.sections import BackupStorageSection, ResourcesSection
from generator.model.backups.storages import KINDS, missing
from generator.model.connection import fits, login_listener
from generator.model.environment import Environment, below

_AMOUNT = {"cpu": parse_cpu_m, "memory": parse_bytes}
_LONGEST_MS = 36_500 * 86_400_000
"""A hundred years: Kubernetes and Prometheus count in nanoseconds, of which 63 bits hold 292."""


def storage_problems(said: BackupStorageSection | None, path: Path) -> Iterator[Problem]:
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


def time_problems(settings: Mapping[str, object], path: Path, *all_keys: Path) -> Iterator[Problem]:
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


def size_problems(settings: Mapping[str, object], path: Path, *all_keys: Path) -> Iterator[Problem]:
    """Sizes of nothing."""
    for keys in all_keys:
        said = _said(settings, keys)
        if said is not None and not parse_bytes(said):
            yield Problem((*path, *keys), f"{said} is nothing", "wrong-value",
                          "write more than 0B")  # fmt: skip


def _said(settings: Mapping[str, object], keys: Path) -> str | None:
    """The text below some keys; None where there is none."""
    node = below(settings, keys)
    return node if isinstance(node, str) else None


def above_limits(resources: ResourcesSection, path: Path) -> Iterator[Problem]:
    """Requests that no pod gets, because they are above its limits."""
    for name, amount in resources.get("requests", {}).items():
        limit = resources.get("limits", {}).get(name, amount)
        if _AMOUNT[name](amount) > _AMOUNT[name](limit):
            yield Problem((*path, "requests", name), f"it requests {amount}, and may use {limit}",
                          "wrong-value", "raise the limit, or lower the request")  # fmt: skip


def no_effect(
    said: Mapping[str, object], path: Path, unread: Mapping[tuple[str, ...], str], fix: str
) -> Iterator[Problem]:
    """Settings that nobody reads, by their keys, and why."""
    for keys, why in unread.items():
        if below(said, keys) is not None:
            yield Problem((*path, *keys), f"it has no effect: {why}", "no-effect", fix,
                          on_key=True)  # fmt: skip
