"""Transactions that do not end."""

from collections.abc import Iterator

from generator.contract.report import Outcome, Status, warn
from verify.checks._words import bounded
from verify.checks.brokers import silent
from verify.checks.registry import check
from verify.checks.registry.release import kafka_since
from verify.desired import Desired
from verify.live.live import Live


@check("transactions-end", needs=("kafka", "kafka.transactions"), severity=Status.WARN)
def transactions_end(desired: Desired, live: Live) -> Iterator[Outcome]:
    """No transaction has been open for longer than a quarter of an hour.

    Compares: the ongoing transactions that brokers list, older than 15 minutes, with none.
    Why: readers with isolation.level=read_committed see nothing that was written after its beginning,
        and compaction stops there.
    Fix: `kafka-transactions.sh describe --transactional-id {name}` names its partitions; stop who holds it, or abort it
        with `kafka-transactions.sh forceTerminateTransaction --transactionalId {name}`
    Source: Kafka 4.3, ListTransactions with a duration (KIP-994), transaction.max.timeout.ms; TransactionsCommand at 4.0.1
        and 4.1.2 (before 4.1 it is aborted partition by partition).
    """
    if live.kafka is None:
        return
    fix = "" if kafka_since("4.1", desired, live) else _BEFORE_4_1
    yield from bounded(
        warn(f"producer {each.producer_id} has not ended it ({each.state})", each.id, fix=fix)
        for each in live.kafka.transactions
    )
    yield from silent(live, "transactions")


_BEFORE_4_1 = (
    "`kafka-transactions.sh describe --transactional-id {name}` names its partitions; stop who holds it, or abort it in each"
    " of them with `kafka-transactions.sh abort --topic TOPIC --partition PARTITION --start-offset OFFSET`, whose offset"
    " `kafka-transactions.sh describe-producers --topic TOPIC --partition PARTITION` tells"
)
