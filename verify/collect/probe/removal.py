"""Removes topics and groups in Kafka's own protocol: the C library's call for groups may abort the process.

Source: github.com/confluentinc/librdkafka, issues 4605 and 3663.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import cycle

from kafka.protocol.admin import DeleteGroupsRequest, DeleteTopicsRequest, ListGroupsRequest
from kafka.protocol.metadata import MetadataRequest

from verify.collect.kafka.access import Access
from verify.collect.kafka.questions import coordinators, name_of
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.kafka.wire import Connection, address_of
from verify.collect.thread_pool import side_by_side
from verify.live.gap import Cause, NoAnswerError

_FIRST_PATIENCE_S, _MORE = 1.0, 1.5
_GONE = {"NO_ERROR", "UNKNOWN_TOPIC_OR_PARTITION", "GROUP_ID_NOT_FOUND"}


def remove(
    access: Access, topics: Collection[str], groups: Collection[str], clock: Deadline
) -> tuple[str, ...]:
    """What is still there after deleting these for as long as there is time."""
    left_topics, left_groups, refusing = set(topics), set(groups), set[str]()
    patience = _FIRST_PATIENCE_S
    for address in cycle(access.bootstrap):
        if not (left_topics or left_groups) or clock.is_up or {*access.bootstrap} <= refusing:
            break
        patient = replace(access, timeout_s=min(patience, access.timeout_s))
        try:
            with _to(address, patient, clock) as connection:
                left_topics -= _without_topics(connection, left_topics, patient.timeout_s)
                left_groups -= _without_groups(connection, left_groups, patient, clock)
        except NoAnswerError as error:
            if error.gap.cause is Cause.REFUSED:
                refusing.add(address)
        patience *= _MORE
        if left_topics or left_groups:
            clock.pause()
    return tuple(sorted({*left_topics, *left_groups}))


def _without_topics(connection: Connection, topics: Iterable[str], timeout_s: float) -> set[str]:
    """Those of the topics that are gone."""
    of_topic = DeleteTopicsRequest.DeleteTopicState
    states = [of_topic(name=name) for name in sorted(topics)]
    if not states:
        return set()
    answer = connection.ask(DeleteTopicsRequest(topics=states, timeout_ms=int(1000 * timeout_s)))
    return {each.name for each in answer.responses if _is_gone(each.error_code)}


def _without_groups(
    connection: Connection, groups: Collection[str], access: Access, clock: Deadline
) -> set[str]:
    """Those of the groups that are gone, each deleted by its own coordinator."""
    if not groups:
        return set()
    gone: set[str] = set()
    for group, address in coordinators(connection, groups).items():
        with suppress(NoAnswerError), _to(address, access, clock) as coordinator:
            told = coordinator.ask(DeleteGroupsRequest(groups_names=[group]))
            gone |= {one.group_id for one in told.results if _is_gone(one.error_code)}
    return gone


def _is_gone(code: int) -> bool:
    return code == 0 or name_of(code) in _GONE


def groups_of(access: Access, is_meant: Callable[[str], bool], clock: Deadline) -> set[str]:
    """The groups that brokers know, those that are meant; who does not answer says none."""

    def ask(address: str) -> set[str]:
        with suppress(NoAnswerError), _to(address, access, clock) as connection:
            answer = connection.ask(ListGroupsRequest(states_filter=[], types_filter=[]))
            return {each.group_id for each in answer.groups if is_meant(each.group_id)}
        return set()

    with side_by_side(len(access.bootstrap)) as pool:
        return set[str]().union(*pool.map(ask, access.bootstrap))


def remove_all(
    access: Access, is_meant: Callable[[str], bool], clock: Deadline
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove all topics and groups that are meant: those that were there, and those that still are."""
    topics: set[str] = set()
    access = replace(access, bootstrap=access.without_hopeless(access.bootstrap))
    for address in access.bootstrap:
        with suppress(NoAnswerError), _to(address, access, clock) as connection:
            answer = connection.ask(MetadataRequest(topics=None, allow_auto_topic_creation=False))
            topics = {each.name for each in answer.topics if is_meant(each.name)}
            known = (f"{each.host}:{each.port}" for each in answer.brokers)
            every = access.without_hopeless(dict.fromkeys([*access.bootstrap, *known]))
            access = replace(access, bootstrap=every)
            break
    found = topics | (groups := groups_of(access, is_meant, clock))
    return tuple(sorted(found)), remove(access, topics, groups, clock)


def _to(address: str, access: Access, clock: Deadline) -> Connection:
    return Connection(*address_of(address), access, clock.deadline)
