"""How long a backup takes to be back: the numbers and words that rules, the runbook, drills and checks share.

Bytes are those of records as Kafka gets them, unpacked; sets are restored one after the other, so that their bytes add up.
"""

from typing import NamedTuple

from generator.common.units import format_duration_ms, spoken_bytes

CHECK = "backup-recovery"
"""The check that holds a set's bytes against the recovery: a backup that it fails is slow, and whole all the same."""
ASSUMED_BYTES_PER_SECOND = 40 * 2**20
"""How fast a restore writes where no drill has measured it.

kafka-backup-core 0.25.2 wrote 242 MB a second to one broker on loopback (measured). A real target keeps three copies of
each record before it says yes, over a network of perhaps 1 Gbit/s, which carries 119 MiB a second: a third of that, and
a sixth of what was measured, is what one may count on unseen.
"""


class Rate(NamedTuple):
    """How fast a restore writes."""

    bytes_per_second: int = ASSUMED_BYTES_PER_SECOND
    is_measured: bool = False
    """Somebody says so, as drills have shown it."""

    @property
    def words(self) -> str:
        """The same in words, with whether anybody has seen it."""
        seen = "measured" if self.is_measured else "assumed"
        return f"{spoken_bytes(self.bytes_per_second)} a second ({seen})"

    def back_s(self, size_bytes: int) -> int:
        """Within how many seconds so many bytes are written, rounded up."""
        return max(1, -(-size_bytes // self.bytes_per_second))


class Expected(NamedTuple):
    """What a backup is expected to hold, as far as the intent says it."""

    size_bytes: int = 0
    """Of the topics whose size somebody says."""
    unsaid: tuple[str, ...] = ()
    """Topics of which nobody says how much they hold."""
    is_open: bool = False
    """It takes topics, too, that nobody declares."""
    grows: bool = False
    """No age is said at which it drops anything, so that in time it holds more than its topics do."""

    def beside(self, shown: int = 0) -> str:
        """What comes on top, in words, of which nobody knows how much it is, with so many names; empty for nothing."""
        count = len(self.unsaid)
        names = ", ".join(self.unsaid[:shown]) + (
            f" and {count - shown} more" if count > shown else ""
        )
        found = (
            f"{count} topic{'s' if count != 1 else ''} whose size nobody says" if count else "",
            "topics that nobody declares" if self.is_open else "",
            "what runs add beyond what its topics keep" if self.grows else "",
        )
        if shown and count:
            found = (f"{found[0]} ({names})", *found[1:])
        return " and ".join(each for each in found if each)


def span(seconds: int) -> str:
    """A time for people, rounded up to what they plan with: `45s`, `31m`, `1d5h`."""
    step_s = 1 if seconds < 600 else 60 if seconds < 86_400 else 3600
    return format_duration_ms(-(-seconds // step_s) * step_s * 1000)


def told(size_bytes: int, rate: Rate, where: str = "") -> str:
    """How much it is, and within how long it is back at which rate, in one sentence."""
    return f"{spoken_bytes(size_bytes)}{where}, back in {span(rate.back_s(size_bytes))} at {rate.words}"
