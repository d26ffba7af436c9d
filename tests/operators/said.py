"""What Strimzi's operators say to the examples of rules, as rules.yaml has it.

RULE:
fails:                       # one for each failing example, or a single one for all
- {of: KIND/NAME, type: NotReady, reason: REASON, words: [PARTS OF THE MESSAGE]}
- {log: [PARTS OF LINES OF THE CLUSTER OPERATOR'S LOG]}
- {refused: [PARTS OF WHAT THE API SERVER SAYS]}
- {config: [PARTS OF WHAT A BROKER IS CONFIGURED WITH]}
- {silent: [KIND/NAME]}    # it becomes Ready, and nobody says a word
- {untold: [KIND/NAME]}    # no operator looks at it
over: true                   # it is applied over the passing example
passes: WHY                  # it gets past the operator's checks, but cannot become ready here
RULE: WHY                      # left out
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rules.cases import documents

_OTHERS = ("KafkaTopic/", "KafkaUser/")
"""Of which the Topic and the User Operator speak."""
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
    config: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    running: bool = False
    """Whether brokers have to run before it is said."""

    @property
    def quoted(self) -> tuple[str, ...]:
        """The words of which the rule's page has one; the reason, where there are none."""
        return (*self.words, *self.log, *self.refused) or (self.reason,)

    @property
    def is_of_a_check(self) -> bool:
        """Whether the Cluster Operator says it before it asks a broker."""
        of_its_own = self.of and not self.of.startswith(_OTHERS) and self.type != "Warning"
        return bool(self.log or self.config or of_its_own) and not self.running

    @property
    def condition(self) -> dict[str, str]:
        """The condition that is said, with what is known of its message."""
        status = "False" if self.type == "Ready" else "True"
        message = " ".join(self.words)
        return {"type": self.type, "status": status, "reason": self.reason, "message": message}

    def is_said_by(self, condition: Any) -> bool:
        """Whether a condition is what is meant."""
        mine = self.condition
        return (
            all(condition.get(key, "") == mine[key] for key in ("type", "status", "reason"))
            and all(each in condition.get("message", "") for each in self.words)
        )  # fmt: skip


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
