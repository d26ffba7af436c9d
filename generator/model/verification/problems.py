"""What is wrong with `verify` and `messageFormats` beyond their shape."""

import re
from collections.abc import Iterator

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.schedule import fault
from generator.common.units import format_duration_ms, parse_bytes, parse_cpu_m
from generator.contract.rights import PREFIX, USER
from generator.contract.settings import encode
from generator.intent.sections import VerifySection
from generator.model.connection import fits
from generator.model.environment import Environment
from generator.model.verification.verification import (
    certificates,
    check_settings,
    disk,
    listener_of,
    verification,
)

_SECTION: Path = ("verify",)
_LARGEST_BYTES = 1024 * 1024
"""What Kubernetes takes as the data of a ConfigMap."""
_AMOUNT = {"cpu": parse_cpu_m, "memory": parse_bytes}


def problems(environment: Environment) -> Iterator[Problem]:
    """Names that clash or lead nowhere, times that contradict each other, and what nobody can read."""
    if "verify" not in environment.data:
        return
    section = environment.data.get("verify", {})
    if "image" not in section:
        yield Problem(_SECTION, "'image' is missing", "missing-key",
                      "add image: with the strimzi-verify image of your registry", on_key=True)  # fmt: skip
    yield from _clashes(environment)
    yield from _listener(environment)
    yield from _order(section)
    for index, pattern in enumerate(section.get("ignoreTopics", ())):
        try:
            re.compile(pattern)
        except re.error as error:
            yield Problem((*_SECTION, "ignoreTopics", index),
                          f"'{pattern}' is no regular expression: {error}", "wrong-value",
                          "see docs.python.org/3/library/re")  # fmt: skip
    wrong = fault(section["schedule"]) if "schedule" in section else ""
    if wrong:
        yield Problem((*_SECTION, "schedule"), wrong, "wrong-value",
                      "write minute, hour, day of the month, month and day of the week, in UTC")  # fmt: skip
    asked = verification(environment)
    if asked is None:
        return
    for name, amount in asked.resources.get("requests", {}).items():
        limit = asked.resources.get("limits", {}).get(name, amount)
        if _AMOUNT[name](amount) > _AMOUNT[name](limit):
            yield Problem((*_SECTION, "resources", "requests", name),
                          f"it requests {amount}, and may use {limit}", "wrong-value",
                          "raise the limit, or lower the request")  # fmt: skip
    if asked.deadline_s <= asked.wait_s + asked.stable_s:
        least = format_duration_ms((asked.wait_s + asked.stable_s) * 1000)
        yield Problem((*_SECTION, "deadline"), "it would be killed before it has a verdict: wait and"
                      f" stable together take {least}", "verify-deadline",
                      f"write a deadline above {least}, or shorten wait")  # fmt: skip
    settings = check_settings(environment)
    size = len(encode(settings)) if settings else 0
    if size > _LARGEST_BYTES:
        yield Problem(_SECTION, f"what checks are told takes {size} bytes; a ConfigMap holds 1 MiB",
                      "verify-settings", "name fewer or smaller message formats", on_key=True)  # fmt: skip


def _clashes(environment: Environment) -> Iterator[Problem]:
    for section in environment.named(USER):
        yield Problem((section, USER), f"'{USER}' is the user of verification, too",
                      "duplicate-user", "rename it", on_key=True)  # fmt: skip
    for topic in environment.topics.values():
        if topic.name.startswith(PREFIX):
            yield Problem(topic.path, f"verification deletes topics that begin with '{PREFIX}'",
                          "reserved-name", "rename the topic", on_key=True)  # fmt: skip


def _listener(environment: Environment) -> Iterator[Problem]:
    named = environment.data.get("verify", {}).get("listener")
    known = {each.name: each for each in environment.cluster.listeners}
    path = (*_SECTION, "listener")
    if named is not None and named not in known:
        yield Problem(path, f"there is no listener '{named}'", "unknown-listener",
                      did_you_mean(named, known))  # fmt: skip
    elif listener_of(environment) is None and known:
        others = sorted(name for name, each in known.items() if fits(each))
        message = (
            f"verification cannot log in at the listener '{named}'"
            if named
            else "there is no listener at which verification could log in"
        )
        fix = "give an internal listener the authentication tls or scram-sha-512"
        yield Problem(path if named else _SECTION, message, "verify-listener",
                      f"name {' or '.join(others)}" if others else fix, on_key=not named)  # fmt: skip


def _order(section: VerifySection) -> Iterator[Problem]:
    """Failures that would come before their warnings."""
    days, percent = certificates(section), disk(section)
    if days.warn_days <= days.fail_days:
        yield Problem((*_SECTION, "certificates"),
                      f"it fails {days.fail_days:g} days before the end, and warns {days.warn_days:g}",
                      "wrong-value", "warn earlier than fail", on_key=True)  # fmt: skip
    if percent.warn_percent >= percent.fail_percent:
        yield Problem((*_SECTION, "disk"),
                      f"it fails at {percent.fail_percent:g} %, and warns at {percent.warn_percent:g} %",
                      "wrong-value", "warn below fail", on_key=True)  # fmt: skip
