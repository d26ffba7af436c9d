"""The two steps of a backup that are ours, around its engine.

`begin` -> the engine reads Kafka -> `prove`

The engine knows no lock, goes on with a set whatever topic it was of, and ends with 0 where a full volume has swallowed
what it wrote. `begin` refuses what cannot end well; `prove` ends with 0 only when what is stored holds up.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path as File
from typing import NamedTuple

import msgspec
import ryaml

from generator.common.exit_codes import ExitCode
from generator.contract.backup import JOB, BackupOrder
from verify.checks._words import listed
from verify.collect.backups.guard import identity, lock, room
from verify.collect.backups.guard.source import Source, not_reached, source
from verify.collect.backups.guard.state import SetState, Settled
from verify.collect.backups.guard.writer import NoRoomError, Writer, writer
from verify.collect.backups.look import mounted_credentials
from verify.collect.backups.manifest import GROUPS, MANIFEST, STATE, FaultError
from verify.collect.kafka.access import Access
from verify.collect.kafka.retrying_admin import Deadline, NoOwnError
from verify.jobs.names import Names, names
from verify.jobs.steps import TIMEOUT_S, StepError, code_of, order_of, unread, way
from verify.live.gap import NoAnswerError

FOUND = "found.json"
"""What `begin` leaves for `prove`: what Kafka had before the engine began."""
_KAFKA_S = 120
"""How long Kafka is waited for."""
_ENDED_S = 120
"""How long after its deadline a Job's pod may still be at work."""
_FULL_BYTES, _FULL_SHARE = 2**20, 0.02
"""With less room than that left, a volume is full to an engine that writes whole segments."""
_MOST = 5
_VARIABLE = re.compile(r"\$\{\w+\}")


class _Run(NamedTuple):
    """One try of a Job, with all that it asks."""

    order: BackupOrder
    job: str
    backup_id: str
    include: Names
    """What the engine is told to take, and what of it not: names, or patterns."""
    exclude: Names
    writer: Writer
    access: Access
    state: SetState
    deadline: float

    def takes(self, topic: str) -> bool:
        """Whether the engine still takes a topic; what a set holds of others is nobody's to go on with."""
        return self.include.match(topic) and not self.exclude.match(topic)


def begin(file: File, work: File, variables: Mapping[str, str]) -> list[str]:
    """The set is this Job's alone, is of what Kafka has, holds up, and has room; what is to be told of that.

    Raises:
        FindingsError: when the rendered files cannot be read.
        StepError: when the run may not begin.
    """
    with _answering():
        run = _run(file, variables)
        lines = _lock(run)
        try:
            return [*lines, *_begin(run, work)]
        except BaseException:
            _let_go(run)
            raise


def _lock(run: _Run) -> list[str]:
    """The set is this Job's; who is killed is followed by a try of the same Job, or the Job has ended by then."""
    now_s = time.time()
    until_s = now_s + run.order.deadline_seconds + _ENDED_S
    if not run.order.incremental or lock.take(run.writer, run.backup_id, run.job, until_s, now_s):
        return []
    return [
        "the storage knows no conditional writes: two Jobs that begin in the same moment are not told apart"
    ]


def _begin(run: _Run, work: File) -> list[str]:
    if run.order.incremental:
        run.writer.tidy(run.backup_id)
    known = identity.known(run.writer, run.backup_id)
    said = run.state.listed()
    found = _source(run, {*(said.topics if said else ()), *(known.topics if known else ())})
    strange = list(identity.strangers(known, said, found))
    settled = run.state.settle(strange)
    if settled.put_back:
        strange = list(identity.strangers(known, settled.manifest, found))
    if strange:
        raise StepError(ExitCode.UNHEALTHY, f"{_some(strange)}; {_new_set(run.order)}")
    lines = [*_told(settled), *_room(run, settled, found)]
    run.state.begin_empty()
    (work / FOUND).write_bytes(msgspec.json.encode(found))
    return [*lines, f"{run.backup_id}: the run {run.job} may begin"]


def prove(file: File, work: File, variables: Mapping[str, str]) -> list[str]:
    """What the engine has left holds up, and is kept as what was proved last; what is to be told of that.

    Else what was proved last is the set again.

    Raises:
        FindingsError: when the rendered files cannot be read.
        StepError: when it does not hold up.
    """
    with _answering():
        run = _run(file, variables)
        if run.order.incremental:
            lock.keep(run.writer, run.backup_id, run.job)
        try:
            return _prove(run, work)
        finally:
            _let_go(run)


def _prove(run: _Run, work: File) -> list[str]:
    if not (work / FOUND).is_file():
        raise StepError(ExitCode.USAGE, f"nothing has begun this run: {work / FOUND} is not there")
    before = msgspec.json.decode((work / FOUND).read_bytes(), type=Source)
    known = identity.known(run.writer, run.backup_id)
    said = run.state.listed()
    now = _source(run, {*before.topics, *(said.topics if said else ())})
    strange = list(identity.strangers(identity.of(before), None, now))
    settled = run.state.settle(strange)
    wrong = list(settled.wrong)
    if not settled.put_back:
        wrong += run.state.absent(GROUPS if run.order.groups else "", STATE)
        wrong += not_reached(settled.manifest, before, now)
    if wrong:
        raise StepError(_code(run.writer), _refusal(run, settled, wrong))
    held = settled.manifest
    if held is None:
        raise StepError(ExitCode.UNHEALTHY, "the engine has written no manifest")
    identity.written(run.writer, run.backup_id, known, now, time.time(), run.state.manifest_sum())
    records = sum(
        each.records for topic in held.topics.values() for each in topic.partitions.values()
    )
    return [f"{run.backup_id}: proved, {len(held.topics)} topics, {len(held.segments)} segments, {records} records"]  # fmt: skip


def _refusal(run: _Run, settled: Settled, wrong: list[str]) -> str:
    free = run.writer.room()
    full = f"; {_mib(free.free_bytes)} of {_mib(free.total_bytes)} are free" if free else ""
    if not settled.put_back:
        kept = "what it holds so far stays, and the next run goes on from there"
    elif settled.manifest is None:
        kept = "nothing was proved before: the set is as if no run had begun, and the next run begins it"
    else:
        kept = ("what was proved last is the set again, and the next run goes on from there; segments of this run are"
                " left where they are")  # fmt: skip
    return f"{_some(wrong)}; {kept}{full}"


def _code(writer_: Writer) -> ExitCode:
    free = writer_.room()
    if free and free.free_bytes < max(_FULL_BYTES, free.total_bytes * _FULL_SHARE):
        return ExitCode.NOT_ENOUGH_RESOURCES
    return ExitCode.UNHEALTHY


def _told(settled: Settled) -> Iterator[str]:
    if settled.put_back:
        yield f"an earlier run left a set that does not hold up ({_some(list(settled.wrong))}): what was proved last is the set again"
    elif settled.wrong:
        yield f"the set is damaged, whatever this run adds: {_some(list(settled.wrong))}"


def _room(run: _Run, settled: Settled, found: Source) -> Iterator[str]:
    """Where the storage is a file system, it has to hold what the run is going to write."""
    free = run.writer.room()
    if free is None:
        return
    order = run.order
    base = settled.manifest, 0
    if not order.incremental and settled.manifest is None:
        base = room.newest_full(run.writer, order.backup_id)
    try:
        clock = Deadline(_soon(run))
        sizes = room.sizes(base[0], found, run.access, order.user, clock)
    except NoOwnError as error:
        yield f"how much room the run takes is not known: {error.gap.reason}"
        return
    left = room.unread(found, base[0])
    needed = room.needed_bytes(left, sizes, run.state.small_bytes(), base[1])
    if needed > free.free_bytes:
        raise StepError(
            ExitCode.NOT_ENOUGH_RESOURCES,
            f"{sum(left.values())} offsets are to be read, for which about {_mib(needed)} are needed with a reserve, and"
            f" {_mib(free.free_bytes)} of {_mib(free.total_bytes)} are free: raise backups.{order.backup}.storage.pvc.size,"
            " or keep less with retention; the set is as it was",
        )  # fmt: skip
    yield f"about {_mib(needed)} of room are needed, {_mib(free.free_bytes)} are free"


def _new_set(order: BackupOrder) -> str:
    """What begins a new set."""
    kind = order.storage.backend
    how = f"rename backups.{order.backup}" if kind == "filesystem" else (
        f"write another backups.{order.backup}.storage.{kind}.prefix")  # fmt: skip
    return (
        f"the set stays as it is and nothing is added to it: {how} in the intent to begin a new one"
    )


def _source(run: _Run, more: set[str]) -> Source:
    return source(run.access, {*run.include.plain, *filter(run.takes, more)}, _soon(run))


def _soon(run: _Run) -> float:
    return min(run.deadline, time.monotonic() + _KAFKA_S)


def _run(file: File, variables: Mapping[str, str]) -> _Run:
    order, include, exclude = _ordered(file)
    job = variables.get(JOB, "")
    if not job:
        raise StepError(ExitCode.USAGE, f"the variable {JOB} does not say whose Job this is")
    mounted, backup_id = file.parent.parent, order.set_of(job)
    deadline = time.monotonic() + order.deadline_seconds
    access = way(order, mounted, variables)
    held = mounted_credentials(mounted / "storage", variables)
    where = writer(order.storage, TIMEOUT_S, deadline, held)
    state = SetState(where, backup_id, deadline, retention=order.retention)
    return _Run(order, job, backup_id, include, exclude, where, access, state, deadline)


def _ordered(file: File) -> tuple[BackupOrder, Names, Names]:
    """The run that a rendered file says, and what its engine is told to take and to leave.

    Raises:
        FindingsError: when it says none.
    """
    order = order_of(file, BackupOrder)
    try:
        text = (file.parent / order.config).read_text(encoding="utf-8")
        topics = ryaml.loads(_VARIABLE.sub("variable", text))["source"]["topics"]
        include, exclude = names(topics["include"]), names(topics.get("exclude", ()))
    except (OSError, ValueError, KeyError, TypeError, ryaml.InvalidYamlError) as error:
        raise unread(file.parent / order.config, error) from error
    return order, include, exclude


def _let_go(run: _Run) -> None:
    # Where that fails it lapses by itself.
    if run.order.incremental:
        with suppress(NoAnswerError, NoRoomError, lock.HeldError):
            lock.release(run.writer, run.backup_id, run.job)


@contextmanager
def _answering() -> Iterator[None]:
    """What goes wrong on the way is told with an exit code."""
    try:
        yield
    except lock.HeldError as error:
        raise StepError(ExitCode.FINDINGS, str(error)) from error
    except FaultError as error:
        raise StepError(
            ExitCode.UNHEALTHY, f"{MANIFEST} {error}, and no other state of the set is kept"
        ) from error  # fmt: skip
    except NoRoomError as error:
        raise StepError(ExitCode.NOT_ENOUGH_RESOURCES, f"there is no room left: {error}") from error  # fmt: skip
    except NoAnswerError as error:
        raise StepError(code_of(error.gap.cause), error.gap.reason) from error


def _some(words: list[str]) -> str:
    return listed(words, _MOST, "; ")


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
