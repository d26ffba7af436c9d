"""What applications do all day: transactions, dead letters, formats, and a bounded load."""

import re
from collections.abc import Callable, Iterator

from generator.contract.report import Outcome, fail, ok, skip, unknown
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Cause, Flow, FlowStep, Gap, Live


@check("flow-transaction", nodes=True, needs=("flow",))
def flow_transaction(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """A transaction counts whole or not at all, and its records are read exactly once.

    Compares: records and offsets of one aborted and one committed transaction with what is read.
    Why: Kafka Streams and payments rely on it; the coordinator is first used when they need it.
    Fix: `kafka-topics.sh --describe --topic __transaction_state` shows whether its partitions have
        leaders and enough replicas in sync
    Source: Kafka 4.3 documentation, Message Delivery Semantics (KIP-98).
    """
    yield from _step(live, lambda flow: flow.transaction)


@check("flow-dead-letter", nodes=True, needs=("flow",))
def flow_dead_letter(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """Poisoned records become dead letters that say where they come from; no other is held up.

    Compares: records of which some are no JSON, with the dead letters and offsets after handling.
    Why: one record that nobody can read must neither stop a partition nor vanish.
    Fix: kubectl -n {namespace} get kafkauser verify -o yaml shows whether verification may do it all;
        then look at transactions, which move the records: strimzi-verify flow {environment}
    Source: Kafka 4.3 documentation, Message Delivery Semantics (KIP-98).
    """
    yield from _step(live, lambda flow: flow.dead_letter)


_PLACE = re.compile(r"partition (\d+), offset (\d+)")


@check("flow-message-format", needs=("flow",))
def flow_message_format(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """The newest records of each topic that names a format keep to it.

    Compares: up to 20 records of each topic with its JSON Schema in messageFormats.
    Why: whoever breaks a format breaks all that read it, and is found out by the last of them.
    Fix: `kafka-console-consumer.sh --topic {name} --partition {partition} --offset {offset}
        --max-messages 1` shows the record; mend its producer, or messageFormats in
        environments/{environment}
    Source: JSON Schema, draft 2020-12.
    """
    flow, missing = _made(live)
    yield from missing
    if flow is None:
        return
    if not flow.formats:
        yield skip("no topic names a format")
    for each in flow.formats:
        if each.wrong:
            place = _PLACE.match(each.wrong[0])
            yield fail(
                f"of {each.read} records not all keep to it: {'; '.join(each.wrong)}",
                each.topic, partition=place[1] if place else "", offset=place[2] if place else "",
            )  # fmt: skip
        if each.problem:
            yield unknown(each.problem, each.topic, timed_out=each.late)
        elif not each.wrong:
            said = f"{each.read} records keep to it" if each.read else "no record is there"
            yield ok(said, each.topic)


@check("flow-performance", needs=("flow",))
def flow_performance(desired: Desired, live: Live) -> Iterator[Outcome]:
    """A bounded load goes through as fast as `verify.performance` asks.

    Compares: records produced with acks=all and consumed in a second, with minRecordsPerSecond.
    Why: a cluster that works but is too slow fails at the next peak.
    Fix: kubectl -n {namespace} top pod -l strimzi.io/cluster={cluster} shows who is busy; ask for
        less in verify.performance in environments/{environment} if nobody needs as much
    Source: Kafka 4.3 documentation, Hardware and OS.
    """
    flow, missing = _made(live)
    yield from missing
    if flow is None:
        return
    step, least = flow.performance, None
    if desired.settings.performance is not None:
        least = desired.settings.performance.min_records_per_second
    if step is not None and step.ok and least is not None:
        rate = min(step.numbers.get(f"{what}_records_per_s", 0) for what in ("produce", "consume"))
        if rate < least:
            yield fail(f"{step.message}; at least {least:g} records a second are asked for")
            return
    yield from _step(live, lambda flow: flow.performance)


def _step(live: Live, part: Callable[[Flow], FlowStep | None]) -> Iterator[Outcome]:
    flow, missing = _made(live)
    yield from missing
    if flow is None:
        return
    step = part(flow)
    if step is None:
        yield skip("nobody asked for it")
    elif step.gap is not None:
        yield _unfound(step.gap)
    elif step.ok:
        yield ok(f"{step.message} ({step.took_ms:.0f} ms)")
    else:
        yield fail(step.message)


def _made(live: Live) -> tuple[Flow | None, list[Outcome]]:
    """The flow, or why there is none."""
    if live.flow is None:
        return None, [skip("no flow was made")]
    if live.flow.gap is not None:
        return None, [_unfound(live.flow.gap)]
    return live.flow, []


def _unfound(gap: Gap) -> Outcome:
    return unknown(gap.reason, timed_out=gap.cause is Cause.TIMED_OUT)
