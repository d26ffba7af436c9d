"""Time zones by name, and what summer time takes from the day on which it begins (tzdata 2025b, from 2026 on).

`time_zones.txt` has one zone a line, with the span of the clock that one day a year has not.
"""

from functools import cache
from pathlib import Path as File

_FILE = File(__file__).with_suffix(".txt")


def is_zone(name: str) -> bool:
    """True for what Kubernetes takes for a time zone."""
    return name in _spans()


def zones() -> list[str]:
    """All names."""
    return list(_spans())


def left_out(name: str) -> tuple[int, int] | None:
    """From which minute of the day to which there is no time when summer time begins; None where it never does."""
    text = _spans().get(name, "")
    if not text:
        return None
    begin, end = (60 * int(each[:2]) + int(each[3:]) for each in text.split("-"))
    return begin, end or 24 * 60


@cache
def _spans() -> dict[str, str]:
    lines = (line.partition(" ") for line in _FILE.read_text(encoding="ascii").splitlines())
    return {name: span for name, _, span in lines}
