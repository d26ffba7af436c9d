"""How long a backup takes to be back: sums, and the words in which they are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.common.units import parse_duration_ms
from generator.contract.recovery import ASSUMED_BYTES_PER_SECOND, Expected, Rate, span, told

MIB, GIB = 2**20, 2**30
SIZES = st.integers(min_value=0, max_value=2**63 - 1)
RATES = st.integers(min_value=1, max_value=2**63 - 1).map(Rate)


@given(SIZES, RATES)
def test_a_second_less_would_not_do(size_bytes: int, rate: Rate) -> None:
    """The time is the least whole number of seconds in which all of it is written."""
    back_s = rate.back_s(size_bytes)

    assert back_s * rate.bytes_per_second >= size_bytes
    assert back_s == 1 or (back_s - 1) * rate.bytes_per_second < size_bytes


@given(SIZES, SIZES, RATES)
def test_sets_one_after_the_other_take_no_less_than_either(
    one: int, other: int, rate: Rate
) -> None:
    """And no longer than both, each rounded up."""
    both = rate.back_s(one + other)

    assert max(rate.back_s(one), rate.back_s(other)) <= both
    assert both <= rate.back_s(one) + rate.back_s(other)


@given(st.integers(min_value=1, max_value=10**9))
def test_a_time_for_people_promises_nothing_too_short(seconds: int) -> None:
    """It is rounded up, by less than a tenth."""
    said_s = parse_duration_ms(span(seconds)) // 1000

    assert seconds <= said_s < seconds * 1.1 + 1


@pytest.mark.parametrize(
    ("size_bytes", "rate", "expected"),
    [
        (0, Rate(), "0 B, back in 1s at 40 MiB a second (assumed)"),
        (75 * GIB, Rate(), "75 GiB, back in 32m at 40 MiB a second (assumed)"),
        (75 * GIB, Rate(150 * MIB, True), "75 GiB, back in 8m32s at 150 MiB a second (measured)"),
        (4 * 2**40, Rate(), "4 TiB, back in 1d6h at 40 MiB a second (assumed)"),
    ],
)  # fmt: skip
def test_a_sentence_says_how_much_and_how_fast(size_bytes: int, rate: Rate, expected: str) -> None:
    """And whether anybody has seen that rate."""
    assert told(size_bytes, rate) == expected


def test_the_sets_are_named_where_there_are_several() -> None:
    """Behind what they hold together."""
    assert told(GIB, Rate(), " in 2 sets").startswith("1 GiB in 2 sets, back in 26s at ")


def test_what_is_assumed_is_far_below_what_was_measured() -> None:
    """242 MB a second, on loopback."""
    assert ASSUMED_BYTES_PER_SECOND * 5 < 242_000_000


@pytest.mark.parametrize(
    ("expected", "shown", "words"),
    [
        (Expected(7), 3, ""),
        (Expected(7, ("a",)), 0, "1 topic whose size nobody says"),
        (Expected(7, ("a", "b")), 3, "2 topics whose size nobody says (a, b)"),
        (Expected(7, ("a", "b", "c")), 2, "3 topics whose size nobody says (a, b and 1 more)"),
        (Expected(7, ("a",), is_open=True, grows=True), 0,
         "1 topic whose size nobody says and topics that nobody declares and what runs add beyond what its topics keep"),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_counted(expected: Expected, shown: int, words: str) -> None:
    """It is told, and never taken for nothing."""
    assert expected.beside(shown) == words
