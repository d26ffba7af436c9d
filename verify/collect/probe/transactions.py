"""Transactions on topics of the run's own: exactly once, and dead letters."""

import json
from collections import Counter

from verify.collect.kafka.clients import PartitionKey, Reader, Sender
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe.flow_steps import (
    Progress,
    Record,
    Transactor,
    ends_of,
    places_of,
    read_all,
)
from verify.collect.probe.scratch import Scratch
from verify.live.live import FlowStep

_RECORDS = 12
_POISON_EVERY = 4
_POISON = b'{"number": '
"""What ends in the middle is no JSON."""


def exactly_once(
    own: Scratch, topic: str, partitions: int, clock: Deadline, stage: Progress
) -> FlowStep:
    """Consume, transform, produce: aborted once, which must leave no trace, then committed."""
    source, target = places_of(f"{topic}-in", partitions), places_of(f"{topic}-out", partitions)
    stage.doing = "writing the input"
    _write(own, list(source), [_value(number) for number in range(_RECORDS)], clock)
    stage.doing = "finding the group's coordinator"
    with Reader(own.settings, own.group(f"{topic}-in"), own.access.hopeless) as reader:
        stage.doing = "reading the input"
        records = read_all(reader, source, _RECORDS, clock)
        if len(records) != _RECORDS:
            return stage.failed(f"{len(records)} of {_RECORDS} records of the input were read")
        ends = ends_of(records)
        stage.doing = "finding the transaction coordinator"
        own.coordinated(topic, transaction=True)
        with Transactor(own.settings, topic, clock) as transactor:
            stage.doing = "aborting a transaction"
            _transform(transactor, reader, records, list(target), b"aborted", clock)
            transactor.abort(clock)
            if any(offset >= 0 for offset in reader.committed(ends, clock).values()):
                return stage.failed("offsets of an aborted transaction are committed")
            stage.doing = "committing a transaction"
            _transform(transactor, reader, records, list(target), b"committed", clock)
            transactor.commit(clock)
        stage.doing = "reading the committed offsets"
        if reader.committed(ends, clock) != ends:
            return stage.failed("the transaction's offsets are not committed")
    stage.doing = "reading the output"
    with Reader(own.settings, f"{topic}-out", own.access.hopeless) as reader:
        found = read_all(reader, target, _RECORDS, clock)
    aborted = sum(each.headers.get("outcome") == b"aborted" for each in found)
    if aborted:
        return stage.failed(f"{aborted} records of an aborted transaction are read as committed")
    seen = Counter(json.loads(each.value)["number"] for each in found)
    lost, twice = _RECORDS - len(seen), sum(count > 1 for count in seen.values())
    if lost or twice:
        return stage.failed(f"of {_RECORDS} records {lost} are lost and {twice} there twice")
    return stage.ended(f"{_RECORDS} records went through exactly once; aborted ones are not seen")


def _transform(
    transactor: Transactor,
    reader: Reader,
    records: list[Record],
    target: list[PartitionKey],
    outcome: bytes,
    clock: Deadline,
) -> None:
    """A transaction with all but its end; every record of it is in the log."""
    transactor.begin()
    for place, each in enumerate(records):
        value = json.dumps(json.loads(each.value) | {"transformed": True}).encode()
        transactor.send(target[place % len(target)], value, headers={"outcome": outcome})
    transactor.flush(clock)
    transactor.add_offsets(reader, ends_of(records), clock)


def dead_letters(
    own: Scratch, topic: str, partitions: int, clock: Deadline, stage: Progress
) -> FlowStep:
    """Records that nobody can read go to the dead letters, and hold up none of the others."""
    source = places_of(f"{topic}-letters", partitions)
    letters = places_of(f"{topic}-letters-dlq", partitions)
    values = [_POISON if _is_poison(number) else _value(number) for number in range(_RECORDS)]
    stage.doing = "writing good and poisoned records"
    _write(own, list(source), values, clock)
    stage.doing = "finding the group's coordinator"
    with Reader(own.settings, own.group(f"{topic}-letters"), own.access.hopeless) as reader:
        stage.doing = "reading them"
        records = read_all(reader, source, _RECORDS, clock)
        if len(records) != _RECORDS:
            return stage.failed(f"{len(records)} of {_RECORDS} records were read")
        ends = ends_of(records)
        reasons = {id(each): _fault(each.value) for each in records}
        poisoned = [each for each in records if reasons[id(each)]]
        stage.doing = "moving the poisoned ones"
        own.coordinated(f"{topic}-letters", transaction=True)
        with Transactor(own.settings, f"{topic}-letters", clock) as transactor:
            transactor.begin()
            for place, each in enumerate(poisoned):
                to = list(letters)[place % len(letters)]
                transactor.send(to, each.value, headers=_origin(each, reasons[id(each)]))
            transactor.add_offsets(reader, ends, clock)
            transactor.commit(clock)
        stage.doing = "reading the committed offsets"
        if reader.committed(ends, clock) != ends:
            return stage.failed("the offsets of what was handled are not committed")
    stage.doing = "reading the dead letters"
    expected = sum(_is_poison(number) for number in range(_RECORDS))
    with Reader(own.settings, f"{topic}-dlq", own.access.hopeless) as reader:
        found = read_all(reader, letters, expected, clock)
    if len(poisoned) != expected or len(found) != expected:
        return stage.failed(f"{len(found)} dead letters were read where {expected} were expected")
    told = sorted((sorted(each.headers.items()), each.value) for each in found)
    if told != sorted((sorted(_origin(e, reasons[id(e)]).items()), e.value) for e in poisoned):
        return stage.failed("dead letters do not say where they come from, or were changed")
    good = _RECORDS - expected
    return stage.ended(f"{expected} poisoned records became dead letters, {good} were handled")


def _write(own: Scratch, places: list[PartitionKey], values: list[bytes], clock: Deadline) -> None:
    with Sender(own.settings, own.access.hopeless) as sender:
        for number, value in enumerate(values):
            sender.send(places[number % len(places)], value)
        sender.flush(clock)


def _value(number: int) -> bytes:
    return json.dumps({"number": number}).encode()


def _is_poison(number: int) -> bool:
    return number % _POISON_EVERY == _POISON_EVERY - 1


def _fault(value: bytes) -> str:
    try:
        json.loads(value)
    except ValueError as error:
        return type(error).__name__
    return ""


def _origin(record: Record, reason: str) -> dict[str, bytes]:
    topic, partition = record.place
    return {
        "dead-letter-topic": topic.encode(),
        "dead-letter-partition": str(partition).encode(),
        "dead-letter-offset": str(record.offset).encode(),
        "dead-letter-reason": reason.encode(),
    }
