"""A bounded load on a topic of the run's own: what the cluster takes and gives in a second."""

import secrets
import time

from generator.contract.settings import Performance
from verify.collect.kafka.clients import Reader, Sender
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe.flow_steps import Progress, places_of
from verify.collect.probe.scratch import Scratch
from verify.live.live import FlowStep

SECONDS = 15.0
"""How long it takes at most."""
_TICK_S = 0.02
_QUEUE_KB = 64 * 1024


class _Count:
    """Acknowledged records, and when the last of them was."""

    def __init__(self) -> None:
        self.records = 0
        self.last_s = 0.0
        self.problem = ""

    def report(self, problem: str, _took_ms: float) -> None:
        if problem:
            self.problem = problem
        else:
            self.records += 1
            self.last_s = time.monotonic()


def load(
    own: Scratch, topic: str, partitions: int, asked: Performance, clock: Deadline, stage: Progress
) -> FlowStep:
    """Produce with all acknowledgements, then consume, as much as there is time for."""
    clock = Deadline(min(clock.deadline, time.monotonic() + SECONDS), clock.stop)
    places = places_of(f"{topic}-load", partitions)
    value = secrets.token_bytes(asked.record_bytes)
    with (
        Sender(
            own.settings, own.access.hopeless, linger_ms=5, queue_buffering_max_kbytes=_QUEUE_KB
        ) as sender,
        Reader(own.settings, f"{topic}-load", own.access.hopeless) as reader,
    ):
        stage.doing = "opening connections"
        for place in places:
            sender.send(place, b"")
        sender.flush(clock)
        _read(reader, dict.fromkeys(places, 0), len(places), clock)
        reader.consumer.unassign()
        stage.doing = "producing"
        count, produce_s = _produce(sender, list(places), value, asked.records, clock.part(0.6))
        if count.problem or not count.records:
            reason = count.problem or "no acknowledgement in time"
            return stage.failed(f"{count.records} of {asked.records} records produced: {reason}")
        stage.doing = "consuming"
        read, consume_s = _read(reader, dict.fromkeys(places, 1), count.records, clock)
    if not read:
        return stage.failed(f"none of {count.records} records could be consumed in time")
    numbers = {
        "records": float(count.records),
        "record_bytes": float(asked.record_bytes),
        **_rates("produce", count.records, asked.record_bytes, produce_s),
        **_rates("consume", read, asked.record_bytes, consume_s),
    }
    bounded = "" if count.records == asked.records == read else " (as many as there was time for)"
    return stage.ended(
        f"{count.records} records of {asked.record_bytes} bytes{bounded}:"
        f" {numbers['produce_records_per_s']:.0f} a second produced,"
        f" {numbers['consume_records_per_s']:.0f} consumed",
        numbers,
    )


def _rates(what: str, records: int, size: int, seconds: float) -> dict[str, float]:
    rate = records / max(seconds, 1e-6)
    return {f"{what}_records_per_s": rate, f"{what}_mb_per_s": rate * size / 1e6}


def _produce(
    sender: Sender, places: list[tuple[str, int]], value: bytes, records: int, clock: Deadline
) -> tuple[_Count, float]:
    count, sent, begun = _Count(), 0, time.monotonic()
    while sent < records and not clock.is_up and not count.problem:
        try:
            sender.send(places[sent % len(places)], value, report=count.report)
        except BufferError:
            sender.poll(_TICK_S)
        else:
            sent += 1
            sender.poll()
    while count.records < sent and not clock.is_up and not count.problem:
        sender.poll(_TICK_S)
    return count, count.last_s - begun


def _read(
    reader: Reader, offsets: dict[tuple[str, int], int], records: int, clock: Deadline
) -> tuple[int, float]:
    begun = time.monotonic()
    reader.assign(offsets)
    read = 0
    while read < records and not clock.is_up:
        read += reader.next(_TICK_S) is not None
    return read, time.monotonic() - begun
