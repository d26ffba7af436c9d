"""A capacity as a table with bars, and as data."""

from dataclasses import asdict

from generator.common.units import approximate_bytes
from generator.system.capacity import Capacity, Use
from generator.terminal.console import table

_BAR = 30


def as_text(capacity: Capacity, before: Capacity | None = None) -> str:
    """Limits with bars, then teams, then costs, then what cannot be known.

    With an earlier capacity, every amount also says how much more is asked since.
    """
    earlier = _by_name(before)
    lines = []
    for use in capacity.uses:
        filled = min(_BAR, round(use.share * _BAR)) if use.limit else _BAR * bool(use.share)
        bar = "#" * filled + "." * (_BAR - filled)
        percent = f"{use.share:.0%}" if use.limit else "no limit known"
        lines.append(f"{use.what:<20} [{bar}] {percent:>5}  {_told(use, earlier, '')}")
    teams = [
        {"owner": team, **{use.what: _told(use, earlier, team) for use in uses}}
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


def as_data(capacity: Capacity, before: Capacity | None = None) -> dict[str, object]:
    """The same as plain data; amounts in partitions, topics and bytes, prices a month.

    With an earlier capacity, `asked` is how much more of each.
    """
    earlier = _by_name(before)

    def told(use: Use, team: str) -> dict[str, object]:
        asked = {} if before is None else {"asked": _asked(use, earlier, team)}
        return {**asdict(use), **asked}

    return {
        "uses": [told(use, "") for use in capacity.uses],
        "teams": [
            {"owner": team, "uses": [told(use, team) for use in uses]}
            for team, uses in capacity.teams.items()
        ],
        "costs": [asdict(cost) for cost in capacity.costs],
        "currency": capacity.currency,
        "unknown_bytes": list(capacity.unknown_bytes),
    }


_Earlier = dict[tuple[str, str], int] | None


def _by_name(capacity: Capacity | None) -> _Earlier:
    """What was used of everything, by team (empty: all) and limit."""
    if capacity is None:
        return None
    found = {("", use.what): use.used for use in capacity.uses}
    for team, uses in capacity.teams.items():
        found |= {(team, use.what): use.used for use in uses}
    return found


def _asked(use: Use, earlier: _Earlier, team: str) -> int:
    return use.used - (earlier or {}).get((team, use.what), 0)


def _told(use: Use, earlier: _Earlier, team: str) -> str:
    text = _of_limit(use)
    if earlier is None:
        return text
    asked = _asked(use, earlier, team)
    sign = "-" if asked < 0 else "+"
    return f"{text}, asked {sign}{_amount(use, abs(asked))}" if asked else text


def _of_limit(use: Use) -> str:
    used = _amount(use, use.used)
    if use.limit is None:
        return used
    over = f" (over by {_amount(use, use.used - use.limit)})" if use.used > use.limit else ""
    return f"{used} of {_amount(use, use.limit)}{over}"


def _amount(use: Use, value: int) -> str:
    return approximate_bytes(value) if use.unit == "bytes" else f"{value:,}"
