"""Lists that stay readable when thousands of things are wrong at once."""

from collections.abc import Collection, Iterable, Iterator

from generator.contract.report import Outcome
from verify.checks.registry import MORE

SHOWN = 10
"""How many are named; the rest is counted."""


def listed(names: Iterable[object]) -> str:
    """The first few by name and the number of the others: `a, b … and 40 more`."""
    every = [str(name) for name in names]
    more = len(every) - SHOWN
    return ", ".join(every[:SHOWN]) + (f" … and {more} more" if more > 0 else "")


def bounded(outcomes: Iterable[Outcome], most: int = 50) -> Iterator[Outcome]:
    """The first outcomes themselves, and one that counts the rest, as bad as the worst of them."""
    every = list(outcomes)
    yield from every[:most]
    rest = every[most:]
    if rest:
        worst = max(rest, key=lambda outcome: outcome.status.badness)
        yield Outcome(worst.status, f"and {len(rest)} {MORE}")


def count(things: Collection[object] | int, one: str, many: str = "") -> str:
    """A number with its noun: `1 topic`, `2 topics`."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {one if number == 1 else many or one + 's'}"


def brokers(numbers: Collection[int]) -> str:
    """Brokers by their numbers: `broker 1`, `brokers 1, 2`."""
    return f"{'broker' if len(numbers) == 1 else 'brokers'} {listed(numbers)}"


def nodes(numbers: Collection[int]) -> str:
    """Nodes by their numbers: `node 1`, `nodes 1, 2`."""
    return f"{'node' if len(numbers) == 1 else 'nodes'} {listed(numbers)}"
