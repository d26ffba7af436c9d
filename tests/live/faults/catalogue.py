"""The catalogue of faults: one document of a file of `catalogue/` each; a new one touches nothing else.

fault: what somebody did, or what happened
make: lines that are carried out, as Site.carry_out takes them
ask: options for strimzi-verify, instead of the usual ones
check, status, says: what is told of it; a status other than fail
headline: a part of the first cause, where the report works one out
code: the exit code, where it is not 5
also: other checks that are not fine as long as it lasts; each may be so
remedy: what the test does of what is printed: `commands` (all of them, as printed), or a sentence of it and the
  lines that do what it says
undo: lines for what the remedy leaves
where: the environment of `intents/`, where it is not the usual one
"""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FOLDER = Path(__file__).with_name("catalogue")


class Fault(NamedTuple):
    """One entry."""

    fault: str
    make: tuple[str, ...]
    check: str
    says: str
    headline: str = ""
    status: str = "fail"
    code: int = 5
    ask: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    remedy: Any = "commands"
    undo: tuple[str, ...] = ()
    where: str = "faults"

    @property
    def sentence(self) -> str:
        """What the remedy says in words that the test then does."""
        return "" if self.remedy == "commands" else str(*self.remedy)

    @property
    def lines(self) -> tuple[str, ...]:
        """What the test does of it."""
        return () if self.remedy == "commands" else tuple(_listed(*self.remedy.values()))


def catalogue() -> list[Fault]:
    """All entries, in the order of their files."""
    documents = (
        document
        for file in sorted(_FOLDER.glob("*.yaml"))
        for document in yaml.safe_load_all(file.read_bytes())
        if document
    )
    # Whoever begins with another environment waits for it.
    return sorted(map(_fault, documents), key=lambda each: each.where != "faults")


def _fault(said: dict[str, Any]) -> Fault:
    lists = ("make", "ask", "also", "undo")
    return Fault(**said | {key: tuple(_listed(said[key])) for key in lists if key in said})


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
