"""Statuses that Strimzi's operators wrote of failing examples, as statuses.yaml keeps them for other tests."""

from pathlib import Path
from typing import Any

import yaml
from operators.said import Said
from operators.site import Strimzi, conditions

FILE = Path(__file__).with_name("statuses.yaml")
_KEPT = ("type", "status", "reason", "message")


class Statuses:
    """What was seen in this run, by rule and number of its example."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._seen: dict[str, Any] = {}

    def note(self, example: str, strimzi: Strimzi, said: Said, namespace: str) -> None:
        """Remember the conditions of the object of which something was said."""
        if not said.of:
            return
        kind, _, name = said.of.partition("/")
        body = strimzi.kubernetes.read(kind, name, namespace)
        told = [{key: each[key] for key in _KEPT if key in each} for each in conditions(body)]
        self._seen[example] = {"kind": kind, "name": name, "conditions": told}

    def keep(self) -> None:
        """Write what was seen beside what is known of other examples."""
        every = {**known(), **self._seen}
        FILE.write_text(yaml.safe_dump(dict(sorted(every.items())), width=120), encoding="utf-8")


def known() -> dict[str, Any]:
    """Kind, name and conditions by rule and number of its example."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
