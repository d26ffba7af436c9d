"""Units: what people write becomes what Kafka and Kubernetes read, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.common import units
from generator.intent.schema import intent_schema_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", 500),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("7d", 604_800_000),
        ("2w", 1_209_600_000),
        ("unlimited", -1),
        ("0s", 0),
    ],
)
def test_duration_is_read(text: str, expected: int) -> None:
    """A duration becomes milliseconds; unlimited is Kafka's -1."""
    assert units.parse_duration_ms(text) == expected


@pytest.mark.parametrize(
    "text", ["", "7", "d7", "7 d", "1.5h", "7D", "-1s", "7y", 7, "9" * 30 + "d"]
)
def test_duration_without_meaning_is_refused(text: str | int) -> None:
    """Text that is no duration, or does not fit Kafka's long, raises UnitError."""
    with pytest.raises(units.UnitError):
        units.parse_duration_ms(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10Gi", 10 * 2**30),
        ("1.5Gi", 3 * 2**29),
        ("512Ki", 524_288),
        ("100M", 10**8),
        ("512B", 512),
        ("0.5k", 500),
        ("1.0001Ki", 1025),
        ("unlimited", -1),
    ],
)
def test_size_is_read(text: str, expected: int) -> None:
    """A size becomes bytes, exactly."""
    assert units.parse_bytes(text) == expected


@pytest.mark.parametrize("text", ["10", "10gb", "10GiB", "-1Gi", "Gi", 10, "9999999Pi"])
def test_size_without_meaning_is_refused(text: str | int) -> None:
    """Text that is no size raises UnitError."""
    with pytest.raises(units.UnitError):
        units.parse_bytes(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("500m", 500), ("2", 2000), (2, 2000), (0.5, 500), ("0.125", 125)]
)
def test_cpu_is_read(text: str | float, expected: int) -> None:
    """An amount of CPU becomes millicores."""
    assert units.parse_cpu_m(text) == expected


@pytest.mark.parametrize("text", ["lots", "1.2345", "-1", "500mm", True, ""])
def test_cpu_without_meaning_is_refused(text: str | float) -> None:
    """Text that is no amount of CPU raises UnitError."""
    with pytest.raises(units.UnitError):
        units.parse_cpu_m(text)


@given(st.integers(min_value=0, max_value=units.MAX_LONG))
def test_duration_survives_printing(value: int) -> None:
    """What is printed reads back as the same duration."""
    assert units.parse_duration_ms(units.format_duration_ms(value)) == value


@given(st.integers(min_value=-1, max_value=units.MAX_LONG))
def test_size_survives_printing(value: int) -> None:
    """What is printed reads back as the same size."""
    assert units.parse_bytes(units.format_bytes(value)) == value


@given(st.integers(min_value=0, max_value=10**9))
def test_cpu_survives_printing(value: int) -> None:
    """What is printed reads back as the same amount."""
    assert units.parse_cpu_m(units.format_cpu_m(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0B"), (1023, "1023B"), (1024, "1Ki"), (1536, "1.5Ki"), (2**50, "1Pi")],
)
def test_size_for_eyes_is_rounded(value: int, expected: str) -> None:
    """Approximate sizes keep one decimal at most."""
    assert units.approximate_bytes(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (40 * 2**20, "40 MiB"),
     (2**50, "1 PiB")],
)  # fmt: skip
def test_size_is_spoken_with_its_unit(value: int, expected: str) -> None:
    """The same number as for eyes, and the unit in full."""
    assert units.spoken_bytes(value) == expected


@given(st.integers(min_value=0, max_value=units.MAX_LONG))
def test_spoken_size_is_the_one_for_eyes(value: int) -> None:
    """One rounds as the other."""
    assert units.spoken_bytes(value).replace(" ", "").replace("iB", "i") == units.approximate_bytes(
        value
    )


_DEFINITIONS = json.loads(intent_schema_text())["definitions"]


def _accepted(definition: str) -> st.SearchStrategy[str]:
    return st.from_regex(_DEFINITIONS[definition]["pattern"], fullmatch=True).map(str.strip)


@given(_accepted("duration"), _accepted("size"), _accepted("sizeOrUnlimited"))
def test_whatever_the_schema_accepts_can_be_read(duration: str, size: str, limit: str) -> None:
    """The intent's JSON Schema lets no text pass that these functions would refuse."""
    units.parse_duration_ms(duration)
    units.parse_bytes(size)
    units.parse_bytes(limit)
