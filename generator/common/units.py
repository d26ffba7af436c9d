"""Human units: `7d`, `1h30m`, `10Gi`, `500m`. The only place that parses and prints them."""

import re
from calendar import monthrange, timegm
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

_MS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_DECIMAL = {"B": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BYTES = {**_BINARY, **_DECIMAL}

_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdw]))+")
_DURATION_PART = re.compile(r"([0-9]+)(ms|[smhdw])")
_SIZE = re.compile(r"([0-9]+)(?:\.([0-9]+))?(Ki|Mi|Gi|Ti|Pi|B|k|M|G|T|P)")
_CPU = re.compile(r"([0-9]+)(m?)|([0-9]+)\.([0-9]{1,3})")

UNLIMITED = "unlimited"
KAFKA_UNLIMITED = -1
MAX_LONG = 2**63 - 1


_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


class UnitError(ValueError):
    """The text is no duration, size or CPU amount; the message says what is expected."""


@lru_cache(maxsize=4096)
def parse_duration_ms(text: str | int) -> int:
    """Milliseconds of `500ms`, `30s`, `5m`, `1h30m`, `7d`, `2w`; `unlimited` is -1.

    Raises:
        UnitError: when the text has no unit, an unknown one, or does not fit Kafka's long.
    """
    if text == UNLIMITED:
        return KAFKA_UNLIMITED
    if not isinstance(text, str) or not _DURATION.fullmatch(text):
        raise UnitError("a duration such as 30s, 1h30m, 7d or unlimited (units: ms s m h d w)")
    value = sum(int(n) * _MS[unit] for n, unit in _DURATION_PART.findall(text))
    if value > MAX_LONG:
        raise UnitError("a duration below 292 million years (Kafka keeps it in 63 bits)")
    return value


@lru_cache(maxsize=4096)
def parse_bytes(text: str | int) -> int:
    """Bytes of `10Gi`, `1.5Gi`, `100M`, `512B`, rounded up to a whole byte; `unlimited` is -1.

    Raises:
        UnitError: when the text has no unit, an unknown one, or does not fit Kafka's long.
    """
    if text == UNLIMITED:
        return KAFKA_UNLIMITED
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise UnitError("a size such as 512Ki, 1Mi or 10Gi (units: B, k M G T P, Ki Mi Gi Ti Pi)")
    whole, fraction, unit = match.groups()
    scale = int("1" + "0" * len(fraction or ""))
    value = -(-int(whole + (fraction or "")) * _BYTES[unit] // scale)
    if value > MAX_LONG:
        raise UnitError("a size below 8192Pi (Kafka keeps it in 63 bits)")
    return value


@lru_cache(maxsize=1024)
def parse_time_ms(text: str) -> int:
    """Milliseconds since 1970 of `2026-11-20T14:00:00Z` or `2026-11-20T15:00+01:00`.

    Raises:
        UnitError: when the text is no such time, has no zone, or lies before 1970.
    """
    match = _TIME.fullmatch(text)
    numbers = [int(each or 0) for each in match.group(1, 2, 3, 4, 5, 6, 8, 9)] if match else []
    if match and _is_time(*numbers):
        year, month, day, hour, minute, second, hours, minutes = numbers
        ahead = (hours * 60 + minutes) * (-1 if match[7] == "-" else 1)
        value = timegm((year, month, day, hour, minute - ahead, second)) * 1000
        if value >= 0:
            return value
    raise UnitError("a time with its zone, such as 2026-11-20T14:00:00Z")


def with_milliseconds(text: str) -> str:
    """The same time as Kafka's tools read it: `2026-11-20T15:00:00.000+01:00`.

    Raises:
        UnitError: when the text is no time with its zone.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise UnitError("a time with its zone, such as 2026-11-20T14:00:00Z")
    zone = "Z" if text.endswith("Z") else text[-6:]
    return f"{text[:16]}:{match[6] or '00'}.000{zone}"


def _is_time(
    year: int, month: int, day: int, hour: int, minute: int, second: int, hours: int, minutes: int
) -> bool:
    if not (year and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return False
    return max(hour, hours) < 24 and max(minute, second, minutes) < 60


def parse_quantity_bytes(value: str | float | None) -> int | None:
    """Bytes of a Kubernetes quantity, where a plain number is bytes; None when it is none."""
    if isinstance(value, int | float):
        return int(value)
    try:
        return None if value is None else parse_bytes(value + "B" * value.isdigit())
    except UnitError:
        return None


_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?[0-9]+))")
_SCALES = {
    **{unit: (10, 3 * power) for power, unit in enumerate("num kMGTPE", -3)},
    **{f"{unit}i": (2, 10 * power) for power, unit in enumerate("KMGTPE", 1)},
    "": (10, 0),
}


@lru_cache(maxsize=1024)
def quantity_value(value: str | float) -> "Fraction":
    """The exact number that a Kubernetes quantity is: `1500m` is 3/2.

    Raises:
        UnitError: when it is no quantity.
    """
    from fractions import Fraction  # few runs need it

    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise UnitError("a quantity such as 500m, 2 or 10Gi")
    power = int(match[3] or 0)
    if abs(power) > 99:
        raise UnitError("a quantity such as 500m, 2 or 10Gi")
    base, scale = _SCALES[match[2] or ""]
    return Fraction(match[1].strip(".")) * Fraction(base) ** scale * Fraction(10) ** power


@lru_cache(maxsize=1024)
def parse_cpu_m(text: str | float) -> int:
    """Millicores of `500m`, `2`, `0.5`.

    Raises:
        UnitError: when the text is no CPU amount of at least one millicore's precision.
    """
    match = None if isinstance(text, bool) else _CPU.fullmatch(str(text))
    if not match:
        raise UnitError("an amount of CPU such as 500m, 2 or 0.5")
    whole, milli, cores, fraction = (str(group or "") for group in match.groups())
    if whole:
        return int(whole) * (1 if milli else 1000)
    return int(cores) * 1000 + int(str(fraction).ljust(3, "0"))


def format_bytes(value: int) -> str:
    """The shortest exact text: `10Gi` for 10737418240; plain bytes where no unit divides it."""
    if value == KAFKA_UNLIMITED:
        return UNLIMITED
    for unit, factor in reversed(_BINARY.items()):
        if value and value % factor == 0:
            return f"{value // factor}{unit}"
    for unit, factor in reversed(_DECIMAL.items()):
        if unit != "B" and value and value % factor == 0:
            return f"{value // factor}{unit}"
    return f"{value}B"


def quantity(value: int) -> str:
    """Bytes as a Kubernetes quantity, which writes plain bytes without a unit."""
    return format_bytes(value).removesuffix("B")


def format_duration_ms(value: int) -> str:
    """The shortest exact text: `7d` for 604800000, `1h30m` for 5400000."""
    if value == KAFKA_UNLIMITED:
        return UNLIMITED
    text = ""
    for unit, factor in (("d", _MS["d"]), ("h", _MS["h"]), ("m", _MS["m"]), ("s", _MS["s"])):
        count, value = divmod(value, factor)
        text += f"{count}{unit}" if count else ""
    return text + (f"{value}ms" if value or not text else "")


def format_cpu_m(value: int) -> str:
    """`2` for 2000 millicores, `500m` for 500."""
    return str(value // 1000) if value % 1000 == 0 else f"{value}m"


def approximate_bytes(value: float) -> str:
    """A size for people's eyes, rounded to one decimal: `1.5Ti`."""
    units = ("B", *_BINARY)
    for unit in units[:-1]:
        if abs(value) < 1024:
            return f"{value:.1f}".removesuffix(".0") + unit
        value /= 1024
    return f"{value:.1f}".removesuffix(".0") + units[-1]


def spoken_bytes(value: float) -> str:
    """The same as people say it in a sentence: `1.5 TiB`."""
    text = approximate_bytes(value)
    number = text.rstrip("BKMGTPi")
    return f"{number} {text[len(number) :].removesuffix('B')}B"
