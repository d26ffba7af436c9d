"""What a report's page draws of a live cluster: latency, placement, disks and lag."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from generator.common.units import approximate_bytes
from verify.checks.groups import total_lag
from verify.live.live import Live, LogDir, ProbeBroker
from verify.report.svg import MAX_ROWS, Chart, Row, bars, compact, histogram, nice_top

MAX_NUMBERS = 100
"""How many rows the table below a chart has."""
MAX_GROUPS = 15
_QUANTILES = ((0.5, "p50", "a"), (0.95, "p95", "b"), (0.99, "p99", "c"))
_EDGES = [factor * 10.0**power for power in range(-2, 6) for factor in (1, 2, 5)]
"""Bounds of the histogram, in milliseconds."""


def quantile(ordered: Sequence[float], share: float) -> float:
    """The least of the sorted values that this share of them does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def charts_of(live: Live | None) -> list[Chart]:
    """Every chart; one without data says why it is none."""
    if live is None:
        return []
    return [*_latencies(live), _histogram(live), _placement(live), _disks(live), _lag(live)]


def _why(live: Live, part: str, otherwise: str) -> str:
    gap = live.gap(part)
    return f"Not known: {gap.reason}" if gap else otherwise


def _bounded(rows: int, what: str) -> str:
    return f"The first {MAX_ROWS} of {rows} {what}." if rows > MAX_ROWS else ""


def _latencies(live: Live) -> list[Chart]:
    return [
        _latency(live, "Produce latency by broker", lambda broker: broker.produce_ms),
        _latency(live, "End-to-end latency by broker", lambda broker: broker.end_to_end_ms),
    ]


def _latency(
    live: Live, title: str, times: Callable[[ProbeBroker], Sequence[float]]
) -> Chart:  # fmt: skip
    brokers = live.probe.brokers if live.probe else ()
    known = [(each, sorted(times(each))) for each in brokers if times(each)]
    if not known:
        return Chart(title, _why(live, "probe", "No record of the probe was timed."))
    rows, numbers = [], []
    for broker, ms in known:
        found = [(name, cls, quantile(ms, share)) for share, name, cls in _QUANTILES]
        value = " · ".join(compact(each) for _, _, each in found)
        rows.append(Row(f"broker {broker.broker}", f"{value} ms", [[(c, v)] for _, c, v in found]))
        numbers.append(
            [str(broker.broker), *(f"{each:.2f}" for _, _, each in found), f"{ms[-1]:.2f}",
             str(len(ms))]
        )  # fmt: skip
    top, steps = nice_top(max(amount for row in rows for bar in row.bars for _, amount in bar))
    svg = bars(rows, axis="milliseconds", top=top, steps=steps,
               described=f"{title}: p50, p95 and p99 of {len(rows)} brokers; the table has the numbers.")  # fmt: skip
    columns = ("broker", "p50 ms", "p95 ms", "p99 ms", "max ms", "records")
    legend = [(cls, name) for _, name, cls in _QUANTILES]
    return Chart(title, _bounded(len(rows), "brokers"), svg, legend, columns, numbers[:MAX_NUMBERS])


def _histogram(live: Live) -> Chart:
    title = "End-to-end latency of all records"
    brokers = live.probe.brokers if live.probe else ()
    times = sorted(ms for broker in brokers for ms in broker.end_to_end_ms)
    if not times:
        return Chart(title, _why(live, "probe", "No record of the probe came back."))
    first = next((n for n, edge in enumerate(_EDGES[1:]) if edge > times[0]), len(_EDGES) - 2)
    last = next((n for n, edge in enumerate(_EDGES) if edge > times[-1]), len(_EDGES) - 1)
    edges = _EDGES[first : last + 1]
    last_bar = len(edges) - 2
    counts = Counter(min(last_bar, max(0, sum(edge <= ms for edge in edges) - 1)) for ms in times)
    amounts = [counts[number] for number in range(len(edges) - 1)]
    svg = histogram(edges, amounts, axis="milliseconds (steps of 1, 2, 5)",
                    described=f"{title}: a histogram of {len(times)} records; the table has the numbers.")  # fmt: skip
    numbers = [
        [f"{compact(low)} to {compact(high)}", str(count)]
        for low, high, count in zip(edges, edges[1:], amounts, strict=False)
    ]
    return Chart(title, "", svg, [("a", "records")], ("milliseconds", "records"), numbers)


def _placement(live: Live) -> Chart:
    title = "Partitions and leaders by broker"
    kafka = live.kafka
    if kafka is None or not (kafka.brokers and kafka.topics):
        return Chart(title, _why(live, "kafka.topics", "There are no topics."))
    partitions = [each for topic in kafka.topics.values() for each in topic.partitions]
    held = Counter(broker for each in partitions for broker in each.replicas)
    led = Counter(each.leader for each in partitions)
    late = Counter(b for each in partitions for b in each.replicas if b not in each.isr)
    known = sorted({*kafka.brokers, *held} - {-1})
    rows = [
        Row(f"broker {each}", f"{held[each]:,} · {led[each]:,} led",
            [[("a", held[each])], [("b", led[each])]])
        for each in known
    ]  # fmt: skip
    top, steps = nice_top(max(held.values(), default=0), whole=True)
    mean_held, mean_led = (sum(count[b] for b in known) / len(known) for count in (held, led))
    svg = bars(rows, axis="replicas of partitions", top=top, steps=steps,
               marks=[mean_held, mean_led],
               described=f"{title}: {len(partitions)} partitions on {len(known)} brokers; the table has the numbers.")  # fmt: skip
    most, least = max(known, key=lambda b: led[b]), min(known, key=lambda b: led[b])
    note = (
        f"Broker {most} leads most ({led[most]:,}), broker {least} least ({led[least]:,});"
        f" the mean is {compact(mean_led)}. Lines mark the means. "
    )
    numbers = [[str(b), str(held[b]), str(led[b]), str(late[b])] for b in known]
    return Chart(
        title, (note + _bounded(len(rows), "brokers")).strip(), svg,
        [("a", "replicas held"), ("b", "partitions led")],
        ("broker", "replicas", "led", "out of sync"), numbers[:MAX_NUMBERS],
    )  # fmt: skip


def _disks(live: Live) -> Chart:
    title = "Disks by broker"
    dirs = live.kafka.log_dirs if live.kafka else []
    known = sorted(
        (each for each in dirs if each.total_bytes > 0), key=lambda d: (d.broker, d.path)
    )
    if not known:
        return Chart(title, _why(live, "kafka.log_dirs", "No broker says how large its disks are."))
    rows = [_disk(each) for each in known]
    svg = bars(rows, axis="percent of the disk", top=100, steps=4, unit="%",
               described=f"{title}: how full {len(known)} log directories are; the table has the numbers.")  # fmt: skip
    numbers = [
        [str(each.broker), one, *map(approximate_bytes, (used, each.replicas_bytes, each.total_bytes))]
        for each in known
        for one, used in [(each.path, each.total_bytes - each.usable_bytes)]
    ]  # fmt: skip
    return Chart(
        title, _bounded(len(rows), "log directories"), svg,
        [("a", "Kafka's replicas"), ("c", "anything else")],
        ("broker", "path", "used", "replicas", "size"), numbers[:MAX_NUMBERS],
    )  # fmt: skip


def _disk(each: LogDir) -> Row:
    used = max(0, each.total_bytes - each.usable_bytes) * 100 / each.total_bytes
    own = min(used, max(0, each.replicas_bytes) * 100 / each.total_bytes)
    value = f"{used:.0f}% of {approximate_bytes(each.total_bytes)}"
    path = each.path.rstrip("/").rpartition("/")[2]
    return Row(f"broker {each.broker} {path}", value, [[("a", own), ("c", used - own)]])


def _lag(live: Live) -> Chart:
    title = "Lag by consumer group"
    groups = live.kafka.groups if live.kafka else {}
    found = sorted(
        (
            (name, total_lag(group, "first"), total_lag(group))
            for name, group in groups.items()
            if group.last
        ),
        key=lambda each: (-each[2], -each[1], each[0]),
    )
    if not found:
        return Chart(title, _why(live, "kafka.groups", "No group has committed offsets."))
    lagging = [each for each in found if each[1] or each[2]]
    if not lagging:
        return Chart(title, f"None of {len(found)} groups lags.")
    shown = lagging[:MAX_GROUPS]
    top, steps = nice_top(max(_amounts(shown)), whole=True)
    rows = [
        Row(name, f"{compact(first)} → {compact(last)}", [[("b", first)], [("a", last)]])
        for name, first, last in shown
    ]
    svg = bars(rows, axis="records", top=top, steps=steps,
               described=f"{title}: first and last sample of {len(shown)} groups; the table has the numbers.")  # fmt: skip
    window = max(groups[name].window_s for name, _, _ in shown)
    note = f"The {len(shown)} that lag most, of {len(found)}; samples are {window:.0f} s apart."
    numbers = [[name, str(first), str(last)] for name, first, last in shown]
    return Chart(title, note, svg, [("b", "first sample"), ("a", "last sample")],
                 ("group", "first", "last"), numbers)  # fmt: skip


def _amounts(found: Iterable[tuple[str, int, int]]) -> list[int]:
    return [amount for _, first, last in found for amount in (first, last)]
