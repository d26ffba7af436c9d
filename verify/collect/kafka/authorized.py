"""What brokers say that we may do: asked of them, so that rules for everybody and denials count too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verify.checks._words import count
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, RetryingAdmin
from verify.live.gap import Cause

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient


def missing_on_topics(
    access: Access, needs: Mapping[str, Sequence[str]], clock: Deadline
) -> Iterator[str]:
    """What we may not do with topics that are there, of what we need; operations in Kafka's words.

    Raises:
        NoOwnError: when the time is up.
    """
    from confluent_kafka import TopicCollection

    def ask(admin: "AdminClient", timeout: float) -> dict[str, Any]:
        asked = admin.describe_topics(
            TopicCollection(sorted(needs)),
            include_authorized_operations=True,
            request_timeout=timeout,
        )
        return {name: future.result(timeout + 1) for name, future in asked.items()}

    for name, told in _asked(access, ask, clock).items() if needs else ():
        yield from _lacking(f"topic {name}", needs[name], told)


def missing_on_groups(access: Access, groups: Sequence[str], clock: Deadline) -> Iterator[str]:
    """Groups that we may not move, and those that Kafka does not let anybody move, as they have members.

    Raises:
        NoOwnError: when the time is up.
    """

    def ask(admin: "AdminClient", timeout: float) -> dict[str, Any]:
        asked = admin.describe_consumer_groups(
            sorted(groups), include_authorized_operations=True, request_timeout=timeout
        )
        return {name: future.result(timeout + 1) for name, future in asked.items()}

    for name, told in _asked(access, ask, clock).items():
        yield from _lacking(f"group {name}", ["READ"], told)
        if told.members:
            yield f"group {name} has {count(told.members, 'member')}: Kafka moves none that is in use; stop them first"


def _asked(access: Access, question: Any, clock: Deadline) -> dict[str, Any]:
    asker = RetryingAdmin(access, clock)
    try:
        found: dict[str, Any] = asker.ask(question)
    finally:
        asker.close()
    return found


def _lacking(what: str, needed: Sequence[str], told: Any) -> Iterator[str]:
    if told.authorized_operations is None:
        raise NoOwnError(Cause.UNREACHABLE, f"brokers do not say what we may do with {what}")
    allowed = {each.name for each in told.authorized_operations}
    lacking = [each.capitalize() for each in needed if each not in allowed]
    if lacking:
        yield f"we have no right to {' and '.join(lacking)} on {what}"
