"""The newest records of topics, held against the formats that the topics name."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from verify.collect.kafka.clients import PartitionKey, Reader
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.collect.probe.scratch import Scratch
from verify.live.live import Cause, FormatAnswer

if TYPE_CHECKING:
    from concurrent.futures import Future

    import jsonschema_rs
    from confluent_kafka.admin import AdminClient

_RECORDS = 20
_SECONDS = 5.0
_WRONG = 5
_TICK_S = 0.05


def formats(
    own: Scratch, schemas: Mapping[str, Any], wanted: Collection[str], group: str
) -> Iterator[FormatAnswer]:
    """One answer for each topic that is there, or that should be."""
    for topic, schema in sorted(schemas.items()):
        answer = _format(own, topic, schema, group)
        if answer is not None:
            yield answer
        elif topic in wanted:
            yield FormatAnswer(topic, 0, problem="there is no such topic, or we may not see it")


def _format(own: Scratch, topic: str, schema: Any, group: str) -> FormatAnswer | None:
    """What the newest records are like; nothing where there is no such topic."""
    import jsonschema_rs

    clock = Deadline(min(own.clock.deadline, time.monotonic() + _SECONDS), own.clock.stop)
    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_fetch_nothing)
    except (ValueError, jsonschema_rs.ReferencingError):
        return FormatAnswer(topic, 0, problem="its format is no JSON Schema")
    try:
        partitions = _partitions(own, topic, clock)
        if not partitions:
            return None
        ranges = _newest(own, topic, partitions, clock)
        read, wrong, unread = _read(own, ranges, validator, group, clock)
    except NoOwnError as error:
        late = error.gap.cause is not Cause.REFUSED
        return FormatAnswer(topic, 0, problem=error.gap.reason, late=late)
    silent = sorted(unread | (set(partitions) - {number for _, number in ranges}))
    problem = f"no answer in time for partition {', '.join(map(str, silent))}" if silent else ""
    return FormatAnswer(topic, read, tuple(wrong), problem, late=bool(silent))


def _partitions(own: Scratch, topic: str, clock: Deadline) -> list[int]:
    from confluent_kafka import KafkaException

    def ask(admin: "AdminClient", timeout: float) -> list[int]:
        found = admin.list_topics(topic, timeout=timeout).topics[topic]
        error = found.error
        if error is not None and error.name() == "UNKNOWN_TOPIC_OR_PART":
            return []
        if error is not None:
            raise KafkaException(error)
        return sorted(found.partitions)

    return own.ask(ask, clock)


def _newest(
    own: Scratch, topic: str, partitions: list[int], clock: Deadline
) -> dict[PartitionKey, tuple[int, int]]:
    """From where to where to read; partitions that do not answer are left out."""
    from confluent_kafka import IsolationLevel, TopicPartition
    from confluent_kafka.admin import OffsetSpec

    places = [TopicPartition(topic, number) for number in partitions]
    offsets: Any = OffsetSpec  # its methods have no types

    def ask(admin: "AdminClient", timeout: float) -> dict[PartitionKey, tuple[int, int]]:
        until = time.monotonic() + timeout + 1
        asked = [
            admin.list_offsets(dict.fromkeys(places, spec), request_timeout=timeout,
                               isolation_level=IsolationLevel.READ_COMMITTED)
            for spec in (offsets.earliest(), offsets.latest())
        ]  # fmt: skip
        found: dict[PartitionKey, tuple[int, int]] = {}
        failure: Exception | None = None
        for place in places:
            try:
                first, last = (_offset(each[place], until) for each in asked)
            except Exception as error:  # noqa: BLE001 - other partitions may have leaders
                failure = error
            else:
                found[topic, place.partition] = first, last
        if failure is not None and not found:
            raise failure
        return found

    known = own.ask(ask, clock)
    each = max(1, _RECORDS // len(partitions))
    return {place: (max(first, last - each), last) for place, (first, last) in known.items()}


def _offset(answer: "Future[Any]", until: float) -> int:
    offset: int = answer.result(max(0.0, until - time.monotonic())).offset
    return offset


def _read(
    own: Scratch,
    ranges: Mapping[PartitionKey, tuple[int, int]],
    validator: "jsonschema_rs.Validator",
    group: str,
    clock: Deadline,
) -> tuple[int, list[str], set[int]]:
    """How many records were read, which are wrong, and which partitions were not read to the end."""
    held = [place for place, (first, last) in ranges.items() if last > first]
    left = {place: ranges[place] for place in held[:_RECORDS]}
    read, wrong = 0, list[str]()
    if not left:
        return read, wrong, set()
    with Reader(own.settings, group, own.access.hopeless) as reader:
        reader.assign({place: first for place, (first, _) in left.items()})
        while left and read < _RECORDS and not clock.is_up:
            message = reader.next(_TICK_S)
            if message is None:
                # What lies at the end may be no record, such as the mark of a transaction.
                left = {place: ends for place, ends in left.items() if place not in reader.ended}
                continue
            number, offset = message.partition() or 0, message.offset() or 0
            place = message.topic() or "", number
            if place not in left:
                continue
            read += 1
            fault = _fault(validator, message.value())
            if fault and len(wrong) < _WRONG:
                wrong.append(f"partition {number}, offset {offset}: {fault}")
            if offset + 1 >= left[place][1]:
                del left[place]
    return read, sorted(wrong), {number for _, number in left} if read < _RECORDS else set()


def _fault(validator: "jsonschema_rs.Validator", value: bytes | None) -> str:
    """The rule that a record breaks, without a word of the record; a tombstone keeps to all."""
    if value is None:
        return ""
    try:
        instance = json.loads(value, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return "it is no JSON"
    error = next(iter(validator.iter_errors(instance)), None)
    # Names of fields may be data; the schema's own path is not.
    return "" if error is None else f"breaks /{'/'.join(str(each) for each in error.schema_path)}"


def _no_json(_: str) -> NoReturn:
    raise ValueError


def _fetch_nothing(_: str) -> NoReturn:
    raise ValueError("nothing is fetched")
