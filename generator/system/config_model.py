"""Kafka's own config model of one version under one Strimzi: which settings there are, what they take, what they do.

Read from schemas/kafka/, which is generated from the released jars; nothing here is written by hand.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Any, NamedTuple

from generator.common.finding import did_you_mean
from generator.common.paths import schemas_folder
from generator.common.strimzi.releases import kafka_versions, newest, numbers, since

_LISTENER = "listener.name."
_RANGES = {"int": (-(2**31), 2**31 - 1), "short": (-(2**15), 2**15 - 1),
           "long": (-(2**63), 2**63 - 1)}  # fmt: skip


class Complaint(NamedTuple):
    """Why Kafka would not take a setting: `unknown`, `removed` or `value`."""

    what: str
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as its ConfigDef describes it; `fields` are the JSON of schemas/kafka/."""

    name: str
    fields: dict[str, Any]

    @property
    def type(self) -> str:
        """Kafka's type: boolean, string, int, short, long, double, list, class or password."""
        return str(self.fields["type"])

    @property
    def default(self) -> object:
        """What Kafka uses when nobody says it; None when there is nothing."""
        return self.fields.get("default")

    @property
    def update(self) -> str:
        """Of a broker setting: read-only, per-broker or cluster-wide."""
        return str(self.fields.get("update", "cluster-wide"))

    def parse(self, value: object) -> object:
        """The value as Kafka would hold it.

        Raises:
            ValueError: when Kafka would refuse its type; the message says what is expected.
        """
        kind = self.type
        text = _text(value)
        if kind == "boolean":
            lowered = text.strip().lower()
            if lowered not in ("true", "false"):
                raise ValueError("true or false")
            return lowered == "true"
        if kind in _RANGES:
            low, high = _RANGES[kind]
            try:
                number = int(text.strip()) if "_" not in text else None
            except ValueError:
                number = None
            if number is None or not low <= number <= high:
                raise ValueError(f"a whole number ({kind})")
            return number
        if kind == "double":
            try:
                return float(text.strip())
            except ValueError:
                raise ValueError("a number") from None
        if kind == "list":
            return [part.strip() for part in text.split(",")] if text.strip() else []
        return text

    def parse_default(self) -> object:
        """Kafka's own default, typed as `parse` types values."""
        default = self.default
        if default is None or self.type == "list":
            return default
        return self.parse(default)

    def refuses(self, value: object) -> str:
        """What is expected instead, when Kafka refuses the value; empty when it takes it."""
        try:
            parsed = self.parse(value)
        except ValueError as error:
            return str(error)
        low, high = self.fields.get("min"), self.fields.get("max")
        if isinstance(parsed, int | float) and not isinstance(parsed, bool):
            if low is not None and parsed < low:
                return f"at least {low}"
            if high is not None and parsed > high:
                return f"at most {high}"
        allowed = self.fields.get("allowed")
        if allowed is not None:
            given = parsed if isinstance(parsed, list) else [parsed]
            known = [str(each).lower() for each in allowed] if self._any_case else allowed
            wrong = [each for each in given
                     if (str(each).lower() if self._any_case else each) not in known]  # fmt: skip
            if wrong:
                return "one of " + ", ".join(str(each) for each in allowed)
        return ""

    @property
    def _any_case(self) -> bool:
        return bool(self.fields.get("ignore_case"))


def parsed(setting: Setting, value: object) -> object:
    """The value as Kafka would hold it; None when Kafka would refuse it."""
    try:
        return setting.parse(value)
    except ValueError:
        return None


class ConfigModel:
    """The settings of one Kafka version, by table: topic, broker, producer, consumer."""

    def __init__(self, version: str, strimzi: str) -> None:
        self.version = version
        known = kafka_versions()
        self._tables = _first(known[known.index(version) :])
        self._removed = _first(["removed"])
        kafka = _first(f"strimzi-{each.version}" for each in since(strimzi))["kafka"]
        self._forbidden = tuple(kafka["forbidden_prefixes"])
        self._exceptions = tuple(kafka["forbidden_prefix_exceptions"])
        self._of_listeners = tuple(kafka.get("allowed_per_listener_configs", ()))
        self._settings: dict[tuple[str, str], Setting | None] = {}

    def setting(self, table: str, name: str) -> Setting | None:
        """A setting of a table, or None when this version has none of the name."""
        key = (table, name)
        if key not in self._settings:
            fields = self._tables[table].get(name)
            self._settings[key] = None if fields is None else Setting(name, fields)
        return self._settings[key]

    def names(self, table: str) -> list[str]:
        """The public settings of a table."""
        return [name for name, fields in self._tables[table].items() if not fields.get("internal")]

    def complaint(self, table: str, name: str, value: object) -> Complaint | None:
        """Why Kafka would not take this value for this setting, if it would not."""
        setting = self.setting(table, name)
        if setting is None:
            gone = self._removed[table].get(name)
            if gone is not None and numbers(gone["removed"]) <= numbers(self.version):
                nothing, _, why = gone.get("instead", "nothing").partition("nothing: ")
                fix = f"use {nothing}" if nothing and nothing != "nothing" else f"drop it: {why}"
                message = f"Kafka {gone['removed']} removed {name}"
                return Complaint("removed", message, fix.removesuffix(": "))
            message = f"Kafka {self.version} has no {table} setting {name}"
            return Complaint("unknown", message, did_you_mean(name, self.names(table)))
        expected = setting.refuses(value)
        if expected:
            return Complaint("value", f"{name} is {_text(value)!r}", f"write {expected}")
        return None

    def forbidden(self, name: str) -> bool:
        """True for a broker setting that Strimzi drops without a word but in its log.

        Source: io.strimzi.operator.cluster.model.AbstractConfiguration, Strimzi 1.2.0.
        """
        return name.lower().startswith(self._forbidden) and name not in self._exceptions

    def drops(self, name: str, kafka: Mapping[str, Any]) -> bool:
        """True for a setting that Strimzi drops from spec.kafka; those of one of its listeners are passed on."""
        own = self.of_listener(name)
        listeners = {f"{each['name']}-{each['port']}" for each in kafka.get("listeners") or ()}
        return self.forbidden(name) and not (own and own[0] in listeners)

    def of_listener(self, name: str) -> tuple[str, str] | None:
        """Of a setting that Strimzi passes on for a listener: NAME-PORT, and the setting of all listeners.

        Source: io.strimzi.operator.cluster.model.KafkaConfiguration.modifyWithListeners, Strimzi 1.2.0;
        the first that passes any on is 0.51.0.
        """
        if not name.startswith(_LISTENER):
            return None
        listener, _, key = name.removeprefix(_LISTENER).partition(".")
        return (listener, key) if key in self._of_listeners else None


def _text(value: object) -> str:
    """A value as it reaches Kafka: Strimzi passes booleans and numbers on as YAML prints them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def config_model(kafka: str, strimzi: str = "") -> ConfigModel:
    """The config model of a Kafka version, with what a release of Strimzi (the newest) keeps to itself."""
    return _config_model(kafka, strimzi or newest().version)


@cache
def _config_model(kafka: str, strimzi: str) -> ConfigModel:
    return ConfigModel(kafka, strimzi)


def _first(names: Iterable[str]) -> dict[str, Any]:
    """The first file of schemas/kafka/ that is there: what newer versions have as well lies with them."""
    folder = schemas_folder() / "kafka"
    files = (folder / f"{name}.json" for name in names)
    document: dict[str, Any] = json.loads(next(filter(File.is_file, files)).read_bytes())
    return document
