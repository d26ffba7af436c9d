"""A capacity as a table with bars, and as data."""

from typing import Any

from generator.capacity import Capacity, Use
from generator.console import table
from generator.units import approximate_bytes

_BAR = 30


def as_text(capacity: Capacity) -> str:
    """Limits with bars, then teams, then what cannot be known."""
    lines = []
    for use in capacity.uses:
        filled = min(_BAR, round(use.share * _BAR)) if use.limit else _BAR * bool(use.used)
        bar = "#" * filled + "." * (_BAR - filled)
        percent = f"{use.share:.0%}" if use.limit else "no limit known"
        amount = f"{_amount(use, use.used)} of {_amount(use, use.limit)}"
        lines.append(f"{use.what:<20} [{bar}] {percent:>5}  {amount}")
    teams = [
        {"owner": owner, "topics": topics, "partition_replicas": replicas,
         "known_bytes": approximate_bytes(size)}
        for owner, topics, replicas, size in capacity.teams
    ]  # fmt: skip
    text = "\n".join(lines) + "\n\n"
    text += table(teams, ("owner", "topics", "partition_replicas", "known_bytes"))
    if capacity.unknown_bytes:
        count = len(capacity.unknown_bytes)
        names = ", ".join(capacity.unknown_bytes[:5]) + (", ..." if count > 5 else "")
        text += (
            f"\nunknown: {count} topics bound neither size nor throughput ({names});"
            " say retentionSize or throughput\n"
        )
    return text


def as_data(capacity: Capacity) -> dict[str, Any]:
    """The same as plain data; amounts in partitions and bytes."""
    return {
        "uses": [
            {"what": use.what, "unit": use.unit, "used": use.used, "limit": use.limit}
            for use in capacity.uses
        ],
        "teams": [
            {"owner": owner, "topics": topics, "partition_replicas": replicas, "known_bytes": size}
            for owner, topics, replicas, size in capacity.teams
        ],
        "unknown_bytes": list(capacity.unknown_bytes),
    }


def _amount(use: Use, value: int) -> str:
    return approximate_bytes(value) if use.unit == "bytes" else f"{value:,}"
