"""What checks say stays readable, however much there is to say."""

import pytest

from verify.checks._objects import short
from verify.checks._words import listed


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, ""), (2, "0, 1"), (10, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"),
     (11, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 … and 1 more")],
)  # fmt: skip
def test_many_names_are_counted(count: int, words: str) -> None:
    """Ten of them are named."""
    assert listed(range(count)) == words


@pytest.mark.parametrize(("length", "told"), [(300, 300), (301, 300)])
def test_long_words_are_cut(length: int, told: int) -> None:
    """They are on one line, and say that they go on."""
    line = short("a\n" + "b" * (length - 2))

    assert (len(line), line.endswith("…")) == (told, length > told)
