"""Why the metadata of a cluster may be old news: brokers go on telling what they last knew."""

from generator.contract.report import Outcome, unknown
from verify.live.live import Cause, Kafka, Live


def doubt(live: Live) -> Outcome | None:
    """What else this run has found that the metadata contradict, or that they need to be fresh."""
    kafka = live.kafka
    if kafka is None:
        return None
    gap = live.gap("kafka.quorum")
    if gap is not None and gap.hurried:
        said = "metadata may be old, and there was no time to hear whether anybody leads the quorum"
        return unknown(said, timed_out=True)
    if gap is not None and gap.cause is not Cause.REFUSED:
        return unknown(
            "brokers tell the last that they knew, as nobody could tell who leads the quorum"
        )
    if kafka.quorum is not None and kafka.quorum.leader < 0:
        return unknown("brokers tell the last that they knew, since nobody leads the quorum")
    away = sorted(silent_brokers(kafka) & _in_sync(kafka))
    if away:
        who = f"broker{'s' * (len(away) > 1)} {', '.join(map(str, away))}"
        which = "them" if len(away) > 1 else "it"
        return unknown(
            f"{who} cannot be reached, and the metadata have {which} in sync: they may be old"
        )
    return None


def silent_brokers(kafka: Kafka) -> set[int]:
    """Brokers that are said to be there, and where nobody listens."""
    return {
        each.id
        for each in kafka.brokers.values()
        if not each.fenced and each.problem is not None and each.problem.cause is Cause.UNREACHABLE
    }


def _in_sync(kafka: Kafka) -> set[int]:
    return {
        broker
        for topic in kafka.topics.values()
        for each in topic.partitions
        for broker in each.isr
    }
