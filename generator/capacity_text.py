"""A capacity as a table with bars, and as data."""

from dataclasses import asdict
from typing import Any

from generator.capacity import Capacity, Use
from generator.console import table
from generator.units import approximate_bytes

_BAR = 30


def as_text(capacity: Capacity) -> str:
    """Limits with bars, then teams, then costs, then what cannot be known."""
    lines = []
    for use in capacity.uses:
        filled = min(_BAR, round(use.share * _BAR)) if use.limit else _BAR * bool(use.share)
        bar = "#" * filled + "." * (_BAR - filled)
        percent = f"{use.share:.0%}" if use.limit else "no limit known"
        lines.append(f"{use.what:<20} [{bar}] {percent:>5}  {_of_limit(use)}")
    teams = [
        {"owner": team, **{use.what: _of_limit(use) for use in uses}}
        for team, uses in capacity.teams.items()
    ]
    text = "\n".join(lines) + "\n\n" + table(teams, ("owner", "topics", "partitions", "storage"))
    if capacity.costs:
        text += "\n" + _costs(capacity)
    if capacity.unknown_bytes:
        count = len(capacity.unknown_bytes)
        names = ", ".join(capacity.unknown_bytes[:5]) + (", ..." if count > 5 else "")
        text += (
            f"\nunknown: {count} topics bound neither size nor throughput ({names});"
            " say retentionSize or throughput\n"
        )
    return text


def _costs(capacity: Capacity) -> str:
    total = sum(cost.price for cost in capacity.costs)
    column = f"{capacity.currency} a month".strip()
    rows = [
        {
            "cost": cost.what,
            "amount": f"{cost.amount:,.1f} {cost.unit}",
            column: f"{cost.price:,.2f}",
        }
        for cost in capacity.costs
    ]
    rows.append({"cost": "total", "amount": "", column: f"{total:,.2f}"})
    return table(rows, ("cost", "amount", column))


def as_data(capacity: Capacity) -> dict[str, Any]:
    """The same as plain data; amounts in partitions, topics and bytes, prices a month."""
    return {
        "uses": [asdict(use) for use in capacity.uses],
        "teams": [
            {"owner": team, "uses": [asdict(use) for use in uses]}
            for team, uses in capacity.teams.items()
        ],
        "costs": [asdict(cost) for cost in capacity.costs],
        "currency": capacity.currency,
        "unknown_bytes": list(capacity.unknown_bytes),
    }


def _of_limit(use: Use) -> str:
    used = _amount(use, use.used)
    if use.limit is None:
        return used
    over = f" (over by {_amount(use, use.used - use.limit)})" if use.used > use.limit else ""
    return f"{used} of {_amount(use, use.limit)}{over}"


def _amount(use: Use, value: int) -> str:
    return approximate_bytes(value) if use.unit == "bytes" else f"{value:,}"
