"""What Strimzi's operators say to the examples of rules, as rules.yaml has it.

RULE:
fails:                       # one for each failing example, or a single one for all
- {of: KIND/NAME, type: NotReady, reason: REASON, words: [PARTS OF THE MESSAGE]}
- {log: [PARTS OF LINES OF THE CLUSTER OPERATOR'S LOG]}
- {refused: [PARTS OF WHAT THE API SERVER SAYS]}
- {silent: [KIND/NAME]}    # it becomes Ready, and nobody says a word
- {untold: [KIND/NAME]}    # no operator looks at it
passes: WHY                  # it gets past the operator's checks, but cannot become ready here
RULE: WHY                      # left out
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from operators.site import Strimzi, conditions, is_ready
from rules.cases import documents

_TABLE = Path(__file__).with_name("rules.yaml")


@dataclass(frozen=True)
class Said:
    """What comes back to one example."""

    of: str = ""
    type: str = ""
    reason: str = ""
    words: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    running: bool = False
    """Whether brokers have to run before it is said."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """The words of which the rule's page has one."""
        return (*self.words, *self.log, *self.refused)

    @property
    def is_of_a_check(self) -> bool:
        """Whether the Cluster Operator says it before it asks a broker."""
        of_kafka = self.of.startswith("Kafka/") and self.type != "Warning"
        return bool(self.log or self.config or of_kafka) and not self.running

    def has_come(self, strimzi: Strimzi, namespace: str, since: int) -> bool:
        """Whether it has been said in a namespace since the operator's log was so long."""
        if self.log:
            lines = [each for each in strimzi.operator.said(since) if f"({namespace}/" in each]
            return all(any(part in line for line in lines) for part in self.log)
        if self.of:
            return any(map(self._is_meant, conditions(self._read(strimzi, self.of, namespace))))
        if self.config:
            config = strimzi.kubernetes.read("ConfigMap", "events-combined-0", namespace)
            return all(part in config["data"]["server.config"] for part in self.config)
        if self.silent:
            read = [self._read(strimzi, each, namespace) for each in self.silent]
            return all(is_ready(each) and len(conditions(each)) == 1 for each in read)
        return all("status" not in self._read(strimzi, each, namespace) for each in self.untold)

    def found(self, strimzi: Strimzi, namespace: str, since: int) -> str:
        """What has been said instead."""
        told = [conditions(self._read(strimzi, each, namespace))
                for each in (self.of, *self.silent, *self.untold) if each]  # fmt: skip
        warned = [each for each in strimzi.operator.said(since)
                  if f"({namespace}/" in each and " INFO " not in each]  # fmt: skip
        return "\n".join([str(told), *warned[-20:]])

    def _read(self, strimzi: Strimzi, label: str, namespace: str) -> Any:
        kind, _, name = label.partition("/")
        name, _, other = name.partition("@")
        return strimzi.kubernetes.read(kind, name, other or namespace)

    def _is_meant(self, condition: Any) -> bool:
        status = "False" if self.type == "Ready" else "True"
        return (
            condition["type"] == self.type
            and condition["status"] == status
            and condition.get("reason", "") == self.reason
            and all(each in condition.get("message", "") for each in self.words)
        )


@dataclass(frozen=True)
class Row:
    """What comes back to the examples of a rule."""

    failing: tuple[Said, ...] = ()
    over: bool = False
    """Whether it is said of the change from the passing example."""
    passes: str = ""
    """Why the passing example cannot become ready in tests."""
    left_out: str = ""


@cache
def rows() -> dict[str, Row]:
    """The table."""
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {rule: _row(rule, told) for rule, told in table.items()}


def _row(rule: str, told: Any) -> Row:
    if isinstance(told, str):
        return Row(left_out=told)
    fails = told["fails"]
    if isinstance(fails, dict):
        fails = [fails] * (len(documents(rule)) - 1)
    return Row(tuple(map(_said, fails)), told.get("over", False), told.get("passes", ""))


def _said(told: Any) -> Said:
    texts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in told.items()
    }
    return Said(**texts)
