"""Work out cel_verdicts.json: what cel-python says of the usual values under the shipped rules.

python -m generator.validate.cel_verdicts        writes generator/validate/cel_verdicts.json anew
"""

import json
from itertools import product
from typing import Any

from generator.common.paths import schemas_folder
from generator.validate.cel import VERDICTS_FILE, CelRule, evaluate, rules_of

_USUAL: dict[str, list[Any]] = {
    "type": ["tls", "tls-external", "scram-sha-512", "jmxPrometheusExporter",
             "strimziMetricsReporter", "topology-label"],
    "valueFrom": [True],
    "topologyKey": ["topology.kubernetes.io/zone"],
    "validityDays": [True],
    "renewalDays": [True],
}  # fmt: skip


def verdicts() -> dict[str, dict[str, bool]]:
    """Rule -> essence of a value as JSON -> whether the rule holds for it."""
    return {rule.rule: dict(_judged(rule)) for rule in shipped_rules()}


def shipped_rules() -> list[CelRule]:
    """Every CEL rule of the schemas of all releases of Strimzi, once, sorted by its text."""
    found: dict[str, CelRule] = {}
    for path in sorted((schemas_folder() / "strimzi").glob("*/*.json")):
        for rule in rules_of(json.loads(path.read_text(encoding="utf-8"))):
            found.setdefault(rule.rule, rule)
    return [found[text] for text in sorted(found)]


def _judged(rule: CelRule) -> list[tuple[str, bool]]:
    fields = list(rule.fields or ())
    absent = object()
    choices = [[absent, *_USUAL.get(field, [])] for field in fields]
    essences = [
        {field: value for field, value in zip(fields, values, strict=True) if value is not absent}
        for values in product(*choices)
    ]
    judged = {json.dumps(each, sort_keys=True): evaluate(rule.rule, each) for each in essences}
    return sorted(judged.items())


if __name__ == "__main__":
    VERDICTS_FILE.write_text(json.dumps(verdicts(), indent=1) + "\n", encoding="utf-8")
