"""What strimzi-verify says of an environment with a fault, as documents of the catalogue look at it."""

from typing import Any, NamedTuple

from verify.report.html import commands
from verify.report.text import FIRST


class Told(NamedTuple):
    """What strimzi-verify says."""

    code: int
    text: str
    """As somebody reads it."""
    document: Any
    err: str

    @property
    def wrong(self) -> dict[str, str]:
        """The checks that are not fine, with their status."""
        every = {each["check"]: each["status"] for each in self.document["checks"]}
        return {check: status for check, status in every.items() if status not in ("pass", "skip")}

    def _check(self, name: str) -> Any:
        return next(each for each in self.document["checks"] if each["check"] == name)

    def says(self, check: str) -> str:
        """What a check found, one thing a line."""
        return "\n".join(
            f"{each['subject']}: {each['message']}" for each in self._check(check)["outcomes"]
        )

    def remedy(self, check: str) -> str:
        """What helps."""
        remedy: str = self._check(check)["remedy"]
        return remedy

    @property
    def preparation(self) -> list[str]:
        """What is to be done before remedies with Kafka's tools."""
        lines = self.text.splitlines()
        return [lines[lines.index(FIRST) + 1].strip()] if FIRST in lines else []

    def commands(self, check: str) -> list[str]:
        """The commands in its remedy, and before them what has to be done for Kafka's tools."""
        printed = [said for is_command, said in commands(self.remedy(check)) if is_command]
        return [*self.preparation, *printed]

    @property
    def headline(self) -> str:
        """What is read first, below the line that tells of whom all this is."""
        return "\n".join(self.text.splitlines()[1:5])
