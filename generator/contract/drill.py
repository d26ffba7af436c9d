"""A restore drill: what is restored for it, and the verdict on what came back. No client is here.

The engine restores a sample of a backup into scratch topics of the drill's own; those are compared
record by record with what the backup's manifest counts and with what the source still holds.
"""

from typing import Any

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.contract.settings import BackupStorage


class DrillSet(msgspec.Struct, frozen=True, rename="camel"):
    """One set of the backup, which the engine restores with a config of its own."""

    config: str
    """The name of the engine's file."""
    backup_id: str
    topics: tuple[str, ...]
    incremental: bool = True


class DrillOrder(msgspec.Struct, frozen=True, rename="camel"):
    """One drill, as the rendered ConfigMap says it; no secret is in it."""

    name: str
    prefix: str
    """What the names of its scratch topics begin with; everything under it is the drill's own."""
    topics: dict[str, tuple[int, ...]]
    """The partitions that are restored, by source topic."""
    bootstrap: str = ""
    tls: bool = False
    authentication: str = ""
    """`tls` or `scram-sha-512`."""
    user: str = ""
    deadline_seconds: float = 3600
    storage: BackupStorage = BackupStorage("filesystem")
    sets: tuple[DrillSet, ...] = ()

    def scratch(self, topic: str) -> str:
        """The scratch topic of a source topic."""
        return self.prefix + topic


class Compared(msgspec.Struct):
    """One partition: what came back of it, beside its source."""

    topic: str
    partition: int
    expected: tuple[int, int] = (0, 0)
    """The fewest and the most records that the manifest counted while the drill ran: a backup may
    have added some, and its retention may have taken some away."""
    restored: int = 0
    same: int = 0
    gone: int = 0
    """Restored records that the source no longer holds: retention or compaction took them."""
    different: int = 0
    missing: int = 0
    """Records that the source holds between the first and the last restored one, and that did not
    come back."""
    disordered: int = 0
    """Restored records that are not behind the one before them: twice there, or out of order."""
    unmarked: int = 0
    """Restored records that do not say which offset they had."""
    first: str = ""
    """The first thing that is wrong, for whoever goes and looks."""
    sha256: str = ""
    """Of all restored records: keys, values, headers and timestamps."""

    @property
    def problems(self) -> list[str]:
        """What is wrong, worst first."""
        found = []
        least, most = self.expected
        if not least <= self.restored <= most:
            counts = f"{least}" if least == most else f"{least} to {most}"
            found.append(f"{self.restored} records came back, and the backup counts {counts}")
        counted = (
            (self.different, "differ from their source"),
            (self.missing, "are missing"),
            (self.disordered, "are there twice or out of order"),
            (self.unmarked, "do not say which offset they had"),
        )
        found += [f"{number} {words}" for number, words in counted if number]
        return found


class DrillResult(msgspec.Struct):
    """What a drill came to."""

    drill: str
    sets: tuple[str, ...] = ()
    """The ids of the sets that were restored."""
    compared: list[Compared] = []
    problem: str = ""
    """What kept it from an end; then it proves nothing."""
    exit_code: ExitCode = ExitCode.FINE
    left_behind: tuple[str, ...] = ()
    """Scratch topics that could not be removed; the next drill removes them first."""
    took_s: float = 0
    version: int = 1

    @property
    def restored(self) -> int:
        """All records that came back."""
        return sum(each.restored for each in self.compared)


def judged(verdict: DrillResult) -> DrillResult:
    """The same verdict with its exit code: a drill that restored nothing proves nothing."""
    if not verdict.problem and not verdict.restored:
        verdict.problem = "not one record was restored: choose topics that hold some"
        verdict.exit_code = ExitCode.UNHEALTHY
    elif not verdict.problem and any(each.problems for each in verdict.compared):
        verdict.exit_code = ExitCode.UNHEALTHY
    return verdict


def text(verdict: DrillResult) -> str:
    """A verdict as people read it: one line for each partition, and how it ended."""
    lines = []
    for each in verdict.compared:
        place = f"{each.topic}[{each.partition}]"
        if each.problems:
            said = "; ".join([*each.problems, *([each.first] if each.first else [])])
            lines.append(f"FAIL  {place}: {one_line(said)}")
        else:
            gone = f", {each.gone} are no longer at the source" if each.gone else ""
            lines.append(
                f"pass  {place}: {each.restored} records, {each.same} as at the source{gone}"
                f" (sha256 {each.sha256[:12]})"
            )
    lines += [f"left behind: {one_line(name)}" for name in verdict.left_behind]
    good = verdict.exit_code is ExitCode.FINE
    end = f"{verdict.restored} records restored and compared" if good else "the drill failed"
    if verdict.problem:
        end = f"the drill failed: {one_line(verdict.problem)}"
    lines.append(f"drill {verdict.drill}: {end} (exit {int(verdict.exit_code)})")
    return "\n".join(lines) + "\n"


def as_json(verdict: DrillResult) -> str:
    """A verdict as a machine reads it."""
    data: dict[str, Any] = msgspec.to_builtins(verdict)
    data["compared"] = [
        {**msgspec.to_builtins(each), "problems": each.problems} for each in verdict.compared
    ]
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
