"""Transactions that do not end."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, warn
from verify.checks._words import bounded
from verify.checks.brokers import silent
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live


@check("transactions-end", needs=("kafka", "kafka.transactions"), severity=Status.WARN)
def transactions_end(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """No transaction has been open for longer than a quarter of an hour.

    Compares: the ongoing transactions that brokers list, older than 15 minutes, with none.
    Why: readers with isolation.level=read_committed see nothing that was written after its beginning,
        and compaction stops there.
    Fix: `kafka-transactions.sh describe --transactional-id {name}` names its partitions; stop who holds it, or abort it
        with `kafka-transactions.sh forceTerminateTransaction --transactionalId {name}`
    Source: Kafka 4.3, ListTransactions with a duration (KIP-994), transaction.max.timeout.ms.
    """
    if live.kafka is None:
        return
    yield from bounded(
        warn(f"producer {each.producer_id} has not ended it ({each.state})", each.id)
        for each in live.kafka.transactions
    )
    yield from silent(live, "transactions")
