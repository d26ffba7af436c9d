"""What came of a restore: records and groups beside their set, and what is lost. No client is here."""

import msgspec

from generator.common.exit_codes import ExitCode


class RestoredTopic(msgspec.Struct):
    """One topic, beside what its set holds of it."""

    source: str
    target: str
    backup_id: str = ""
    partitions: int = 0
    records: int = 0
    """What is there."""
    until_ms: int = -1
    """The time of the newest record that the set holds; -1 where it holds none."""
    problems: list[str] = []
    notes: list[str] = []


class RestoredGroup(msgspec.Struct):
    """One consumer group, beside where it was."""

    group: str
    partitions: int = 0
    problem: str = ""


class Restored(msgspec.Struct):
    """What came of one restore, or of several."""

    restore: str
    topics: list[RestoredTopic] = []
    groups: list[RestoredGroup] = []
    problem: str = ""
    """What kept the comparison from an end; then it proves nothing."""
    exit_code: ExitCode = ExitCode.FINE
    version: int = 1

    @property
    def is_wrong(self) -> bool:
        """True when something did not come back as it was."""
        return any(each.problems for each in self.topics) or any(
            each.problem for each in self.groups
        )
