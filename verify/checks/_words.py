"""Lists that stay readable when thousands of things are wrong at once."""

from collections.abc import Collection, Iterable, Iterator
from shlex import quote

from generator.contract.report import Outcome
from verify.checks.registry import MORE

SHOWN = 10
"""How many are named; the rest is counted."""


def listed(names: Iterable[object], most: int = SHOWN, between: str = ", ") -> str:
    """The first few by name and the number of the others: `a, b … and 40 more`."""
    every = [str(name) for name in names]
    more = len(every) - most
    return between.join(every[:most]) + (f" … and {more} more" if more > 0 else "")


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


def span(duration_s: float) -> str:
    """A time for people: `3 minutes`, `5 hours`, `2 days`."""
    for unit_s, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if duration_s >= 2 * unit_s:
            return f"{duration_s / unit_s:.0f} {word}s"
    return f"{duration_s:.0f} seconds"


def looked_at(namespace: str, kind: str, *names: str) -> str:
    """The command after which an operator of Strimzi reconciles objects at once, the first few of them.

    Source: Strimzi 1.2.0, Topic and User Operator: whatever changes of a resource is an event; seen live.
    """
    objects = " ".join(map(quote, names[:SHOWN]))
    touch = 'strimzi-gitops/again="$(date +%s)"'
    return f"`kubectl -n {namespace} annotate {kind} {objects} --overwrite {touch}`"
