"""The organisation's own rules: CEL expressions of `policy.rules`, with examples that prove them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from generator.common.finding import Severity
from generator.documents.manifest import Manifest
from generator.intent.sections import OwnRuleSection, PolicySection
from generator.rules.registry import Breach, Flaw, RuleDoc, all_rules
from generator.system.system import System, SystemTopic

_WORDS = re.compile(
    r"""[rR](?:\"[^"]*"|'[^']*')|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"""|\.\s*(?:all|exists|exists_one|filter|map)\s*\(|[()]""",
    re.DOTALL,
)
"""Texts, beginnings of comprehensions, and parentheses."""
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of the organisation as it is told; like those that are built in, it says why and how to mend."""

    name: str
    severity: Severity
    doc: RuleDoc
    subject: str = "your own"
    broker: None = None


def own_rules(policies: Mapping[str, PolicySection]) -> dict[str, OwnRule]:
    """The own rules of these environments' policies, by name; what two say differently, the first one tells."""
    found: dict[str, OwnRule] = {}
    asking: dict[str, list[str]] = {}
    for environment, policy in policies.items():
        for name, own in sorted(policy.get("rules", {}).items()):
            asking.setdefault(name, []).append(environment)
            severity = own.get("severity", Severity.ERROR)
            doc = RuleDoc(
                own["message"], own.get("why", "your organisation wants it so"), _fix(own), ""
            )
            found.setdefault(name, OwnRule(name, Severity(severity), doc))
    return {
        name: replace(
            each, doc=replace(each.doc, source=f"policy.rules in {', '.join(asking[name])}")
        )
        for name, each in sorted(found.items())
    }


def _fix(own: OwnRuleSection) -> str:
    return str(
        own.get("fix") or f"change it until this holds: {' '.join(own['expression'].split())}"
    )


def judge_own(system: System) -> Iterator[Breach]:
    """What breaks the policy's own rules, and examples on which a rule is wrong."""
    for name, own in sorted(system.policy.rules.items()):
        path = ("policy", "rules", name)
        if name in all_rules():
            flaw = Flaw(
                path, f"there is a rule '{name}' already", "give yours another name", on_key=True
            )
            yield Breach("duplicate-rule", Severity.ERROR, flaw, None)
            continue
        severity = system.policy.severities.get(name) or own.get("severity", "error")
        if severity == "ignore":
            continue
        level = Severity(severity)
        try:
            holds = _Expression(own["expression"])
        except ValueError as error:
            yield Breach(name, level, Flaw((*path, "expression"), f"no CEL expression: {error}",
                                    "see cel.dev for the language"), None)  # fmt: skip
            continue
        wrong = list(_wrong_examples(own, holds, path))
        yield from (Breach(name, level, flaw, None) for flaw in wrong)
        if wrong:
            continue
        place = tuple(own.get("path", "").split(".")) if own.get("path") else ()
        for manifest, topic in _objects(system, own.get("kind", "KafkaTopic")):
            verdict, reason = holds(_seen(manifest, topic, system))
            if not verdict:
                message = (
                    f"{own['message']} (not evaluated: {reason})" if reason else own["message"]
                )
                yield Breach(name, level, Flaw(place, message, _fix(own)), manifest)


class _Expression:
    """A compiled expression that judges each different case once.

    Raises:
        ValueError: when it is none, or one that may take for ever.
    """

    def __init__(self, text: str) -> None:
        import celpy

        if _depth(text) > _DEEPEST:
            raise ValueError(
                f"all, exists, filter and map stand at most {_DEEPEST} deep inside each other"
            )
        self._environment = celpy.Environment()
        try:
            self._program = self._environment.program(self._environment.compile(text))
        except Exception as error:  # the library lets its own mistakes through, as RecursionError
            raise ValueError(_reason(error)) from error
        self._fields = sorted(set(re.findall(r"\btopic\.(\w+)", text)))
        self._only_topic = not re.search(r"\bobject\b", text)
        self._bare_topic = bool(re.search(r"\btopic\b(?!\.\w)", text))
        self._verdicts: dict[str, tuple[bool, str]] = {}

    def __call__(self, values: dict[str, Any]) -> tuple[bool, str]:
        """Whether it holds, and why it cannot be evaluated; then it does not hold."""
        topic = values.get("topic")
        if self._only_topic and not self._bare_topic and isinstance(topic, dict):
            values = {"topic": {key: topic[key] for key in self._fields if key in topic}}
        key = json.dumps(values, sort_keys=True, default=str)
        if key not in self._verdicts:
            self._verdicts[key] = self._evaluated(values)
        return self._verdicts[key]

    def _evaluated(self, values: dict[str, Any]) -> tuple[bool, str]:
        import celpy

        try:
            activation = {name: celpy.json_to_cel(value) for name, value in values.items()}
            result = self._program.evaluate(activation)
        except Exception as error:  # noqa: BLE001 - the library lets its own mistakes through
            return False, _reason(error)
        if not isinstance(result, celpy.celtypes.BoolType):
            return False, f"it is {type(result).__name__}, neither true nor false"
        return bool(result), ""


def _depth(text: str) -> int:
    """How deep comprehensions stand inside each other."""
    opened: list[bool] = []
    deepest = 0
    for match in _WORDS.finditer(text):
        word = match[0]
        if word.endswith("("):
            opened.append(word != "(")
            deepest = max(deepest, sum(opened))
        elif word == ")" and opened:
            opened.pop()
    return deepest


def _reason(error: Exception) -> str:
    """What a CEL error says, in one line and without the library's own objects."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    told = str(error.args[0] if error.args else error).partition(" (in activation")[0]
    told = re.sub(r"Token\('RULE', '(\w+)'\)", r"\1", told)
    told = re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", told)
    detail = error.args[2] if len(error.args) > 2 else None
    if told.startswith("no such key") and detail:
        told += f" '{detail[0]}'"
    return (told.splitlines() or [type(error).__name__])[0][:200]


def _wrong_examples(
    own: OwnRuleSection, holds: _Expression, path: tuple[str, ...]
) -> Iterator[Flaw]:
    passes, fails = own["tests"]["passes"], own["tests"]["fails"]
    for word, examples, expected in (("passes", passes, True), ("fails", fails, False)):
        for index, example in enumerate(examples):
            holding, reason = holds(dict(example))
            if holding is not expected:
                verdict = "fails" if expected else "passes"
                why = f": {reason}" if reason else ""
                yield Flaw((*path, "tests", word, index),
                           f"the rule {verdict} this example, which says it {word}{why}",
                           "mend the expression or the example")  # fmt: skip


def _objects(system: System, kind: str) -> Iterator[tuple[Manifest, SystemTopic | None]]:
    if kind == "KafkaTopic":
        yield from ((topic.manifest, topic) for topic in system.topics)
    elif kind == "KafkaUser":
        yield from ((user.manifest, None) for user in system.users)
    elif kind == "KafkaNodePool":
        yield from ((pool, None) for pool in system.pools)
    elif kind == "Kafka":
        yield system.kafka, None


def _seen(manifest: Manifest, topic: SystemTopic | None, system: System) -> dict[str, Any]:
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
