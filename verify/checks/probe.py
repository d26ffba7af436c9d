"""The one-shot canary: records went through every broker, and came back."""

from collections.abc import Iterator, Sequence

from generator.contract.report import Outcome, Status, fail, ok, skip, unknown, warn
from verify.checks._reasons import of_all, of_broker
from verify.checks._words import listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Cause, Gap, Live, Probe

_NOTHING = "no broker acknowledged a record"
_USUAL_MS, _MUCH = 500.0, 10
_SLOWER, _SLOW_FROM_MS = 5, 50.0
"""How many times as slow as all others a broker may be, and from when on it matters."""


@check("probe-produces", nodes=True, needs=("probe",))
def probe_produces(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every broker acknowledges all records that are sent to a partition that it leads.

    Compares: records sent with acks=all through each broker's leader, with acknowledgements. What explains their
        absence is told with it: a quota, a certificate, a full disk, a broker that does not answer.
    Why: metadata go on looking well while a broker is dead, frozen or cut off; only work proves work.
    Fix: kubectl -n {namespace} logs -l strimzi.io/cluster={cluster},strimzi.io/broker-role=true
        --tail=200 tells what the named broker complains of; a frozen one is restarted with
        kubectl -n {namespace} delete pod {pod}
    Source: github.com/strimzi/strimzi-canary, which does the same all day.
    """
    probe, missing = _made(live)
    yield from missing
    if probe is None:
        return
    if not probe.brokers:
        yield fail(probe.problem or "there is no broker to send records to")
    bad = [each for each in probe.brokers if each.problem or each.acknowledged < each.sent]
    slowed = of_all(live) if bad else None
    if slowed is not None:
        counts = [f"{each.acknowledged} of {each.sent} by broker {each.broker}" for each in bad]
        yield fail(f"{slowed.text}; acknowledged {listed(counts)}", fix=slowed.fix)
    for each in bad if slowed is None else ():
        said = each.problem or f"{each.acknowledged} of {each.sent} records were acknowledged"
        reason = of_broker(live, each.broker)
        if reason is None:
            yield fail(said, _name(each.broker))
        else:
            text = said if reason.text in said else f"{said}; {reason.text}"
            yield fail(text, _name(each.broker), fix=reason.fix)
    good = [each for each in probe.brokers if not each.problem and each.acknowledged >= each.sent]
    if good and len(good) == len(probe.brokers):
        count = sum(each.acknowledged for each in good)
        yield ok(f"{count} records were acknowledged by {len(good)} brokers")


@check("probe-consumes", nodes=True, needs=("probe",))
def probe_consumes(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every acknowledged record comes back once, and in the order in which it was sent.

    Compares: the numbers of records acknowledged by each broker's leader with those read back.
    Why: a record that is acknowledged and cannot be read is lost to whoever waits for it.
    Fix: `kafka-topics.sh --describe --unavailable-partitions` names partitions that nobody can read;
        then look at the named broker's log and disks
    Source: Kafka 4.3 documentation, Message Delivery Semantics.
    """
    probe, missing = _made(live)
    yield from missing
    if probe is None:
        return
    received = sum(each.received for each in probe.brokers)
    slowed = of_all(live)
    if slowed is not None and any(each.lost for each in probe.brokers):
        lost = sum(each.lost for each in probe.brokers)
        yield fail(f"{slowed.text}; {lost} records did not come back in time", fix=slowed.fix)
        return
    for each in probe.brokers:
        flaws = {
            "did not come back in time": each.lost,
            "came out of order": each.out_of_order,
            "came twice": each.duplicated,
        }
        said = [f"{count} {what}" for what, count in flaws.items() if count]
        if said:
            text = ", ".join(said)
            yield fail(f"of {each.acknowledged} acknowledged records {text}", _name(each.broker))
    if not any(each.acknowledged for each in probe.brokers):
        yield skip(_NOTHING)
    elif not any(each.lost or each.out_of_order or each.duplicated for each in probe.brokers):
        yield ok(f"{received} records came back, each once and in order")


@check("probe-latency", nodes=True, needs=("probe",))
def probe_latency(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Records are acknowledged, and are there to read, as soon as `verify.latency` asks.

    Compares: the 99th percentile of both latencies with verify.latency.p99; where nobody set that, with half a
        second (a second where there is one broker), and ten times as much for a failure. And brokers with each
        other: half of the records of one may not take five times as long as with the others.
    Why: a disk or a network that gets slow shows here first, while everything still works.
    Fix: kubectl -n {namespace} top pod -l strimzi.io/cluster={cluster} shows who is busy; if the
        records are as quick as they can be here, raise verify.latency.p99 in environments/{environment}
    Source: Kafka 4.3 documentation, Replication; acks=all waits for the slowest replica in sync.
    """
    probe, missing = _made(live)
    yield from missing
    if probe is None:
        return
    limit = desired.settings.latency.p99_ms
    usual = _USUAL_MS if len(probe.brokers) > 1 else 2 * _USUAL_MS
    everywhere = [("produced", sorted(v for b in probe.brokers for v in b.produce_ms)),
                  ("end to end", sorted(v for b in probe.brokers for v in b.end_to_end_ms))]  # fmt: skip
    if not everywhere[0][1]:
        yield skip(_NOTHING)
        return
    subjects = [("", everywhere)]
    if len(probe.brokers) > 1:
        subjects += [
            (_name(each.broker), [("produced", [*each.produce_ms]),
                                  ("end to end", [*each.end_to_end_ms])])
            for each in probe.brokers if each.produce_ms
        ]  # fmt: skip
    for subject, series in subjects:
        told = "; ".join(f"{what} {_percentiles(values)}" for what, values in series if values)
        worst = max(percentile(values, 99) for _, values in series)
        slowed = of_all(live) if worst > (limit or usual) else None
        if slowed is not None:
            yield fail(f"{slowed.text}; {told}", subject, fix=slowed.fix)
        elif limit is not None and worst > limit:
            yield fail(f"{told}; at most {limit:g} ms are allowed for p99", subject)
        elif limit is None and worst > usual:
            said = f"{told}; {usual:g} ms are usual for p99 (verify.latency.p99 sets another limit)"
            yield (fail if worst > _MUCH * usual else warn)(said, subject)
        else:
            yield ok(told, subject)
    yield from _slower(probe)


def _slower(probe: Probe) -> Iterator[Outcome]:
    """Brokers that take much longer than the others."""
    half = {
        each.broker: percentile(each.produce_ms, 50) for each in probe.brokers if each.produce_ms
    }
    for broker, took_ms in half.items():
        others = [each for other, each in half.items() if other != broker]
        if others and took_ms > _SLOW_FROM_MS and took_ms > _SLOWER * max(others):
            yield warn(
                f"is slower than the others: half of the records took {took_ms:.1f} ms, with them at most"
                f" {max(others):.1f} ms", _name(broker)
            )  # fmt: skip


@check("probe-commits", nodes=True, needs=("probe",))
def probe_commits(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """A consumer group commits its offsets, and reads them back as committed.

    Compares: offsets that the probe's group committed, with those that its coordinator tells.
    Why: groups that cannot commit read everything again after each restart.
    Fix: `kafka-topics.sh --describe --topic __consumer_offsets` shows whether its partitions have
        leaders and enough replicas in sync
    Source: Kafka 4.3 documentation, Consumer Offset Tracking.
    """
    probe, missing = _made(live)
    yield from missing
    if probe is None:
        return
    if probe.committed:
        yield ok("offsets were committed, and read back as committed")
    elif not any(each.received for each in probe.brokers):
        yield skip("no record came back, so there was nothing to commit")
    else:
        because = f": {probe.problem}" if probe.problem else ""
        slowed = of_all(live)
        if slowed is not None:
            because = f": {slowed.text}"
        yield fail(
            f"offsets could not be committed and read back{because}",
            fix=slowed.fix if slowed else "",
        )


@check("probe-leaves-nothing", needs=("probe",), severity=Status.WARN)
def probe_leaves_nothing(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """Topics and groups that verification makes for itself are gone when it has ended.

    Compares: what the probe and the flow made, with what they could remove. A topic whose creation nobody
        answered may appear later, when a lost quorum is back.
    Why: leftovers fill lists of topics; a later run removes those that are older than ten minutes.
    Fix: `kafka-topics.sh --delete --topic 'strimzi-verify-.*'` removes all topics at once, when no other run
        is under way; a group goes with `kafka-consumer-groups.sh --delete --group {group}`
    Source: Kafka 4.3, kafka-topics.sh, whose --topic takes a regular expression.
    """
    probe = live.probe
    if probe is None:
        yield skip("no probe was made")
        return
    made = [each for each in (probe, live.flow) if each is not None]
    left = [name for each in made for name in each.left_behind]
    if left:
        yield warn(f"{listed(left)} could not be removed", group=left[0])
    late = [name for each in made for name in each.may_appear]
    if late:
        yield warn(
            f"{listed(late)} may still appear, as nobody answered its creation; a run after that removes it"
        )
    if probe.swept:
        yield ok(f"{len(probe.swept)} left by an interrupted run, now removed")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of these sorted values that so many percent do not exceed; 0 without any."""
    if not values:
        return 0.0
    rank = -int(-percent * len(values) // 100)
    return values[min(len(values), max(1, rank)) - 1]


def _percentiles(values: Sequence[float]) -> str:
    return " ".join(f"p{each} {percentile(values, each):.1f} ms" for each in (50, 95, 99))


def _name(broker: int) -> str:
    return f"broker {broker}"


def _made(live: Live) -> tuple[Probe | None, list[Outcome]]:
    """The probe, or why there is none."""
    if live.probe is None:
        return None, [skip("no probe was made")]
    if live.probe.gap is not None:
        return None, [_unfound(live, live.probe.gap)]
    return live.probe, []


def _unfound(live: Live, gap: Gap) -> Outcome:
    """Why nothing was measured; what explains it comes first."""
    slowed = of_all(live)
    lost = live.gap("kafka.quorum")
    why = f"{slowed.text}; " if slowed else ""
    if lost is not None and lost.cause is not Cause.REFUSED and not lost.hurried:
        why = "nobody could tell who leads the quorum, without whom no topic can be made; "
    said = f"no probe could be made: {why}{gap.reason}"
    return unknown(said, timed_out=gap.cause is Cause.TIMED_OUT)
