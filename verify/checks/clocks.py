"""Clocks: brokers stamp and judge records by them, certificates and tokens begin and end by them."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, ok, skip, warn
from verify.checks._words import count, listed, span
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live

_APART_S = 30.0
"""Clocks that are set by a network differ by far less; a busy machine may answer seconds later."""


@check("clocks-agree", needs=("kafka",), severity=Status.WARN)
def clocks_agree(_desired: Desired, live: Live) -> Iterator[Outcome]:
    """Clocks of brokers, of the Kubernetes API and of this machine show the same time.

    Compares: the time at which the leader of the quorum answers, that at which each broker took a record of the probe,
        and that of the API server's answers, with the clock here; half a minute does not matter.
    Why: a broker refuses records that are stamped an hour ahead, deletes too early or too late what others stamp, and takes a
        certificate for not yet valid; times of reports, too, are those of the clock here.
    Fix: date -u here and kubectl -n {namespace} exec {pod} -c kafka -- date -u show both times; set the clock of the
        machine that differs (timedatectl status tells whether anybody does)
    Source: Kafka 4.3 documentation, message.timestamp.after.max.ms; RFC 5280, Validity.
    """
    ahead_s = dict(_clocks(live))
    if not ahead_s:
        yield skip("nobody told the time")
        return
    apart = {who: by_s for who, by_s in ahead_s.items() if abs(by_s) > _APART_S}
    alike = max(ahead_s.values()) - min(ahead_s.values()) <= 2 * _APART_S
    if apart.keys() == ahead_s.keys() and alike:
        by_s = -next(iter(ahead_s.values()))
        yield warn(f"the clock here is {_apart(by_s)} those of {listed(ahead_s)}")
        return
    for who, by_s in apart.items():
        yield warn(f"its clock is {_apart(by_s)} the one here", who)
    if not apart:
        yield ok(count(ahead_s, "clock"))


def _clocks(live: Live) -> Iterator[tuple[str, float]]:
    """Whose clock is known, and how far it is ahead of ours."""
    if live.kubernetes is not None and live.kubernetes.ahead_s is not None:
        yield "the Kubernetes API", live.kubernetes.ahead_s
    quorum = live.kafka.quorum if live.kafka else None
    if quorum is not None and quorum.ahead_s is not None:
        yield f"node {quorum.leader}", quorum.ahead_s
    for each in live.probe.brokers if live.probe else ():
        if each.ahead_s is not None:
            yield f"node {each.broker}", each.ahead_s


def _apart(by_s: float) -> str:
    return f"{span(abs(by_s))} {'ahead of' if by_s > 0 else 'behind'}"
