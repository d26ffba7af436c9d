"""The CRDs' CEL rules (x-kubernetes-validations), evaluated offline as the API server would.

A rule that fails to evaluate counts as broken, as in Kubernetes 1.34
(apiextensions-apiserver, schema/cel/validation.go).
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path as File
from typing import Any

from generator.common.finding import Path
from generator.documents.manifest import Body
from generator.validate.places import Place, Steps, places_of, values_at

VERDICTS_FILE = File(__file__).parent / "cel_verdicts.json"


class CelRule:
    """One rule and the place in an object that it judges."""

    __slots__ = ("_verdicts", "fields", "message", "path", "rule")

    def __init__(self, path: Steps, rule: str, message: str) -> None:
        self.path, self.rule, self.message = path, rule, message
        self.fields = _fields_of(rule)
        self._verdicts: dict[str, bool] = {}

    def broken_by(self, body: Body) -> Iterator[tuple[Path, str]]:
        """The places of one manifest that break the rule."""
        for path, value in values_at(body, self.path):
            essence = self.essence(value)
            key = json.dumps(essence, sort_keys=True)
            holds = self._verdicts.get(key)
            if holds is None:
                holds = _known_verdicts().get(self.rule, {}).get(key)
                if holds is None:
                    holds = evaluate(self.rule, essence)
                self._verdicts[key] = holds
            if not holds:
                yield path, self.message

    def essence(self, value: object) -> Any:
        """The value cut down to what the rule looks at, so that equal cases are judged once."""
        if not isinstance(value, dict) or self.fields is None:
            return value
        return {
            key: value[key] if by_value else True
            for key, by_value in self.fields.items()
            if key in value
        }


def _fields_of(rule: str) -> dict[str, bool] | None:
    """The fields of `self` that a rule names: True when it looks at the value, not just at has().

    None when the rule uses `self` in any other way.
    """
    presence = set(re.findall(r"has\(self\.(\w+)\)", rule))
    rest = re.sub(r"has\(self\.\w+\)", "", rule)
    values = set(re.findall(r"\bself\.(\w+)\b(?!\()", rest))
    if re.search(r"\bself\b(?!\.\w+\b(?!\())", rest):
        return None
    return {**dict.fromkeys(sorted(presence), False), **dict.fromkeys(sorted(values), True)}


@cache
def _known_verdicts() -> dict[str, dict[str, bool]]:
    """Verdicts on the usual values, worked out beforehand and held against cel-python by a test.

    Starting cel-python takes longer than rendering a thousand topics.
    """
    known: dict[str, dict[str, bool]] = json.loads(VERDICTS_FILE.read_text(encoding="utf-8"))
    return known


def rules_at(place: Place) -> Iterator[CelRule]:
    """The CEL rules of one place of a schema."""
    for validation in place.node.get("x-kubernetes-validations", ()):
        message = validation.get("message") or f"failed rule: {validation['rule']}"
        yield CelRule(place.steps, validation["rule"], message)


def rules_of(schema: Body) -> list[CelRule]:
    """Every CEL rule of a schema with its place."""
    return [rule for place in places_of(schema) for rule in rules_at(place)]


@cache
def _program(rule: str) -> Any:
    import celpy

    environment = celpy.Environment()
    return environment.program(environment.compile(rule))


def evaluate(rule: str, value: object) -> bool:
    """Ask cel-python whether a rule holds for a value of `self`."""
    import celpy

    try:
        return bool(_program(rule).evaluate({"self": celpy.json_to_cel(value)}))
    except celpy.CELEvalError:
        return False
