"""The one-shot canary: a topic of its own with one partition led by every broker.

Records go through each leader and come back; nothing of it stays behind.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from verify.collect.kafka.access import Access
from verify.collect.kafka.clients import Reader, Sender
from verify.collect.kafka.retrying_admin import OWN_WORK_S, Deadline, NoOwnError, in_a_hurry
from verify.collect.probe.scratch import Scratch, spread
from verify.live.live import Cause, Gap, Probe, ProbeBroker

if TYPE_CHECKING:
    from confluent_kafka import Message

RECORDS = 20
_LEADERS_SHARE, _SEND_SHARE, _READ_SHARE = 0.4, 0.75, 0.7
"""What each step may take of the time that is left then, so that the next ones have some."""
_LEAST_S, LONGEST_S = 1.0, 60.0
"""With less nothing is measured; more is not needed by anything that is going to come back."""
_TICK_S = 0.005
_GONE = "the cluster does not count it among its brokers any more"
_WARM_UP = -1
"""The number of a record that opens connections; it is not counted."""


@dataclass
class _Lane:
    """One broker's partition, and the records on their way through it."""

    broker: int
    topic: str
    partition: int
    records: int
    token: bytes
    leader: int = -1
    number: int = _WARM_UP
    on_its_way: bool = False
    acknowledged: int = 0
    seen: set[int] = field(default_factory=set)
    last: int = _WARM_UP
    end: int = 0
    """The offset after the last record that came back."""
    out_of_order: int = 0
    duplicated: int = 0
    changed: int = 0
    produce_ms: list[float] = field(default_factory=list)
    end_to_end_ms: list[float] = field(default_factory=list)
    said: str = ""
    ahead_s: float | None = None

    @property
    def place(self) -> tuple[str, int]:
        return self.topic, self.partition

    @property
    def has_begun(self) -> bool:
        return self.on_its_way or self.number > _WARM_UP

    @property
    def is_sent(self) -> bool:
        return not self.on_its_way and (self.number >= self.records or bool(self.said))

    @property
    def is_back(self) -> bool:
        return len(self.seen) >= self.acknowledged

    def send(self, sender: Sender) -> None:
        """Send the next record once the one before is acknowledged: each latency is its own."""
        if self.on_its_way or self.is_sent:
            return
        number, self.on_its_way = self.number, True
        value = {"probe": self.topic, "number": number, "sent_ns": time.monotonic_ns()}

        def report(problem: str, took_ms: float) -> None:
            self.on_its_way = False
            if problem:
                self.said = self.said or problem
                return
            self.number = number + 1
            if number != _WARM_UP:
                self.acknowledged += 1
                self.produce_ms.append(took_ms)

        key, headers = str(self.broker).encode(), {"probe": self.token}
        sender.send(self.place, json.dumps(value).encode(), key, headers, report)

    def receive(self, message: "Message") -> None:
        """Count a record that came back."""
        now = time.monotonic_ns()
        self.ahead_s = message.timestamp()[1] / 1000 - time.time()
        self.end = (message.offset() or 0) + 1
        try:
            value = json.loads(message.value() or b"")
            number, sent_ns = int(value["number"]), int(value["sent_ns"])
        except (ValueError, KeyError, TypeError):
            self.changed += 1
            return
        headers: list[tuple[str, bytes | None]] = [*(message.headers() or ())]
        if message.key() != str(self.broker).encode() or headers != [("probe", self.token)]:
            self.changed += 1
        if number == _WARM_UP:
            return
        if number in self.seen:
            self.duplicated += 1
            return
        self.out_of_order += number < self.last
        self.last = max(self.last, number)
        self.seen.add(number)
        self.end_to_end_ms.append((now - sent_ns) / 1e6)

    def result(self, problem: str) -> ProbeBroker:
        """What became of all this; `problem` ended the whole run."""
        if self.leader == -1:
            problem = problem or "its partition has no leader"
        elif self.leader != self.broker:
            problem = f"its partition is led by broker {self.leader}"
        elif self.acknowledged < self.records:
            said = self.said or problem
            done = f"{self.acknowledged} of {self.records} records were acknowledged"
            problem = f"{done}: {said}" if said else f"{done} in time"
        elif self.changed:
            problem = f"{self.changed} records came back with another key, header or value"
        else:
            problem = ""
        sent = max(0, self.number + self.on_its_way)
        return ProbeBroker(
            self.broker, sent, self.acknowledged, len(self.seen), self.out_of_order,
            self.duplicated, tuple(sorted(self.produce_ms)), tuple(sorted(self.end_to_end_ms)),
            problem, self.ahead_s if self.leader == self.broker else None,
        )  # fmt: skip


def probe(
    access: Access,
    name: str,
    brokers: Mapping[int, str],
    deadline: float,
    records: int = RECORDS,
    stop: Event | None = None,
) -> Probe:
    """Send records through every broker and read them back, then remove all that was made.

    Args:
        access: how to come in.
        name: what its topic and its group are called.
        brokers: those that should be there, whether they are or not; with the reason for those that are known
            not to answer, which get no record: nobody else is to wait for them.
        deadline: when to have measured, in terms of time.monotonic(), or a minute from now; removal
            takes at most 10 s more.
        records: how many for each broker.
        stop: ends it early, from another thread; what it made is removed all the same.

    What keeps it from being made at all is its `gap`. An exception (Ctrl-C among them) passes
    through after the removal; a note of it names what had to be left behind.
    """
    given_s = deadline - time.monotonic()
    deadline = min(deadline, time.monotonic() + LONGEST_S)
    found = Probe(topic=name, brokers=())
    lanes: list[_Lane] = []
    with Scratch(access, Deadline(deadline, stop)) as own:
        try:
            there = list(own.start({each for each, why in brokers.items() if why}))
            found.brokers = tuple(
                ProbeBroker(
                    each, 0, 0, 0, problem=f"no record was sent to it: {why}" if why else _GONE
                )
                for each, why in brokers.items()
                if each not in there
            )
            _lay(own, found.topic, there, records, lanes)
            _travel(own, found, lanes)
        except NoOwnError as error:
            found.problem = error.gap.reason
            refuses = error.gap.cause is Cause.REFUSED and not any(
                lane.acknowledged for lane in lanes
            )
            if refuses or not any(lane.has_begun for lane in lanes):
                found.gap = error.gap
        made = [lane.result(found.problem) for lane in lanes]
        bad = not found.committed or any(each.problem or each.lost for each in made)
        if given_s < OWN_WORK_S and bad:
            # What our own clock cut off says nothing of the brokers.
            found.gap = in_a_hurry(found.gap or Gap(Cause.TIMED_OUT, ""), given_s)
        results = [*found.brokers, *made]
        found.brokers = tuple(sorted(results, key=lambda each: each.broker))
    found.swept, found.left_behind, found.may_appear = own.swept, own.left_behind, own.may_appear
    return found


def _lay(own: Scratch, topic: str, brokers: list[int], records: int, lanes: list[_Lane]) -> None:
    """Make the topic, and wait until its partitions are led."""
    clock = own.clock.part(_LEADERS_SHARE)
    own.create({topic: spread(brokers)}, clock)
    token = topic.rpartition("-")[2].encode()
    lanes += [_Lane(broker, topic, place, records, token) for place, broker in enumerate(brokers)]
    leaders = own.leaders(topic, len(brokers), clock)
    for lane in lanes:
        lane.leader = leaders.get(lane.partition, -1)


def _travel(own: Scratch, found: Probe, lanes: list[_Lane]) -> None:
    """Send, read back, commit."""
    if own.clock.left() < _LEAST_S:
        raise NoOwnError(Cause.TIMED_OUT, "too little time was left to measure anything")
    led = [lane for lane in lanes if lane.leader >= 0]
    hopeless = own.access.hopeless
    with (
        Sender(own.settings, hopeless) as sender,
        Reader(own.settings, found.topic, hopeless) as reader,
    ):
        reader.assign({lane.place: 0 for lane in led})
        by_partition = {lane.partition: lane for lane in led}
        sending, reading = own.clock.part(_SEND_SHARE), own.clock

        def take() -> None:
            message = reader.next(_TICK_S)
            if message is not None:
                by_partition[message.partition() or 0].receive(message)

        while not sending.is_up and not all(lane.is_sent for lane in led):
            for lane in led:
                lane.send(sender)
            sender.poll()
            take()
        reading = own.clock.part(_READ_SHARE)
        while not reading.is_up and not all(lane.is_back for lane in led):
            sender.poll()
            take()
        # A broker that died or froze meanwhile did not do what its partition's next leader did.
        moved = own.leaders(found.topic, len(lanes), own.clock.part(_READ_SHARE))
        for lane in led:
            lane.leader = moved.get(lane.partition, lane.leader)
        ends = {lane.place: lane.end for lane in led if lane.end}
        own.clock.left()
        if ends:
            own.group(found.topic)
            reader.commit(ends, own.clock)
            found.committed = reader.committed(ends, own.clock) == ends
