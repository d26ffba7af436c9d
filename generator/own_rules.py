"""The organisation's own rules: CEL expressions of `policy.rules`, with examples that prove them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.finding import Severity
from generator.manifest import Manifest
from generator.rules import Breach, Flaw
from generator.system import System, Topic

Json = Mapping[str, Any]


def judge_own(system: System) -> Iterator[Breach]:
    """What breaks the policy's own rules, and examples on which a rule is wrong."""
    for name, own in sorted(system.policy.get("rules", {}).items()):
        severity = system.policy.get("severities", {}).get(name) or own.get("severity", "error")
        if severity == "ignore":
            continue
        level = Severity(severity)
        path = ("policy", "rules", name)
        try:
            holds = _Expression(own["expression"])
        except ValueError as error:
            yield Breach(name, level, Flaw((*path, "expression"), f"no CEL expression: {error}",
                                    "see cel.dev for the language", intent=True), None)  # fmt: skip
            continue
        wrong = list(_wrong_examples(own, holds, path))
        yield from (Breach(name, level, flaw, None) for flaw in wrong)
        if wrong:
            continue
        place = tuple(own.get("path", "").split(".")) if own.get("path") else ()
        for manifest, topic in _objects(system, own.get("kind", "KafkaTopic")):
            if not holds(_seen(manifest, topic, system)):
                yield Breach(name, level, Flaw(place, own["message"], own.get("fix", "")), manifest)


class _Expression:
    """A compiled expression that judges each different case once."""

    def __init__(self, text: str) -> None:
        import celpy

        self._environment = celpy.Environment()
        try:
            self._program = self._environment.program(self._environment.compile(text))
        except celpy.CELParseError as error:
            raise ValueError(str(error).splitlines()[0]) from error
        self._fields = sorted(set(re.findall(r"\btopic\.(\w+)", text)))
        self._only_topic = not re.search(r"\bobject\b", text)
        self._bare_topic = bool(re.search(r"\btopic\b(?!\.\w)", text))
        self._verdicts: dict[str, bool] = {}

    def __call__(self, values: dict[str, Any]) -> bool:
        """True when the expression holds; one that cannot be evaluated does not."""
        import celpy

        if self._only_topic and not self._bare_topic and "topic" in values:
            topic = values["topic"]
            values = {"topic": {key: topic[key] for key in self._fields if key in topic}}
        key = json.dumps(values, sort_keys=True, default=str)
        if key not in self._verdicts:
            activation = {name: celpy.json_to_cel(value) for name, value in values.items()}
            try:
                self._verdicts[key] = bool(self._program.evaluate(activation))
            except celpy.CELEvalError:
                self._verdicts[key] = False
        return self._verdicts[key]


def _wrong_examples(own: Json, holds: _Expression, path: tuple[str, ...]) -> Iterator[Flaw]:
    for word, expected in (("passes", True), ("fails", False)):
        for index, example in enumerate(own["tests"][word]):
            if holds(dict(example)) is not expected:
                verdict = "fails" if expected else "passes"
                yield Flaw((*path, "tests", word, index),
                           f"the rule {verdict} this example, which says it {word}",
                           "mend the expression or the example", intent=True)  # fmt: skip


def _objects(system: System, kind: str) -> Iterator[tuple[Manifest, Topic | None]]:
    if kind == "KafkaTopic":
        yield from ((topic.manifest, topic) for topic in system.topics)
    elif kind == "KafkaUser":
        yield from ((user.manifest, None) for user in system.users)
    elif kind == "KafkaNodePool":
        yield from ((pool, None) for pool in system.pools)
    elif kind == "Kafka":
        yield system.kafka, None


def _seen(manifest: Manifest, topic: Topic | None, system: System) -> dict[str, Any]:
    """What an expression sees of an object."""
    values: dict[str, Any] = {"object": manifest.body}
    if topic is not None:
        settings = topic.settings
        config = {key: settings.value(key) for key in system.model.names("topic")}
        values["topic"] = {
            "name": topic.name,
            "partitions": settings.partitions,
            "replicas": settings.replicas,
            "config": {key: value for key, value in config.items() if value is not None},
            "owner": topic.owner or "",
            "environment": system.environment.name if system.environment else "",
            "size": system.size,
        }
    return values
