"""What applications do all day, done once: transactions, dead letters, formats and a bounded load."""

import time
from collections.abc import Collection
from threading import Event

from generator.contract.settings import VerifySettings
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError, in_a_hurry
from verify.collect.probe.flow_steps import stepping
from verify.collect.probe.formats import formats
from verify.collect.probe.load import load
from verify.collect.probe.scratch import Scratch, spread
from verify.collect.probe.transactions import dead_letters, exactly_once
from verify.live.live import Flow

_PARTITIONS = 3
LONGEST_S = 120.0
_SHARES = {"transaction": 0.4, "dead letters": 0.4, "load": 0.8}
"""What each step may take of the time that is left then, so that the next ones have some."""
_PARTS = ("in", "out", "letters", "letters-dlq")


def flow(
    access: Access,
    name: str,
    settings: VerifySettings,
    wanted: Collection[str],
    silent: Collection[int],
    deadline: float,
    stop: Event | None = None,
) -> Flow:
    """Do each of it, on topics of its own but for formats, then remove all that was made.

    Args:
        access: how to come in.
        name: what the names of its topics and groups begin with.
        settings: the formats, and the load if one is asked for.
        wanted: topics that should be there.
        silent: brokers that are known not to answer, for which nobody is to wait.
        deadline: when to be done, in terms of time.monotonic(), or two minutes from now; removal takes
            at most 10 s more.
        stop: ends it early, from another thread; what it made is removed all the same.

    What keeps it from being made at all is its `gap`. An exception (Ctrl-C among them) passes
    through after the removal; a note of it names what had to be left behind.
    """
    given_s = deadline - time.monotonic()
    deadline = min(deadline, time.monotonic() + LONGEST_S)
    found = Flow()
    with Scratch(access, Deadline(deadline, stop)) as own:
        try:
            _flow(own, name, settings, wanted, silent, found)
        except NoOwnError as error:
            found.gap = in_a_hurry(error.gap, given_s)
    found.left_behind, found.may_appear = own.left_behind, own.may_appear
    return found


def _flow(
    own: Scratch, name: str, settings: VerifySettings, wanted: Collection[str],
    silent: Collection[int], found: Flow,
) -> None:  # fmt: skip
    replicas = spread(list(own.start(silent)))
    few = replicas[:_PARTITIONS]
    topics = {f"{name}-{part}": few for part in _PARTS}
    if settings.performance is not None:
        topics[f"{name}-load"] = replicas
    own.create(topics, own.clock.part(0.5))
    first = own.clock.part(_SHARES["transaction"])
    found.transaction = stepping(
        lambda stage: exactly_once(own, name, len(few), first, stage), first
    )
    second = own.clock.part(_SHARES["dead letters"])
    found.dead_letter = stepping(
        lambda stage: dead_letters(own, name, len(few), second, stage), second
    )
    found.formats = tuple(formats(own, settings.formats, wanted, f"{name}-formats"))
    asked = settings.performance
    if asked is not None:
        third = own.clock.part(_SHARES["load"])
        found.performance = stepping(
            lambda stage: load(own, name, len(replicas), asked, third, stage), third
        )
