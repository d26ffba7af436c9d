"""Transactions end."""

from checks.kafka_answers import answers, cluster, git, said

from verify.live.live import Cause, Gap, Transaction


def test_nothing_is_open() -> None:
    """Brokers were asked for old ones only."""
    assert said("transactions-end", git(), answers()) == []


def test_transactions_are_left_open() -> None:
    """By their ids, and whose they are; a silent broker may have more."""
    found = cluster(transactions=[
        Transaction("payments-1", 4001, "Ongoing"), Transaction("orders-7", 9, "PrepareAbort"),
    ])  # fmt: skip
    gaps = {"kafka.transactions.2": Gap(Cause.UNREACHABLE, "broker 2 did not answer: refused")}

    assert said("transactions-end", git(), answers(found, gaps=gaps)) == [
        "unknown: broker 2 did not answer: refused",
        "warn orders-7: producer 9 has not ended it (PrepareAbort)",
        "warn payments-1: producer 4001 has not ended it (Ongoing)",
    ]


def test_thousands_that_are_open_stay_readable() -> None:
    """Fifty, and a number."""
    found = cluster(transactions=[Transaction(f"t{n:04}", n, "Ongoing") for n in range(5000)])

    told = said("transactions-end", git(), answers(found))
    assert (len(told), told[-1]) == (51, "warn: and 4950 more like these")
