"""The probe and the flow, each in a process of its own: whatever becomes of it, something is told."""

import time
from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec

from generator.contract.settings import VerifySettings
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline
from verify.collect.probe import flow, probe
from verify.collect.probe.own_process import DiedError, apart
from verify.collect.probe.removal import remove_all
from verify.collect.probe.scratch import REMOVAL_S, fresh_name
from verify.live.live import Cause, Flow, Gap, Kafka, Probe

Answer = TypeVar("Answer")

_SLACK_S = 10.0
"""What starting and ending may take on a slow machine."""


def run_probe(access: Access, kafka: Kafka, deadline: float) -> Probe:
    """What became of the probe through every broker that is not fenced."""
    serving = (each for each in kafka.brokers.values() if not each.fenced)
    brokers = {each.id: each.problem.reason if each.problem and not each.problem.hurried else ""
               for each in serving}  # fmt: skip
    name, until = fresh_name("probe"), min(deadline, time.monotonic() + probe.LONGEST_S)
    found = _apart(probe.probe, access, name, brokers, until, until=until)
    if isinstance(found, _Died):
        return Probe(name, (), left_behind=found.left_behind, gap=found.gap)
    return found


def run_flow(
    access: Access, kafka: Kafka, settings: VerifySettings, topics: Collection[str], deadline: float
) -> Flow:
    """What became of the flow; `topics` should be there."""
    silent = {
        each.id for each in kafka.brokers.values() if each.problem and not each.problem.hurried
    }
    name, until = fresh_name("flow"), min(deadline, time.monotonic() + flow.LONGEST_S)
    found = _apart(flow.flow, access, name, settings, frozenset(topics), silent, until, until=until)
    if isinstance(found, _Died):
        return Flow(left_behind=found.left_behind, gap=found.gap)
    return found


class _Died(msgspec.Struct, frozen=True):
    gap: Gap
    left_behind: tuple[str, ...]


def _apart(
    work: Callable[..., Answer], access: Access, name: str, *arguments: object, until: float
) -> Answer | _Died:
    """What `work(access, name, …)` returns; when it dies, what it had made under this name is removed."""
    mercy_s = REMOVAL_S + _SLACK_S
    try:
        return apart(work, access, name, *arguments, until=until + mercy_s, mercy_s=mercy_s)
    except DiedError as error:
        clock = Deadline(time.monotonic() + REMOVAL_S)
        _, left = remove_all(access, lambda each: each.startswith(name), clock)
        return _Died(Gap(Cause.BROKEN, str(error)), left)
