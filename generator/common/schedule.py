"""Schedules of five fields, as Kubernetes reads them: what is wrong with one, and how far runs are apart.

Times are those of the schedule's own time zone; changes to and from summer time are not looked at.
"""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import pairwise

_FIELDS = {
    "minute": (0, 59, ()),
    "hour": (0, 23, ()),
    "day of the month": (1, 31, ()),
    "month": (1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV",
                      "DEC")),
    "day of the week": (0, 6, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
}  # fmt: skip
"""Fields of a schedule with their bounds and names, as Kubernetes 1.34 reads them (robfig/cron v3)."""

_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = 24 * 60
_OPEN = ("*", "?", "*/1", "?/1")
_ALIKE = re.compile(r"[*](/[0-9]+)?|[0-9,-]+")
"""Words that Kubernetes and the crate read alike; the rest is written out."""

_LARGEST_STEP = 999
"""Longer than every field; Kubernetes refuses only what fits into no integer."""

_BEGIN_S = 978_307_200
"""When days begin to be counted: 1 January 2001."""
_YEARS = 28
"""After so many years days of the week fall on the same dates again, leap days among them."""


def fault(text: str) -> str:
    """The first field that Kubernetes would refuse; empty when there is none."""
    for word, (field, (least, most, names)) in zip(text.split(), _FIELDS.items(), strict=True):
        for part in word.split(","):
            span, slash, step = part.partition("/")
            ends = [_number(end, least, names) for end in span.split("-")]
            if span not in ("*", "?") and (
                len(ends) > 2
                or None in ends
                or not all(least <= (end or 0) <= most for end in ends)
                or (ends[0] or 0) > (ends[-1] or 0)
            ):
                return f"'{part}' is no {field} from {least} to {most}"
            if slash and not (step.isdecimal() and 0 < int(step) <= _LARGEST_STEP):
                return f"'{part}' has no step after its slash"
    return ""


@lru_cache(maxsize=1024)
def gaps_s(text: str) -> tuple[int, int] | None:
    """The shortest and the longest time between two runs, in seconds; None when it never runs.

    The text is one without a `fault`.
    """
    minutes, hours, *_ = _values(text)
    times = [hour * 60 + minute for hour in hours for minute in minutes]
    days = _days(text)
    if not days:
        return None
    between = {later - earlier for earlier, later in pairwise(days)}
    between.add(days[0] + _cycle() - days[-1])
    night = times[0] - times[-1]
    gaps = {later - earlier for earlier, later in pairwise(times)}
    gaps |= {apart * _DAY + night for apart in between}
    return min(gaps) * 60, max(gaps) * 60


def due(text: str, at_s: float) -> int:
    """How many runs have been due until a moment: seconds since 1970, as the clock of the schedule's zone shows.

    Each run counts one more than the one before; the text is one of which `gaps_s` knows.
    """
    minutes, hours, *_ = _values(text)
    times = [hour * 60 + minute for hour in hours for minute in minutes]
    day, minute = divmod(int(at_s - _BEGIN_S) // 60, _DAY)
    cycles, day = divmod(day, _cycle())
    days = _days(text)
    before = cycles * len(days) + bisect_left(days, day)
    today = bisect_right(times, minute) if day in days else 0
    return before * len(times) + today


def longest_without_s(text: str, begin: int, end: int) -> int:
    """The time between two runs around a day that has no minutes from `begin` to `end`, in seconds.

    0 where no run is longer waited for than usually; the text is one of which `gaps_s` knows.
    """
    minutes, hours, *_ = _values(text)
    times = [hour * 60 + minute for hour in hours for minute in minutes]
    days = _days(text)
    apart = max((later - earlier for earlier, later in pairwise(days)), default=_cycle()) * _DAY
    before = [each for each in times if each < begin] or [times[-1] - apart]
    after = [each for each in times if each >= end] or [times[0] + apart]
    gap_s = (after[0] - before[-1] - (end - begin)) * 60
    usual = gaps_s(text)
    return gap_s if usual is not None and gap_s > usual[1] else 0


def shifted(text: str, place: int, places: int) -> str | None:
    """The schedule for one of several that share it, each at minutes of its own.

    Minutes are shifted within the hour, so that each runs as often as it is said; None when there is
    no room for so many.
    """
    minutes = _values(text)[0]
    apart = [later - earlier for earlier, later in pairwise([*minutes, minutes[0] + 60])]
    step = min(apart) // places
    if not step:
        return None
    if not place:
        return text
    moved = sorted((minute + place * step) % 60 for minute in minutes)
    return " ".join([",".join(str(minute) for minute in moved), *text.split()[1:]])


def with_seconds(text: str) -> str | None:
    """The same times in six fields, as the Rust crate cron 0.12 reads them; None when it has no words.

    There Sunday is 1, so that days of the week have their names, and a day has to fit both of its
    fields. The text is one without a `fault`.
    """
    words, values = text.split(), _values(text)
    if not _fits_both(words):
        return None
    said = [
        word if _ALIKE.fullmatch(word) else "*" if word == "?" else ",".join(map(str, meant))
        for word, meant in zip(words[:4], values[:4], strict=True)
    ]
    names = _FIELDS["day of the week"][2]
    days = [names[day] for day in values[4]]
    return " ".join(["0", *said, "*" if len(days) == len(names) else ",".join(days)])


def _values(text: str) -> list[list[int]]:
    """What every field stands for, sorted."""
    return [
        _expand(word, least, most, names)
        for word, (least, most, names) in zip(text.split(), _FIELDS.values(), strict=True)
    ]


def _expand(word: str, least: int, most: int, names: tuple[str, ...]) -> list[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        if span in ("*", "?"):
            first, last = least, most
        else:
            ends = [_number(end, least, names) or 0 for end in span.split("-")]
            # `5/15` goes on to the end of the field; `5` alone does not.
            first, last = ends[0], most if slash and len(ends) == 1 else ends[-1]
        found.update(range(first, last + 1, int(step) if slash else 1))
    return sorted(found)


def _number(text: str, first: int, names: tuple[str, ...]) -> int | None:
    if text.upper() in names:
        return names.index(text.upper()) + first
    return int(text) if text.isdecimal() else None


def _cycle() -> int:
    return _YEARS * 365 + _YEARS // 4


@lru_cache(maxsize=1024)
def _days(text: str) -> list[int]:
    """The days of a whole cycle on which it runs, counted from Monday, 1 January 2001.

    Day of the month and day of the week are both needed, unless both are restricted: then either
    is enough (robfig/cron v3, SpecSchedule.dayMatches).
    """
    _, _, of_month, months, of_week = _values(text)
    words = text.split()
    both = _fits_both(words)
    found, day = [], 0
    for year in range(_YEARS):
        for month, length in enumerate(_MONTHS, 1):
            days = length + (month == 2 and year % 4 == 3)
            for date in range(1, days + 1):
                fits = date in of_month, (day + 1) % 7 in of_week
                if month in months and (all(fits) if both else any(fits)):
                    found.append(day)
                day += 1
    return found


def _fits_both(words: list[str]) -> bool:
    """True when a day has to fit both of its fields, because one of them is open."""
    return any(part in _OPEN for word in (words[2], words[4]) for part in word.split(","))


_WORDS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_EVERY = re.compile(r"@every (?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+")


def cron_fault(text: str) -> str:
    """What Kubernetes would refuse of a CronJob's schedule, which may be a word such as @daily, too."""
    if text in _WORDS or _EVERY.fullmatch(text):
        return ""
    if "TZ" in text:
        return "a time zone stands in timeZone"
    if len(text.split()) != len(_FIELDS):
        return f"'{text}' has not five fields"
    return fault(text)
