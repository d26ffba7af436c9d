"""A restore drill: what is restored for it, and the verdict on what came back. No client is here.

The engine restores a sample of a backup into scratch topics of the drill's own; those are compared
record by record with what the backup's manifest counts and with what the source still holds.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from generator.common.exit_codes import ExitCode
from generator.common.sanitize import one_line
from generator.common.schedule import due
from generator.common.units import spoken_bytes
from generator.contract.settings import BackupStorage

LEAST_TIMED_BYTES = 64 * 2**20
"""Of less, what a restore takes says nothing of its rate: containers start for longer than that."""


class DrillSet(msgspec.Struct, frozen=True, rename="camel"):
    """One set of the backup, which the engine restores with a config of its own."""

    config: str
    """The name of the engine's file."""
    backup_id: str
    topics: tuple[str, ...]
    incremental: bool = True


class DrillTurns(msgspec.Struct, frozen=True, rename="camel"):
    """What is drilled at one time, so that everything has its turn."""

    schedule: str
    time_zone: str = "Etc/UTC"
    topics_at_once: int = 0
    """How many topics of all sets together; 0 for all of them."""
    partitions_at_once: int = 1
    """How many partitions of each topic."""


class DrillOrder(msgspec.Struct, frozen=True, rename="camel"):
    """One drill, as the rendered ConfigMap says it; no secret is in it."""

    name: str
    prefix: str
    """What the names of its scratch topics begin with; everything under it is the drill's own."""
    topics: dict[str, tuple[int, ...]] = {}
    """The partitions that are restored this time, by source topic."""
    turns: DrillTurns | None = None
    """None once it is known what is restored this time."""
    bootstrap: str = ""
    tls: bool = False
    authentication: str = ""
    """`tls` or `scram-sha-512`."""
    user: str = ""
    deadline_seconds: float = 3600
    storage: BackupStorage = BackupStorage("filesystem")
    groups: bool = True
    """Whether the backup keeps what consumer groups have committed."""
    sets: tuple[DrillSet, ...] = ()

    def at(self, clock_s: float, held: Mapping[str, Sequence[int]]) -> "DrillOrder":
        """The drill of a moment, with the topics whose turn it is.

        `clock_s` are seconds since 1970 as the clock of the schedule's time zone shows;
        `held` are the partitions of which the sets have records: where there is none, the next one has its turn.
        """
        turns = self.turns
        if turns is None:
            return self
        number = max(0, due(turns.schedule, clock_s) - 1)
        chosen: dict[str, tuple[int, ...]] = {}
        sets = []
        for each, share in zip(self.sets, self.shares, strict=True):
            ring = sorted(each.topics, key=self._by_chance)
            lap, begin = divmod(number * share, len(ring))
            ahead = [*ring[begin:], *ring[:begin]]
            mine = ([topic for topic in ahead if held.get(topic)] or ahead)[:share]
            sets.append(msgspec.structs.replace(each, topics=tuple(sorted(mine))))
            for topic in mine:
                partitions = held.get(topic) or (0,)
                most = min(turns.partitions_at_once, len(partitions))
                first = lap * most
                chosen[topic] = tuple(
                    sorted(partitions[(first + n) % len(partitions)] for n in range(most))
                )
        return msgspec.structs.replace(
            self, topics=dict(sorted(chosen.items())), turns=None, sets=tuple(sets)
        )

    @property
    def shares(self) -> list[int]:
        """How many topics of each set have their turn at once; of every set at least one."""
        wanted = self.turns.topics_at_once if self.turns else 0
        base, more = divmod(wanted, max(1, len(self.sets)))
        return [
            min(len(each.topics), max(1, base + (place < more))) if wanted else len(each.topics)
            for place, each in enumerate(self.sets)
        ]

    @property
    def round(self) -> int:
        """How many drills it takes until every topic has had its turn."""
        pairs = zip(self.sets, self.shares, strict=True)
        return max((-(-len(each.topics) // share) for each, share in pairs), default=1)

    def _by_chance(self, topic: str) -> bytes:
        """An order that names alone make: a new topic moves few others."""
        return sha256(f"{self.name}/{topic}".encode()).digest()

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
    restored_bytes: int = 0
    """What the engine had to write, unpacked; 0 where that is too little to tell its rate."""
    bytes_per_second: int = 0
    """How fast it did."""
    version: int = 1

    @property
    def restored(self) -> int:
        """All records that came back."""
        return sum(each.restored for each in self.compared)


def timed(verdict: DrillResult, size_bytes: int, took_s: float) -> DrillResult:
    """The same verdict with the rate at which the engine wrote, if it is a good one and there was enough to write.

    The time is that of everything between our two steps, the start of containers with it: the rate is rather too low.
    """
    if verdict.exit_code is ExitCode.FINE and size_bytes >= LEAST_TIMED_BYTES and took_s > 0:
        verdict.restored_bytes, verdict.bytes_per_second = size_bytes, int(size_bytes / took_s)
    return verdict


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
    if verdict.bytes_per_second:
        size, rate = spoken_bytes(verdict.restored_bytes), verdict.bytes_per_second
        said = f"{rate >> 20}Mi" if rate >> 20 else f"{rate}B"
        lines.append(f"restored {size} at {spoken_bytes(rate)} a second: restoreRate: {said}")
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
